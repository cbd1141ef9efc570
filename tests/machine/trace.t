#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""QEMU's own trace events of user interrupts: each kind is there, and they agree with what the
guest saw; and under -icount two runs leave the same trace."""

import collections
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from guest import ICOUNT, ON, Tap, command, machine

EVENTS = ("uintc_send", "uintc_send_ignored", "uintc_write", "uintc_read", "uintc_configure",
          "uintc_activate", "uintc_deliver", "uintc_hold", "riscv_uipi_send", "riscv_uintr_trap",
          "riscv_uret")


def trace(program, directory, arguments, firmware=False):
    """The trace lines of one run, without what differs between runs of QEMU itself."""
    log = os.path.join(directory, "trace.log")
    patterns = ",".join("trace:" + event for event in EVENTS)
    line = command(program, machine() + ON + ICOUNT + arguments + ["-d", patterns, "-D", log], firmware=firmware)
    subprocess.run(line + ["-serial", "null"], timeout=60, check=False, stdin=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
    with open(log, encoding="utf-8") as lines:
        return [re.sub(r"^\d+@\d+\.\d+:", "", line).rstrip() for line in lines]


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory(prefix="u4-trace-") as directory:
        seen = collections.Counter()
        for program in ("uipi", "delivery"):
            seen.update(line.split()[0] for line in trace(program, directory, []))
        for event in EVENTS:
            tap.ok(seen[event] > 0, f"{event} is traced")

        lines = trace("sbi", directory, ["-smp", "2"], firmware=True)
        count = collections.Counter(line.split()[0] for line in lines)
        sends = [l for l in lines if l.startswith("riscv_uipi_send") and l.endswith(": sent")]
        taken = [l for l in lines if l.startswith("riscv_uintr_trap") and "cause 0 " in l]
        told = [l for l in lines if l.startswith("uintc_deliver") and "line supervisor" in l]
        tap.ok(len(sends) == 66, "66 sends were executed", len(sends))
        tap.ok(count["uintc_send"] == len(sends), "each of them reached the UINTC", count)
        tap.ok(len(taken) == 66, "66 user interrupts were taken", len(taken))
        tap.ok(count["riscv_uret"] == len(taken), "and returned from", count)
        tap.ok(len(told) == 1, "the supervisor was told of the blocked receiver once", *told)
        tap.ok(lines == trace("sbi", directory, ["-smp", "2"], firmware=True),
               "a second run leaves the same trace")
    tap.done()


main()
