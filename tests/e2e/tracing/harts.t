#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# One system on four harts, one trace: what is in it has one order, that of the kernel's lock.

. "$(dirname "$0")/../cli/tap.sh"

image=$build/images/demo-smp.elf

run timeout 200 "$u4" run --record demo.u4t --icount -n 4 "$image"
exits 0 "the demo runs on four harts and is recorded"
counted=$(sed -n 's/^u4-demo: count //p' <<<"$out" | tr -d '\r')
run timeout 200 "$u4" run --record again.u4t --icount -n 4 "$image"
run "$u4" check demo.u4t
exits 0 "the recording is sound"
"$u4" report demo.u4t >demo.txt
"$u4" report again.u4t >again.txt
run cmp demo.txt again.txt
exits 0 "the same trace twice"

# Tickets of the lock, in the order in which the events came out; then each thread from hart to
# hart: who blocked is not switched to before someone has named it.
cat >order.py <<'P'
import re, sys
last = waits = inversions = 0
blocked, checked, early, crossed = {}, 0, 0, 0
for line in open("demo.txt"):
    m = re.match(r"[\d.]+ \[(\d)\] (\S+) +(\S+) +(.*)", line)
    if not m:
        continue
    hart, thread, event, fields = m.groups()
    ticket = re.search(r"\bticket=(\d+)", fields)
    if ticket:
        inversions += int(ticket[1]) < last
        last = int(ticket[1])
        waits += 1
    if event == "sched.switch":
        to = re.search(r"next=(\S+)", fields)[1]
        if to in blocked and to != "idle":
            woken_on = blocked.pop(to)
            checked += 1
            early += woken_on is None
            crossed += woken_on not in (None, hart)
        if "blocked" in fields:
            blocked[thread] = None
    else:
        for other in re.findall(r"\b(?:thread|peer)=(\S+)", fields):
            if other in blocked and blocked[other] is None and event.startswith("sched."):
                blocked[other] = hart
print(f"tickets {inversions} early {early}", waits > 1000, checked > 500, crossed > 500)
P
run python3 order.py
is "$out" "tickets 0 early 0 True True True" \
    "tickets never go back; a thread runs only after its wake, most of them from another hart"
like "$(grep -c smp.order demo.txt)" "^[1-9]" "some harts met in one tick of the clock"
run "$u4" stat --json demo.u4t
is "$(python3 -c 'import json, sys
d = json.load(sys.stdin)
print(d["harts"], d["lost"], d["unexplained_switches"])' <<<"$out")" "4 0 0" \
    "four harts, nothing lost, each switch explained"
like "$counted" "ipc_call=[1-9]" "the guest counted its calls"
finish
