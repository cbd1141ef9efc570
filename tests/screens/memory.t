#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Every view and nearly every key under valgrind, and in a build with the address and
# undefined-behaviour sanitizers: on a sound trace, on records that make no sense, on coroutines,
# and as text.

. "$(dirname "$0")/screen.sh"
valgrind="valgrind -q --error-exitcode=9 --leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=definite"
export ASAN_OPTIONS=detect_leaks=1:exitcode=9 UBSAN_OPTIONS=halt_on_error=1:exitcode=9
"$build/tests/screens-trace" noise.u4t noise
run "$u4" run --icount --record coro.u4t "$build/images/viewed-async.elf"
exits 0 "coroutines are recorded"

walk() { # NAME COMMAND
    local view
    start 100x30 "$2 2>$scratch/log; echo viewer ended: \$?"
    until_seen "1 Timeline.*hart 0"
    keys =lll =+++ =HHL J K i o o 0 z g G v C-w v
    for view in 2 3 4 5 6 7 8 9 B; do
        keys "$view" =jjjk NPage PPage =gG s r / =e Enter n N Enter C-o C-p
    done
    keys 2 g =ab =t =T =ttt '&' =class==ipc Enter =! '\' =eEwWfF '=[]{}()' m . , y x F1 q
    keys : "=goto 0.1" Enter : "=write $scratch/part.csv" Enter
    until_seen "written: .*part.csv"
    keys : "=stats" Enter F1 Escape
    tm resize-window -t view -x 41 -y 11
    tm resize-window -t view -x 200 -y 60
    keys 1 q q
    until_seen "viewer ended: [0-9]"
    like "$(screen)" "viewer ended: 0" "$1: clean"
    is "$(cat log)" "" "$1: not a word"
    [[ -s part.csv ]]
    result $? "$1: came to its last command"
    rm -f part.csv
}

for trace in t noise coro; do
    walk "valgrind, $trace" "$valgrind $u4 view $scratch/$trace.u4t"
    walk "sanitizers, $trace" "$build/tests/u4-sane view $scratch/$trace.u4t"
done
run $valgrind "$u4" view noise.u4t
exits 0 "valgrind: as text"
run "$build/tests/u4-sane" view t.u4t
exits 0 "sanitizers: as text"
finish
