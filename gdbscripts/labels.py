#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Python constants of the lists of labels in abi/sel4/invocation.h and abi/u4/extensions.h.

usage: labels.py invocation.h extensions.h > file
"""
import re
import sys


def enumerators(text):
    """(name, offset) of those that count from U4_LABEL_BASE: "NAME = U4_LABEL_BASE + n," and the
    lines behind that only have a name."""
    found, following = [], None
    for line in text.splitlines():
        first = re.match(r"\s+(\w+) = U4_LABEL_BASE(?: \+ (0x[0-9a-f]+))?,", line)
        more = re.match(r"\s+(\w+),", line)
        if first:
            following = int(first[2] or "0", 16)
        elif not more:
            following = None
        if following is not None:
            found.append(((first or more)[1], hex(following)))
            following += 1
    return found


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    texts = []
    for path in sys.argv[1:]:
        with open(path, encoding="utf-8") as file:
            texts.append(file.read())
    found = re.findall(r"^\s*LABEL\((\w+), ([^)]+)\)", texts[0], re.M)
    own = re.findall(r"^\s*LABEL\((\w+), (0x[0-9a-f]+)\)", texts[1], re.M) + enumerators(texts[1])
    base = re.search(r"^#define U4_LABEL_BASE (0x[0-9a-f]+)$", texts[1], re.M)
    if len(found) < 2 or not own or not base:
        sys.exit(f"{' '.join(sys.argv[1:])}: expected LABEL(name, when) lines, LABEL(name, number) "
                 f"lines and U4_LABEL_BASE, found {len(found)}, {len(own)}, {base}")
    print("\n# (invocation label, when it exists: an expression over MCS and SMP), in order of number")
    print("LABELS = [")
    for name, when in found:
        when = when.replace("&&", "and").replace("||", "or").replace("!", "not ")
        print(f"    ({name!r}, {when!r}),")
    print("]\nOWN_LABELS = {")
    for name, value in own:
        print(f"    {name!r}: 0x{int(base[1], 16) + int(value, 16):x},")
    print("}")


main()
