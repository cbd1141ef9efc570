#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# The view of coroutines, connections and rings on a run of tests/screens/guest/async.c; a record
# of it is the same every time.

. "$(dirname "$0")/screen.sh"
says() { # REGEX DESCRIPTION
    until_seen "$1"
    result $? "$2"
}

run "$u4" run --icount --record a.u4t "$build/images/viewed-async.elf"
exits 0 "the guest's run"
like "$out" "viewed-async: done" "is whole"

# Some milliseconds after slow has asked.
start 140x24 "$u4 view --view events $scratch/a.u4t"
keys g / =label=1 Enter : "=goto +5ms" Enter 7
says "app[.]slow 0 +waits +answer of store[.]work 0 " "slow waits for the coroutine that has its request"
says "app[.]after 1 +waits +end of app[.]slow 0 " "after waits for slow"
says "store[.]work 0 +waits +sleep " "which sleeps: that is why"
says "store[.]work 1 +waits +a request " "the other one is free"
says "app > store +open +1 without an answer, slow 0 " "the connection says who waits for its answers"
says "app > kernel +[a-z]+ +[0-9]+ under way, last CNodeCopy +- +40 " "the ring of system calls"
keys / =slow Enter Enter
says "TIME s.*coro.block +why=call" "Enter: what made it wait"
keys 7 / "=app > store" Enter Enter
says "TIME s.*async.answer" "Enter on a connection: its slowest answer"
keys 2 G 7
says "app > store +closed +0 without an answer" "at the end the connection is closed"
[[ $(screen) != *app.slow* ]]
result $? "coroutines that have ended are gone"
keys o
says "app[.]slow 0 +ended" "o: all coroutines"
keys s
says "sorted by STATE" "s sorts"
keys q
for size in 80x24 40x10; do
    start $size "$u4 view --view async $scratch/a.u4t"
    says "COROUTINE.*store[.]work 1 +waits" "$size"
    keys q
done
run "$u4" view a.u4t
like "$out" "Async: coroutines.*store.work 0.*app > store.*app > kernel" "as text"
finish
