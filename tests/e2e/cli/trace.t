#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# What a guest traces, changed from outside while it is being recorded.

. "$(dirname "$0")/tap.sh"
unset U4_QEMU
image=$build/images/gdb-debug.elf

json() { # EXPRESSION over d
    python3 -c 'import json, sys; d = json.load(sys.stdin); print(eval(sys.argv[1]))' "$1"
}
"$u4" run --name sys --timeout 300s --gdb "$scratch/gdb.sock" "$image" >sys.out 2>sys.err </dev/null &
guest_pid=$!
eventually shows sys '^reader  *faulted'

# ---- masks ----
run "$u4" trace
exits 0 "u4 trace on the only guest"
like "$out" "nothing is traced" "nothing is on"
run "$u4" trace --json -t sched,irq.timer sys
is "$(json 'sorted({e.split(".")[0] for e in d["events"]}), "irq.ack" in d["events"]' <<<"$out")" \
    "(['irq', 'sched'], False)" "a list is what is on then"
run "$u4" trace --json -t +kernel,-sched.wake,-irq sys
is "$(json '"kernel.entry" in d["events"], "sched.wake" in d["events"], "sched.switch" in d["events"], "irq.timer" in d["events"]' <<<"$out")" \
    "(True, False, True, False)" "a list of changes"
run "$u4" trace sys
like "$out" "CLASS +on +of +events.*kernel .*sched +[0-9]+ +[0-9]+ +switch" "in words"
run "$u4" trace -t nonsense sys
exits 2 "no such class"
run "$u4" trace --thread nobody sys
exits 1 "no such thread"
like "$err" "0 threads are called 'nobody'" "says so"

# ---- while it is recorded ----
"$u4" trace -t none sys >/dev/null
"$u4" record -o change.u4t --trace irq --duration 60s sys 2>record.err &
record=$!
is_recorded() { # EVENT
    "$u4" report -F "event==$1" change.u4t 2>/dev/null | grep -q .
}
eventually is_recorded irq.timer
"$u4" trace -t +kernel sys >/dev/null
eventually is_recorded kernel.entry
"$u4" trace -t -irq sys >/dev/null
kill -INT $record
wait $record
is $? 0 "a recording whose masks were changed"
run "$u4" report --columns event -n 1 change.u4t
is "$(tail -1 <<<"$out")" irq.timer "began with what it was told"
run "$u4" report -F 'event==kernel.entry' -n 1 change.u4t
like "$out" "kernel.entry" "and got what was turned on"
run "$u4" trace sys
like "$out" "nothing is traced" "at its end everything is as it was"

# ---- filters ----
run "$u4" record -o one.u4t --trace kernel,irq --thread root --duration 400ms sys
exits 0 "a recording of one thread"
run "$u4" report --columns thread one.u4t
is "$(tail -n +2 <<<"$out" | sort -u)" root "has its events alone"
ref=$("$u4" caps --json sys | json '[t["tcb"] for t in d["threads"] if t["name"] == "root"][0]')
run "$u4" record -o other.u4t --trace kernel,irq --thread idle-a --duration 400ms sys
run "$u4" stat --json other.u4t
is "$(json 'd["events"]' <<<"$out")" 0 "one of a thread that does not run has none"
run "$u4" trace --json sys
is "$(json 'd["filter_thread"], d["filter_object"]' <<<"$out")" "(0, 0)" "the filter is gone with the recording"
run "$u4" trace --json --thread "$ref" --object 0x1234 sys
is "$(json 'hex(d["filter_thread"]), hex(d["filter_object"])' <<<"$out")" "('$ref', '0x1234')" "filters stay where they are set"
run "$u4" trace --json --thread any --object any sys
is "$(json 'd["filter_thread"], d["filter_object"]' <<<"$out")" "(0, 0)" "until they are taken away"

# ---- triggers ----
run "$u4" record -o flight.u4t --trigger irq.timer --after 20 --trace kernel,irq --duration 60s sys
exits 0 "a flight recorder until an event"
like "$err" "triggered by irq.timer on hart 0 at [0-9.]+ s, record [0-9]+" "says which"
position=${err##*record }
run "$u4" report --columns event,position -F "position<=$position" flight.u4t
is "$(tail -1 <<<"$out" | tr -s ' ')" "irq.timer $position" "that record is in the file"
run "$u4" stat --json -F "position>$position" flight.u4t
is "$(json '20 <= d["events"] <= 30' <<<"$out")" True "and as many behind it as were asked for"
run "$u4" caps --json flight.u4t
is "$(json 'len(d["threads"])' <<<"$out")" 13 "with the state of then"
run "$u4" trace --json sys
is "$(json 'd["events"], d["triggers"]' <<<"$out")" "([], [])" "nothing of it is left in the guest"
run "$u4" record -o late.u4t --trigger 'kernel>1ns' --trace kernel --duration 60s sys
like "$err" "triggered by kernel.exit" "something that takes too long"
run "$u4" record -o begin.u4t --mode oneshot --trigger 'event==kernel.entry && thread=="root" && kind==interrupt' --trace irq --duration 500ms sys
exits 0 "a recording that begins at an event"
run "$u4" report --columns event begin.u4t
like "$(tail -n +2 <<<"$out" | xargs)" "^(kernel.entry )+kernel.trigger irq.timer( irq.timer)*$" "before which there is nothing else"
run "$u4" record -o end.u4t --mode stream --trigger irq.timer --trace kernel,irq --duration 60s sys
exits 0 "a recording that ends at an event"
run "$u4" check end.u4t
exits 0 "is sound"
run "$u4" record -o none.u4t --trigger 'event==irq.raised && irq==77' --duration 300ms sys
exits 0 "an event that does not come"
is "$(grep -c triggered <<<"$err")" 0 "is none"
run "$u4" record -o bad.u4t --trigger 'badge==3' sys
exits 1 "half a trigger"
like "$err" "events fit: say which" "says what is missing"
run "$u4" trace --json sys
is "$(json 'd["events"], d["triggers"]' <<<"$out")" "([], [])" "and nothing was changed"
run "$u4" record --stop sys
exits 2 "--stop without a trigger"
run "$u4" record -o stop.u4t --trigger irq.timer --stop --duration 60s sys
exits 0 "a trigger that stops the guest"
like "$err" "the guest stands still at the event" "says so"
status_of() { # what QEMU's control socket says
    python3 - "$XDG_RUNTIME_DIR"/u4-*/sys.json <<'END'
import json, socket, sys
s = socket.socket(socket.AF_UNIX); s.connect(json.load(open(sys.argv[1]))["qmp"]); f = s.makefile("rw")
f.readline()
def do(what):
    f.write(json.dumps({"execute": what}) + "\n"); f.flush()
    while "return" not in (a := json.loads(f.readline())): pass
    return a["return"]
do("qmp_capabilities")
print(do("query-status")["status"])
END
}
is "$(status_of)" paused "it does"
if command -v gdb-multiarch >/dev/null; then
    run timeout 60 "$u4" gdb --batch sys -- -ex backtrace
    like "$out" "hold .*act .*trace_watch" "and GDB finds it in the kernel, at the trigger"
else
    result 0 "GDB # SKIP no gdb-multiarch"
fi
kill $guest_pid
wait $guest_pid 2>/dev/null
run "$u4" trace
exits 1 "no guest"
finish
