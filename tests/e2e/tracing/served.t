#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Who serves rings of async system calls on four harts, in the trace of the async runtime's tests: an
# idle hart or one that runs something less important, never one that runs something more important.

. "$(dirname "$0")/../cli/tap.sh"

run timeout 200 "$u4" run --record run.u4t --icount -n 4 "$build/images/async-tests-smp.elf"
exits 0 "the tests pass and are recorded"
"$u4" report run.u4t >run.txt

# Runs: priority of what a hart runs, 0: idle. Only to a worker, and back, is switched for a ring.
cat >served.py <<'P'
import re
runs, workers, idle, lower, equal, wrong, elsewhere, asked, told = {}, set(), 0, 0, 0, 0, 0, set(), 0
for line in open("run.txt"):
    m = re.match(r"[\d.]+ \[(\d)\] (\S+) +(\S+) +(.*)", line)
    if not m:
        continue
    hart, thread, event, fields = m.groups()
    if event == "async.pickup":
        elsewhere += hart != "0" and "thread=rootserver" in fields
    elif event == "smp.ipi":
        asked.add(re.search(r"hart=(\d)", fields)[1])
    elif event == "sched.switch":
        priority = int(re.search(r"priority=(\d+)", fields)[1])
        before = runs.get(hart, 0)
        if "for async" in fields and thread not in workers:
            workers.add(re.search(r"next=(\S+)", fields)[1])
            idle += before == 0
            lower += 0 < before < priority
            equal += before == priority
            wrong += before > priority
            told += before < priority and hart in asked
            asked.discard(hart)
        runs[hart] = 0 if "next=idle" in fields else priority
print(f"wrong {wrong}", idle > 50, lower > 2, equal > 50, elsewhere > 300, told > 50,
      len(workers) == 4)
P
run python3 served.py
is "$out" "wrong 0 True True True True True True" \
    "idle harts and less important threads' harts serve, most after an interrupt; no other does"
finish
