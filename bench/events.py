# SPDX-License-Identifier: BSD-2-Clause
"""Instructions that each trace event costs when it is on, read off the kernel's machine code: a
function per event is compiled with the kernel's flags, and the path through it that emits, short
of the ring's end, is counted. Its arguments are in registers already, as at most places that emit;
the jump at the event's site, the clock and publishing the record are included. Sites are compiled
as jumps for good, to where the kernel would patch them to: past the filters or into them.
"""
import re
import subprocess
import tempfile

FLAGS = ("-march=rv64imac_zicsr_zifencei -mabi=lp64 -mcmodel=medany -ffreestanding -fno-common "
         "-fno-strict-aliasing -fno-store-merging -fno-tree-slp-vectorize -msmall-data-limit=0 "
         "-std=c11 -O2 -DU4_TRACE=1 -w -I. -Iabi -Ikernel/classic").split()
BRANCH = re.compile(r"^(b\w+|j)\s+.*?([0-9a-f]+) <")


def source(emit):
    """A C file with a function per event of the generated emit.h."""
    out = ['#include "kernel/trace/trace.h"\n']
    for name, params in re.findall(r"void trace_put_(\w+)\(trace_ring_t \*ring, uint32_t thread"
                                   r"(.*?)\)\n", emit):
        names = [p.split()[-1] for p in params.split(",")[1:]]
        arguments = "".join(f", {n}" for n in names)
        out.append(f"void event_{name}({params.lstrip(', ') or 'void'})\n"
                   f"{{\n    TRACE({name}{arguments});\n}}\n")
    return "".join(out)


def listings(obj):
    """Each function's name, {address: (instruction, next address)}, and first address."""
    text = subprocess.run(["riscv64-unknown-elf-objdump", "-d", "--no-show-raw-insn", obj],
                          check=True, capture_output=True, text=True).stdout
    parts = re.split(r"^[0-9a-f]+ <event_(\w+)>:$", text, flags=re.M)
    for name, body in zip(parts[1::2], parts[2::2]):
        lines = re.findall(r"^\s+([0-9a-f]+):\t(.*)$", body, re.M)
        addresses = [int(a, 16) for a, _ in lines]
        yield name, {a: (i.replace("\t", " "), n) for a, (_, i), n in
                     zip(addresses, lines, addresses[1:] + [None])}, addresses[0]


def emitting_path(code, at):
    """Instructions on the shortest path that reads the clock and does not wrap, ret left out."""
    stack, best = [(at, 0, False)], None
    while stack:
        at, count, timed = stack.pop()
        while at is not None and at in code:
            text, following = code[at]
            if text.startswith("ret") or "trace_wrap" in text:
                if text.startswith("ret") and timed and (best is None or count < best):
                    best = count
                break
            count += 1
            timed |= text.startswith("rdtime")
            branch = BRANCH.match(text)
            if branch and branch.group(1) == "j":
                at = int(branch.group(2), 16)
                continue
            if branch:
                stack.append((int(branch.group(2), 16), count, timed))
            at = following
    return best


FILTERS = ("thread", "object", "both")


def costs(build, filtered=None):
    """[(event, instructions)], by cost; with a filter set that lets the event pass."""
    site = (f'-DTRACE_SITE(emit,thread,object,both)="j " {filtered or "emit"} " # %0 " '
            'emit thread object both')
    with open(f"{build}/gen/trace/emit.h", encoding="utf-8") as file:
        text = source(file.read())
    with tempfile.NamedTemporaryFile(suffix=".o") as obj:
        subprocess.run(["riscv64-unknown-elf-gcc", *FLAGS, site, f"-I{build}/gen", "-xc", "-c", "-",
                        "-o", obj.name], input=text, text=True, check=True)
        found = [(name, emitting_path(code, start)) for name, code, start in listings(obj.name)]
    return sorted(found, key=lambda item: -(item[1] or 0))
