# SPDX-License-Identifier: BSD-2-Clause
"""The files *.txt here: "$ command" lines, each followed by what it must show, made steady. A
command's whole output is compared. tests/gdb/record writes the files anew; read what has changed
before it is committed."""

import collections
import os

HERE = os.path.dirname(os.path.abspath(__file__))


def load(name):
    """command -> output, in the order of the file."""
    found, line = {}, None
    with open(os.path.join(HERE, name), encoding="utf-8") as file:
        for text in file:
            if text.startswith("$ "):
                line = text[2:].rstrip("\n")
                found[line] = ""
            elif line is not None:
                found[line] += text
    return found


System = collections.namedtuple("System", "images harts threads")
# Which systems show what the files say, each under a debug and a release kernel.
SYSTEMS = {"system.txt": System(("gdb-debug", "gdb-release"), 1, 12),
           "mcs.txt": System(("gdb-mcs", "gdb-mcs-release"), 1, 10),
           "smp.txt": System(("gdb-smp", "gdb-smp-release"), 3, 7)}

EXPECTED = load("system.txt")
COMMANDS = list(EXPECTED)
