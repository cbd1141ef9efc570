# SPDX-License-Identifier: BSD-2-Clause
"""Trace rings (abi/trace/layout.h) read from the memory of a stopped guest. What each event means
comes from events.def by way of the generated module, found by its schema hash."""

import glob
import os
import re
import struct

from .errors import BadMemory, U4Error

RING_MAGIC = 0x31474e4952543455
RECORD = struct.Struct("<QHHIIIII")
MAX_USER_RINGS, MAX_OWN_TEXT = 1024, 1 << 20
UNPUBLISHED = 16  # TRACE_UNPUBLISHED_MAX: records that may be in the making
OWN_FIRST, OWN_MAX = 256, 128  # ids of a program's own events (TRACE_OWN_FIRST, TRACE_OWN_MAX)
PLACE_BITS = {"h": 16, "a": 32, "b": 32, "c": 32, "d": 32, "ab": 64, "cd": 64, "bcd": 96}
EVENT = re.compile(r'event (\d+) (\w+) (\w+) "([^"]*)"')
FIELD = re.compile(r"\s+(\w+)(?:\[(\d+):(\d+)\])? (\w+) (\w+)")


class Schema:
    """The generated constants: enums and events."""

    def __init__(self, path):
        scope = {}
        with open(path, encoding="utf-8") as file:
            exec(compile(file.read(), path, "exec"), scope)  # our own generated file
        self.hash, self.enums, self.events = scope["SCHEMA_HASH"], scope["ENUMS"], scope["EVENTS"]
        self.all_labels, self.own_labels = scope["LABELS"], scope["OWN_LABELS"]

    def labels(self, kernel):
        """name -> number of the invocations of the interface that this kernel speaks."""
        scope = {"MCS": kernel.table.const("mcs"), "SMP": kernel.table.const("smp")}
        stock = [name for name, when in self.all_labels if eval(when, {}, scope)]
        return {**{name: i for i, name in enumerate(stock)}, **self.own_labels}


def find_schema(kernel):
    """The constants that go with this kernel: beside the scripts, or in a build directory."""
    if kernel.genuine:
        raise U4Error("seL4 has no trace rings of u4's")
    here = os.path.dirname(os.path.abspath(__file__))
    places = [os.path.join(here, "events.py")]
    if os.environ.get("U4_BUILD"):
        places.append(os.path.join(os.environ["U4_BUILD"], "gen/trace/gdb.py"))
    at = os.path.dirname(os.path.abspath(kernel.elf.path.split(":")[0]))
    for _ in range(3):
        places.append(os.path.join(at, "gen/trace/gdb.py"))
        at = os.path.dirname(at)
    places += sorted(glob.glob(os.path.join(here, "../../build*/gen/trace/gdb.py")))
    tried = []
    for place in places:
        if not os.path.exists(place):
            continue
        schema = Schema(place)
        if schema.hash == kernel.table.trace_schema:
            return schema
        tried.append(place)
    raise U4Error(f"no event table with schema hash {kernel.table.trace_schema:016x}, which this "
                  "kernel traces by" + (f" (other ones: {', '.join(tried)})" if tried else "")
                  + ": run make in the tree that the kernel was built from")


def position(ring):
    if ring.laps == ring.lap_pending or ring.next != ring.base:
        return ring.laps * ring.capacity + (ring.next - ring.base) // RECORD.size
    return ring.lap_pending * ring.capacity


class UserRing:
    """A thread's ring. Where it is, the kernel's table says; the control block is the program's."""

    def __init__(self, kernel, entry):
        half = 1 << entry.size_bits - 1
        control = kernel.view("trace_ring", kernel.virt(entry.paddr))
        self.address, self.owner = control.address, entry.owner
        self.laps, self.lap_pending = control.laps, control.lap_pending
        self.base, self.next, self.magic = entry.value("address") + half, control.next, control.magic
        self.data_paddr, self.capacity = entry.paddr + half, half // RECORD.size
        if not 0 <= self.next - self.base < half:
            raise BadMemory(control.address, "is a user trace ring whose next record lies outside")
        self.own = own_events(kernel, entry.paddr + control.layout.size, self.data_paddr)


def own_events(kernel, paddr, end):
    """The events that a program has defined itself, told in its ring: as Schema.events."""
    memory = kernel.memory
    length = int.from_bytes(memory.read(paddr, 4), "little")
    if length > min(end - paddr - 8, MAX_OWN_TEXT):
        return {}
    found, fields = {}, []
    for line in memory.read(paddr + 8, length).decode("utf-8", "replace").splitlines():
        event, field = EVENT.match(line), FIELD.match(line)
        if event and OWN_FIRST <= int(event[1]) < OWN_FIRST + OWN_MAX:
            fields = []
            found[int(event[1])] = (event[2], event[3], event[4], fields)
        elif field and field[1] in PLACE_BITS:
            size = PLACE_BITS[field[1]]
            low, high = int(field[2] or 0), int(field[3] or size - 1)
            if low <= high < size:
                fields.append((field[1], low, high, field[4], field[5]))
    return found


def user_rings(kernel, problems):
    """The rings that threads have now."""
    if "trace_header" not in kernel.table.symbols:
        return
    header, layout = kernel.symbol("trace_header"), kernel.layout["trace_user_ring"]
    if not header.user_ring_paddr:
        return
    for number in range(min(header.user_rings, MAX_USER_RINGS)):
        try:
            entry = kernel.view("trace_user_ring",
                                kernel.virt(header.user_ring_paddr + number * layout.size), 3)
            if entry.generation & 1 and 12 <= entry.size_bits <= 30:
                yield UserRing(kernel, entry)
        except BadMemory as problem:
            problems.append(f"user trace ring {number}: {problem}")


def hart_ring(hart):
    ring = hart.trace
    if ring.magic != RING_MAGIC:
        raise U4Error(f"hart {hart.core} has no trace ring: the kernel was built without tracing, "
                      "or has not booted that far")
    if ring.capacity == 0 or ring.capacity & ring.capacity - 1 or ring.capacity > 1 << 24:
        raise BadMemory(ring.address, f"is a trace ring of {ring.capacity} records: damaged")
    return ring


def last_records(kernel, ring, count):
    """(number, record) of the newest events of a ring, oldest first."""
    end = position(ring)
    made = end + min(UNPUBLISHED, ring.capacity - end % ring.capacity)
    first = max(0, end - count, made - ring.capacity)
    slots = [n % ring.capacity for n in range(first, end)]
    kernel.memory.prefetch([(ring.data_paddr + s * RECORD.size, RECORD.size) for s in slots])
    for number, slot in zip(range(first, end), slots):
        raw = kernel.memory.read(ring.data_paddr + slot * RECORD.size, RECORD.size)
        yield number, RECORD.unpack(raw)


def field_value(record, place, low, high):
    """A field of (time, event, h, thread, a, b, c, d); bytes for text."""
    _, _, h, _, a, b, c, d = record
    if place == "bcd":
        return struct.pack("<III", b, c, d)
    raw = {"h": h, "a": a, "b": b, "c": c, "d": d, "ab": a | b << 32, "cd": c | d << 32}[place]
    return raw >> low & (1 << high - low + 1) - 1
