# SPDX-License-Identifier: BSD-2-Clause
"""The kernel's objects in the memory of a stopped system. Every pointer is checked before it is
followed, every walk has an end; what is wrong is said in `problems` or raised as BadMemory."""

import struct

from .caps import Decoder
from .errors import BadMemory, U4Error
from . import inspect, layouts

MAX_THREADS = 65536
MAX_SLOTS = 1 << 22
NONE = 0
SLOT_ALIGN = 8  # the interrupts' are a plain array; CNodes' are aligned to their size


class View:
    """A structure at an address; fields by name, read when asked for."""
    __slots__ = ("kernel", "layout", "address", "raw")

    def __init__(self, kernel, layout, address):
        self.kernel, self.layout, self.address = kernel, layout, address
        self.raw = kernel.read(address, layout.size)

    def __getattr__(self, name):
        return self.value(name)

    def value(self, name):
        """Of a field, also of one that is called as an attribute of this class, like "address"."""
        field = self.layout.fields.get(name)
        if field is None:
            raise AttributeError(f"{self.layout.name} has no field {name}")
        if field.unpack:
            values = field.unpack.unpack_from(self.raw, field.offset)
            return values if field.count > 1 else values[0]
        if field.type == layouts.CHARS:
            raw = self.raw[field.offset:field.offset + field.size]
            return raw.split(b"\0", 1)[0].decode("utf-8", "backslashreplace")
        target = self.kernel.table.structs[field.target]
        views = [View(self.kernel, target, self.address + field.offset + i * field.element)
                 for i in range(field.count)]
        return views if field.count > 1 else views[0]

    def has(self, name):
        """Do this kernel's structures have the field? MCS has others than the classic kernel."""
        return name in self.layout.fields

    def enum(self, name):
        field = self.layout.fields[name]
        value = getattr(self, name)
        return self.kernel.table.enums[field.target].get(value, f"?{value}")

    def offset(self, name):
        return self.address + self.layout.fields[name].offset


class Slot:
    __slots__ = ("address", "cap", "prev", "next", "flags", "array", "index")


class Array:
    """Slots in a row: a CNode's, a thread's, the interrupts'."""
    __slots__ = ("base", "count", "kind", "owner")

    def __init__(self, base, count, kind, owner=None):
        self.base, self.count, self.kind, self.owner = base, count, kind, owner


