#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Cores and damaged memory: on a core the commands say what they say of the live guest (see
live.t), with GDB and without; on damaged memory they end, soon, with messages."""

import os
import shlex
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import BUILD, Guest, ROOT, Tap, run_gdb, standalone, steady

from bench import Bench
from expected import COMMANDS, EXPECTED

ROUNDS = 150


def same_as_live(tap, image, core):
    outputs = run_gdb([f"u4 kernel {image}", f"u4 core {core}", *COMMANDS])
    tap.has(outputs[1], "12 threads, 1 harts with registers", "a core opens in GDB")
    for line, found in zip(COMMANDS, outputs[2:]):
        tap.same(steady(found), EXPECTED[line], f"core: {line}")
    status, out, err, _ = standalone(image, core, "threads")
    tap.same(steady(out), EXPECTED["u4 threads"], "core without GDB: threads")
    status, out, err, _ = standalone(image, core, "thread", "nobody")
    tap.ok(status == 1 and "no thread is called" in err, "a failure without GDB", status, err)
    status, out, err, _ = standalone(image, core, "find", "type=frog")
    tap.ok(status == 1 and "no capability type 'frog'; there are: asid_control asid_pool" in err,
           "types are told", status, err)
    status, out, err, _ = standalone(image, image, "threads")
    tap.ok(status == 1 and "expected an ELF core" in err, "an image is no core", status, err)


def in_firmware(tap, bench):
    """A hart that was stopped in machine mode: its pc is a physical address, none of a program."""
    bench.damaged.registers = lambda: [[0x80000414] + [0] * 31]
    found, wrong = bench.run("threads name=root")
    tap.has(found, "0x80000414  (firmware)", "a thread that the firmware has interrupted")
    found, wrong = bench.run("thread root")
    tap.ok(wrong is None and "which the firmware has interrupted" in found, "whose registers", found)
    del bench.damaged.registers
    bench.repair()


def installed(tap, image, core, directory):
    """The scripts where make install puts them have the table of events with them."""
    where = os.path.join(directory, "installed")
    environment = {k: v for k, v in os.environ.items() if k != "U4_BUILD"}
    subprocess.run([os.path.join(ROOT, "mk/install.sh"), os.path.join(BUILD, "host/bin/u4")],
                   env={**environment, "DESTDIR": where, "PREFIX": "/usr",
                        "EVENTS": os.path.join(BUILD, "gen/trace/gdb.py")},
                   check=True, stdout=subprocess.DEVNULL)
    copy = shutil.copy(image, os.path.join(where, "image.elf"))
    done = subprocess.run(
        [sys.executable, os.path.join(where, "usr/share/u4/gdbscripts/u4.py"), copy, core, "trace"],
        env=environment, capture_output=True, text=True, check=False)
    tap.ok(done.returncode == 0 and "the rings are empty" in done.stdout, "installed scripts",
           done.stdout, done.stderr)


def field(kernel, kind, address, name):
    return address + kernel.layout[kind].fields[name].offset


def known_damage(tap, bench):
    """Each: what is broken, and a part of what fsck must say."""
    k = bench.context.kernel()
    by_name = {t.name: t for t in k.threads()}
    ping, pong, a, b = (by_name[n].address for n in ("ping", "pong", "sender-a", "sender-b"))
    queue = by_name["sender-a"].blocked_on
    census = k.census()
    slot = next(s for s in census.slots.values() if s.cap.type == "endpoint" and s.cap.badge == 0xa1)
    untyped = max((s for s in census.slots.values() if s.cap.type == "untyped"
                   and s.cap.free_index and not s.cap.device), key=lambda s: s.cap.size_bits)
    cnode = next(s for s in census.slots.values() if s.cap.type == "cnode" and s.cap.radix == 4)
    hart = k.harts()[0].address
    cases = [
        ("a circle in the list of threads", {field(k, "tcb", a, "all_next"): b}, "a circle"),
        ("a thread list into nowhere", {field(k, "tcb", a, "all_next"): 0x1234}, "not aligned"),
        ("a thread list out of RAM", {field(k, "tcb", a, "all_next"): k.window_top - 4096},
         "is not in RAM"),
        ("a circle in an endpoint's queue", {field(k, "tcb", b, "ep_next"): a}, "a circle"),
        ("an endpoint's tail", {queue + 8: a}, "its tail is"),
        ("an endpoint's state", {queue: a | 3}, "state 3 cannot be"),
        ("a thread's state", {field(k, "tcb", ping, "state"): 99}, "state 99 cannot be"),
        ("a waiting thread made ready", {field(k, "tcb", a, "state"): 1}, "is running, but in no"),
        ("the ready bitmap", {field(k, "hart", hart, "ready_l1"): 0}, "two levels"),
        ("a circle of derivations", {slot.address + 24: slot.address | 3}, "does not point back"),
        ("a derivation into nowhere", {slot.address + 16: 0x77}, "the slot before it, 0x77"),
        ("a capability's type", {slot.address: 31 << 59 | slot.cap.w0 & (1 << 59) - 1},
         "no type of capability"),
        ("a CNode's radix", {cnode.address: cnode.cap.w0 | 63 << 53}, "cannot be"),
        ("a watermark", {untyped.address + 8: 0}, "in the free part"),
        ("a reply to nobody", {by_name["pong"].offset("slots") + k.tcb_slot["caller"] * 32:
                               8 << 59 | 0x4087000000}, "which is no thread"),
        ("a root page table in itself", {k.tcb_cap(by_name["ping"], "vspace").ptr:
                                         (k.tcb_cap(by_name["ping"], "vspace").ptr - k.window)
                                         >> 2 | 1}, "cannot be a table here"),
        ("a page of the kernel", {k.tcb_cap(by_name["ping"], "vspace").ptr + 8:
                                  0x80000000 >> 2 | 0xd7}, "in the kernel's image"),
    ]
    for what, words, part in cases:
        bench.damage(words)
        found, wrong = bench.run("fsck")
        tap.ok(wrong is None and part in found, f"fsck: {what}", f"expected: {part}", wrong, found)
        broken = [w for w in (bench.run(line[3:])[1] for line in COMMANDS) if w]
        tap.ok(not broken, f"commands live with: {what}", *broken)
    bench.damage({k.table_address: 0})
    found, _ = bench.run("threads")
    tap.has(found, "the kernel in memory is not", "no inspect table in memory")
    bench.damage({k.table_address + 8: 7 | k.table.size << 32})
    found, _ = bench.run("threads")
    tap.has(found, "read inspect table version 1, the kernel has version 7",
            "an inspect table of another version")
    bench.damage({k.address_of("machine") + k.layout["machine"].fields["memories"].offset: 0})
    found, _ = bench.run("threads")
    tap.has(found, "has not found its memory yet", "no memory known")
    bench.repair()
    found, _ = bench.run("fsck")
    tap.has(found, "no problems", "repaired")


def random_damage(tap, bench):
    """Words of kernel objects replaced at random, by words of other objects, small and wild ones."""
    k = bench.context.kernel()
    places = [t.address + at for t in k.threads() for at in range(0, 0x300, 8)]
    places += [s.address + at for s in k.census().slots.values() for at in (0, 8, 16, 24)] * 2
    hart = k.harts()[0]
    places += [hart.address + at for at in range(0, 0x1000, 8)]
    lines = [line[3:] for line in COMMANDS] + ["dump", "untyped", "trace 50", "frame 0x80200000"]
    bench.damage_at_random(tap, places, lines, ROUNDS)


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory(prefix="u4-gdb-core-") as directory:
        for name in ("gdb-debug", "gdb-release"):
            with Guest(name) as guest:
                image, core = guest.image, guest.core(os.path.join(directory, name + ".core"))
            if name == "gdb-debug":
                same_as_live(tap, image, core)
            bench = Bench(image, core)
            for line in COMMANDS:
                found, wrong = bench.run(line[3:])
                found = found.replace("error: ", f"error: {' '.join(shlex.split(line)[:2])}: ", 1)
                tap.ok(wrong is None and steady(found).strip("\n") == EXPECTED[line].strip("\n"),
                       f"{name}, without GDB: {line}", wrong, "expected:", EXPECTED[line], "found:",
                       steady(found))
            if name == "gdb-debug":
                in_firmware(tap, bench)
                installed(tap, image, core, directory)
                known_damage(tap, bench)
                random_damage(tap, bench)
    tap.done()


main()
