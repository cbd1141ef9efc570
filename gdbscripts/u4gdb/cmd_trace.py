# SPDX-License-Identifier: BSD-2-Clause
"""u4 trace: the newest events of the rings."""

from .errors import BadMemory
from .output import Report
from .registry import command
from .trace import field_value, find_schema, hart_ring, last_records, user_rings


class Names:
    """References (the low half of an address) in words."""

    def __init__(self, kernel, schema):
        self.kernel, self.schema = kernel, schema
        self.threads = {t.address & 0xffffffff: t.name for t in kernel.threads()}
        self.labels = {number: name for name, number in schema.labels(kernel).items()}
        for hart in kernel.harts():
            self.threads.setdefault(hart.idle & 0xffffffff, "idle")

    def value(self, kind, raw):
        if kind == "thread":
            return (self.threads.get(raw) or f"0x{raw:x}") if raw else "-"
        if kind in ("uint", "ticks"):
            return str(raw)
        if kind in ("int", "counter"):
            return str(raw - (1 << 64) if raw >> 63 else raw)
        if kind == "bool":
            return "yes" if raw else "no"
        if kind == "char":
            return repr(chr(raw & 0xff))
        if kind == "str":
            return repr(raw.split(b"\0", 1)[0].decode("utf-8", "replace"))
        if kind in self.schema.enums:
            name, text = self.schema.enums[kind].get(raw, (str(raw), None))
            return text or name
        if kind == "label":
            return self.labels.get(raw, str(raw))
        return f"0x{raw:x}"


@command("trace", "[N] [COLUMN=VALUE...]")
def trace(context, arguments):
    """Show the last N events (20) of all trace rings, oldest first: harts' and threads' own.

Events that a program defines itself have the names that it gives them.

Filters take columns: `u4 trace 200 event=ipc.*`, `u4 trace 100 thread=fs`, `u4 trace ring=user`."""
    arguments.at_most(1)
    kernel = context.kernel()
    count = context.number(arguments.words[0], "count") if arguments.words else 20
    schema = find_schema(kernel)
    names = Names(kernel, schema)
    report = Report(["ring", "number", "time", "thread", "event", "what"])
    for ring, read, own in rings(kernel, report.notes):
        events = {**schema.events, **own}
        try:
            for number, record in last_records(kernel, read, min(count, 1 << 20)):
                report.add(ring, number, record[0], names.value("thread", record[3]),
                           *describe(events, names, record))
        except BadMemory as problem:
            report.notes.append(f"ring of {ring}: {problem}")
    report.rows.sort(key=lambda row: (row["time"], row["ring"], row["number"]))
    del report.rows[:-count or None]
    if not report.rows:
        report.notes.append("the rings are empty: nothing was traced (u4 run --trace turns it on)")
    return report


def rings(kernel, problems):
    """(what the column says, ring, the program's own events)"""
    for hart in kernel.harts():
        try:
            yield f"hart{hart.core}", hart_ring(hart), {}
        except BadMemory as problem:
            problems.append(f"hart {hart.core}: {problem}")
    for ring in user_rings(kernel, problems):
        yield "user", ring, ring.own


def describe(events, names, record):
    event = events.get(record[1])
    if event is None:
        return f"?{record[1]}", ""
    group, name, _, fields = event
    parts = []
    for place, low, high, field, kind in fields:
        raw = field_value(record, place, low, high)
        text = names.value(kind, raw)
        if text != "":
            parts.append(f"{field}={text}")
    return f"{group}.{name}", " ".join(parts)
