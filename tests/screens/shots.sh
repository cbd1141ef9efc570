#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Makes the pictures of docs/viewer.md: real runs of u4 view, on the demo's trace and on the guest
# of tests/screens/guest. After a build:
#
#   U4_ROOT=$PWD U4_BUILD=build tests/screens/shots.sh [DIRECTORY]

here=$(realpath "$(dirname "$0")")
to=$(realpath -m "${1:-$here/../../docs/viewer}")
. "$here/guest.sh"
mkdir -p "$to"
export TERM=screen-256color

shot() { # NAME
    sleep 1 # the last key's frame
    screen -e | python3 "$here/svg.py" 110 28 >"$to/$1.svg"
}
view() { # NAME "ARGUMENTS" KEY...
    local name=$1 arguments=$2
    shift 2
    start 110x28 "$u4 view $arguments"
    keys "$@"
    shot "$name"
}

"$u4" run --record demo.u4t --icount "$build/images/demo.elf" >/dev/null 2>&1 </dev/null
demo=$scratch/demo.u4t
view timeline "$demo" : "=goto 0.03" Enter
view arrows "--view events $demo" g / =irq.raised Enter n n n n 1 =+++++++++
view events "--view events --filter class!=kernel $demo" g NPage NPage NPage / =kind=call Enter
view threads "--view threads $demo" : "=goto 0.03" Enter
view objects "--view objects $demo"
view ipc "--view ipc $demo"
view log "--view log --filter class==fault $demo" g NPage NPage NPage NPage
view loss "--view loss $scratch/t.u4t"
view marks "--view events $demo" g NPage m : "=mark the first page" Enter B
view split "--view timeline $demo" v C-w 3 C-w =hhhhhhhhhhhhhhhhhhhhhhhh
view help "$demo" F1
"$u4" run --record async.u4t --icount "$build/images/viewed-async.elf" >/dev/null 2>&1 </dev/null
view async "--view events $scratch/async.u4t" g / =label=1 Enter : "=goto +5ms" Enter 7

run_guest default
start 110x28 "$u4 view --live viewed"
until_seen "viewed +[1-9][0-9,]* events"
keys P 5
until_seen "[+] net"
keys / =net Enter Enter / =mail Enter Enter
shot caps
keys j Enter
shot holders
