#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Coroutines and user interrupts (system/more.c), on a live guest and on its core."""

import os
import re
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from bench import Bench
from harness import Guest, Tap, steady
from u4gdb.spaces import thread_space

COROS = """
coroutine  name  program  executor  state  prio  waits_for  place
WORD  patient  gdb-more  pair  blocked  3  event PC  u4_coro_block
WORD  joiner  gdb-more  pair  blocked  4  join patient  u4_coro_block"""
UINTR = """
entry  thread  notification  waits  active  loaded  handler  uintc  senders
  0  receiver  @1  yes  yes  no  PC  emulated: inactive, hart 0, pending nothing  vector 5 by sender table @2[0]
  1  root  @3  no  yes  yes  PC  emulated: active, hart 0, pending nothing  vector 5 by sender table @2[1]"""


def plain(text):
    text = re.sub(r"0x20000000[0-9a-f]{2}\b|0x20000001[0-9a-f]{2}\b", "WORD", steady(text))
    return re.sub(r"(u4_coro_\w+)\+0x[0-9a-f]+", r"\1", text)


def shown(tap, out, where):
    tap.same(plain(out[0]), COROS, f"{where}: u4 coros")
    tap.ok("wait_for_ever" in out[1] and "u4_coro_block" in out[1], f"{where}: a coroutine's "
           "backtrace", out[1])
    tap.same(plain(out[2]), UINTR, f"{where}: u4 uintr")
    tap.has(out[3], "no problems", f"{where}: u4 fsck with user interrupts")


LINES = ("u4 coros", "u4 coro patient", "u4 uintr", "u4 fsck")


def damage(tap, image, core):
    bench = Bench(image, core)
    out = [bench.run(line[3:])[0] for line in LINES]
    shown(tap, out, "core")
    k = bench.context.kernel()
    entry = k.address_of("receivers")
    root = next(t for t in k.threads() if t.name == "root")
    for what, words, part in (
            ("a receiver that is no thread", {entry: 0x1238}, "which is no thread|no thread"),
            ("another thread's entry", {entry: root.address}, "but has entry")):
        bench.damage(words)
        found, wrong = bench.run("fsck")
        tap.ok(wrong is None and re.search(part, found), f"fsck: {what}", wrong, found)
    executor = bench.context.images.elfs[0][1].symbol("executor")
    paddr = thread_space(k, root).translate(executor)
    bench.damage({k.virt(paddr): 0})
    found, wrong = bench.run("coros")
    tap.ok(wrong is None and "is in the list of executors, but is none" in found,
           "a damaged executor", wrong, found)
    bench.repair()
    places = [k.virt(paddr) + at for at in range(0, 256, 8)]
    places += [entry + at for at in range(0, 96, 8)] + [t.offset("slots") + at
               for t in k.threads() for at in range(0, 256, 8)]
    places += [s.address + at for s in k.census().slots.values() for at in (0, 8)
               if s.cap.type in ("sender_table", "registration", "notification")]
    bench.damage_at_random(tap, places, ["coros", "coro nobody", "uintr", "fsck", "dump"], 60)


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory(prefix="u4-gdb-more-") as directory:
        core = os.path.join(directory, "core")
        image = live(tap, core)
        damage(tap, image, core)  # the guest is gone: it would keep a processor busy
    tap.done()


def live(tap, core):
    with Guest("gdb-more") as guest:
        out = guest.gdb("u4 boot", "tbreak make_event", "continue", "u4 break uintr root",
                        "continue", "u4 break delete", "tbreak gdb_test_ready", "continue", *LINES,
                        f"monitor dump-guest-memory {core}")
    tap.has(out[4], "u4 break 1: root's handler of user interrupts", "break on a user interrupt")
    shown(tap, out[8:12], "live")
    return guest.image


main()
