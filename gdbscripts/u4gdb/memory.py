# SPDX-License-Identifier: BSD-2-Clause
"""The guest's physical memory, from wherever it can be had, read by pages and kept until the
guest runs again. A source has `name`, `live`, read(paddr, length) -> bytes or None, registers(),
csrs(hart, names), and unreadable(), which adds to a message what to do about a None; a live one has
write(paddr, bytes), too."""

import mmap

from . import elf
from .errors import BadMemory, U4Error

PAGE = 4096
RUN = 64  # pages per request at most
RAM_BASE = 0x80000000


class FileSource:
    """Memory that does not change."""
    live = False

    def unreadable(self):
        return ""

    def csrs(self, _hart, _names):
        return None


class CoreSource(FileSource):
    """An ELF core of the machine, as QEMU's dump-guest-memory writes it."""

    def __init__(self, path):
        self.name = path
        core = elf.Elf(path)
        if core.type != elf.ET_CORE:
            raise U4Error(f"{path}: expected an ELF core (type 4), found type {core.type}; "
                          "make one with QEMU's dump-guest-memory")
        self.elf = core
        self.loads = [s for s in core.segments if s.type == elf.PT_LOAD and s.filesz]
        if not self.loads:
            raise U4Error(f"{path}: the core has no memory in it")

    def read(self, paddr, length):
        for s in self.loads:
            if s.paddr <= paddr and paddr + length <= s.paddr + s.filesz:
                at = s.offset + paddr - s.paddr
                data = bytes(self.elf.data[at:at + length])
                return data if len(data) == length else None
        return None

    def registers(self):
        """Per hart: [pc, x1..x31] of its NT_PRSTATUS."""
        found = []
        for kind, _, content in elf.notes(self.elf):
            if kind == 1 and len(content) >= 112 + 32 * 8:
                found.append([int.from_bytes(content[112 + i * 8:120 + i * 8], "little")
                              for i in range(32)])
        return found


class RawSource(FileSource):
    """RAM as a plain file, from `base` on: QEMU's memory backend."""

    def __init__(self, path, base=RAM_BASE):
        self.name, self.base = path, base
        try:
            with open(path, "rb") as file:
                self.data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as problem:
            raise U4Error(f"{path}: cannot be read: {problem}") from problem

    def read(self, paddr, length):
        at = paddr - self.base
        if at < 0 or at + length > len(self.data):
            return None
        return self.data[at:at + length]

    def registers(self):
        return []


def open_file(path):
    """A core, or raw RAM."""
    try:
        with open(path, "rb") as file:
            magic = file.read(4)
    except OSError as problem:
        raise U4Error(f"{path}: cannot be read: {problem}") from problem
    return CoreSource(path) if magic == b"\x7fELF" else RawSource(path)


class Memory:
    """Cached reads from a source. `ranges`: physical [start, end) that may be read at all; devices
    must not be, since reading some of them changes them."""

    def __init__(self, source):
        self.source = source
        self.pages = {}
        self.ranges = None
        self.requests = 0
        self.bytes = 0

    def forget(self):
        self.pages.clear()

    def inside(self, paddr, length):
        return self.ranges is None or any(low <= paddr and paddr + length <= high
                                          for low, high in self.ranges)

    def _load(self, first, last):
        """Pages first..last, in runs of those that are missing."""
        page = first
        while page <= last:
            if page in self.pages:
                page += 1
                continue
            end = page
            while end <= last and end - page < RUN and end not in self.pages:
                end += 1
            data = self.source.read(page * PAGE, (end - page) * PAGE)
            self.requests += 1
            if data is None:
                raise BadMemory(page * PAGE, f"(physical) cannot be read from {self.source.name}")
            self.bytes += len(data)
            for i in range(end - page):
                self.pages[page + i] = data[i * PAGE:(i + 1) * PAGE]
            page = end

    def read(self, paddr, length):
        if length <= 0:
            return b""
        if paddr < 0 or not self.inside(paddr, length):
            raise BadMemory(paddr, "is not in the machine's RAM")
        first, last = paddr // PAGE, (paddr + length - 1) // PAGE
        offset = paddr % PAGE
        page = self.pages.get(first)
        if page is not None and offset + length <= PAGE:
            return page[offset:offset + length]
        self._load(first, last)
        if first == last:
            return self.pages[first][offset:offset + length]
        data = b"".join(self.pages[p] for p in range(first, last + 1))
        return data[offset:offset + length]

    def prefetch(self, wanted):
        """Reads many (paddr, length) in few requests. What cannot be read is left for read()."""
        pages = sorted({p for paddr, length in wanted if length > 0 and self.inside(paddr, length)
                        for p in range(paddr // PAGE, (paddr + length - 1) // PAGE + 1)})
        start = 0
        for i, page in enumerate(pages):
            if i + 1 == len(pages) or pages[i + 1] != page + 1:
                try:
                    self._load(pages[start], page)
                except BadMemory:
                    pass
                start = i + 1
