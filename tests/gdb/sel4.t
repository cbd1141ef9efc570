#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The commands on the genuine seL4's structures, by debug information: on a state that sel4/state.py
puts together from sel4/state.c's types, under both builds, and damaged. (That they work on seL4's
own kernel was tried apart: docs/gdb.md.)"""

import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "sel4")]
from harness import BUILD, Tap, run_gdb, steady
from bench import Bench
from expected import load
from state import State
from u4gdb.dwarf import Dwarf
from u4gdb.elf import Elf
from u4gdb.errors import U4Error
from u4gdb.sel4_bits import RELEASE_16, CLASSIC, parse_accessors, parse_table

EXPECTED = load("sel4.txt")
ROUNDS = 60


def make(directory, flavour):
    """(kernel's file, RAM's file)"""
    kernel = os.path.join(BUILD, "tests/sel4", flavour, "kernel.elf")
    elf = Elf(kernel)
    ram = os.path.join(directory, flavour + ".ram")
    with open(ram, "wb") as file:
        file.write(State(elf, Dwarf(elf)).build())
    return kernel, ram


def known_state(tap, kernel, ram):
    bench = Bench(kernel, ram)
    for line, expected in EXPECTED.items():
        found, wrong = bench.run(line[3:])
        tap.ok(wrong is None and steady(found).strip("\n") == expected.strip("\n"), line, wrong,
               "expected:", expected, "found:", steady(found))
    return bench


def in_gdb(tap, kernel, ram):
    outputs = run_gdb([f"u4 kernel {kernel}", f"u4 core {ram}", "u4 threads", "u4 kernel",
                       "print ((struct tcb *)0)->tcbState", "u4 break ipc", "u4 trace"])
    tap.has(outputs[1], "6 threads", "seL4's memory opens in GDB")
    tap.same(steady(outputs[2]), EXPECTED["u4 threads"], "threads in GDB")
    tap.has(outputs[3], "seL4's layouts by debug information", "where the layouts are from")
    tap.has(outputs[5], "does not run", "nothing can be waited for in RAM's image")
    tap.has(outputs[6], "seL4", "no trace of u4's in seL4")


def without_list(tap, kernel, ram):
    """A release build: threads have no names and no list, but capabilities lead to them."""
    bench = Bench(kernel, ram)
    found, _ = bench.run("threads")
    tap.ok(found.count("blocked_") == 4 and found.count("current") == 1 and "ready" in found,
           "release: all threads are found", found)
    found, _ = bench.run("fsck")
    tap.ok("6 threads" in found and "no problems" in found, "release: fsck", found)


SCS = """
context  thread  period  consumed  core  refills  lent_by  notification
@1  server  10000  USED  0  N@TIME, N@TIME  caller  -"""
REPLIES = """
reply  thread  state  server  before  after  caps
@1  caller  blocked_reply  server  -  context @2  1"""


def scheduling_contexts(tap, kernel, ram):
    bench = Bench(kernel, ram)
    for line, expected in (("scs", SCS), ("replies", REPLIES)):
        found, wrong = bench.run(line)
        tap.ok(wrong is None and steady(found).strip("\n") == expected.strip("\n"), f"MCS: {line}",
               wrong, found)
    found, wrong = bench.run("scs consumed=7 -json")
    tap.has(found, '"refills": ["20@500", "80@900"]', "MCS: refills")
    found, wrong = bench.run("threads name=caller")
    tap.has(found, "reply of server ", "MCS: who has the reply object")
    found, wrong = bench.run("fsck")
    tap.ok(wrong is None and "7 threads" in found and "no problems" in found, "MCS: fsck", wrong,
           found)
    found, wrong = bench.run("queues")
    tap.has(found, "waiting for time: later", "MCS: the release queue")
    found, wrong = bench.run("find type=sched_context")
    tap.ok(wrong is None and "2^8" in found, "MCS: a capability to a scheduling context", found)
    k = bench.context.kernel()
    context = next(s.cap.ptr for s in k.census().slots.values() if s.cap.type == "sched_context")
    reply = next(s.cap.ptr for s in k.census().slots.values() if s.cap.type == "reply")
    at = k.layout["reply"].fields["prev"].offset
    bench.damage({reply + at: reply & (1 << 39) - 1})
    found, wrong = bench.run("scs")
    tap.ok(wrong is None and "a circle" in found, "MCS: calls in a circle", wrong, found)
    places = [context + i for i in range(0, 160, 8)] + [reply + i for i in range(0, 32, 8)]
    bench.damage_at_random(tap, places, ["scs", "replies", "threads", "calls", "fsck"], ROUNDS)


def accessors(tap, kernel, ram, directory):
    """Generated accessors beside the kernel are believed more than the table."""
    text = ("static inline uint64_t CONST\ncap_endpoint_cap_get_capEPBadge(cap_t cap) {\n"
            "    uint64_t ret;\n    ret = (cap.words[1] & 0xff0ull) >> 4;\n    return ret;\n}\n"
            "static inline uint64_t PURE\nendpoint_ptr_get_epQueue_tail(endpoint_t *endpoint_ptr) "
            "{\n    uint64_t ret;\n    ret = (endpoint_ptr->words[0] & 0x7ffffffffcull) << 0;\n"
            "    if (__builtin_expect(!!(1 && (ret & (1ull << (38)))), 1)) {\n"
            "        ret |= 0xffffff8000000000;\n    }\n    return ret;\n}\n")
    read, table = parse_accessors(text), parse_table(RELEASE_16 + CLASSIC)
    one, other = read["endpoint", "epQueue_tail"], table["endpoint", "epQueue_tail"]
    tap.ok(len(read) == 2 and all(getattr(one, name) == getattr(other, name)
                                  for name in one.__slots__), "an accessor's place", len(read))
    copy = shutil.copy(kernel, os.path.join(directory, "copy.elf"))
    header = os.path.join(directory, "generated/arch/object/structures_gen.h")
    os.makedirs(os.path.dirname(header))
    with open(header, "w", encoding="utf-8") as file:
        file.write(text)
    found, _ = Bench(copy, ram).run("find badge=0xa")
    tap.ok(len(re.findall("badge 0xa$|badge 0xa ", found, re.M)) == 2, "accessors count", found)


def wrong_files(tap, kernel, release, ram, directory):
    bench = Bench(kernel, ram)
    bench.damage({Elf(kernel).section(".text").addr: 0})
    found, _ = bench.run("threads")
    tap.has(found, "its code differs", "a kernel that is not the file's")
    stripped = os.path.join(directory, "stripped.elf")
    subprocess.run(["riscv64-unknown-elf-objcopy", "--strip-debug", kernel, stripped], check=True)
    try:
        Bench(stripped, ram)
        tap.ok(False, "a kernel without debug information")
    except U4Error as problem:
        tap.has(str(problem), "no debug information", "a kernel without debug information")
    broken = os.path.join(directory, "broken.elf")
    with open(release, "rb") as file:
        data = bytearray(file.read())
    info = Elf(release).section(".debug_info")
    complaints = 0
    for at in range(info.offset, info.offset + info.size, max(info.size // 40, 1)):
        old, data[at] = data[at], data[at] ^ 0x55
        with open(broken, "wb") as file:
            file.write(data)
        data[at] = old
        try:
            Bench(broken, ram).run("threads")
        except U4Error:
            complaints += 1
    tap.ok(complaints > 5, "damaged debug information: only messages", complaints)


def random_damage(tap, bench):
    k = bench.context.kernel()
    places = [t.address + at for t in k.threads() for at in range(0, 1024, 8)]
    places += [s.address + at for s in k.census().slots.values() for at in (0, 8, 16, 24)] * 2
    for name in ("ksReadyQueues", "ksCurThread", "ksSchedulerAction", "ksDebugTCBs",
                 "riscvKSASIDTable", "intStateIRQTable"):
        places += [k.elf.symbol(name) + at for at in (0, 8)] * 5
    bench.damage_at_random(tap, places, [line[3:] for line in EXPECTED], ROUNDS)


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory(prefix="u4-gdb-sel4-") as directory:
        kernel, ram = make(directory, "debug")
        bench = known_state(tap, kernel, ram)
        in_gdb(tap, kernel, ram)
        release, release_ram = make(directory, "release")
        without_list(tap, release, release_ram)
        scheduling_contexts(tap, *make(directory, "mcs"))
        accessors(tap, kernel, ram, directory)
        wrong_files(tap, kernel, release, ram, directory)
        random_damage(tap, bench)
    tap.done()


main()
