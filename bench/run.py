#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Measures u4's costs in instructions and holds them against their budgets.

usage: bench/run.py BUILD-DIR

Boots bench images with different kernels and event masks under -icount shift=0,sleep=off, where
every run is the same, derives the figures below, prints them and stores them in
BUILD-DIR/bench/results.json as a list of {name, value, unit, budget, ok}. Exit status 1 if a
figure is above its budget (bench/budgets.json) or a run failed.
"""
import json
import os
import re
import subprocess
import sys
import time

import events
import harts as several
import rings

EVENT_BUDGET = 20  # instructions for any event that is on
TRACE_POINTS = 3  # that a yield passes: entry, switch, exit


def class_masks(build):
    """Event masks by class, four words each, out of the generated ids.h."""
    masks = {}
    with open(f"{build}/gen/trace/ids.h", encoding="utf-8") as lines:
        for line in lines:
            match = re.match(r"#define TRACE_CLASS_MASK_(\w+) \{(.*)\}", line)
            if match:
                words = [int(w.strip().removesuffix("ull"), 16) for w in match.group(2).split(",")]
                masks[match.group(1).lower()] = words
            match = re.match(r"    TRACE_DEBUG_MARK = (\d+),", line)
            if match:
                number = int(match.group(1))
                masks["mark"] = [1 << number % 64 if i == number // 64 else 0 for i in range(4)]
    return masks


def combine(masks, names):
    words = [0, 0, 0, 0]
    for name in names:
        words = [a | b for a, b in zip(words, masks[name])]
    return "u4.trace=" + ",".join(f"0x{word:x}" for word in words)


def boot(build, kernel, command_line="", uintc=False, harts=0, turn=0):
    """The figures that the guest prints, by name, and the seconds that its run took here;
    `uintc`: on the machine with user interrupts; `harts`: so many take turns of `turn`."""
    image = f"{build}/images/bench-{kernel}.elf"
    machine = [f"{build}/qemu/qemu-system-riscv64", "-M", "virt,uintc=on", "-cpu", "rv64,x-n=on"]
    if not uintc:
        machine = ["qemu-system-riscv64", "-M", "virt", "-cpu", "rv64"]
    if harts:
        machine[0] = f"{build}/qemu/qemu-system-riscv64"
        machine += ["-smp", f"{harts}", "-accel", f"tcg,turn={turn}"]
    begun = time.monotonic()
    command = [*machine, "-m", "128M", "-nographic",
               "-monitor", "none", "-serial", "stdio", "-seed", "1", "-icount", "shift=0,sleep=off",
               "-kernel", image]
    if command_line:
        command += ["-append", command_line]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=300,
                              check=False)
    except FileNotFoundError:
        sys.exit(f"bench: no {command[0]}: run 'make setup qemu'")
    except subprocess.TimeoutExpired:
        sys.exit(f"bench: {image} did not end within 300 s")
    text = done.stdout.decode(errors="replace")
    if "bench: done" not in text or done.returncode:
        sys.exit(f"bench: {image} failed (status {done.returncode}):\n{text[-2000:]}")
    figures = {m.group(1): int(m.group(2)) for m in re.finditer(r"^bench: (\w+) (\d+)", text, re.M)}
    return figures | {"seconds": time.monotonic() - begun}


def section_sizes(build, kernel):
    out = subprocess.run(["riscv64-unknown-elf-size", f"{build}/kernel/{kernel}/kernel.elf"],
                         capture_output=True, text=True, check=True).stdout.splitlines()[1].split()
    return int(out[0]), int(out[1]) + int(out[2])


def user_interrupts(emulated, uintc):
    """Their figures on both machines, and beside Signal and Wait."""
    for name in emulated:
        if name.startswith("uintr_"):
            yield f"{name}.uintc", uintc[name], "instructions"
            yield f"{name}.emulated", emulated[name], "instructions"
    signal, whole = uintc["signal_nobody_waits"], uintc["uintr_signal_and_wait"]
    yield "uintr_send.of_signal", 100 * uintc["uintr_send"] / signal, "%"
    yield "uintr_notification.of_signal_and_wait", 100 * uintc["uintr_notification"] / whole, "%"


def measure(build):
    masks = class_masks(build)
    none = boot(build, "notrace")
    off = boot(build, "release")
    mark = boot(build, "release", combine(masks, ["mark"]))
    ipc = boot(build, "release", combine(masks, ["ipc", "sched", "cap"]))
    every = boot(build, "release", combine(masks, [m for m in masks if m != "mark"]))
    slow = boot(build, "slowpath")
    entry = "kernel_entry_exit"
    yield "event_off", (off["yield"] - none["yield"]) / TRACE_POINTS, "instructions"
    yield "event_on", mark[entry] - off[entry], "instructions"
    yield "event_watched", mark[f"{entry}_watched"] - mark[entry], "instructions"
    costs = dict(events.costs(build))
    for name, value in costs.items():
        yield f"event_on.{name}", value, "instructions"
    for name in events.FILTERS:
        most = max(value - costs[event] for event, value in events.costs(build, name))
        yield f"event_filter.{name}", most, "instructions"
    for name, value in none.items():
        if name not in ("counter_overhead", "seconds") and not name.startswith("uintr_"):
            yield f"{name}.compiled_out", value, "instructions"
            yield f"{name}.masked_off", off[name], "instructions"
            yield f"{name}.ipc_sched_cap_on", ipc[name], "instructions"
            yield f"{name}.all_on", every[name], "instructions"
            yield f"{name}.no_fast_path", slow[name], "instructions"
    for name in ("round_trip", "round_trip_10_words", entry, "yield", "cnode_mint", "cnode_delete"):
        yield f"{name}.masked_off_cost", 100 * (off[name] / none[name] - 1), "%"
    trip = "round_trip"
    yield "round_trip.all_on_cost", 100 * (every[trip] / none[trip] - 1), "%"
    yield "bench.all_on_wall", every["seconds"] / off["seconds"], "times"
    yield "round_trip.ipc_sched_cap_cost", 100 * (ipc[trip] / none[trip] - 1), "%"
    yield from user_interrupts(none, boot(build, "notrace", uintc=True))
    yield from rings.costs(boot, build)
    yield from several.costs(boot, build)
    yield from measure_mcs(build)
    for kernel in ("notrace", "release", "mcs-notrace", "mcs-release"):
        text, data = section_sizes(build, kernel)
        yield f"kernel_text.{kernel}", text, "bytes"
        yield f"kernel_data.{kernel}", data, "bytes"


def measure_mcs(build):
    """What the MCS kernel's paths cost: with reply objects, lent time and budgets."""
    none = boot(build, "mcs-notrace")
    off = boot(build, "mcs-release")
    slow = boot(build, "mcs-slowpath")
    for name, value in none.items():
        if name != "counter_overhead":
            yield f"mcs.{name}.compiled_out", value, "instructions"
            yield f"mcs.{name}.masked_off", off[name], "instructions"
            yield f"mcs.{name}.no_fast_path", slow[name], "instructions"


def main():
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    build = sys.argv[1]
    with open(os.path.join(os.path.dirname(__file__), "budgets.json"), encoding="utf-8") as file:
        budgets = json.load(file)
    results = []
    for name, value, unit in measure(build):
        value = round(value, 2)
        budget = budgets.pop(name, EVENT_BUDGET if name.startswith("event_on.") else None)
        results.append({"name": name, "value": value, "unit": unit, "budget": budget,
                        "ok": budget is None or value <= budget})
    os.makedirs(f"{build}/bench", exist_ok=True)
    with open(f"{build}/bench/results.json", "w", encoding="utf-8") as file:
        json.dump(results, file, indent=1)
    for r in results:
        verdict = "" if r["budget"] is None else "ok" if r["ok"] else "ABOVE BUDGET"
        print(f"{r['name']:44} {r['value']:>9g} {r['unit']:12} "
              f"{'' if r['budget'] is None else r['budget']!s:>8} {verdict}".rstrip())
    for name in budgets:
        print(f"bench: budgets.json names {name}, which is not measured", file=sys.stderr)
    print(f"stored in {build}/bench/results.json")
    return 0 if all(r["ok"] for r in results) and not budgets else 1


if __name__ == "__main__":
    sys.exit(main())
