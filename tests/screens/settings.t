#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# What the viewer writes and what it remembers: selections in every format, the clipboard,
# settings, macros, sessions, bookmarks.

. "$(dirname "$0")/screen.sh"
export XDG_STATE_HOME=$scratch/state
s=80x24
tm set -s set-clipboard on

view() { # WxH "ARGUMENTS" KEY...
    local size=$1 arguments=$2
    shift 2
    start "$size" "$u4 view $arguments $scratch/t.u4t"
    keys "$@"
}
says() { # REGEX DESCRIPTION
    until_seen "$1"
    result $? "$2"
}

# ---- selections ----
view $s "--view events" g =jjjj a NPage NPage b : "=write $scratch/part.txt" Enter
says "written: .*part.txt, from A to B" "a selection as text"
first=$(screen | sed -n '4s/^ *\([0-9.]*\).*/\1/p')
for format in csv json perfetto-trace u4t; do
    keys : "=write $scratch/part.$format" Enter
    says "written: .*part.$format, from A to B" "as $format"
done
keys : "=write $scratch/part.txt" Enter
says "part.txt: is there already" "never over a file"
keys : "=write $scratch/none/part.u4t" Enter
says "none/part.u4t.part: cannot.*write" "an impossible place"
keys q
lines=$(wc -l <part.txt)
is "$(($(wc -l <part.csv) - 1))" "$lines" "csv has as many events"
is "$(grep -c '"event"' part.json)" "$lines" "json, too"
like "$(head -1 part.txt)" "^0\.100" "text begins at A"
like "$(cut -d, -f1 part.csv | sed -n 2p)" "^100[0-9]*$" "csv begins at A"
run "$u4" check part.u4t
exits 0 "the .u4t is sound"
run "$u4" report part.u4t
is "$(grep -vc ' thread\.' <<<"$out")" "$(grep -vc ' thread\.' part.txt)" "it has the same events"
like "$out" "shell" "and the threads' names"

view $s "--view events" g '&' '=class==fault' Enter : "=write $scratch/faults.u4t" Enter
says "written: .*faults.u4t, filtered" "what a filter lets through"
keys q
run "$u4" report -F class==fault faults.u4t
like "$out" "fault.raised.*fault.unhandled" "is in the .u4t"

view $s "" : "=write $scratch/whole.u4t" Enter
says "written" "all of it"
keys q
run "$u4" check whole.u4t
like "$out" "321 lost" "with what was lost"

# ---- the clipboard ----
view $s "--view events" g y
says "copied: 0.1" "y copies a line"
like "$(tm show-buffer)" "kernel.boot hart=0" "through the terminal"

# ---- settings ----
run "$u4" view --print-config
exits 0 "--print-config"
cp .out default.conf
like "$out" "set time absolute.*columns Threads auto.*style running 77" "all settings and defaults"
run "$u4" view --config default.conf --print-config
is "$out" "$(<default.conf)" "read back, it is the same"

cat >my.conf <<'X'
# mine
set time delta
columns events time,event
style running 196 -1 bold
macro faults filter class==fault; view events; key g
bind F5 faults
bind Z key z
bind X filter class==ipc; view ipc
X
view $s "--config $scratch/my.conf" F5
says "TIME s EVENT *"$'\n'".*fault.raised.*filter class==fault" "a key bound to a macro; columns"
[[ $(screen) != *HART* ]]
result $? "only these columns"
keys X
says "SENDER > RECEIVER.*filter class==ipc" "a key bound to commands"
keys 1 g =llll a =llll b Z
until_seen "A 0.1.*B 0.1"
result $? "a key bound to another"
keys : =faults Enter
says "fault.raised" "a macro as a command"
start $s "$u4 view --config $scratch/my.conf $scratch/t.u4t"
[[ $(screen -e) == *'38;5;196'* ]]
result $? "a style's colour"
start $s "NO_COLOR=1 $u4 view --config $scratch/my.conf $scratch/t.u4t"
[[ $(screen -e) != *'38;5;196'* ]]
result $? "not against NO_COLOR"
for wrong in "bind Hyper quit" "columns threads nose" "columns timeline time" "style nose 1 2" \
    "style running red" "macro x" "key Hyper" "set nose on" "write x" "set cpu x"; do
    echo "$wrong" >bad.conf
    run "$u4" view --config bad.conf t.u4t
    exits 1 "$wrong"
    like "$err" "bad.conf:1: ${wrong%% *}: " "says where and what"
done
printf 'macro a b\nmacro b a\na\n' >bad.conf
run "$u4" view --config bad.conf t.u4t
like "$err" "without end" "macros that call each other"

# ---- sessions ----
view $s "" g =++++ =lllll a =llllll b 3 s s v C-w 2 g =jjjjjjj
until_seen "#7 "
before=$(screen)
keys q
until_seen '\$ *$'
view $s "--restore"
until_seen "#7 "
is "$(screen)" "$before" "--restore: views, place, sort, markers, split"
keys C-w 1
until_seen '│\+' # the timeline's scale
restored=$(screen | sed -n 3p)
keys q
view $s "" g =++++ =lllll =llllll
until_seen "$(sed 's/[+.]/\\&/g; s/ *$//' <<<"$restored")"
result $? "and the zoom"
keys q
until_seen '\$ *$'
view $s ""
until_seen "Timeline.*hart 0"
result $? "without it, the beginning"

# ---- bookmarks ----
view $s "--view events" g =jjj m : '=mark the second' Enter q
until_seen '\$ *$'
like "$(<t.u4t.marks)" "^3 [0-9]+ event 3.*3 [0-9]+ the second" "kept beside the trace"
view $s "--view marks"
says "event 3.*the second" "and there the next time"
keys m
says "bookmark removed" "m removes"
finish
