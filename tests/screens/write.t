#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# :write of a selection that takes long: progress, a view that answers meanwhile, Esc, leaving,
# errors. What is stopped or fails leaves nothing behind; what there is, is whole.

. "$(dirname "$0")/screen.sh"
"$build/tests/screens-trace" many.u4t 5000 # a quarter of a million events
mkdir out
formats=(txt csv json perfetto-trace ctf u4t)
says() { # REGEX DESCRIPTION
    until_seen "$1"
    result $? "$2"
}
gone() { # DESCRIPTION
    is "$(ls out)" "" "$1: nothing is left"
}

# ---- to a terminal that nobody reads: writing stands still for as long as this test wants ----
mkfifo go
# shellcheck disable=SC2016
python3 -c 'import os, pty
master, terminal = pty.openpty()
with open("tty", "w") as f: f.write(os.ttyname(terminal))
os.rename("tty", "terminal")
open("go").close()
while os.read(master, 65536): pass' &
reader=$!
eventually test -e terminal
tty=$(<terminal)
start 80x24 "$u4 view $scratch/many.u4t"
until_seen "LOST, complete"
keys : "=write $tty" Enter
says "#[0-9]+  writing [0-9]+% [(]Esc stops[)]" "progress"
keys 2 g
says "TIME s HART.*0.100.*#0  writing" "the views go on"
keys '&' =class==fault Enter
says "writing [0-9]+%.*filter class==fault: [1-9]" "a filter, too"
keys '\' g / =irq.raised Enter
says "irq.raised.*writing [0-9]+%" "and a search"
keys : "=write $scratch/out/other.csv" Enter
says "write: $tty is still being written: Esc stops that" "one at a time"
keys q
says "$tty is still being written: leave again to give it up" "leaving asks"
for size in 200x60 40x10; do
    tm resize-window -t view -x "${size%x*}" -y "${size#*x}"
    keys g
    says "#0  writing [0-9]+%" "progress at $size"
done
tm resize-window -t view -x 80 -y 24
keys Escape
says "stopped: $tty is not written" "Esc stops it"
keys : "=write $tty" Enter
says "writing [0-9]+%" "once more"
keys q q
says '\$ *$' "leaving gives it up"
start 80x24 "$u4 view $scratch/many.u4t"
until_seen "LOST, complete"
echo >go
keys : "=write $tty" Enter
says "written: $tty" "to its end, once somebody reads"
gone "a device"
kill "$reader"

# ---- stopped at once, in every format; if it was over before the key, once more ----
tries=50
for format in "${formats[@]}"; do
    for ((i = 0; i < tries; i++)); do
        keys : "=write $scratch/out/many.$format" Enter Escape
        until_seen "(stopped|written): .*/out/many.$format"
        [[ $(screen) == *written:* ]] || break
        rm -r "out/many.$format"
        keys g # another line says something else
        until_seen "#0[^0-9]"
    done
    like "$(screen)" "stopped: .*/out/many.$format is not written" "$format: stopped"
    gone "$format"
done
for ((i = 0; i < tries; i++)); do
    keys : "=write $scratch/out/many.json" Enter q q
    until_seen '\$ *q?$'
    [[ -e out/many.json ]] || break
    rm out/many.json
    start 80x24 "$u4 view $scratch/many.u4t"
    until_seen "LOST, complete"
done
((i < tries))
result $? "left while it was written"
gone "left"

# ---- what is selected when it begins, from a trace that may still be being indexed ----
start 80x24 "$u4 view $scratch/many.u4t"
keys : "=write $scratch/out/all.txt" Enter '&' =class==irq Enter : "=goto 0.2" Enter a : \
    "=goto 0.3" Enter b
eventually test -e out/all.txt
is "$(wc -l <out/all.txt)" "$("$u4" report many.u4t | grep -vc ' records lost ')" "all that there was to select"
keys : "=write $scratch/out/some.txt" Enter
says "written: .*/some.txt, filtered, from A to B" "A to B of a filter"
expected=$("$u4" report -F class==irq many.u4t | awk '$1 >= 0.2 && $1 <= 0.3 && !/ records lost /')
is "$(cut -d' ' -f1 out/some.txt)" "$(cut -d' ' -f1 <<<"$expected")" "what u4 report has there"
rm out/*

# ---- errors ----
keys : "=write /dev/full" Enter
says "write: /dev/full: cannot write: No space left on device" "a full device"
keys : "=write $scratch/none/x.csv" Enter
says "none/x.csv.part: cannot.*No such.*directory" "no directory"
: >out/x.csv.part
keys : "=write $scratch/out/x.csv" Enter
says "x.csv.part: is there already" "what another one writes"
rm out/x.csv.part
keys q
says '\$ *$' "q leaves"
start 80x24 "(ulimit -f 64; exec $u4 view $scratch/many.u4t)"
for format in "${formats[@]}"; do
    keys : "=write $scratch/out/many.$format" Enter
    says "write: .*many.$format.part.*: File.*too.*large" "$format: no room"
    gone "$format, no room"
done
finish
