# SPDX-License-Identifier: BSD-2-Clause
"""What DWARF 4 or 5 says of a program's types: structures with their members, enumerations, and
the types of variables. Functions and locations are not read (a variable's address is its
symbol's)."""

import struct

from .errors import U4Error

TAGS = {0x01: "array", 0x04: "enumeration", 0x0d: "member", 0x0f: "pointer", 0x13: "structure",
        0x16: "typedef", 0x17: "structure", 0x21: "subrange", 0x24: "base", 0x26: "const",
        0x28: "enumerator", 0x34: "variable", 0x35: "volatile", 0x11: "unit"}
ATTRIBUTES = {0x01: "sibling", 0x03: "name", 0x0b: "byte_size", 0x1c: "const_value",
              0x2f: "upper_bound", 0x37: "count", 0x38: "location", 0x47: "specification",
              0x49: "type"}
# Forms whose values have a fixed size in the unit (DWARF 5, 7.5.6).
FIXED = {0x01: 8, 0x05: 2, 0x06: 4, 0x07: 8, 0x0b: 1, 0x0c: 1, 0x0e: 4, 0x10: 4, 0x11: 1, 0x12: 2,
         0x13: 4, 0x14: 8, 0x17: 4, 0x1e: 16, 0x1f: 4, 0x20: 8}
BLOCKS = {0x0a: 1, 0x03: 2, 0x04: 4}
(STRING, SDATA, STRP, UDATA, REF_UDATA, EXPRLOC, FLAG_PRESENT, LINE_STRP, IMPLICIT, BLOCK) = (
    0x08, 0x0d, 0x0e, 0x0f, 0x15, 0x18, 0x19, 0x1f, 0x21, 0x09)
UNIT_RELATIVE = (0x11, 0x12, 0x13, 0x14, REF_UDATA)
MAX_NESTING = 32


class Die:
    """A debugging information entry: its tag, some attributes, and the entries below."""
    __slots__ = ("tag", "values", "children")

    def __init__(self, tag, values):
        self.tag, self.values, self.children = tag, values, []


class Reader:
    """Bytes from a position on."""

    def __init__(self, data, at):
        self.data, self.at = data, at

    def fixed(self, size):
        self.at += size
        if self.at > len(self.data):
            raise IndexError("the section ends inside a value")
        return int.from_bytes(self.data[self.at - size:self.at], "little")

    def uleb(self):
        value = shift = 0
        while True:
            byte = self.data[self.at]
            self.at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    def sleb(self):
        start = self.at
        value = self.uleb()
        bits = 7 * (self.at - start)
        return value - (1 << bits) if value >> bits - 1 else value

    def text(self):
        end = self.data.index(b"\0", self.at)
        found = self.data[self.at:end]
        self.at = end + 1
        return found.decode("utf-8", "replace")


