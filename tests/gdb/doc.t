#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""docs/gdb.md shows what really happens: its (gdb) lines are run in order, in one session, and what
stands below each must be what it shows (see steady in harness.py)."""

import os
import re
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import BUILD, ROOT, Guest, Tap, run_gdb, steady

PROMPT = "(gdb) "


def sessions(text):
    """name -> [(command, expected)]; a session goes on in every block that has its name."""
    found = {}
    for name, block in re.findall(r"^```gdb ?(\S*)\n(.*?)^```$", text, re.M | re.S):
        steps = found.setdefault(name, [])
        for line in block.splitlines():
            if line.startswith(PROMPT):
                steps.append([line[len(PROMPT):], []])
            elif steps:
                steps[-1][1].append(line)
    return found


def same(shown, found):
    """Lines that are "..." in the page stand for any number of lines."""
    pattern = "\n".join("(.*\n)*?.*" if line.strip() == "..." else re.escape(line)
                        for line in steady("\n".join(shown)).splitlines())
    return re.fullmatch(pattern, steady(found).strip("\n")) is not None


GUESTS = {"more": ("gdb-more", 1), "mcs": ("gdb-mcs", 1), "smp": ("gdb-smp", 3),
          "when": ("viewed", 1)}


def run(name, commands):
    """Each command's output in one session."""
    image, harts = GUESTS.get(name, ("gdb-debug", 1))
    with Guest(image, harts=harts) as guest:
        if name != "core":
            return guest.gdb(*commands)
        core = guest.core("guest.core")
        outputs = run_gdb([f"u4 kernel {guest.image}",
                           *(c.replace("guest.core", core) for c in commands)])[1:]
        return [o.replace(core, "guest.core") for o in outputs]


def every_command(tap, text):
    """What the page names exists, and what exists is in its table. (live.t runs every command.)"""
    known = run_gdb(["python import sys; print(' '.join(sys.modules['u4gdb.registry'].COMMANDS))"])
    known = set(known[0].split())
    tool = subprocess.run([os.path.join(BUILD, "host/bin/u4"), "--commands"], capture_output=True,
                          text=True, check=True)
    named = set(re.findall(r"`u4 ([a-z]+)", text))
    tap.same(" ".join(sorted(named - known - set(tool.stdout.split()))), "",
             "no command is named that is not there")
    table = set(re.findall(r"`u4 ([a-z]+)", "".join(re.findall(r"(?m)^\| `u4 .*\|$", text))))
    tap.same(" ".join(sorted(table)), " ".join(sorted(known - {"debug"})), "the table has them all")


def main():
    tap = Tap()
    with open(os.path.join(ROOT, "docs/gdb.md"), encoding="utf-8") as file:
        text = file.read()
    for name, steps in sessions(text).items():
        outputs = run(name, [command for command, _ in steps])
        for (command, shown), found in zip(steps, outputs):
            tap.ok(same(shown, found), f"{name}: {command}", "shown:", steady("\n".join(shown)),
                   "found:", steady(found))
    every_command(tap, text)
    tap.ok(tap.count > 20, "the page has commands")
    tap.done()


main()
