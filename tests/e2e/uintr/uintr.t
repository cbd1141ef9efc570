#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# User interrupts from send to handler in every tool: nothing sent is unaccounted for, and each
# vector that a handler took leads back to its send, on the UINTC and emulated.

. "$(dirname "$0")/../cli/tap.sh"

for machine in uintc emulated; do
    options=(--icount)
    [[ $machine == uintc ]] && options+=(--uintc)
    run timeout 120 "$u4" run --record $machine.u4t "${options[@]}" "$build/images/uintr-traffic.elf"
    exits 0 "$machine: the program runs and is recorded"
    handled=$(sed -nE 's/.*sent 1000 handled ([0-9]+).*/\1/p' <<<"$out")
    run "$u4" stat --json $machine.u4t
    is "$(python3 -c 'import json, sys
u = json.load(sys.stdin)["user_interrupts"]
print(u["sent"], u["delivered"] == int(sys.argv[1]), u["sent"] - u["coalesced"] - u["delivered"],
      u["latency_ns"]["count"] == u["delivered"], u["ignored"])' "$handled" <<<"$out")" \
        "1000 True 0 True 0" "$machine: sent = coalesced + delivered, which is what handlers saw"
    run "$u4" stat $machine.u4t
    like "$out" "USER INTERRUPTS" "$machine: u4 stat has a section for them"
    run "$u4" report -F 'event=="uintr.handler"' $machine.u4t
    like "$out" "spinner +uintr.handler +vectors=0x7" "$machine: handlers are events of their threads"
    run "$u4" report -F 'event=="uintr.wake"' $machine.u4t
    like "$out" "waiter" "$machine: the kernel's wakes, too"
done
run timeout 120 "$u4" run --record again.u4t --icount --uintc "$build/images/uintr-traffic.elf"
is "$(diff <("$u4" report uintc.u4t) <("$u4" report again.u4t) | wc -l)" 0 \
    "with the clock counting instructions every run is the same"
finish
