# SPDX-License-Identifier: BSD-2-Clause
"""User programs' ELF files: which one an address space holds, and what its symbols say."""

import glob
import os

from .dwarf import Dwarf
from .elf import Elf
from .errors import BadMemory, U4Error
from .spaces import thread_space


class Images:
    def __init__(self):
        self.elfs = []  # (name, Elf)
        self.files = {}  # build-id bytes -> path of a file with debug information
        self._dwarf = {}  # Elf path -> Dwarf
        self._known = {}  # root table -> (name, Elf) or None

    def forget(self):
        self._known.clear()

    def add(self, elf, name=None):
        """The file's program, if it is one, and all that are packed in."""
        place = elf.build_id_place()
        taken = {e.build_id_place() for _, e in self.elfs}
        if place and elf.entry < 1 << 38 and place not in taken:
            file = self.files.get(place[1]) or elf.path
            if ":" in file:
                file = name or file
            self.elfs.append((os.path.basename(file).rsplit(".", 1)[0], elf))
        for inner, program in elf.embedded().items():
            self.add(program, inner)
        self.forget()

    def add_file(self, path):
        elf = Elf(path)
        base = os.path.dirname(os.path.abspath(path))
        for file in glob.glob(os.path.join(base, "..", "user", "*.elf")):
            if not file.endswith(".packed.elf"):
                self.note_debug_file(file)
        self.add(elf)

    def note_debug_file(self, path):
        try:
            place = Elf(path).build_id_place()
        except U4Error:
            return
        if place:
            self.files[place[1]] = os.path.normpath(path)

    def debug_file(self, elf):
        """A file on disk with this program's debug information, or None."""
        place = elf.build_id_place()
        return self.files.get(place[1]) if place else None

    def dwarf(self, elf):
        """A program's debug information, or None."""
        path = self.debug_file(elf)
        if path is None and elf.section(".debug_info") is None:
            return None
        if elf.path not in self._dwarf:
            self._dwarf[elf.path] = Dwarf(Elf(path) if path else elf)
        return self._dwarf[elf.path]

    def of_space(self, space):
        """(name, Elf) of the program in an address space, by its build-id; or None."""
        if space is None:
            return None
        if space.root not in self._known:
            self._known[space.root] = self._identify(space)
        return self._known[space.root]

    def _identify(self, space):
        for name, elf in self.elfs:
            address, note = elf.build_id_place()
            try:
                if space.read(address, len(note)) == note:
                    return name, elf
            except BadMemory:
                continue
        return None

    def symbolize(self, kernel, tcb, pc):
        """"image!function+offset" of a thread's address, or ""."""
        if pc >= 1 << 63:
            found = kernel.elf.symbolize(pc)
            return place_text("kernel", found) if found else ""
        image = self.of_space(thread_space(kernel, tcb)) if tcb is not None else None
        found = image[1].symbolize(pc) if image else None
        return place_text(image[0], found) if found else ""


def place_text(image, found):
    name, offset = found
    return f"{image}!{name}" + (f"+0x{offset:x}" if offset else "")
