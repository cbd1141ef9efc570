# SPDX-License-Identifier: BSD-2-Clause
"""The little of ELF64 that is needed: segments, sections, symbols, notes, embedded programs."""

import bisect
import mmap
import struct

from .errors import U4Error

PT_LOAD, PT_NOTE = 1, 4
ET_CORE = 4
EM_RISCV = 243
SHT_SYMTAB, SHT_NOBITS = 2, 8
STT_FUNC, STT_NOTYPE = 2, 0
SHN_RESERVED = 0xff00  # absolute symbols and the like: no addresses


class Segment:
    def __init__(self, fields):
        (self.type, self.flags, self.offset, self.vaddr, self.paddr, self.filesz, self.memsz,
         self.align) = fields


class Section:
    def __init__(self, fields):
        (self.name_at, self.type, self.flags, self.addr, self.offset, self.size, self.link,
         self.info, self.align, self.entsize) = fields
        self.name = ""


class Elf:
    """An ELF file, or one that lies inside another (`data`)."""

    def __init__(self, path, data=None):
        self.path = path
        if data is None:
            try:
                with open(path, "rb") as file:
                    data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            except (OSError, ValueError) as problem:
                raise U4Error(f"{path}: cannot be read: {problem}") from problem
        self.data = data
        if len(data) < 64 or data[:6] != b"\x7fELF\x02\x01":
            raise U4Error(f"{path}: expected a 64-bit little-endian ELF file, found "
                          f"{bytes(data[:4])!r} at its start")
        (self.type, self.machine, _, self.entry, phoff, shoff, _, _, phentsize, phnum, shentsize,
         shnum, shstrndx) = struct.unpack_from("<HHIQQQIHHHHHH", data, 16)
        if self.machine != EM_RISCV:
            raise U4Error(f"{path}: expected an ELF file for RISC-V (machine 243), found machine "
                          f"{self.machine}")
        try:
            self._read(phoff, phentsize, phnum, shoff, shentsize, shnum, shstrndx)
        except (struct.error, IndexError, UnicodeDecodeError) as problem:
            raise U4Error(f"{path}: damaged ELF file ({problem})") from problem
        self._symbols = None
        self._by_address = None

    def _read(self, phoff, phentsize, phnum, shoff, shentsize, shnum, shstrndx):
        if phnum == 0xffff and shnum:  # more than fit: the number is in section 0
            phnum = struct.unpack_from("<I", self.data, shoff + 44)[0]
        self.segments = [Segment(struct.unpack_from("<IIQQQQQQ", self.data, phoff + i * phentsize))
                         for i in range(phnum)]
        self.sections = [Section(struct.unpack_from("<IIQQQQIIQQ", self.data,
                                                    shoff + i * shentsize))
                         for i in range(shnum)]
        if shnum and shstrndx < shnum:
            names = self.sections[shstrndx]
            for section in self.sections:
                section.name = self._string(names.offset + section.name_at)

    def _string(self, at):
        end = self.data.find(b"\0", at)
        return bytes(self.data[at:end]).decode("utf-8", "replace")

    def section(self, name):
        return next((s for s in self.sections if s.name == name), None)

    def symbols(self):
        """name -> (address, size, type); of several of one name the first."""
        if self._symbols is None:
            self._symbols, self._all = {}, []
            for table in self.sections:
                if table.type == SHT_SYMTAB:
                    self._read_symbols(table)
        return self._symbols

    def _read_symbols(self, table):
        strings = self.sections[table.link].offset
        raw = self.data[table.offset:table.offset + table.size // 24 * 24]
        for name, info, _, index, value, size in struct.iter_unpack("<IBBHQQ", raw):
            if name and 0 < index < SHN_RESERVED and info & 15 <= STT_FUNC:
                text = self._string(strings + name)
                self._symbols.setdefault(text, (value, size, info & 15))
                self._all.append((text, value, size, info & 15))

    def symbol(self, name):
        found = self.symbols().get(name)
        return found[0] if found else None

    def symbolize(self, address):
        """(name, offset) of the function that holds the address, or None."""
        if self._by_address is None:
            code = [(s.addr, s.addr + s.size) for s in self.sections if s.flags & 4]
            self.symbols()
            self._by_address = sorted(
                (value, -size, name) for name, value, size, kind in self._all
                if kind in (STT_FUNC, STT_NOTYPE) and not name.startswith((".L", "$"))
                and any(low <= value < high for low, high in code))
        at = bisect.bisect_right(self._by_address, (address, 1, "")) - 1
        if at < 0:
            return None
        value, size, name = self._by_address[at]
        if -size and address >= value - size:
            return None
        if not -size and not any(s.flags & 4 and s.addr <= address < s.addr + s.size
                                 for s in self.sections):
            return None
        return name, address - value

    def read(self, vaddr, length):
        """Initial content at a virtual address, or None."""
        for s in self.segments:
            if s.type == PT_LOAD and s.vaddr <= vaddr and vaddr + length <= s.vaddr + s.memsz:
                at = vaddr - s.vaddr
                data = bytes(self.data[s.offset + at:s.offset + min(at + length, s.filesz)])
                return data + bytes(length - len(data))
        return None

    def build_id_place(self):
        """(address, bytes) of the build-id note."""
        s = self.section(".note.gnu.build-id") or self.section(".notes")
        if not s or not s.addr or s.type == SHT_NOBITS:
            return None
        data = bytes(self.data[s.offset:s.offset + s.size])
        at = 0
        while at + 12 <= len(data):
            name, size, kind = struct.unpack_from("<III", data, at)
            end = at + 12 + (name + 3 & ~3) + (size + 3 & ~3)
            if kind == 3 and data[at + 12:at + 16] == b"GNU\0":
                return s.addr + at, data[at:end]
            at = end
        return None

    def embedded(self):
        """name -> Elf, of programs packed in between _NAME_start and _NAME_end."""
        found = {}
        for name, (start, _, _) in self.symbols().items():
            if not (name.startswith("_") and name.endswith("_start")):
                continue
            end = self.symbol(name[:-5] + "end")
            if end is None or end - start < 64:
                continue
            data = self.read(start, end - start)
            if data and data[:4] == b"\x7fELF":
                short = name[1:-6]
                short = short[6:] if short.startswith("embed_") else short
                short = short[:-4] if short.endswith("_elf") else short
                found[short] = Elf(f"{self.path}:{short}", data)
        return found


def notes(elf):
    """(type, name, content) of a core file's notes."""
    for segment in elf.segments:
        if segment.type != PT_NOTE:
            continue
        at, end = segment.offset, segment.offset + segment.filesz
        while at + 12 <= min(end, len(elf.data)):
            name, size, kind = struct.unpack_from("<III", elf.data, at)
            text = bytes(elf.data[at + 12:at + 12 + name]).rstrip(b"\0")
            start = at + 12 + (name + 3 & ~3)
            yield kind, text.decode("latin-1"), bytes(elf.data[start:start + size])
            at = start + (size + 3 & ~3)
