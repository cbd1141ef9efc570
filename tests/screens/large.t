#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# What a trace costs beside its file: bytes an event of the index and of the packed events, and
# memory, do not grow with it.

. "$(dirname "$0")/screen.sh"
# Writes "INDEX EVENTS MEMORY", bytes an event twice and kB, of a trace of so many rounds.
costs() { # ROUNDS
    local seen
    "$build/tests/screens-trace" many.u4t "$1"
    start 200x60 "exec $u4 view $scratch/many.u4t"
    keys : =stats Enter
    until_seen 'index ([0-9.]+), events ([0-9.]+) B/event'
    seen="${BASH_REMATCH[1]} ${BASH_REMATCH[2]}"
    keys '&' =class==ipc Enter 2 G g 1 =+++ 0 y
    until_seen 'copied: '
    echo "$seen $(grep RssAnon "/proc/$(tm list-panes -t view -F '#{pane_pid}')/status" | tr -dc 0-9)"
}

# 34 and 340 thousand events.
read -r index events memory <<<"$(costs 1000)"
read -r index_later events_later memory_later <<<"$(costs 10000)"
echo "# $index $index_later, $events $events_later B/event; $memory $memory_later kB"
less() { # A B DESCRIPTION: A < B, both with or without a fraction
    awk -v a="$1" -v b="$2" 'BEGIN { exit !(a > 0 && a < b) }'
    result $? "$3: $1 < $2"
}
less "$index_later" 6 "index, bytes an event"
less "$events_later" 12 "packed events, bytes an event"
less "$index_later" "$(awk -v a="$index" 'BEGIN { print a * 1.1 }')" "the index does not grow faster"
less "$memory_later" 16000 "memory of its own, kB"
finish
