#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# The viewer on a guest that runs: attaching, following, staying, pausing the guest, changing what
# it traces, its end.

. "$(dirname "$0")/guest.sh"

title() {
    screen | head -1
}
events() {
    title | sed 's/ events.*//; s/.* //; s/,//g'
}
is_more_than() { # EVENTS
    (($(events) > $1))
}
grows() {
    eventually is_more_than "$(events)"
}
# What was under way has arrived when nothing has come for two seconds.
stands() {
    local i before
    before=$(events)
    for ((i = 0; i < 20; i++)); do
        sleep 0.1
        [[ $(events) == "$before" ]] || return 1
    done
}

run "$u4" view --live
exits 1 "no guest"
like "$err" "no guest runs" "says so"
run "$u4" view --trace ipc t.u4t
exits 2 "options of --live without it"

run_guest default
start 100x24 "$u4 view --live"
until_seen "viewed +[1-9][0-9,]* events in .*LIVE"
result $? "attached: the guest's name, events, LIVE"
grows
result $? "grows while nothing is done"

keys 2
until_seen "ipc.transfer"
result $? "its events"
keys k
until_seen "LIVE, paused"
result $? "moving stays at a place"
place=$(screen | grep -o '#[0-9]*' | tail -1)
grows
result $? "the trace grows meanwhile"
is "$(screen | grep -o '#[0-9]*' | tail -1)" "$place" "the place is kept"
keys p
until_seen "follows the end"
result $? "p follows again"

keys 1
until_seen "hart 0"
keys + + + y
until_seen "copied: "
before=$(span)
keys p p
until_seen "follows the end"
is "$(span)" "$before" "the zoom is kept over pause and resume"

keys P
until_seen "GUEST PAUSED"
result $? "P pauses the guest"
eventually stands
result $? "nothing comes from it"
keys P
until_seen "the guest goes on"
grows
result $? "P lets it go on"

keys 2 M =sched Enter
until_seen "traces sched from now on"
result $? "M changes what is traced"
only_sched() {
    [[ $(screen | grep -c 'sched\.switch') -ge 18 ]]
}
eventually only_sched
result $? "only that comes"
keys M =kitchen Enter
until_seen "trace: .*kitchen"
result $? "a class that there is not"
keys M =default Enter
until_seen "ipc.transfer"
result $? "the rest comes again"

keys q
until_seen '\$ *$'

# ---- capabilities, read out of the guest's memory ----
start 100x24 "$u4 view --live --view caps"
until_seen "[+] fs "
result $? "threads with their CSpaces"
keys / =mail Enter
until_seen "[+] mail +awaits reply of net"
result $? "who waits for whose reply"
keys Enter
until_seen "0x2 endpoint 0x[0-9a-f]+ s--p badge 0x3a"
result $? "a CSpace's slots, decoded"
keys j Enter
until_seen "Who holds it: 3 .*net 0x1: .*mail 0x2: .*badge 0x3a.*Derivation.*untyped.*mail 0x2"
result $? "who else holds the object, and what the capability comes from"
keys u
until_seen "[+] fs .*0x2 endpoint"
result $? "u leads back"
keys 3
until_seen "shell +[a-z]+ +[a-z0-9]"
keys / =shell Enter y
until_seen "copied: shell"
result $? "a thread is selected"
keys p p
until_seen "follows the end"
grows
keys y
until_seen "LIVE"$'\n'".*copied: shell"
result $? "and stays so, in a list that changes and follows the end"
keys c
until_seen "CAPABILITY.*0x[12] endpoint"
result $? "c in Threads shows the thread's CSpace"
keys 4
until_seen "WHO WAITS"
keys c
until_seen "Who holds it"
result $? "c in Objects shows who holds it"
keys q
until_seen '\$ *$'

run "$u4" record --events 100 -o after.u4t
exits 0 "the guest is as it was"

start 100x24 "$u4 view --live -o kept.u4t"
until_seen "LIVE"
kill "$guest_pid"
until_seen "complete"
result $? "its end"
keys q
run "$u4" check kept.u4t
exits 0 "--output keeps the trace, closed in order"
start 100x24 "$u4 view --view threads kept.u4t"
until_seen "mail +awaits reply .*reply of net"
result $? "who was there before is known from the snapshot"
keys 5 g / =mail Enter Enter
until_seen "0x2 endpoint 0x[0-9a-f]+ s--p badge 0x3a"
result $? "and so are capabilities"
finish
