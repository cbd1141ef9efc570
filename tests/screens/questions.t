#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# The questions that docs/viewer.md answers, with the keys that it gives, on the guest that it
# describes (tests/screens/guest).

. "$(dirname "$0")/guest.sh"
sees() { # REGEX DESCRIPTION
    until_seen "$1"
    result $? "$2"
}

run_guest default --icount # by a clock of its own, not by how busy the host is
start 120x30 "$u4 view --live"
until_seen "viewed +[1-9][0-9,]* events"
keys P
until_seen "the guest is paused"

# Who holds this capability?
keys 3 / =net Enter c
sees "- net .*0x1 endpoint 0x[0-9a-f]+ -r--" "Who holds net's endpoint? c in Threads: net's CSpace"
keys j Enter
sees "Who holds it: 3 cap.*root 0x[0-9a-f]+: .* srgp.*net 0x1: .* -r--.*mail 0x2: .* s--p badge 0x3a" \
    "Enter: root with all rights, net to receive, mail to call with badge 0x3a"
sees "Derivation.*untyped .*in root.*endpoint .*in root.*endpoint .*in net" "and where it comes from"

# Which server is not answering, and why?
keys 3 g / '=awaits reply' Enter
sees "mail +awaits reply .* reply of net" "Who is waiting? mail, for net's reply"
keys g / =net Enter
sees "net +awaits signal .* notification [0-9a-f]{8}" "What does net do? It waits for a signal"
keys c j j Enter
sees "Who holds it: 3 cap.*root 0x[0-9a-f]+: [a-z]* 0x[0-9a-f]+ s.*net 0x3: [a-z]* 0x[0-9a-f]+ -r.*audit 0x3: [a-z]* 0x[0-9a-f]+ -r" \
    "Who could send it? Of those who hold the notification nobody but root may"
sees "Who waits there: 2, to receive" "audit waits, too"
keys 3 g / =root Enter
sees "root +stopped" "and root has stopped"

# Where did the latency of one call go?
keys 6 g / '=shell > fs' Enter
sees "shell > fs +call" "Who is slow? shell's calls of fs"
keys Enter b F
until_seen "ipc.transfer .*kind=call"
keys F a 3 g
sees "THREAD.*A .*B .*B-A [0-9.]+ [um]s" "Enter: its end; b, F: its beginning, a; A to B is the call"
sees "disk +[a-z ]+ +([6-9][0-9]|100)[.][0-9]" "Who ran meanwhile? disk, most of the time"
keys 1 z
sees "[um]s +│.*disk +│[^█]*█" "z: the same in the timeline"
keys q
finish
