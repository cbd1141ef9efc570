#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The machine with user interrupts: every guest program on every kind of machine it is for."""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from guest import ICOUNT, ON, STOCK, THREADS, Tap, command, machine

IMSIC = "aia=aplic-imsic"
NODES = ["-m", "256M", "-smp", "4,sockets=2"]
for n, cpus in enumerate(("0-1", "2-3")):
    NODES += ["-object", f"memory-backend-ram,id=m{n},size=128M", "-numa", f"node,memdev=m{n},cpus={cpus}"]


def harts(count):
    return ["-smp", str(count)]


def main():
    tap = Tap()
    for program in ("mmio", "uipi", "delivery", "reset"):
        for count in (1, 2, 4):
            tap.guest(f"{program}, icount, {count} harts",
                      command(program, machine() + ON + ICOUNT + harts(count)))
        tap.guest(f"{program}, threads", command(program, machine() + ON + THREADS + harts(2)))
        tap.guest(f"{program}, IMSIC", command(program, machine(IMSIC) + ON + ICOUNT))
    tap.guest("csr, icount", command("csr", machine() + ON + ICOUNT))
    tap.guest("csr, IMSIC", command("csr", machine(IMSIC) + ON))

    for program in ("smp", "race"):
        for count in (2, 4):
            for kind in ([], ["aia=aplic"], [IMSIC]):
                label = f"{program}, {count} harts{', ' if kind else ''}{''.join(kind)}"
                line = machine(*kind) + ON + harts(count)
                tap.guest(label + ", icount", command(program, line + ICOUNT))
                tap.guest(label + ", threads", command(program, line + THREADS))
        tap.guest(f"{program}, 4 harts in 2 sockets", command(program, machine() + ON + NODES))
    tap.guest("mmio, 2 sockets", command("mmio", machine() + ON + NODES))

    for count in (2, 4):
        tap.guest(f"firmware, icount, {count} harts",
                  command("sbi", machine() + ON + ICOUNT + harts(count), firmware=True))
        tap.guest(f"firmware, threads, {count} harts",
                  command("sbi", machine() + ON + THREADS + harts(count), firmware=True))

    tap.guest("N without UINTC", command("absent", ["-M", "virt", *ON]))
    tap.guest("switched off", command("absent", ["-M", "virt"]))
    tap.guest("stock QEMU", command("absent", ["-M", "virt"], qemu=STOCK))
    tap.done()


main()
