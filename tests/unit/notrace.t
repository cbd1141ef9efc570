#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""With tracing compiled out, each kernel source makes the same machine code as it does with every
trace call taken out of it."""
import os
import re
import subprocess
import sys
import tempfile

ROOT = os.environ.get("U4_ROOT", ".")
BUILD = os.environ.get("U4_BUILD", "build")
CALL = re.compile(r"\b(?:TRACE|TRACE_BATCH|trace_(?:batch_end|boot|thread_name|note_state))\(")


def strip(text):
    """The text without its trace calls; how many there were."""
    out, at, count = [], 0, 0
    while True:
        match = CALL.search(text, at)
        if not match:
            return "".join(out) + text[at:], count
        depth, end = 1, match.end()
        while depth:
            depth += {"(": 1, ")": -1}.get(text[end], 0)
            end += 1
        out.append(text[at:match.start()] + "(void)0")
        at, count = end, count + 1


def code(source, include):
    """The machine code that a source makes without tracing, as text without its file's name."""
    flags = ("-march=rv64imac_zicsr_zifencei -mabi=lp64 -mcmodel=medany -ffreestanding -fno-common "
             "-fno-strict-aliasing -msmall-data-limit=0 -std=c11 -O2 -DU4_TRACE=0 -w").split()
    flags.append(f"-DU4_MCS={int(any(i.endswith('/mcs') for i in include))}")
    with tempfile.NamedTemporaryFile(suffix=".o") as obj:
        subprocess.run(["riscv64-unknown-elf-gcc", *flags, *[f"-I{i}" for i in include],
                        "-c", source, "-o", obj.name], check=True)
        listing = subprocess.run(["riscv64-unknown-elf-objdump", "-dr", obj.name], check=True,
                                 capture_output=True, text=True).stdout
    return listing.partition("Disassembly")[2]


def main():
    sources = []
    for folder, _, names in os.walk(f"{ROOT}/kernel"):
        if re.search("/loader|/trace", os.path.relpath(folder, ROOT)):
            continue
        sources += [os.path.join(folder, n) for n in names if n.endswith(".c")]
    print(f"1..{len(sources) + 1}")
    calls = failures = 0
    with tempfile.TemporaryDirectory() as scratch:
        for number, source in enumerate(sorted(sources), 1):
            with open(source, encoding="utf-8") as file:
                text, count = strip(file.read())
            calls += count
            bare = os.path.join(scratch, os.path.basename(source))
            with open(bare, "w", encoding="utf-8") as file:
                file.write(text)
            include = [ROOT, f"{ROOT}/abi", f"{BUILD}/gen",
                       f"{ROOT}/kernel/{'mcs' if '/mcs/' in source else 'classic'}"]
            same = code(source, include) == code(bare, include + [os.path.dirname(source)])
            failures += not same
            name = os.path.relpath(source, ROOT)
            print(f"{'ok' if same else 'not ok'} {number} - {name} ({count} trace calls)")
    enough = calls > 50
    print(f"{'ok' if enough else 'not ok'} {len(sources) + 1} - {calls} trace calls were taken out")
    return 1 if failures or not enough else 0


if __name__ == "__main__":
    sys.exit(main())