class Dwarf:
    """structures, enumerations and variables by name; types by where their entries are."""

    def __init__(self, elf):
        self.path = elf.path
        self.sections = {name: self._section(elf, name)
                         for name in ("info", "abbrev", "str", "line_str")}
        if not self.sections["info"]:
            raise U4Error(f"{elf.path}: no debug information (section .debug_info): build the "
                          "kernel with -g, and give the file that is not stripped")
        self.dies, self.structures, self.enumerations, self.variables = {}, {}, {}, {}
        self.typedefs = {}
        try:
            at = 0
            while at < len(self.sections["info"]):
                at = self._unit(at)
        except (IndexError, KeyError, ValueError, struct.error) as problem:
            raise U4Error(f"{elf.path}: its debug information cannot be read: {problem!r}") from None

    @staticmethod
    def _section(elf, name):
        section = elf.section(".debug_" + name)
        return bytes(elf.data[section.offset:section.offset + section.size]) if section else b""

    # ---- reading ----

    def _abbreviations(self, at):
        """code -> (tag, has children, [(attribute, form, implicit value)])"""
        found, r = {}, Reader(self.sections["abbrev"], at)
        while True:
            code = r.uleb()
            if code == 0:
                return found
            tag, children, wanted = r.uleb(), r.fixed(1), []
            while True:
                attribute, form = r.uleb(), r.uleb()
                implicit = r.sleb() if form == IMPLICIT else None
                if (attribute, form) == (0, 0):
                    break
                wanted.append((ATTRIBUTES.get(attribute), form, implicit))
            found[code] = (TAGS.get(tag), bool(children), wanted)

    def _unit(self, start):
        r = Reader(self.sections["info"], start)
        length, version = r.fixed(4), r.fixed(2)
        if length >= 0xfffffff0 or version not in (4, 5):
            raise ValueError(f"unit at 0x{start:x}: DWARF version {version}, expected 4 or 5")
        if version == 5:
            r.fixed(2)  # unit type, size of an address
        abbreviations = self._abbreviations(r.fixed(4))
        if version == 4:
            r.fixed(1)
        end = start + 4 + length
        stack = []
        while r.at < end:
            at = r.at
            code = r.uleb()
            if code == 0:
                if stack:
                    stack.pop()
                continue
            tag, children, wanted = abbreviations[code]
            die = Die(tag, {name: value for name, value in
                            [(n, self._value(r, form, implicit, start))
                             for n, form, implicit in wanted] if name})
            self._enter(at, die, stack)
            if children and tag is None and "sibling" in die.values:
                r.at = die.values["sibling"]  # a function: nothing in it is needed
            elif children:
                stack.append(die)
        return end

    def _value(self, r, form, implicit, unit):
        if form in FIXED:
            value = r.fixed(FIXED[form])
            if form in UNIT_RELATIVE:
                return value + unit
            if form in (STRP, LINE_STRP):
                return Reader(self.sections["str" if form == STRP else "line_str"], value).text()
            return value
        if form == STRING:
            return r.text()
        if form == SDATA:
            return r.sleb()
        if form in (UDATA, REF_UDATA):
            return r.uleb() + (unit if form == REF_UDATA else 0)
        if form in (EXPRLOC, BLOCK) or form in BLOCKS:
            size = r.uleb() if form in (EXPRLOC, BLOCK) else r.fixed(BLOCKS[form])
            r.at += size
            return None
        if form == FLAG_PRESENT:
            return 1
        if form == IMPLICIT:
            return implicit
        raise ValueError(f"form 0x{form:x} at 0x{r.at:x} is not known")

    def _enter(self, at, die, stack):
        if die.tag is None:
            return
        self.dies[at] = die
        if len(stack) > 1:
            stack[-1].children.append(die)
            return
        name = die.values.get("name")
        if die.tag == "variable" and "specification" in die.values:
            name = self.dies[die.values["specification"]].values.get("name")
        groups = {"structure": self.structures, "enumeration": self.enumerations,
                  "variable": self.variables, "typedef": self.typedefs}
        if name and die.tag in groups and (die.children or die.tag not in groups or
                                           "byte_size" in die.values or "type" in die.values):
            groups[die.tag].setdefault(name, die)

    # ---- asking ----

    def bare(self, die):
        """The type without typedefs and qualifiers."""
        for _ in range(MAX_NESTING):
            if die is None or die.tag not in ("typedef", "const", "volatile"):
                return die
            die = self.dies.get(die.values.get("type"))
        return None

    def type_of(self, die):
        return self.bare(self.dies.get(die.values.get("type")))

    def size(self, die, depth=0):
        """In bytes; 0 if it is not known, as of an array without bounds."""
        if die is None or depth > MAX_NESTING:
            return 0
        if die.tag == "array":
            return self.count(die) * self.size(self.type_of(die), depth + 1)
        if die.tag == "pointer":
            return die.values.get("byte_size", 8)
        return die.values.get("byte_size", 0)

    @staticmethod
    def count(array):
        """Elements of an array, over all its dimensions."""
        total = 1
        for child in array.children:
            if child.tag == "subrange":
                bound = child.values.get("upper_bound")
                total *= child.values.get("count", bound + 1 if isinstance(bound, int) else 0)
        return total

    def members(self, die):
        """name -> (offset, type)"""
        return {child.values["name"]: (child.values.get("location") or 0, self.type_of(child))
                for child in die.children if child.tag == "member" and "name" in child.values}

    def structure(self, name):
        """(size, members), or an error that says what is missing."""
        die = self.structures.get(name)
        if die is None:
            raise U4Error(f"{self.path}: the debug information has no struct {name}, which these "
                          "scripts need")
        return die.values.get("byte_size", 0), self.members(die)

    def enumeration(self, name):
        """enumerator -> value, of an enumeration or a typedef of one; empty if there is none"""
        die = self.enumerations.get(name) or self.bare(self.typedefs.get(name))
        return {child.values["name"]: child.values.get("const_value", 0)
                for child in die.children} if die else {}
