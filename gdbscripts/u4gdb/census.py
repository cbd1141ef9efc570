# SPDX-License-Identifier: BSD-2-Clause
"""Finding every capability, once per stop: what the listing, searching and checking commands
share. Also where each slot is, in words, and by which capability pointers threads reach it."""

import struct

from .caps import SENDER_TABLE_ZOMBIE
from .errors import BadMemory
from .kernel import MAX_SLOTS, SLOT_ALIGN, Array
from .uintr import sender_slots

MAX_RADIX = 28
MAX_LEVELS = 64


class Census:
    def __init__(self, kernel):
        self.kernel = kernel
        self.slots = {}  # address -> Slot, occupied ones
        self.arrays = {}  # base -> Array
        self.problems = []
        self.full = False
        self._objects = None
        self._paths = None
        self._walk()

    def _walk(self):
        k = self.kernel
        irq = k.table.need(k.table.symbols, "irq_slots")
        self._queue = [Array(irq.offset, irq.count, "irq")]
        threads = k.threads()
        k.memory.prefetch([(k.phys(t.address), k.tcb_layout.size) for t in threads])
        field = k.tcb_layout.fields["slots"]
        self._queue += [Array(t.address + field.offset, field.count, "tcb", t) for t in threads]
        while self._queue:
            wave, self._queue = self._queue, []
            wave = [a for a in wave if self._fresh(a)]
            k.memory.prefetch([(k.phys(a.base), a.count * k.slot_size) for a in wave])
            for array in wave:
                self._scan(array)
            if not self._queue:
                self._follow_lists()

    def _fresh(self, array):
        if array.base in self.arrays and self.arrays[array.base].count >= array.count:
            return False
        k = self.kernel
        why = k.check_pointer(array.base, SLOT_ALIGN, array.count * k.slot_size)
        if why:
            self.problems.append(f"{array.kind} at 0x{array.base:x} with {array.count} slots: the "
                                 f"address {why}")
            return False
        self.arrays[array.base] = array
        return True

    def _scan(self, array):
        k = self.kernel
        try:
            raw = k.read(array.base, array.count * k.slot_size)
        except BadMemory as problem:
            self.problems.append(f"{array.kind} at 0x{array.base:x}: {problem}")
            return
        if not any(raw):
            return
        size = k.slot_size
        for index, words in enumerate(struct.iter_unpack("<4Q", raw)):
            if words != (0, 0, 0, 0):
                at = index * size
                self._enter(array, index, k.slot_of(array.base + at, raw[at:at + size]))

    def _enter(self, array, index, slot):
        slot.array, slot.index = array, index
        cap = slot.cap
        if cap.type == "null":
            self.problems.append(f"slot 0x{slot.address:x} ({self.place(slot)}) is empty, but has "
                                 "content or neighbours")
            return
        if len(self.slots) >= MAX_SLOTS:
            if not self.full:
                self.problems.append(f"more than {MAX_SLOTS} capabilities: the rest is left out")
                self.full = True
            return
        self.slots[slot.address] = slot
        if cap.type == "cnode":
            self._add_cnode(slot, cap.ptr, cap.radix)
        elif cap.type == "sender_table":
            self._add_senders(slot)
        elif cap.type == "zombie" and SENDER_TABLE_ZOMBIE < cap.kind < self.kernel.decoder.zombie_tcb:
            return  # being taken apart: its slots are found by their neighbours
        elif cap.type == "zombie" and cap.kind != self.kernel.decoder.zombie_tcb:
            self._add_cnode(slot, cap.ptr, cap.kind)
        elif cap.type == "zombie":
            self._queue.append(Array(cap.ptr, self.kernel.tcb_layout.fields["slots"].count,
                                     "zombie"))

    def _add_cnode(self, slot, base, radix):
        if radix > MAX_RADIX:
            self.problems.append(f"slot 0x{slot.address:x} ({self.place(slot)}): a CNode of radix "
                                 f"{radix} cannot be")
            return
        if base not in self.arrays:
            self._queue.append(Array(base, 1 << radix, "cnode"))

    def _add_senders(self, slot):
        if slot.cap.ptr in (a.owner for a in self.arrays.values() if a.kind == "senders"):
            return
        try:
            base, count = sender_slots(self.kernel, slot.cap)
        except BadMemory as problem:
            self.problems.append(f"slot 0x{slot.address:x} ({self.place(slot)}): sender table: "
                                 f"{problem}")
            return
        self._queue.append(Array(base, count, "senders", slot.cap.ptr))

    def _follow_lists(self):
        """Slots that only a neighbour in the derivation list leads to."""
        k = self.kernel
        todo = list(self.slots.values())
        while todo:
            slot = todo.pop()
            for address in (slot.prev, slot.next):
                if not address or address in self.slots or self._known(address):
                    continue
                try:
                    other = k.slot_of(address)
                except BadMemory:
                    continue  # fsck tells
                if other.cap.type == "null" or not other.cap.known:
                    continue
                array = Array(address, 1, "loose")
                self.arrays[address] = array
                self._enter(array, 0, other)
                if address in self.slots:
                    todo.append(other)

    def _known(self, address):
        return any(a.base <= address < a.base + a.count * self.kernel.slot_size
                   for a in self.arrays.values() if a.kind != "cnode") or address in self.arrays

    # ---- words ----

    def place(self, slot):
        """Where a slot is."""
        array = slot.array
        if array is None:
            return "nowhere"
        if array.kind == "irq":
            return f"irq {slot.index}"
        if array.kind in ("tcb", "zombie"):
            names = self.kernel.table.enums["tcb_slot"]
            name = names.get(slot.index, str(slot.index))
            if array.kind == "zombie":
                return f"deleted tcb {name}"
            return f"{self.kernel.thread_name(array.owner.address)}.{name}"
        if array.kind == "senders":
            return f"sender table 0x{array.owner:x}[{slot.index - 1}]"
        if array.kind == "loose":
            return "unreachable slot"
        return f"cnode 0x{array.base:x}[{slot.index}]"

    def find(self, address):
        """The slot at an address, with its place if it is a known one."""
        if address in self.slots:
            return self.slots[address]
        return self.kernel.slot_of(address)

    # ---- indexes ----

    def objects(self):
        """(type, object address) -> [slot], for capabilities that stand for an object."""
        if self._objects is None:
            self._objects = {}
            decoder = self.kernel.decoder
            for slot in self.slots.values():
                address = decoder.object(slot.cap)
                if address or slot.cap.type == "irq_handler":
                    self._objects.setdefault((slot.cap.type, address), []).append(slot)
        return self._objects

    def of_object(self, address):
        """Every capability to the object at an address, whatever its type."""
        return [s for (kind, at), slots in sorted(self.objects().items())
                if at == address and kind != "irq_handler" for s in slots]

    def paths(self):
        """slot address -> [(root key, cptr)]; roots() says which threads have a root."""
        if self._paths is None:
            self._paths = {}
            for key in self.roots():
                for slot, cptr, _ in self.walk_cspace(self.kernel.decoder.decode(*key)):
                    self._paths.setdefault(slot.address, []).append((key, cptr))
        return self._paths

    def roots(self):
        """(w0, w1) of each CSpace root -> the threads that have it."""
        found = {}
        for thread in self.kernel.threads():
            cap = self.kernel.tcb_cap(thread, "cspace")
            if cap.type == "cnode":
                found.setdefault((cap.w0, cap.w1), []).append(thread)
        return found

    def walk_cspace(self, root, max_levels=MAX_LEVELS):
        """(slot, cptr, bits left) for each occupied slot that a CSpace reaches; a CNode that holds
        itself is walked once per path, and never below 64 bits."""
        size = self.kernel.slot_size
        stack = [(root, 0, 64, 0, frozenset())]
        while stack:
            cap, prefix, bits, level, above = stack.pop()
            used = cap.guard_size + cap.radix
            if used == 0 or used > bits or cap.radix > MAX_RADIX or level >= max_levels:
                continue
            left = bits - used
            prefix = prefix << cap.guard_size | cap.guard
            array = self.arrays.get(cap.ptr)
            if array is None:
                continue
            deeper = []
            for index in range(min(1 << cap.radix, array.count)):
                slot = self.slots.get(cap.ptr + index * size)
                if slot is None:
                    continue
                cptr = prefix << cap.radix | index
                yield slot, cptr << left, left
                if slot.cap.type == "cnode" and left and slot.cap.ptr not in above \
                        and slot.cap.ptr != cap.ptr:
                    deeper.append((slot.cap, cptr, left, level + 1, above | {cap.ptr}))
            stack.extend(reversed(deeper))

    def reached_by(self, slot):
        """Who can name the slot: "thread:cptr", in words."""
        roots = self.roots()
        words = []
        for key, cptr in self.paths().get(slot.address, ()):
            names = [self.kernel.thread_name(t.address) for t in roots[key]]
            words.append(f"{','.join(names)}:0x{cptr:x}")
        return words
