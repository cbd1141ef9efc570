#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# The kernel's state as u4 caps and u4 record read it: of a guest that runs, by QEMU's control
# socket, from the RAM file alone, through the GDB stub, from an ELF core, and from a trace file.

. "$(dirname "$0")/tap.sh"
unset U4_QEMU
image=$build/images/gdb-debug.elf

json() { # EXPRESSION over d
    python3 -c 'import json, sys; d = json.load(sys.stdin); print(eval(sys.argv[1]))' "$1"
}
names='sorted(t["name"] for t in d["threads"])'
all="['deep', 'idle', 'idle-a', 'idle-b', 'lost', 'ping', 'pong', 'reader', 'root', 'sender-a', 'sender-b', 'server', 'waiter']"

start() { # u4 run's options
    "$u4" run --name sys --timeout 500s "$@" "$image" >sys.out 2>sys.err </dev/null &
    eventually shows sys '^reader  *faulted'
    info=("$XDG_RUNTIME_DIR"/u4-*/sys.json)
}
value() { # KEY of the run file
    python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "${info[0]}" "$1"
}
stop() {
    kill "$(value pid)"
    wait 2>/dev/null
}

start --gdb "$scratch/gdb.sock"

# ---- live ----
run "$u4" caps --json
exits 0 "u4 caps on the only guest"
is "$(json "$names" <<<"$out")" "$all" "all threads by name"
is "$(json 'd["problems"], d["paused_ns"] > 0' <<<"$out")" "(0, True)" "no contradictions; the pause is told"
is "$(json '[t["state"] for t in d["threads"] if t["name"] in ("ping", "sender-a", "server", "waiter", "reader")]' <<<"$out")" \
    "['awaits reply', 'awaits signal', 'sending', 'receiving', 'faulted']" "what they wait for"
count=$(json 'd["capabilities"]' <<<"$out")
endpoint=$(json '[t["blocked_on"] for t in d["threads"] if t["name"] == "sender-a"][0]' <<<"$out")
run "$u4" caps
like "$out" "sys: 13 threads, $count capabilities.*stood still for .*THREAD .*TYPE " "the summary"
run "$u4" caps --json --object "$endpoint" sys
is "$(json '{s["type"] for s in d["slots"]}, len(d["slots"]) > 1, any(w["thread"] == "sender-a" for s in d["slots"] for w in s["named_by"])' <<<"$out")" \
    "({'endpoint'}, True, True)" "who holds an endpoint, and by which name"
run "$u4" caps --object "$endpoint" sys
like "$out" "sender-a waits to send.*sender-b waits to send" "who waits on it, in order"
run "$u4" caps --thread sender-a sys
like "$out" "sender-a's CSpace: cnode.*endpoint $endpoint s" "a CSpace"
run "$u4" caps --json --derivation sys
is "$(json 'len(d["slots"]), all(d["slots"][s["parent"]]["depth"] + 1 == s["depth"] for s in d["slots"] if "parent" in s)' <<<"$out")" \
    "($count, True)" "the derivation tree holds every capability"
run "$u4" caps --derivation="$endpoint" sys
like "$out" "^endpoint $endpoint srgp " "of one object"
run "$u4" caps --mappings root sys
like "$out" "root's address space: root 0x[0-9a-f]+ asid [0-9]+.0x.* -> 0x00[0-9a-f]+ 4K r" "an address space"
run "$u4" caps --thread nobody sys
exits 1 "no such thread"
like "$err" "no thread 'nobody'" "says so"
run "$u4" caps --object 0x12345 sys
exits 1 "no such object"
run "$u4" caps --gdb 1 --ram 2
exits 2 "two sources"

# ---- other sources see the same ----
run "$u4" caps --json --ram "$(value ram)" --kernel "$image"
is "$(json "$names, d['capabilities']" <<<"$out")" "($all, $count)" "the RAM file, with the kernel"
run "$u4" caps --json --ram "$(value ram)"
is "$(json "$names, d['capabilities']" <<<"$out")" "($all, $count)" "and without it"
run "$u4" caps --json --gdb "$scratch/gdb.sock" --kernel "$image"
is "$(json "$names, d['capabilities'], d['paused_ns'] > 0" <<<"$out")" "($all, $count, True)" "through the GDB stub"
run "$u4" caps --gdb "$scratch/gdb.sock"
exits 1 "a GDB stub needs the kernel"
python3 - "$(value qmp)" "$scratch/core" <<'END'
import json, socket, sys
s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); f = s.makefile("rw")
f.readline()
def do(what, **arguments):
    f.write(json.dumps({"execute": what, "arguments": arguments}) + "\n"); f.flush()
    while "return" not in (a := json.loads(f.readline())):
        if "error" in a: sys.exit(a)
do("qmp_capabilities")
do("dump-guest-memory", paging=False, protocol="file:" + sys.argv[2])
END
run "$u4" caps --json --ram core --kernel "$image"
is "$(json "$names, d['capabilities']" <<<"$out")" "($all, $count)" "an ELF core"

# ---- recordings begin with it ----
run "$u4" record -o live.u4t --duration 300ms --trace default sys
exits 0 "u4 record attaches in the middle"
like "$err" "stood still for [0-9.]+ [mu]s at the beginning" "and says how long the guest stood still"
run "$u4" caps --json live.u4t
is "$(json "$names, d['capabilities']" <<<"$out")" "($all, $count)" "the file holds the state"
run "$u4" stat --json live.u4t
is "$(json '{t["name"] for t in d["threads"]} >= {"root", "server", "waiter", "ping"}' <<<"$out")" True \
    "threads that never ran since are in the statistics"
is "$(json '[t["time_ns"]["receiving"] > 100000000 for t in d["threads"] if t["name"] == "server"]' <<<"$out")" \
    "[True]" "with what they wait for"
run "$u4" check live.u4t
exits 0 "the file is sound"
run "$u4" record -o gdb.u4t --duration 500ms --gdb "$scratch/gdb.sock" --kernel "$image" --trace default
exits 0 "u4 record through the GDB stub"
run "$u4" stat --json gdb.u4t
is "$(json 'd["events"] > 0 and "server" in {t["name"] for t in d["threads"]}' <<<"$out")" True "gets events and state"
run "$u4" record -o flight.u4t --duration 300ms --mode flight --trace default sys
exits 0 "a flight recorder"
run "$u4" caps --json flight.u4t
is "$(json "$names" <<<"$out")" "$all" "with the state at its end"
run "$u4" stat --json flight.u4t
is "$(json 'd["events"] > 0 and {t["name"] for t in d["threads"]} >= {"idle-a", "server"}' <<<"$out")" True "names from it"
run "$u4" record -o oneshot.u4t --mode oneshot --duration 60s --trace default sys
exits 0 "one shot"
run "$u4" record --mode sideways sys
exits 2 "no such mode"
run "$u4" record -o bare.u4t --duration 100ms --no-snapshot sys
run "$u4" caps bare.u4t
exits 1 "a file without a snapshot"
like "$err" "holds no snapshot" "says so"
stop
run "$u4" caps
exits 1 "no guest"
finish
