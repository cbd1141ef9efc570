#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""docs/gdb.md shows what really happens: its (gdb) lines are run in order, in one session, and what
stands below each must be what it shows (see steady in harness.py)."""

import os
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import ROOT, Guest, Tap, run_gdb, steady

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


def main():
    tap = Tap()
    with open(os.path.join(ROOT, "docs/gdb.md"), encoding="utf-8") as file:
        text = file.read()
    for name, steps in sessions(text).items():
        commands = [command for command, _ in steps]
        with Guest("gdb-more" if name == "more" else "gdb-debug") as guest:
            if name == "core":
                core = guest.core("guest.core")
                start = [f"u4 kernel {guest.image}"]
                commands = [c.replace("guest.core", core) for c in commands]
                outputs = run_gdb(start + commands)[len(start):]
                outputs = [o.replace(core, "guest.core") for o in outputs]
            else:
                outputs = guest.gdb(*commands)
        for (command, shown), found in zip(steps, outputs):
            tap.ok(same(shown, found), f"{name}: {command}", "shown:", steady("\n".join(shown)),
                   "found:", steady(found))
    tap.ok(tap.count > 20, "the page has commands")
    tap.done()


main()
