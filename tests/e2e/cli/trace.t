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
"$u4" run --name sys --timeout 300s "$image" >sys.out 2>sys.err </dev/null &
guest_pid=$!
for _ in $(seq 200); do
    "$u4" caps sys 2>/dev/null | grep -q '^reader  *sending' && break
    sleep 0.1
done

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
"$u4" record -o change.u4t --trace irq --duration 60s --no-snapshot sys 2>record.err &
record=$!
waits_for() { # EVENT: until the recording has it
    for _ in $(seq 300); do
        "$u4" report -F "event==$1" change.u4t 2>/dev/null | grep -q . && return
        sleep 0.1
    done
}
waits_for irq.timer
"$u4" trace -t +kernel sys >/dev/null
waits_for kernel.entry
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
kill $guest_pid
wait $guest_pid 2>/dev/null
run "$u4" trace
exits 1 "no guest"
finish
