#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Budgets, on the demo with the MCS kernel: who has which, and who waits for more.

. "$(dirname "$0")/screen.sh"
run "$u4" run --icount --record m.u4t "$build/images/demo-mcs.elf"
exits 0 "the guest's run"
run "$u4" view m.u4t
like "$out" "Threads: .*BUDGET.*spin-a [^"$'\n'"]* 3/10 ms .*spin-b [^"$'\n'"]* 2/10 ms" "budgets as text"
like "$out" "Objects: .*sc [0-9a-f]{8} " "scheduling contexts among objects"
start 120x24 "$u4 view --view events --filter 'event==\"sched.sc_postpone\"' $scratch/m.u4t"
until_seen "sched.sc_postpone"
keys g 3
until_seen "BUDGET"
result $? "a column for budgets"
keys 2 '\' : "=goto +100us" Enter 3
until_seen "no budget .*budget of sc [0-9a-f]+ in [0-9.]+ [mu]s"
result $? "who waits for budget, whose, and for how long"
keys 1 =++++
until_seen '[$][$]'
result $? "in the timeline, too"

# spin-a gets a scheduling context of 10 ms, which is then set to 3 of each 10 ms.
configured=$("$u4" report -F 'event=="sched.sc_configure" && budget==3000' m.u4t | head -1)
sc=$(sed 's/.* sc=\([^ ]*\).*/\1/' <<<"$configured")
bound=$("$u4" report -F "event==\"sched.sc_bind\" && sc==$sc" m.u4t | head -1)
budget_at() { # TIME BUDGET DESCRIPTION
    keys : "=goto $1" Enter
    until_seen "spin-a +[a-z]+ +[0-9.]+ +[0-9]+ +$2 +[0-9.]+ [um]s.*[^0-9]$1 s  #"
    result $? "$3"
}
before() { # LINE: 100 ns before its event
    awk '{ printf "%.9f", $1 - 1e-7 }' <<<"$1"
}
keys 3
budget_at "$(before "$bound")" - "no budget before it had a scheduling context"
budget_at "${bound%% *}" "10 ms" "its first budget from then on"
budget_at "$(before "$configured")" "10 ms" "until it is changed"
budget_at "${configured%% *}" "3/10 ms" "and the new one from then on"
keys q
run "$u4" view t.u4t
[[ $out != *BUDGET* ]]
result $? "no such column on a classic kernel"
finish
