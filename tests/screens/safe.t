#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# The terminal is in order after whatever happens, on any size; colours; other outputs than a
# terminal; files that are no traces; a file that grows.

. "$(dirname "$0")/screen.sh"

viewer_pid() {
    pgrep -P "$(tm display-message -p -t view '#{pane_pid}')"
}

# After the viewer: its screen is gone, and the shell echoes what is typed.
has_ended() {
    ! viewer_pid >/dev/null
}
in_order() { # DESCRIPTION
    eventually has_ended
    keys "=echo mark-\$((6*7))" Enter
    until_seen 'mark-42'
    result $? "$1: the shell is back"
    [[ $(screen) != *Timeline* && $(screen) == *'echo mark-'* ]]
    result $? "$1: its screen is gone, typing is seen"
}

start 80x24 "$u4 view $scratch/t.u4t"
keys q
in_order "q"
for signal in SEGV ABRT TERM HUP; do
    start 80x24 "$u4 view t.u4t"
    kill -s "$signal" "$(viewer_pid)"
    in_order "SIG$signal"
done

start 80x24 "$u4 view $scratch/t.u4t"
keys C-z
until_seen "Stopped"
result $? "Ctrl-Z stops"
keys "=fg" Enter
until_seen "Timeline.*hart 0"
result $? "fg shows the screen again"
keys q
in_order "q after fg"

# ---- sizes ----
start 80x24 "$u4 view $scratch/t.u4t"
for size in 200x60 20x5 100x30 39x10 40x9 41x11 150x12 80x24; do
    tm resize-window -t view -x "${size%x*}" -y "${size#*x}"
    [[ $size == 20x5 ]] && { until_seen "u4 view needs"; result $? "too small says so"; }
done
until_seen "hart 1.*Zoom"
result $? "a storm of sizes leaves the screen whole"
eventually is_on_screen "$golden/timeline-80x24.txt"
result $? "as it was"

# ---- colours and characters ----
colours() {
    screen -e | grep -Ec $'\033\\[([0-9;]*;)?[34][0-8]'
}
start 80x24 "$u4 view $scratch/t.u4t"
(($(colours) > 5))
result $? "colours"
start 80x24 "NO_COLOR=1 $u4 view $scratch/t.u4t"
is "$(colours)" 0 "NO_COLOR"
start 80x24 "$u4 view --colour mono $scratch/t.u4t"
is "$(colours)" 0 "--colour mono"
scene ascii 80x24 "--ascii"
LC_ALL=C grep -q '[^ -~]' "$golden/ascii.txt"
is $? 1 "--ascii: nothing else"

# ---- the mouse ----
button() { # CODE COLUMN LINE, from 1
    keys "$(printf '=\033[M')$(printf "\\$(printf %o $((32 + $1)))\\$(printf %o $((32 + $2)))\\$(printf %o $((32 + $3)))")"
}
wheel_up=64 wheel_down=65 drag=32 release=3
click() { # COLUMN LINE
    button 0 "$1" "$2"
    button $release "$1" "$2"
}
start 80x24 "$u4 view $scratch/t.u4t"
click 16 2
until_seen "TIME s HART"
result $? "a click on a tab"
keys g
click 10 8
until_seen "#4[^0-9]"
result $? "a click selects a row"
button $wheel_down 10 8
until_seen "#7[^0-9]"
result $? "the wheel goes down"
button $wheel_up 10 8
until_seen "#4[^0-9]"
result $? "and up"
keys 1
until_seen "hart 0"
button 0 40 8
button $drag 50 8
button $release 60 8
until_seen "A 0.1[0-9]*  B 0.1[0-9]*  B-A"
result $? "dragging over the timeline sets A and B"
is_span() {
    [[ $(span) == "$1" ]]
}
is_other_span() {
    [[ $(span) != "$1" ]]
}
before=$(span)
button $wheel_up 40 8
eventually is_other_span "$before"
result $? "the wheel zooms in the timeline"
button $wheel_down 40 8
eventually is_span "$before"
result $? "and out again"
keys v
until_seen "other pane"
click 10 20
until_seen "[*] [(].W: other pane"
result $? "a click into the other pane"
keys q

# ---- no terminal ----
run "$u4" view t.u4t
exits 0 "no terminal"
like "$out" "Threads: .*fs-1 .*IPC: .*shell > fs" "tables as text"
run "$u4" view nothing.u4t
exits 1 "no file"
like "$err" "nothing.u4t" "says which"
run "$u4" view
exits 2 "no argument"
run "$u4" view --colour pink t.u4t
exits 2 "no such colours"
run "$u4" view --view kitchen t.u4t
exits 1 "no such view"
echo "dance" >bad.conf
run "$u4" view --config bad.conf t.u4t
like "$err" "bad.conf:1: no command 'dance'" "a wrong configuration: file and line"
head -c 3000 /dev/urandom >noise.u4t
run "$u4" view noise.u4t
exits 1 "noise"
head -c $(($(stat -c %s t.u4t) - 3000)) t.u4t >half.u4t
run "$u4" view half.u4t
exits 0 "a trace that was cut off"

"$build/tests/screens-trace" absurd.u4t noise
run "$u4" view absurd.u4t
exits 0 "records that make no sense"
start 80x24 "$u4 view $scratch/absurd.u4t"
keys =lll =+++ =HHL 0 =ooJJK 2 g =[]fF 3 =s 4 =s 5 Enter 7 =so Enter 8 Enter 9 Enter B 1
until_seen "hart 0.*Zoom"
result $? "records that make no sense, in the terminal"
keys q
in_order "records that make no sense"

# ---- a trace that is being written ----
"$build/tests/screens-trace" whole.u4t 400
size=$(stat -c %s whole.u4t)
head -c $((size / 2)) whole.u4t >live.u4t
start 80x24 "$u4 view -f $scratch/live.u4t"
until_seen "[1-9][0-9,]* events.*LIVE"
result $? "live"
before=$(screen | head -1)
tail -c +$((size / 2 + 1)) whole.u4t >>live.u4t
until_seen "events.*complete"
result $? "grows to the end"
[[ $before != "$(screen | head -1)" ]]
result $? "the title has moved on"
keys q
in_order "live"
finish
