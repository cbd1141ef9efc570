# SPDX-License-Identifier: BSD-2-Clause
"""Where a kernel's structures have their fields, whoever says so: u4's inspect table (inspect.py)
or the debug information of a seL4 kernel (sel4.py). The names are u4's."""

import struct

from .errors import U4Error

# Types of fields, as the inspect table numbers them.
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


class Provider:
    """consts: name -> value; structs: name -> Layout; enums: name -> {value: name}; symbols: name
    -> Field whose offset is an address; caps: type -> {name: Bits}; cap_types: number -> type."""
    kind = "the layout"

    def __init__(self, where):
        self.where = where
        self.consts, self.structs, self.enums, self.symbols = {}, {}, {}, {}
        self.caps, self.cap_types = {}, {}

    def need(self, group, name):
        try:
            return group[name]
        except KeyError:
            raise U4Error(f"{self.where}: {self.kind} has no '{name}', which these scripts "
                          "need: use the scripts that came with the kernel") from None

    def const(self, name):
        return self.need(self.consts, name)

    def enum_value(self, enum, name):
        for value, text in self.need(self.enums, enum).items():
            if text == name:
                return value
        raise U4Error(f"{self.where}: {self.kind} has no {enum} '{name}'")
