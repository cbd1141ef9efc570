# SPDX-License-Identifier: BSD-2-Clause
"""The genuine seL4's objects in the memory of a stopped system: what differs from u4's kernel."""

import struct

from .census import Census
from .errors import BadMemory, U4Error
from .kernel import Kernel, Slot, View
from .sel4 import SeL4Layouts
from .sel4_caps import SeL4Decoder

COMPARED = 4096  # bytes of code that must be as in the file
MAX_ROUNDS = 64


class SeL4Kernel(Kernel):
    decoder_class = SeL4Decoder
    genuine = True
    boot_end = "ki_boot_end"

    @staticmethod
    def layouts_of(elf):
        return None, SeL4Layouts(elf)

    def attach(self):
        memory = self.memory
        memory.ranges = None
        text = self.elf.section(".text")
        if text is None:
            raise U4Error(f"{self.elf.path}: no section .text: not a kernel")
        length = min(text.size, COMPARED)
        try:
            live = self.read(text.addr, length)
        except BadMemory as problem:
            raise U4Error(f"{memory.source.name}: the kernel's image cannot be read: {problem}"
                          f"{memory.source.unreadable()}") from None
        if live != self.elf.read(text.addr, length):
            hint = ("no kernel in memory yet: let the guest boot first" if not any(live)
                    else "give the ELF file of the kernel that runs (u4 kernel FILE)")
            raise U4Error(f"{memory.source.name}: the kernel in memory is not {self.elf.path}: its "
                          f"code differs; {hint}")
        self._find_ram()

    def _find_ram(self):
        """seL4 forgets what RAM the machine has, but its file says what it was built for."""
        address, size, _ = self.elf.symbols().get("avail_p_regs", (0, 0, 0))
        found = list(struct.iter_unpack("<2Q", self.elf.read(address, size) or b""))
        image = (self.phys(self.image_start),
                 self.phys(self.image_start) + self.image_end - self.image_start)
        self.memory.ranges = [r for r in found if r[0] < r[1]] + [image]

    def harts(self):
        views = [View(self, layout, address) for address, layout in self.table.harts]
        used = [h for h in views if h.current]
        return used or views[:1]

    def queue_state(self, queue):
        return self.table.enums[queue.layout.name + "_state"].get(queue.state)

    def queue_head(self, queue):
        return queue.head

    def slot_links(self, third, fourth):
        place = self.table.bits["mdb_node", "mdbNext"]
        return third, place.of((third, fourth)), fourth & 3

    # ---- threads ----

    def _walk_threads(self):
        if self.table.debug_lists:
            found = []
            for address in self.table.debug_lists:
                found += self._walk_list(self.word_of_tcb(address))
            return [t for t in found if self.state_names.get(t.state) != "idle"]
        return self._search_threads()

    def word_of_tcb(self, address):
        return self.table.to_object(self.word(address))

    def _search_threads(self):
        """A release kernel has no list: what runs or is ready, and all that capabilities lead to,
        until nothing new is found."""
        known = {}
        wanted = {h.current for h in self.harts()} | {h.candidate for h in self.harts()}
        wanted |= {end for h in self.harts() for ends in self.ready_ends(h) for end in ends}
        for _ in range(MAX_ROUNDS):
            fresh = [t for t in map(self._thread_or_none, sorted(wanted - known.keys())) if t]
            if not fresh:
                break
            known.update((t.address, t) for t in fresh)
            self._tcbs = known
            self._threads = sorted(known.values(), key=lambda t: t.address)
            wanted = {self.decoder.object(s.cap) for s in Census(self).slots.values()
                      if s.cap.type == "tcb" or s.cap.type == "reply" and not self.table.mcs}
        return [t for t in sorted(known.values(), key=lambda t: t.address)
                if self.state_names.get(t.state) != "idle"]

    def _thread_or_none(self, address):
        try:
            return self.tcb(address) if address else None
        except BadMemory:
            return None
