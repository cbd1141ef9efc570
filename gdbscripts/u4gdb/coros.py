# SPDX-License-Identifier: BSD-2-Clause
"""Coroutines of u4's runtime, in the memory of programs, by the debug information of each."""

from .dwarf import Dwarf
from .errors import BadMemory
from .spaces import thread_space

MAX_EXECUTORS, MAX_COROUTINES = 256, 16384
EXECUTOR_MAGIC = 0x315f434558453455  # U4_EXEC_MAGIC of runtime/include/u4/coro.h
ROOT = "u4_exec_all"
# u4_coro_state_t: the compiler drops an enumeration that nothing has the type of.
STATES = {0: "free", 1: "ready", 2: "running", 3: "blocked"}


class Object:
    """A structure in a program's memory; members by name, pointers and integers as numbers."""

    def __init__(self, program, struct, address):
        self.program, self.address = program, address
        size, self.members = program.layout(struct)
        self.raw = program.space.read(address, size)

    def number(self, name, offset=0, size=None):
        at, kind = self.members[name]
        size = size or self.program.dwarf.size(kind)
        return int.from_bytes(self.raw[at + offset:at + offset + size], "little")

    def text(self, name):
        at, kind = self.members[name]
        size = self.program.dwarf.size(kind)
        return self.raw[at:at + size].split(b"\0", 1)[0].decode("utf-8", "replace")

    def inner(self, name, member):
        """(offset within this structure, size) of a member of a member."""
        at, kind = self.members[name]
        offset, inner = self.program.dwarf.members(kind)[member]
        return at + offset, self.program.dwarf.size(inner)


class Program:
    """One address space with a program that has coroutines."""

    def __init__(self, name, elf, space, debug, tcb):
        self.name, self.elf, self.space, self.tcb = name, elf, space, tcb
        self.dwarf, self.root = debug, elf.symbol(ROOT)
        self.states = names(debug.enumeration("u4_coro_state_t"), "U4_CORO_") or STATES
        self.waits = names(debug.enumeration("u4_wait_t"), "U4_WAIT_")
        self._layouts = {}

    def layout(self, struct):
        if struct not in self._layouts:
            self._layouts[struct] = self.dwarf.structure(struct)
        return self._layouts[struct]

    def word(self, address):
        return int.from_bytes(self.space.read(address, 8), "little")

    def string(self, address, limit=64):
        try:
            raw = self.space.read(address, limit)
        except BadMemory:
            return ""
        return raw.split(b"\0", 1)[0].decode("utf-8", "replace")

    def executors(self, problems):
        at, seen = self.word(self.root), set()
        while at:
            if at in seen or len(seen) >= MAX_EXECUTORS:
                problems.append(f"{self.name}: the list of executors comes back to 0x{at:x}")
                return
            seen.add(at)
            executor = Object(self, "u4_exec", at)
            if executor.number("magic") != EXECUTOR_MAGIC:
                problems.append(f"{self.name}: 0x{at:x} is in the list of executors, but is none")
                return
            yield executor
            at = executor.number("next")

    def coroutines(self, executor):
        size, _ = self.layout("u4_coro")
        base, count = executor.number("coros"), executor.number("capacity")
        for index in range(min(count, MAX_COROUTINES)):
            coro = Object(self, "u4_coro", base + index * size)
            if self.states.get(coro.number("state")) != "free":
                yield coro

    def registers(self, coro):
        """[pc, x1..x31] where a coroutine that does not run goes on."""
        def value(member):
            at, _ = coro.inner("context", member)
            return int.from_bytes(coro.raw[at:at + 8], "little")
        found = [0] * 32
        found[0] = found[1] = value("ra")
        found[2] = value("sp")
        found[8] = value("s0")  # the others lie on its stack, as the frame's description says
        return found

    def waits_for(self, coro):
        why = self.waits.get(coro.number("wait"), "?")
        what = coro.number("waits_for")
        if why in ("none", "sleep") or not what:
            return why if why != "none" else None
        if why == "join":
            return f"join {Object(self, 'u4_coro', what).text('name')}"
        return f"{why} 0x{what:x}"


def names(enumeration, prefix):
    return {value: name[len(prefix):].lower() for name, value in enumeration.items()}


def programs(context, problems):
    """Each program with coroutines once."""
    kernel, seen = context.kernel(), set()
    for tcb in kernel.threads():
        space = thread_space(kernel, tcb)
        if space is None or space.root in seen:
            continue
        seen.add(space.root)
        image = context.images.of_space(space)
        if image is None or image[1].symbol(ROOT) is None:
            continue
        debug = context.images.dwarf(image[1])
        if debug is None:
            problems.append(f"{image[0]}: no file with its debug information is known, so its "
                            "coroutines are not either (u4 images FILE)")
            continue
        yield Program(*image, space, debug, tcb)
