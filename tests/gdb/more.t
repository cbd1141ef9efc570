#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Coroutines, user interrupts and events of a program's own (system/more.c), on live guests without and
with a UINTC, and on a core."""

import os
import re
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from bench import Bench
from harness import Guest, Tap, steady
from u4gdb.spaces import thread_space
from u4gdb.uintr import SenderTable

COROS = """
coroutine  name  program  executor  state  prio  waits_for  place
WORD  patient  gdb-more  pair  blocked  3  event PC  u4_coro_block
WORD  joiner  gdb-more  pair  blocked  4  join patient  u4_coro_block"""
UINTR = """
entry  thread  notification  waits  loaded  handler  takes  came  uintc  senders
  0  receiver  @1  yes  no  PC  yes  no  {}inactive, hart 0, tells the supervisor{}  vector 5 by sender table @2[0]
  1  away  @3  no  no  PC  yes  no  {}inactive, hart 0{}  vector 5 by sender table @2[1], vector 40 by sender table @2[2]
  2  root  @4  no  yes  PC  yes  no  {}active, hart 0{}  vector 5 by sender table @2[3]"""
PENDING = ", pending nothing", ", pending 5 40", ", pending nothing"
SENDERS = """
thread  table  index  vector  valid  entry  receiver  notification
root  @1  0  5  yes  0  receiver  @2
root  @1  1  5  yes  1  away  @3
root  @1  2  40  yes  1  away  @3
root  @1  3  5  yes  2  root  @4"""
EVENTS = """
ring  number  time  thread  event  what
user  0  TIME  root  user.mark  id=3 value=0x1234 value2=0x0
user  1  TIME  root  user.block_read  sector=17 latency=42
user  2  TIME  root  user.free_blocks  value=-5"""


def uintr_text(emulated, pending):
    """What u4 uintr shows of an emulated or real UINTC, with or without what is pending."""
    texts = [t for p in PENDING for t in ("emulated: " if emulated else "", p if pending else "")]
    return UINTR.format(*texts)


def plain(text):
    text = re.sub(r"0x200000[0-9a-f]{4}\b", "WORD", steady(text))
    text = re.sub(r"event 0x[0-9a-f]+", "event PC", text)
    return re.sub(r"(u4_coro_\w+)\+0x[0-9a-f]+", r"\1", text)


def shown(tap, out, where):
    tap.same(plain(out[0]), COROS, f"{where}: u4 coros")
    tap.ok("wait_for_ever" in out[1] and "u4_coro_block" in out[1], f"{where}: a coroutine's "
           "backtrace", out[1])
    tap.same(plain(out[2]), uintr_text(True, True), f"{where}: u4 uintr")
    tap.same(plain(out[3]), SENDERS, f"{where}: u4 senders")
    tap.has(out[4], "no problems", f"{where}: u4 fsck with user interrupts")
    tap.ok([text.count("\n") for text in out[6:9]] == [2, 2, 2], f"{where}: filters", *out[6:9])
    tap.same(plain(out[5]), EVENTS, f"{where}: events by the names that the program gives them")


LINES = ("u4 coros", "u4 coro patient", "u4 uintr", "u4 senders", "u4 fsck",
         "u4 trace ring=user", "u4 coros prio=3", "u4 uintr waits=yes", "u4 senders vector=40")


def damage(tap, image, core):
    bench = Bench(image, core)
    out = [bench.run(line[3:])[0] + "\n" for line in LINES]
    shown(tap, out, "core")
    k = bench.context.kernel()
    root = next(t for t in k.threads() if t.name == "root")
    damage_uintr(tap, bench)
    executor = bench.context.images.elfs[0][1].symbol("executor")
    paddr = thread_space(k, root).translate(executor)
    bench.damage({k.virt(paddr): 0})
    found, wrong = bench.run("coros")
    tap.ok(wrong is None and "is in the list of executors, but is none" in found,
           "a damaged executor", wrong, found)
    bench.repair()
    places = [k.virt(paddr) + at for at in range(0, 256, 8)]
    places += [k.address_of("receivers") + at for at in range(0, 96, 8)] + [t.offset("slots") + at
               for t in k.threads() for at in range(0, 256, 8)]
    places += [s.address + at for s in k.census().slots.values() for at in (0, 8)
               if s.cap.type in ("sender_table", "registration", "notification")]
    bench.damage_at_random(tap, places, ["coros", "coro nobody", "uintr", "senders", "fsck", "dump"], 60)


def damage_uintr(tap, bench):
    """Each: what is broken, and a part of what fsck must say."""
    k = bench.context.kernel()
    root, away = (next(t for t in k.threads() if t.name == name) for name in ("root", "away"))
    entry, size = k.address_of("receivers"), k.layout["receiver"].size
    emulated = k.elf.symbol("emulated")
    slots = sorted((s for s in k.census().slots.values() if s.cap.type == "registration"
                    and not s.cap.receiver), key=lambda s: s.address)
    table = SenderTable.of_registration(k, slots[0].cap)
    owner = next(s for s in k.census().slots.values() if s.cap.type == "notification"
                 and s.cap.badge == 40)
    spare = entry + 9 * size
    for what, words, part in (
            ("a receiver that is no thread", {entry: 0x1238}, "no thread"),
            ("another thread's entry", {entry: root.address}, "but has entry"),
            ("another notification", {entry + 8: k.symbol("receivers")[1].notification},
             "is the notification of receiver 0"),
            ("a registration of another entry", {away.offset("slots") + k.tcb_slot["receiver"]
                                                 * k.slot_size: 0}, "but its registration is null"),
            ("active without being loaded", {emulated + 16 + 8: 1}, "which the UINTC has as active"),
            ("a free entry in use", {emulated + 9 * 16 + 8: 1}, "entry 9 is free, but the UINTC"),
            ("a free entry with senders", {spare + k.layout["receiver"].fields["senders"].offset:
                                           slots[0].address}, "entry 9 is free, but has senders"),
            ("a sender that is not listed", {entry + k.layout["receiver"].fields["senders"].offset:
                                             0}, "not in the list of receiver 0"),
            ("senders in a circle", {table.link(slots[1].address): slots[1].address,
                                     table.link(slots[1].address) + 8: 0}, "a circle|points back"),
            ("an entry that harts read otherwise", {table.base: 0}, "whose entry is 0x0"),
            ("a sender table that cannot be", {table.header: 1 << 31}, "indices were used"),
            ("a registration without its capability", {owner.address + 8: 41},
             "no notification capability with its badge follows"),
            ("a hart with a stranger's state", {k.harts()[0].offset("uintr_owner"): 0x1000},
             "hart 0 has its user-interrupt state, but it is no thread")):
        bench.damage(words)
        found, wrong = bench.run("fsck")
        tap.ok(wrong is None and re.search(part, found), f"fsck: {what}", part, wrong, found)
    bench.repair()


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory(prefix="u4-gdb-more-") as directory:
        core = os.path.join(directory, "core")
        image = live(tap, core)
        damage(tap, image, core)  # the guest is gone: it would keep a processor busy
    real_uintc(tap)
    tap.done()


def live(tap, core):
    with Guest("gdb-more") as guest:
        out = guest.gdb("u4 boot", "tbreak make_event", "continue", "u4 break uintr root",
                        "continue", "u4 break delete", "tbreak gdb_test_ready", "continue", *LINES,
                        f"monitor dump-guest-memory {core}")
    tap.has(out[4], "u4 break 1: root's handler of user interrupts", "break on a user interrupt")
    shown(tap, out[8:8 + len(LINES)], "live")
    return guest.image


def real_uintc(tap):
    """On a machine with a UINTC: the device beside the kernel's state; reading what is pending
    leaves it there."""
    with Guest("gdb-more", uintc=True) as guest:
        out = guest.gdb("u4 boot", "tbreak make_event", "continue", "u4 break uintr root",
                        "continue", "u4 break delete", "tbreak gdb_test_ready", "continue",
                        "u4 uintr", "u4 uintr -pending", "u4 uintr -pending", "u4 senders",
                        "u4 fsck")
    tap.has(out[4], "u4 break 1: root's handler of user interrupts", "UINTC: break on a user "
                                                                     "interrupt")
    for text, pending, name in ((out[8], False, "u4 uintr"), (out[9], True, "u4 uintr -pending"),
                                (out[10], True, "once more: nothing was taken")):
        tap.same(plain(text), uintr_text(False, pending), f"UINTC: {name}")
    tap.same(plain(out[11]), SENDERS, "UINTC: u4 senders")
    tap.has(out[12], "no problems", "UINTC: u4 fsck")


main()
