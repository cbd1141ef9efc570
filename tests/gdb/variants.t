#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""MCS kernels and kernels of several harts: the commands on systems with what only those have, live
and on cores, debug and release; what fsck says of damaged scheduling contexts, reply objects and
release queues."""

import os
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from bench import Bench
from expected import SYSTEMS, load
from harness import Guest, Tap, run_gdb, steady
from u4gdb import mcs

ROUNDS = 60


def known_system(tap, image, system, expected, core):
    """Live, on a core in GDB, on a core without GDB: the same."""
    lines = list(expected)
    with Guest(image, harts=system.harts) as guest:
        live = guest.ready(*lines, f"monitor dump-guest-memory {core}")
        path = guest.image
    for line, found in zip(lines, live):
        tap.same(steady(found), expected[line], f"{image}: {line}")
    opened = run_gdb([f"u4 kernel {path}", f"u4 core {core}", lines[0]])
    tap.has(opened[1], f"{system.threads} threads, {system.harts} harts with registers",
            f"{image}: its core opens")
    tap.same(steady(opened[2]), expected[lines[0]], f"{image}, core in GDB: {lines[0]}")
    bench = Bench(path, core)
    for line in lines:
        found, wrong = bench.run(line[3:])
        tap.ok(wrong is None and steady(found).strip("\n") == expected[line].strip("\n"),
               f"{image}, core: {line}", wrong, "expected:", expected[line], "found:", steady(found))
    return bench


def known_damage(tap, bench):
    """Each: what is broken, and a part of what fsck must say."""
    k = bench.context.kernel()
    by_name = {t.name: t for t in k.threads()}
    front, back, limited, too, late = (by_name[n] for n in (
        "front", "back", "limited", "limited-too", "late"))
    sc, refills = k.layout["sched_context"], k.layout["sched_context"].size
    reply, hart = k.layout["reply"], k.harts()[0]
    newest, oldest = front.reply, by_name["client"].reply

    def at(layout, address, name):
        return address + layout.fields[name].offset
    first = limited.sc + refills + mcs.context_at(k, limited.sc).head * k.layout["refill"].size
    cases = [
        ("a context of another thread", {at(sc, back.sc, "tcb"): limited.address},
         f"is said to be 0x{limited.address:x}'s"),
        ("a context of no thread", {at(sc, back.sc, "tcb"): back.address + 64}, "which is no thread"),
        ("refills that do not add up", {first + k.layout["refill"].fields["amount"].offset: 5}, "but a budget of 10000"),
        ("refills that cannot be", {at(sc, limited.sc, "head"): 99}, "cannot be"),
        ("more refills than room", {at(sc, limited.sc, "refill_max"): 200}, "but room for 2"),
        ("calls in a circle", {at(reply, oldest, "prev"): newest}, "a circle"),
        ("a call for another thread", {at(reply, newest, "tcb"): late.address},
         "is for late, which is blocked_send"),
        ("a call that nobody waits on", {at(reply, oldest, "tcb"): 0},
         "is on a stack of calls, but nobody waits on it"),
        ("a call that does not point back", {at(reply, newest, "prev"): 0}, "does not point back"),
        ("a context with another's calls", {at(sc, back.sc, "reply"): oldest}, "points elsewhere"),
        ("a release queue that ends early", {limited.offset("ready_next"): 0},
         "limited-too waits for budget, but is not in the hart 0, release queue"),
        ("a release queue out of order", {first + k.layout["refill"].fields["time"].offset: 1 << 40}, "is released before"),
        ("its tail", {hart.offset("release_tail"): 0}, "release queue: its tail is 0x0"),
        ("its head", {hart.offset("release_head"): too.address + 8}, "is no thread"),
        ("time that is not the thread's", {late.offset("sc"): back.sc}, "which is "
                                                                       f"0x{back.address:x}'s"),
    ]
    for what, words, part in cases:
        bench.damage(words)
        found, wrong = bench.run("fsck")
        tap.ok(wrong is None and part in found, f"fsck, MCS: {what}", f"expected: {part}", wrong,
               found)
    bench.repair()
    tap.has(bench.run("fsck")[0], "no problems", "repaired")
    places = [a + i for a in (front.sc or back.sc, back.sc, limited.sc, too.sc)
              for i in range(0, 128, 8)]
    places += [a + i for a in (newest, oldest) for i in range(0, 32, 8)] * 4
    places += [t.offset(n) for t in k.threads() for n in ("sc", "reply", "yields_to", "state")] * 2
    bench.damage_at_random(tap, places, ["scs", "replies", "threads", "calls", "queues", "fault",
                                         "thread limited", "fsck"], ROUNDS)


def in_the_kernel(tap):
    """A stop inside the kernel is said by fsck, and u4 finish -all leads out of it."""
    with Guest("gdb-smp", harts=SYSTEMS["smp.txt"].harts) as guest:
        out = guest.ready("tbreak trap_entry", "continue", "u4 fsck", "u4 finish -all", "u4 fsck",
                          "u4 finish -all", "u4 bt runner 2")
    tap.has(out[2], "is inside the kernel (kernel!trap_entry", "fsck inside the kernel")
    tap.has(out[3], "no hart is in the kernel, after", "u4 finish -all")
    tap.ok("inside the kernel" not in out[4] and "no problems" in out[4], "fsck behind it", out[4])
    tap.same(out[5], "no hart is in the kernel", "nothing left to do")
    tap.has(out[6], "run (self=", "backtrace of what another hart runs")


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory(prefix="u4-gdb-variants-") as directory:
        for name in ("mcs.txt", "smp.txt"):
            system, expected = SYSTEMS[name], load(name)
            for image in system.images:
                core = os.path.join(directory, image + ".core")
                bench = known_system(tap, image, system, expected, core)
                if image == "gdb-mcs":
                    known_damage(tap, bench)
    in_the_kernel(tap)
    tap.done()


main()
