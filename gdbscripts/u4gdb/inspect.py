# SPDX-License-Identifier: BSD-2-Clause
"""The kernel's inspect table (abi/u4/inspect.h): layouts, enums, capability fields, addresses."""

import struct

from .errors import U4Error

MAGIC = 0x544350534e493455
VERSION = 1
HEADER = struct.Struct("<QIIIIIIQQ")
ENTRY = struct.Struct("<QIIHHBBH")
(CONST, STRUCT, FIELD, ENUM, VALUE, CAP, BITS, SYMBOL) = range(1, 9)
(UINT, BOOL, CHARS, POINTER, TAGGED, EMBEDDED, ENUMERATED) = range(1, 8)
INTEGER = {1: "B", 2: "H", 4: "I", 8: "Q"}


class Field:
    __slots__ = ("name", "offset", "size", "count", "element", "type", "target", "unpack")

    def __init__(self, name, offset, size, count, kind, target):
        self.name, self.offset, self.size, self.type, self.target = name, offset, size, kind, target
        self.count = max(count, 1)
        self.element = size // self.count
        self.unpack = None
        if kind not in (CHARS, EMBEDDED) and self.element in INTEGER:
            self.unpack = struct.Struct(f"<{self.count}{INTEGER[self.element]}")


class Layout:
    def __init__(self, name, size):
        self.name, self.size, self.fields = name, size, {}


class Bits:
    __slots__ = ("name", "word", "low", "mask")

    def __init__(self, name, word, low, width):
        self.name, self.word, self.low, self.mask = name, word, low, (1 << width) - 1


class Table:
    def __init__(self, data, where):
        self.consts, self.structs, self.enums, self.symbols = {}, {}, {}, {}
        self.caps, self.cap_types = {}, {}
        self.where = where
        self.data = data
        if len(data) < HEADER.size:
            raise U4Error(f"{where}: the inspect table is cut short")
        (magic, self.version, self.size, entry_size, count, entries, strings, self.trace_schema,
         self.build_id) = HEADER.unpack_from(data)
        if magic != MAGIC:
            raise U4Error(f"{where}: expected u4's inspect table (magic 0x{MAGIC:x}), found "
                          f"0x{magic:x}: not a u4 kernel, or its memory is damaged")
        if self.version != VERSION:
            raise U4Error(f"{where}: these scripts read inspect table version {VERSION}, the kernel "
                          f"has version {self.version}: use the scripts that came with the kernel")
        if (self.size > len(data) or entry_size < ENTRY.size or strings > self.size
                or entries + count * entry_size > strings):
            raise U4Error(f"{where}: the inspect table is damaged (size {self.size}, {count} entries)")
        self.strings = data[strings:self.size]
        self._parse(entries, entry_size, count)

    def _name(self, at):
        end = self.strings.find(b"\0", at)
        return self.strings[at:end].decode("ascii", "replace")

    def _parse(self, at, entry_size, count):
        owner = None
        for i in range(count):
            value, size, number, name, target, kind, kind_of, _ = ENTRY.unpack_from(
                self.data, at + i * entry_size)
            name, target = self._name(name), self._name(target) if target else None
            if kind == CONST:
                self.consts[name] = value
            elif kind == STRUCT:
                owner = self.structs[name] = Layout(name, size)
            elif kind == ENUM:
                owner = self.enums[name] = {}
            elif kind == CAP:
                owner = self.caps[name] = {}
                self.cap_types[value] = name
            elif kind == SYMBOL:
                self.symbols[name] = Field(name, value, size, number, kind_of, target)
            elif owner is None:
                raise U4Error(f"{self.where}: the inspect table is damaged at entry {i}")
            elif kind == FIELD:
                owner.fields[name] = Field(name, value, size, number, kind_of, target)
            elif kind == VALUE:
                owner[value] = name
            elif kind == BITS:
                owner[name] = Bits(name, number, value, size)
            # Kinds that a later kernel adds are skipped.

    def need(self, group, name):
        try:
            return group[name]
        except KeyError:
            raise U4Error(f"{self.where}: the inspect table has no '{name}', which these scripts "
                          "need: use the scripts that came with the kernel") from None

    def const(self, name):
        return self.need(self.consts, name)

    def enum_value(self, enum, name):
        for value, text in self.need(self.enums, enum).items():
            if text == name:
                return value
        raise U4Error(f"{self.where}: the inspect table has no {enum} '{name}'")


def from_elf(elf):
    """The table in a kernel's ELF file."""
    address = elf.symbol("u4_inspect")
    if address is None:
        raise U4Error(f"{elf.path}: no symbol u4_inspect: expected a u4 kernel with its symbols")
    header = elf.read(address, HEADER.size)
    if header is None:
        raise U4Error(f"{elf.path}: u4_inspect lies outside the file's segments")
    size = HEADER.unpack(header)[2]
    if not HEADER.size <= size <= 1 << 20:
        raise U4Error(f"{elf.path}: the inspect table is damaged (size {size})")
    return address, Table(elf.read(address, size) or b"", elf.path)
