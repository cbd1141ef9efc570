#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""How long a full dump of a system with 10,000 capabilities takes: under 5 s over the stub, under
1 s from a core. Counted is the processor time of all that work for it one after the other, GDB and
QEMU, as other tests may keep the processors busy; and the reads that it takes, which do not depend
on the machine at all."""

import os
import re
import resource
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import Guest, Tap, standalone

CAPS = 10000
# Over a stub each read is a round trip or two: 10,000 slots of 32 bytes are 80 pages; with page
# tables, threads and the rest it must stay a fraction of the capabilities.
MAX_READS, MAX_BYTES = 100, 4 << 20
READS = ("python from u4gdb.session import CONTEXT; memory = CONTEXT.kernel().memory; "
         "print(memory.requests, memory.bytes)")


def main():
    tap = Tap()
    with Guest("gdb-many") as guest:
        core = guest.path("core")
        out = guest.ready(f"python begun = {guest.clock()}", "u4 dump",
                          f"python print({guest.clock()} - begun)", READS,
                          "u4 find type=endpoint badge=777", f"monitor dump-guest-memory {core}")
        count = int((re.findall(r"note: (\d+) capabilities", out[1]) or ["0"])[0])
        tap.ok(count > CAPS, "the dump is complete", count)
        seconds = float(out[2])
        tap.ok(seconds < 5, f"over the stub: {seconds:.2f} s for {count} capabilities (5)")
        tap.ok(len(re.findall(r"badge 0x309", out[4])) == 1, "one badge among them", out[4])
        reads, size = (int(n) for n in out[3].split())
        tap.ok(reads < MAX_READS and size < MAX_BYTES, f"over the stub: {reads} reads ({MAX_READS}) "
               f"of {size >> 10} KiB in all")
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        status, text, errors, wall = standalone(guest.image, core, "dump")
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        tap.ok(status == 0 and f"note: {count} capabilities" in text, "the same from a core", errors)
        tap.ok(spent < 1, f"from the core: {spent:.2f} s of processor time (1), {wall:.2f} s in all")
    tap.done()


main()
