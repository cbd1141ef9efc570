# SPDX-License-Identifier: BSD-2-Clause
"""One thread as an ELF core of its own: its registers and its user memory. GDB opens that like any
core, so a backtrace of a thread that is not running needs no stack walker of ours."""

import os
import struct
import subprocess
import tempfile

from .elf import ET_CORE, EM_RISCV, PT_LOAD, PT_NOTE
from .errors import BadMemory, U4Error
from .spaces import X, W, R, pte_paddr, thread_space

PRSTATUS_SIZE, PRSTATUS_REGISTERS = 376, 112
MAX_BYTES = 256 << 20


def note(name, kind, content):
    text = name + b"\0" * (4 - len(name) % 4)
    return struct.pack("<III", len(name) + 1, len(content), kind) + text + content


def prstatus(registers):
    body = bytearray(PRSTATUS_SIZE)
    struct.pack_into("<I", body, 32, 1)  # pid
    struct.pack_into("<32Q", body, PRSTATUS_REGISTERS, *registers)
    return bytes(body)


def runs_of(kernel, space):
    """[va, length, flags, [physical pieces]] of neighbouring pages with the same rights."""
    runs = []
    for va, bits, pte, _ in space.leaves():
        flags = (4 if pte & R else 0) | (2 if pte & W else 0) | (1 if pte & X else 0)
        piece, size = pte_paddr(pte), 1 << bits
        if not kernel.memory.inside(piece, size):
            continue  # a device: reading could change it
        if runs and runs[-1][0] + runs[-1][1] == va and runs[-1][2] == flags:
            runs[-1][1] += size
            runs[-1][3].append((piece, size))
        else:
            runs.append([va, size, flags, [(piece, size)]])
    return runs


def write(context, tcb, path, registers=None):
    """Writes the core of a thread; `registers` ([pc, x1..x31]): of a coroutine of it instead."""
    kernel = context.kernel()
    space = thread_space(kernel, tcb)
    if space is None:
        raise U4Error(f"thread {tcb.name} has no address space")
    runs = runs_of(kernel, space)
    if sum(r[1] for r in runs) > MAX_BYTES:
        raise U4Error(f"thread {tcb.name} maps more than {MAX_BYTES >> 20} MiB")
    if registers is None:
        registers = [context.pc(tcb)] + context.registers(tcb)[0][1:]
    notes = note(b"CORE", 1, prstatus(registers))
    kernel.memory.prefetch([piece for run in runs for piece in run[3]])
    offset = 64 + 56 * (len(runs) + 1)
    with open(path, "wb") as file:
        file.write(b"\x7fELF\x02\x01\x01" + bytes(9))
        file.write(struct.pack("<HHIQQQIHHHHHH", ET_CORE, EM_RISCV, 1, 0, 64, 0, 5, 64, 56,
                               len(runs) + 1, 0, 0, 0))
        file.write(struct.pack("<IIQQQQQQ", PT_NOTE, 0, offset, 0, 0, len(notes), len(notes), 4))
        at = offset + len(notes)
        for va, size, flags, _ in runs:
            file.write(struct.pack("<IIQQQQQQ", PT_LOAD, flags, at, va, 0, size, size, 1))
            at += size
        file.write(notes)
        for run in runs:
            for paddr, size in run[3]:
                try:
                    file.write(kernel.memory.read(paddr, size))
                except BadMemory:
                    file.write(bytes(size))


def backtrace(context, tcb, program, limit, registers=None):
    """The lines of GDB's backtrace of a thread; `program`: a file with its symbols, or None."""
    gdb = os.environ.get("U4_GDB", "gdb-multiarch")
    with tempfile.TemporaryDirectory(prefix="u4gdb-") as directory:
        core = os.path.join(directory, "core")
        write(context, tcb, core, registers)
        line = [gdb, "-nx", "-batch", "-iex", "set debuginfod enabled off", "-iex",
                "set osabi none", "-iex", "set architecture riscv:rv64", "-iex", "set width 0"]
        line += ["-ex", f"backtrace {limit}"] + ([program] if program else []) + ["-c", core]
        try:
            done = subprocess.run(line, capture_output=True, text=True, timeout=60, check=False)
        except (OSError, subprocess.TimeoutExpired) as problem:
            raise U4Error(f"{gdb}: cannot run it for the backtrace: {problem}") from None
    frames = []
    for text in done.stdout.splitlines():
        if text.startswith("#") or frames and text.startswith(" "):
            frames.append(text)
    seen = [i for i, f in enumerate(frames) if f.startswith("#0 ")]
    frames = frames[seen[-1]:] if seen else []
    if not frames:
        raise U4Error(f"GDB made no backtrace: {done.stderr.strip() or done.stdout.strip()}")
    return frames
