# SPDX-License-Identifier: BSD-2-Clause
"""The kernel's inspect table (abi/u4/inspect.h): layouts, enums, capability fields, addresses."""

import struct

from .errors import U4Error
from .layouts import Bits, Field, Layout, Provider

MAGIC = 0x544350534e493455
VERSION = 1
HEADER = struct.Struct("<QIIIIIIQQ")
ENTRY = struct.Struct("<QIIHHBBH")
(CONST, STRUCT, FIELD, ENUM, VALUE, CAP, BITS, SYMBOL) = range(1, 9)


class Table(Provider):
    kind = "the inspect table"

    def __init__(self, data, where):
        super().__init__(where)
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

    def summary(self):
        return (f"inspect table version {self.version}, {self.size} bytes, {len(self.structs)} "
                "structures")


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
