#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Python constants of abi/sel4/invocation.h's list of labels.

usage: labels.py invocation.h > file
"""
import re
import sys


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with open(sys.argv[1], encoding="utf-8") as file:
        found = re.findall(r"^\s*LABEL\((\w+), ([^)]+)\)", file.read(), re.M)
    if len(found) < 2:
        sys.exit(f"{sys.argv[1]}: expected LABEL(name, when) lines, found {len(found)}")
    print("\n# (invocation label, when it exists: an expression over MCS and SMP), in order of number")
    print("LABELS = [")
    for name, when in found:
        when = when.replace("&&", "and").replace("||", "or").replace("!", "not ")
        print(f"    ({name!r}, {when!r}),")
    print("]")


main()
