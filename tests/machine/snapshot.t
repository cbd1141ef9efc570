#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Snapshots in the middle of user-interrupt traffic: savevm and loadvm, in the same QEMU and in
a new one, lose nothing and invent nothing; and they say no when the machine is another."""

import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from guest import BUILD, ICOUNT, MODEL, ON, THREADS, Guest, Tap, command, machine

QEMU_IMG = os.path.join(BUILD, "qemu", "qemu-img")
END = r"^1\.\.1"


def tail(guest, start):
    """The console lines from number start to the guest's end, which must be there."""
    return guest.lines[start:guest.wait_line(END, start) + 1]


def right(lines):
    """The guest checks its own sums: every hop of the token, once and in order."""
    return any(line.startswith("ok ") for line in lines)


def round_trip(tap, label, options, disk, repeatable):
    line = command("traffic", options + ["-drive", f"if=none,file={disk},format=qcow2"])
    with Guest(line) as guest:
        guest.wait_line(r"^at 1200")
        guest.qmp("stop")
        said = guest.monitor("savevm traffic")
        tap.ok(not said, f"{label}: savevm", said)
        guest.qmp("cont")
        guest.wait_line(r"^at 2800")
        guest.qmp("stop")
        said = guest.monitor("loadvm traffic")
        tap.ok(not said, f"{label}: loadvm", said)
        loaded = len(guest.lines)
        guest.qmp("cont")
        lines = tail(guest, loaded)
        tap.ok(right(lines), f"{label}: the guest goes on after it", *lines)
    runs = []
    for _ in range(2 if repeatable else 1):
        with Guest(line + ["-loadvm", "traffic"]) as guest:
            runs.append(tail(guest, 0))
    tap.ok(all(right(lines) for lines in runs), f"{label}: and when loaded into a new QEMU", *runs)
    if repeatable:
        tap.ok(runs[0] == runs[1], f"{label}: there, twice the same to the last instruction", *runs)


def mismatch(tap, disk):
    line = command("traffic", ["-M", "virt", "-smp", "2", "-S", "-loadvm", "traffic",
                               "-drive", f"if=none,file={disk},format=qcow2"])
    run = subprocess.run(line, capture_output=True, timeout=30, check=False, text=True)
    tap.ok(run.returncode == 1 and run.stderr, "a machine without UINTC refuses the snapshot",
           run.returncode, run.stderr)


def wrong_machines(tap):
    run = subprocess.run([MODEL, "-M", "virt,uintc=on", "-display", "none"], capture_output=True,
                         timeout=30, check=False, text=True)
    tap.ok(run.returncode == 1 and "x-n=on" in run.stderr, "uintc=on without N says what to do", run.stderr)
    run = subprocess.run([MODEL, "-M", "virt", "-cpu", "x-rv128,x-n=on", "-accel", "tcg,thread=single",
                          "-display", "none"], capture_output=True, timeout=30, check=False, text=True)
    tap.ok(run.returncode == 1 and "x-n" in run.stderr, "N on another XLEN is refused", run.stderr)


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory(prefix="u4-snapshot-") as directory:
        disk = os.path.join(directory, "disk.qcow2")
        for label, options, repeatable in (
                ("2 harts, icount", machine() + ON + ICOUNT + ["-smp", "2"], True),
                ("4 harts, icount", machine() + ON + ICOUNT + ["-smp", "4"], True),
                ("2 harts, IMSIC, icount", machine("aia=aplic-imsic") + ON + ICOUNT + ["-smp", "2"], True),
                ("2 harts, threads", machine() + ON + THREADS + ["-smp", "2"], False)):
            subprocess.run([QEMU_IMG, "create", "-q", "-f", "qcow2", disk, "1M"], check=True)
            round_trip(tap, label, options, disk, repeatable)
        mismatch(tap, disk)
    wrong_machines(tap)
    tap.done()


main()