class Kernel:
    decoder_class = Decoder
    genuine = False  # seL4 itself
    boot_end = "boot_end"  # the symbol behind what only boot needs

    @staticmethod
    def layouts_of(elf):
        """(where in the kernel's memory its layouts are described, the Provider)"""
        return inspect.from_elf(elf)

    def __init__(self, memory, elf):
        self.memory, self.elf = memory, elf
        self.table_address, self.table = self.layouts_of(elf)
        const = self.table.const
        self.window, self.window_top = const("phys_window"), const("phys_window_top")
        self.image, self.image_phys = const("kernel_image"), const("kernel_phys")
        self.image_start, self.image_end = const("image_start"), const("image_end")
        self.slot_size = 1 << const("slot_bits")
        self.slot_flags = const("slot_flags")
        self.decoder = self.decoder_class(self.table)
        self.layout = self.table.structs
        self.tcb_layout = self.layout["tcb"]
        self.state_names = self.table.enums["thread_state"]
        self.tcb_slot = {name: n for n, name in self.table.enums["tcb_slot"].items()}
        self.problems = []
        self._drop()

    def _drop(self):
        self._threads = self._census = self._tcbs = None
        self.problems = []

    def forget(self):
        """The guest has run."""
        self.memory.forget()
        self._drop()

    # ---- memory ----

    def phys(self, address):
        """Of a kernel virtual address, or BadMemory."""
        if self.window <= address < self.window_top:
            return address - self.window
        if self.image_start <= address < self.image_end:
            return address - self.image + self.image_phys
        raise BadMemory(address, "is not a kernel address (neither in the window of physical "
                                 "memory nor in the kernel's image)")

    def virt(self, paddr):
        return paddr + self.window

    def read(self, address, length):
        return self.memory.read(self.phys(address), length)

    def word(self, address):
        return int.from_bytes(self.read(address, 8), "little")

    def check_pointer(self, address, align, size):
        """Why the address cannot be one of an object, or None."""
        if address % align:
            return "is not aligned"
        try:
            paddr = self.phys(address)
        except BadMemory:
            return "is not a kernel address"
        return None if self.memory.inside(paddr, size) else "is not in RAM"

    def attach(self):
        """Is this the kernel whose ELF file we have? Then learn where RAM is."""
        memory = self.memory
        memory.ranges = None
        where = self.phys(self.table_address)
        try:
            live = memory.read(where, len(self.table.data))
        except BadMemory as problem:
            raise U4Error(f"{memory.source.name}: the kernel's image cannot be read: {problem}"
                          f"{memory.source.unreadable()}") from None
        if live != self.table.data:
            self._explain_mismatch(live)
        place = self.elf.build_id_place()
        if place and memory.read(self.phys(place[0]), len(place[1])) != place[1]:
            raise U4Error(f"{memory.source.name}: runs a kernel with another build-id than "
                          f"{self.elf.path}: give the ELF file of the kernel that runs "
                          "(u4 kernel FILE)")
        self._find_ram()

    def _explain_mismatch(self, live):
        source, path = self.memory.source.name, self.elf.path
        if not any(live):
            raise U4Error(f"{source}: no kernel in memory yet: let the guest boot first "
                          "(u4 boot), then ask again")
        if live[:8] == self.table.data[:8]:
            inspect.Table(live, source)  # a table of another version says so
        raise U4Error(f"{source}: the kernel in memory is not {path}, or it is damaged: its inspect "
                      f"table is not at 0x{self.table_address:x}, or differs; give the ELF file of "
                      "the kernel that runs (u4 kernel FILE)")

    def _find_ram(self):
        machine = self.symbol("machine")
        image = (self.phys(self.image_start),
                 self.phys(self.image_start) + self.image_end - self.image_start)
        ranges = [(r.start, r.end) for r in machine.memory[:min(machine.memories, 8)]
                  if r.start < r.end]
        if not ranges:
            raise U4Error(f"{self.memory.source.name}: the kernel has not found its memory yet: "
                          "let the guest boot first (u4 boot), then ask again")
        self.memory.ranges = ranges + [image]

    # ---- views ----

    def view(self, kind, address, align_bits=4):
        layout = self.layout[kind]
        why = self.check_pointer(address, 1 << align_bits, layout.size)
        if why:
            raise BadMemory(address, f"{why}: no {kind}")
        return View(self, layout, address)

    def symbol(self, name):
        """A symbol's value: an integer, a View, or a list of either."""
        field = self.table.need(self.table.symbols, name)
        if field.type == layouts.EMBEDDED:
            views = [View(self, self.layout[field.target], field.offset + i * field.element)
                     for i in range(field.count)]
            return views if field.count > 1 else views[0]
        values = field.unpack.unpack(self.read(field.offset, field.size))
        return values if field.count > 1 else values[0]

    def address_of(self, name):
        return self.table.need(self.table.symbols, name).offset

    def harts(self):
        harts = self.symbol("harts")
        harts = harts if isinstance(harts, list) else [harts]
        return harts[:max(1, min(self.symbol("num_harts"), len(harts)))]

    def tcb(self, address):
        return self.view("tcb", address, self.table.const("tcb_bits"))

    def threads(self):
        """Every TCB but the idle ones, oldest first. A broken list is told in `problems`."""
        if self._threads is None:
            self._threads = self._walk_threads()
            self._tcbs = {t.address: t for t in self._threads}
        return self._threads

    def _walk_threads(self):
        return self._walk_list(self.symbol("tcb_all_head"))

    def _walk_list(self, address):
        found, seen, before = [], set(), NONE
        while address:
            if address in seen:
                self.problems.append(f"list of all threads: 0x{before:x} is followed by "
                                     f"0x{address:x}, which came before: a circle")
                break
            try:
                tcb = self.tcb(address)
            except BadMemory as problem:
                self.problems.append(f"list of all threads, after 0x{before:x}: {problem}")
                break
            if tcb.all_prev != before:
                self.problems.append(f"list of all threads: 0x{address:x} follows 0x{before:x}, but "
                                     f"points back at 0x{tcb.all_prev:x}")
            seen.add(address)
            found.append(tcb)
            if len(found) >= MAX_THREADS:
                self.problems.append(f"list of all threads: more than {MAX_THREADS}")
                break
            before, address = address, tcb.all_next
        return found[::-1]

    def thread_at(self, address):
        """The TCB, if it is in the list of all or a hart's idle thread; else None."""
        self.threads()
        if address not in self._tcbs:
            for hart in self.harts():
                if address and hart.idle == address:
                    return self.view("tcb", address)  # no object: aligned to less
        return self._tcbs.get(address)

    def thread_name(self, address):
        """For people: a thread's name, made unique by its address if need be."""
        tcb = self.thread_at(address)
        if tcb is None:
            return f"?0x{address:x}"
        if self.state_names.get(tcb.state) == "idle":
            return "idle"
        return tcb.name or f"0x{address:x}"

    def current_hart(self, address):
        """The hart on which a thread is current, or None."""
        return next((h for h in self.harts() if h.current == address), None)

    # ---- queues ----

    def queue_state(self, queue):
        """An endpoint's or notification's state by name, None if it cannot be."""
        return self.table.enums[queue.layout.name + "_state"].get(queue.head & 3)

    def queue_head(self, queue):
        return queue.head & ~3

    def ready_ends(self, hart):
        """(first TCB, last one) of each ready queue of a hart, by domain and priority."""
        field, ends = hart.layout.fields["ready"], self.layout["ready_queue"].fields
        return [tuple(ends[name].unpack.unpack_from(hart.raw, at + ends[name].offset)[0]
                      for name in ("head", "tail"))
                for at in range(field.offset, field.offset + field.size, field.element)]

    # ---- slots ----

    def slot_of(self, address, raw=None):
        """The slot at an address, empty or not."""
        if raw is None:
            why = self.check_pointer(address, SLOT_ALIGN, self.slot_size)
            if why:
                raise BadMemory(address, f"{why}: no slot")
            raw = self.read(address, self.slot_size)
        w0, w1, third, fourth = struct.unpack("<4Q", raw)
        slot = Slot()
        slot.address, slot.cap = address, self.decoder.decode(w0, w1)
        slot.prev, slot.next, slot.flags = self.slot_links(third, fourth)
        slot.array, slot.index = None, 0
        return slot

    def slot_links(self, third, fourth):
        """(slot before, slot behind, flags) of a slot's third and fourth word."""
        return third, fourth & ~self.slot_flags, fourth & self.slot_flags

    def tcb_slots(self, tcb):
        field = self.tcb_layout.fields["slots"]
        base = tcb.address + field.offset
        raw = tcb.raw[field.offset:field.offset + field.size]
        return [self.slot_of(base + i * self.slot_size,
                             raw[i * self.slot_size:(i + 1) * self.slot_size])
                for i in range(field.count)]

    def tcb_cap(self, tcb, name):
        return self.tcb_slots(tcb)[self.tcb_slot[name]].cap

    def census(self):
        """All occupied slots: those of interrupts and threads, of every CNode that a capability
        leads to, and of derivation lists that run through slots found so."""
        if self._census is None:
            from .census import Census
            self._census = Census(self)
        return self._census

    # ---- the derivation list ----

    def is_parent(self, a, b):
        if not a.flags & self.table.const("slot_revocable") \
                or not self.decoder.same_region(a.cap, b.cap):
            return False
        if a.cap.type in ("endpoint", "notification"):
            badge = self.decoder.badge
            return badge(a.cap) == 0 or (badge(a.cap) == badge(b.cap) and not
                                        b.flags & self.table.const("slot_first_badged"))
        return True
