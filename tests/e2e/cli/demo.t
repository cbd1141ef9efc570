#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# The demo system in the real QEMU: the trace agrees with what the guest itself has counted.

. "$(dirname "$0")/tap.sh"
unset U4_QEMU
image=$build/images/demo.elf

# What the demo's programs have counted: "u4-demo: count NAME=VALUE".
counted() {
    sed -n "s/.*u4-demo: count $1=\([0-9]*\).*/\1/p" <<<"$console" | tail -1
}
traced() { # Python expression over d
    python3 -c 'import json, sys; d = json.load(open("stat.json")); print(eval(sys.argv[1]))' "$1"
}
messages() {
    traced "d['messages'].get('$1', {}).get('count', 0)"
}
# The demo of that name (with MCS, or without): its trace and its own counts.
agrees() { # NAME
    run timeout 120 "$u4" run --icount --record "$1.u4t" "$build/images/$1.elf"
    exits 0 "$1 runs and ends"
    console=$out
    like "$err" "events, none lost" "its trace is whole"
    run "$u4" check "$1.u4t"
    exits 0 "its file is sound"
    run "$u4" stat --json "$1.u4t"
    exits 0 "its statistics"
    printf '%s\n' "$out" >stat.json
    is "$(messages call)" "$(counted ipc_call)" "calls"
    is "$(messages reply)" "$(counted ipc_reply)" "replies"
    is "$(messages send)" "$(counted ipc_send)" "sends"
    is "$(messages nbsend)" "$(counted ipc_nbsend)" "non-blocking sends"
    is "$(messages fault)" "$(counted fault)" "faults told to a handler"
    is "$(messages fault_reply)" "$(counted fault_reply)" "faults answered"
    is "$(traced "d['per_event'].get('ntfn.signal', 0) - d['per_event'].get('irq.raised', 0)")" \
        "$(($(counted signal) + 0))" "signals by threads"
    is "$(traced "d['per_event'].get('irq.raised', 0)")" "$(counted irq)" "interrupts"
    is "$(traced "d['unexplained_switches']")" 0 "no thread came to a hart without a switch"
    is "$(traced "d['messages']['call']['total_ns']['count']")" "$(counted ipc_call)" "each call has its latency"
    is "$(traced "all(t['idle'] or not t['switches'] or not t['name'].startswith('tcb@') for t in d['threads'])")" \
        True "all threads that ran have names"
}
agrees demo-mcs
# Whose time it was: calc has none of its own, and ran on the spinners'.
contexts="{c['owner']: c for c in d['scheduling_contexts']}"
is "$(traced "[set($contexts[n]['spent_by_ns']) == {n, 'calc'} for n in ('spin-a', 'spin-b')]")" "[True, True]" \
    "a passive server spends its callers' time"
is "$(traced "[[c['budget_us'], c['period_us']] for c in map($contexts.get, ('spin-a', 'spin-b', 'fs'))]")" \
    "[[3000, 10000], [2000, 10000], [10000, 10000]]" "budgets and periods"
is "$(traced "all(abs(c['used_ns'] - c['charged_ns']) <= c['used_ns'] // 20 for c in map($contexts.get, ('spin-a', 'spin-b')))")" \
    True "the kernel has charged what ran"
is "$(traced "[$contexts['spin-a']['used_ns'] <= $contexts['spin-a']['budget_ns'], $contexts['spin-a']['delayed'] > 5, $contexts['spin-b']['ran_out'] > 10]")" \
    "[True, True, True]" "who has used up a budget waits for the next, or asks for more"
is "$(traced "sorted(c['owner'] for c in d['scheduling_contexts'] if c['owner'] != 'probe')")" \
    "['calc', 'churn', 'fs', 'logger', 'root', 'shell', 'spin-a', 'spin-b', 'timer']" "whose they are"
run "$u4" stat demo-mcs.u4t
like "$out" 'spin-a +calc +6\.[0-9]+ ms' "the same for people"
like "$out" 'spin-a +0x[0-9a-f]+ +3\.000 ms +10\.00 ms' "utilisation against budget"
agrees demo

is "$(traced "[d['messages'][k]['fast'] + sum(d['messages'][k]['slow'].values()) == d['messages'][k]['count'] for k in ('call', 'send', 'nbsend')] + [d['messages']['call']['fast'] > 500]")" \
    "[True, True, True, True]" "each message's path is known"
is "$(traced "[sum(r['made'] for r in d['capability_owners']['rows']) == sum(c['made'] for c in d['capabilities'].values()), all(r['held_at'][-1] == r['held'] for r in d['capability_owners']['rows'])]")" \
    "[True, True]" "capabilities by owner and over time add up"
for width in 60 80 100 200; do
    widest=$(python3 - "$u4" "$width" <<'END'
import fcntl, os, pty, struct, sys, termios
pid, fd = pty.fork()
if pid == 0:
    fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 40, int(sys.argv[2]), 0, 0))
    os.execv(sys.argv[1], ["u4", "stat", "--parts", "demo.u4t"])
text = b""
try:
    while piece := os.read(fd, 65536):
        text += piece
except OSError:
    pass
print(max(len(line) for line in text.decode().split("\r\n")[2:]))
END
    )
    is "$((widest <= width && widest > 20))" 1 "tables fit a terminal of $width columns (the widest line has $widest)"
done

# Faults and failures in words.
run "$u4" report --filter 'class=="fault"' demo.u4t
like "$out" '"shell" faulted: write to 0x[0-9a-f]+ at pc 0x[0-9a-f]+ \(not mapped\)' "why an access failed"
like "$out" 'capability pointer 0x9: .* is needed; found: null' "which lookup failed, and what was there"
like "$out" 'thread "root" answered the fault of thread "shell"' "who answered"

# The same run again is the same trace.
run timeout 120 "$u4" run --icount --record again.u4t "$image"
run "$u4" report again.u4t
cp .out again.txt
run "$u4" report demo.u4t
cmp -s .out again.txt
result $? "under --icount a second run is the same, event by event"

# From outside: the clock of a guest that waits for GDB stands still.
run timeout 60 "$u4" run --wait --gdb "$scratch/gdb" --timeout 1s "$image"
exits 1 "a guest that waits for GDB, with a timeout"
like "$err" "time is over" "is ended through QEMU's control socket"
"$u4" run --record int.u4t --name waits --wait --gdb "$scratch/gdb" "$image" >int.out 2>int.err </dev/null &
pid=$!
eventually test -e "$scratch/gdb"
run "$u4" record --duration 100ms -o none.u4t waits &
record=$!
sleep 0.5
kill -TERM $pid
wait $pid
status=$? err=$(<int.err)
exits 1 "a guest that is ended before its kernel is up: nothing is recorded"
wait $record
is "$(ls /dev/shm/u4-"$(id -u)"-waits-* "$XDG_RUNTIME_DIR"/u4-*/waits* 2>/dev/null | wc -l)" 0 "nothing is left of it"

run timeout 120 "$u4" run --record nocount.u4t --compress "$image"
exits 0 "without --icount, compressed"
run "$u4" check nocount.u4t
exits 0 "sound"
finish
