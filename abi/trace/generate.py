#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Turns abi/trace/events.def into what each side of the trace needs.

usage: generate.py OUTPUT-KIND events.def > file
kinds: ids   C: event ids, enum values, schema hash (both sides)
       emit  C: the kernel's emit functions
       pack  C: records from fields by name, for programs that make traces up
       table C: the host's decoder table (include after tracer's schema.h)
       gdb   Python constants
       doc   the reference page, Markdown
       text  the canonical schema text (what the hash is taken of, and what a .u4t carries)
"""
import hashlib
import re
import sys

PLACES = {"h": (0, 16), "a": (1, 32), "b": (2, 32), "c": (3, 32), "d": (4, 32),
          "ab": (5, 64), "cd": (6, 64), "bcd": (7, 96)}
SHARED = {"ab": {"a", "b"}, "cd": {"c", "d"}, "bcd": {"b", "c", "d", "cd"}}
TYPES = ("uint int hex addr bool char str object thread slot label cptr captype ticks "
         "counter").split()
TOKEN = re.compile(r'"([^"]*)"|(\S+)')


class Error(Exception):
    pass


class Enum:
    def __init__(self, name):
        self.name, self.values = name, []  # (value name, number, text or None)

    def add(self, tokens):
        for text, word in tokens:
            if not word:
                if not self.values:
                    raise Error("a text before any value")
                name, number, _ = self.values[-1]
                self.values[-1] = (name, number, text)
                continue
            name, _, number = word.partition("=")
            following = self.values[-1][1] + 1 if self.values else 0
            self.values.append((name, int(number, 0) if number else following, None))


class Field:
    def __init__(self, place, low, high, name, kind, text, joined=False):
        self.place, self.low, self.high = place, low, high
        self.name, self.kind, self.text = name, kind, text
        self.joined = joined  # comes in the argument of an earlier field of its byte

    def whole(self):
        return self.low == 0 and self.high == PLACES[self.place][1] - 1


class Event:
    def __init__(self, number, group, name, text):
        self.id, self.group, self.name, self.text = number, group, name, text
        self.fields = []

    def symbol(self):
        return f"{self.group}_{self.name}"


class Schema:
    def __init__(self, path):
        self.classes, self.enums, self.events = {}, {}, []
        context = None
        with open(path, encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                line = line.split("#", 1)[0].rstrip()
                if not line:
                    continue
                tokens = [(m.group(1), m.group(2)) for m in TOKEN.finditer(line)]
                try:
                    if line[0].isspace():
                        self.more(context, tokens)
                    else:
                        context = self.start(tokens)
                except (Error, ValueError, IndexError, KeyError) as problem:
                    sys.exit(f"{path}:{number}: {problem!s}: {line.strip()}")
        self.check(path)

    def start(self, tokens):
        word = tokens[0][1]
        if word == "class":
            self.classes[tokens[1][1]] = tokens[2][0]
            return None
        if word == "enum":
            enum = Enum(tokens[1][1])
            if enum.name in self.enums or enum.name in TYPES and enum.name != "captype":
                raise Error("enum defined twice")
            enum.add(tokens[2:])
            self.enums[enum.name] = enum
            return enum
        if word == "event":
            event = Event(int(tokens[1][1]), tokens[2][1], tokens[3][1], tokens[4][0])
            if event.group not in self.classes:
                raise Error(f"no class {event.group}")
            if not 0 < event.id < 256 or any(e.id == event.id for e in self.events):
                raise Error("event id out of range or used twice")
            self.events.append(event)
            return event
        raise Error("expected class, enum or event")

    @staticmethod
    def more(context, tokens):
        if isinstance(context, Enum):
            context.add(tokens)
        elif isinstance(context, Event):
            joined = tokens[0][1].startswith("+")
            match = re.fullmatch(r"(\w+)(?:\[(\d+):(\d+)\])?", tokens[0][1].lstrip("+"))
            place = match.group(1)
            size = PLACES[place][1]
            low, high = int(match.group(2) or 0), int(match.group(3) or size - 1)
            if not low <= high < size:
                raise Error("bits outside their place")
            text = tokens[3][0] if len(tokens) > 3 else ""
            context.fields.append(Field(place, low, high, tokens[1][1], tokens[2][1], text,
                                        joined))
        else:
            raise Error("an indented line belongs to an enum or an event")

    def check(self, path):
        for event in self.events:
            used = set()
            for field in event.fields:
                if field.kind not in TYPES and field.kind not in self.enums:
                    sys.exit(f"{path}: event {event.id}: no type {field.kind}")
                if field.place != "h" and not field.whole():
                    sys.exit(f"{path}: event {event.id}: {field.name}: only h has small fields")
                spots = SHARED.get(field.place, {field.place})
                bits = {(spot, bit) for spot in spots for bit in range(field.low, field.high + 1)}
                if bits & used:
                    sys.exit(f"{path}: event {event.id}: {field.name} overlaps another field")
                used |= bits
        self.events.sort(key=lambda e: e.id)

    def text(self):
        out = []
        for name, text in self.classes.items():
            out.append(f'class {name} "{text}"')
        for enum in self.enums.values():
            out.append(f"enum {enum.name}")
            for name, number, text in enum.values:
                out.append(f"  {name}={number}" + (f' "{text}"' if text is not None else ""))
        for event in self.events:
            out.append(f'event {event.id} {event.group} {event.name} "{event.text}"')
            for f in event.fields:
                out.append(f"  {f.place}[{f.low}:{f.high}] {f.name} {f.kind}"
                           + (f' "{f.text}"' if f.text else ""))
        return "\n".join(out) + "\n"

    def hash(self):
        return hashlib.sha256(self.text().encode()).hexdigest()[:16]


def c_head(guard):
    return (f"/* Generated from abi/trace/events.def by generate.py; do not edit. */\n"
            f"#ifndef {guard}\n#define {guard}\n\n")


def out_ids(schema):
    out = [c_head("TRACE_IDS_H"), f"#define TRACE_SCHEMA_HASH 0x{schema.hash()}ull\n\n"]
    out.append("enum trace_class {\n")
    out += [f"    TRACE_CLASS_{name.upper()},\n" for name in schema.classes]
    out.append("    TRACE_CLASSES,\n};\n\n")
    out.append("enum trace_event {\n")
    out += [f"    TRACE_{e.symbol().upper()} = {e.id},\n" for e in schema.events]
    out.append("};\n")
    for enum in schema.enums.values():
        prefix = f"TRACE_{enum.name.upper()}_"
        out.append(f"\nenum trace_{enum.name} {{\n")
        out += [f"    {prefix}{name.upper()} = {number},\n" for name, number, _ in enum.values]
        out.append("};\n")
    for name in schema.classes:
        words = [0, 0, 0, 0]
        for event in schema.events:
            if event.group == name:
                words[event.id // 64] |= 1 << (event.id % 64)
        text = ", ".join(f"0x{word:x}ull" for word in words)
        out.append(f"\n#define TRACE_CLASS_MASK_{name.upper()} {{{text}}}")
    out.append("\n\n")
    out += [join(event) for event in schema.events]
    out.append("\n/* Where fields lie, for a trace_condition_t (trigger.h). */\n"
               "#define TRACE_FIELD_thread .word = 1, .shift = 32, .mask = 0xffffffffu\n")
    out += [where(event, field) for event in schema.events for field in event.fields
            if field.place != "bcd"]
    out.append("\n#endif\n")
    return "".join(out)


WORDS = {"h": (1, 16), "a": (2, 0), "b": (2, 32), "c": (3, 0), "d": (3, 32), "ab": (2, 0),
         "cd": (3, 0)}  # place: 64-bit word of the record, first bit there


def where(event, field):
    word, first = WORDS[field.place]
    mask = (1 << (field.high - field.low + 1)) - 1
    return (f"#define TRACE_FIELD_{event.symbol()}_{field.name} "
            f".word = {word}, .shift = {first + field.low}, .mask = 0x{mask:x}ull\n")


def parameters(event):
    """[(C parameter, field or None)] of the emit function."""
    params = []
    for f in event.fields:
        if f.place == "bcd":
            params += [(f"uint32_t text{i}", None) for i in range(3)]
        elif not f.joined:
            params.append((f"uint64_t {f.name}_", f))  # a field may be called as a C keyword is
    return params


def about(event, kind):
    """A macro: is this the event's first field of that kind? Events without one are about all
    objects and about no thread but their own."""
    head = f"#define TRACE_ABOUT_{kind.upper()}_{event.symbol()}"
    params = parameters(event)
    found = [p.split()[-1] for p, f in params if f and f.kind == kind]
    if not found:
        return f"{head}(which, ...) {int(kind == 'object')}\n"
    return f"{head}(which, {', '.join(p.split()[-1] for p, _ in params)}) (({found[0]}) == (which))\n"


def join(event):
    """A macro per argument that several fields share."""
    out = []
    for first in event.fields:
        rest = [f for f in event.fields if f.joined and f.place == first.place and
                f.low // 8 == first.low // 8]
        if not rest or first.joined or f"_{first.name}(" in "".join(out):
            continue
        names = ", ".join(f.name + "_" for f in [first] + rest)
        value = " | ".join([f"({first.name}_)"] +
                           [f"(uint32_t)({f.name}_) << {f.low - first.low}" for f in rest])
        out.append(f"#define TRACE_JOIN_{event.symbol()}({names}) ({value})\n")
        break
    return "".join(out)


def small_fields(event):
    """Expressions for h: [(first bit, C type, value)], a byte's or, if a field crosses it, all."""
    groups = {}
    wide = any(f.place == "h" and f.low // 8 != f.high // 8 for f in event.fields)
    for f in event.fields:
        if f.place == "h" and not f.joined:
            groups.setdefault((0 if wide else f.low & 8, wide), []).append(f)
    for (first, wide), fields in groups.items():
        parts = [f"{f.name}_ << {f.low - first}" if f.low > first else f"{f.name}_" for f in fields]
        yield first, "uint16_t" if wide else "uint8_t", " | ".join(
            f"({p})" if " " in p and len(parts) > 1 else p for p in parts)


def emit_one(event):
    """What is constant in the head goes into one store with the id, the rest into one of its own,
    so that nothing need be shifted; volatile, since compilers join stores at a higher price."""
    name = event.symbol()
    head, late = [], []
    for first, kind, value in small_fields(event):
        head.append(f"    if (__builtin_constant_p({value}))\n"
                    f"        head |= (uint32_t)({kind})({value}) << {16 + first};\n")
        late.append(f"    if (!__builtin_constant_p({value}))\n"
                    f"        ((volatile {kind} *)&r->h)[{first // 8}] = ({kind})({value});\n")
    body = []
    for f in event.fields:
        if f.place == "bcd":
            body.append("    r->b = text0;\n    r->c = text1;\n    r->d = text2;\n")
        elif f.place != "h":
            body.append(f"    r->{f.place} = (uint{PLACES[f.place][1]}_t){f.name}_;\n")
    params = [p for p, _ in parameters(event)]
    comma = "".join(", " + p for p in params)
    values = "".join(", " + p.split()[-1] for p in params)
    inline = "static inline __attribute__((always_inline)) void"
    return (f"{inline} trace_fill_{name}(trace_record_t *r{comma})\n{{\n"
            f"    uint32_t head = {event.id}u;\n" + "".join(head) + "    r->head = head;\n" +
            "".join(late + body) + "}\n"
            f"{inline} trace_put_{name}(trace_ring_t *ring, uint32_t thread{comma})\n{{\n"
            f"    trace_record_t *r = trace_begin(ring, thread);\n"
            f"    trace_fill_{name}(r{values});\n"
            "    trace_end(ring, r);\n}\n"
            + about(event, "object") + about(event, "thread") +
            f"#define TRACE_ID_{name} {event.id}\n"
            f"#define TRACE_WORD_{name} {event.id // 64}\n"
            f"#define TRACE_BIT_{name} (1ull << {event.id % 64})\n\n")


def out_emit(schema):
    out = [c_head("TRACE_EMIT_H"),
           "/* Needs trace_begin() and trace_end() from abi/trace/write.h. Fields that share a\n"
           " * place must fit their bits: the caller masks what could be too wide. */\n\n"]
    out += [emit_one(e) for e in schema.events]
    out.append("#endif\n")
    return "".join(out)


C_KEYWORDS = ("auto break case char const continue default do double else enum extern float for goto "
              "if int long register return short signed sizeof static struct switch typedef union "
              "unsigned void volatile while").split()


def pack_one(event):
    """A record of named fields. A name that C has taken gets a _ behind it."""
    name, members, places = event.symbol(), "", {}
    for f in event.fields:
        member = f.name + ("_" if f.name in C_KEYWORDS else "")
        members += f"    {'const char *' if f.place == 'bcd' else 'uint64_t '}{member};\n"
        mask = (1 << (f.high - f.low + 1)) - 1
        value = f"(f.{member} & 0x{mask:x}u)" if f.place == "h" else f"f.{member}"
        places.setdefault(f.place, []).append(f"{value} << {f.low}" if f.low else value)
    body = f"    r->event = {event.id};\n"
    for place, values in places.items():
        if place == "bcd":
            body += (f"    if ({values[0]})\n"
                     f"        memcpy((char *)r + offsetof(trace_record_t, b), {values[0]},\n"
                     f"               strnlen({values[0]}, 12));\n")
        else:
            body += f"    r->{place} = (uint{PLACES[place][1]}_t)({' | '.join(values)});\n"
    members = members or "    char none;\n"
    return (f"typedef struct {{\n{members}}} trace_{name}_t;\n"
            f"static inline void trace_pack_{name}(trace_record_t *r, trace_{name}_t f)\n"
            f"{{\n    (void)f;\n{body}}}\n\n")


def out_pack(schema):
    return "".join([c_head("TRACE_PACK_H"),
                    "/* TRACE_PACK(record, ipc_block, .why = TRACE_BLOCK_KIND_RECV, ...): makes it an\n"
                    " * event with these fields, the others 0. Time and thread are the caller's. */\n"
                    "#include <stddef.h>\n#include <string.h>\n\n"
                    "#define TRACE_PACK(record, name, ...) \\\n"
                    "    trace_pack_##name(record, (trace_##name##_t){__VA_ARGS__})\n\n",
                    *map(pack_one, schema.events), "#endif\n"])


def quote(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def out_table(schema):
    out = ["/* Generated from abi/trace/events.def by generate.py; do not edit. */\n",
           "static const char schema_builtin_text[] =\n"]
    out += [f"    {quote(line)[:-1]}\\n\"\n" for line in schema.text().splitlines()]
    out.append("    ;\n")
    return "".join(out)


def out_gdb(schema):
    out = ["# Generated from abi/trace/events.def by generate.py; do not edit.\n",
           f"SCHEMA_HASH = 0x{schema.hash()}\n\nENUMS = {{\n"]
    for enum in schema.enums.values():
        out.append(f"    {enum.name!r}: {{\n")
        out += [f"        {number}: ({name!r}, {text!r}),\n" for name, number, text in enum.values]
        out.append("    },\n")
    out.append("}\n\n# id: (class, name, description, [(place, low, high, field, type)])\nEVENTS = {\n")
    for e in schema.events:
        fields = [(f.place, f.low, f.high, f.name, f.kind) for f in e.fields]
        out.append(f"    {e.id}: ({e.group!r}, {e.name!r}, {e.text!r}, {fields!r}),\n")
    out.append("}\n")
    return "".join(out)


def out_doc(schema):
    out = ["# Trace events\n\nGenerated from `abi/trace/events.def` by `make doc`; do not edit.\n\n"
           f"Schema hash `{schema.hash()}`. Every record carries its time, hart and current thread\n"
           "besides the fields below. References (object, thread, slot) are physical addresses\n"
           "modulo 4 GiB.\n"]
    for name, text in schema.classes.items():
        events = [e for e in schema.events if e.group == name]
        if not events:
            continue
        out.append(f"\n## {name}: {text}\n\n| id | event | meaning | fields |\n|---|---|---|---|\n")
        for e in events:
            fields = "; ".join(f"`{f.name}` {f.kind}" + (f" ({f.text})" if f.text else "")
                               for f in e.fields)
            out.append(f"| {e.id} | `{name}.{e.name}` | {e.text} | {fields} |\n")
    out.append("\n## Enumerations\n")
    for enum in schema.enums.values():
        out.append(f"\n### {enum.name}\n\n| value | name | meaning |\n|---|---|---|\n")
        out += [f"| {number} | `{n}` | {text or ''} |\n" for n, number, text in enum.values]
    return "".join(out)


def main():
    kinds = {"ids": out_ids, "emit": out_emit, "pack": out_pack, "table": out_table, "gdb": out_gdb,
             "doc": out_doc, "text": Schema.text}
    if len(sys.argv) != 3 or sys.argv[1] not in kinds:
        sys.exit(__doc__)
    sys.stdout.write(kinds[sys.argv[1]](Schema(sys.argv[2])))


if __name__ == "__main__":
    main()
