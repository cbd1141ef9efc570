# SPDX-License-Identifier: BSD-2-Clause
"""u4 when: the kernel's own trace triggers (abi/trace/trigger.h) as conditions of breakpoints. The
kernel compares an event's fields itself, as it writes the event; GDB has a breakpoint where it goes
when they match, and the guest stops nowhere else."""

import re

import gdb

from . import gdb_stops
from .cmd_trace import Names, describe
from .errors import U4Error
from .gdb_stop_kinds import label_number
from .output import number
from .registry import command
from .trace import RECORD, find_schema

STOP_AT = "u4_trace_stop"  # its argument is the trigger
OFF, ARMED, STOP, REPEAT = 0, 1, 8, 32
OPERATORS = {"=": 0, "!=": 1, "<": 2, ">=": 3}
CONDITION = re.compile(r"(\w+)(!=|>=|=|<)(.*)")
# Where the places of fields are in a record seen as words of 64 bits: (word, lowest bit).
PLACES = {"h": (1, 16), "a": (2, 0), "b": (2, 32), "ab": (2, 0), "c": (3, 0), "d": (3, 32),
          "cd": (3, 0)}
THREAD = ("thread", (1, 32, 0xffffffff), "thread")


class Triggers:
    """The kernel's table of triggers."""

    def __init__(self, kernel):
        if "trace_trigger" not in kernel.layout:
            raise U4Error("this kernel has no trace triggers: built without tracing, or older than "
                          "these scripts")
        self.kernel, self.layout = kernel, kernel.layout["trace_trigger"]
        header = kernel.symbol("trace_header")
        self.header, self.count = header, header.triggers
        self.base = header.address + header.trigger_offset

    def at(self, index):
        return self.kernel.view("trace_trigger", self.base + index * self.layout.size, 3)

    def free(self):
        """The index of one that is in nobody's use."""
        for index in range(self.count):
            if self.at(index).state == OFF:
                return index
        raise U4Error(f"all {self.count} triggers of the kernel are in use (u4 when list)")

    def write(self, index, name, value, layout=None, offset=0):
        """One field, or one of a structure `offset` bytes into the trigger."""
        field = (layout or self.layout).fields[name]
        self._store(self.base + index * self.layout.size + offset + field.offset,
                    value.to_bytes(field.element, "little"))

    def _store(self, address, data):
        source = self.kernel.memory.source
        if not source.write(self.kernel.phys(address), data):
            raise U4Error(f"{source.name}: the kernel's memory cannot be written there (0x{address:x})")

    def arm(self, index, event, conditions, skip):
        condition = self.kernel.layout["trace_condition"]
        place = self.layout.fields["condition"]
        for name, value in (("event", event), ("actions", STOP | REPEAT), ("skip", skip),
                            ("after", 0), ("since", 0), ("ticks", 0), ("matched", 0), ("fired", 0),
                            ("conditions", len(conditions))):
            self.write(index, name, value)
        for i, (word, shift, mask, op, value) in enumerate(conditions):
            for name, content in (("mask", mask), ("value", value), ("word", word),
                                  ("shift", shift), ("op", op)):
                self.write(index, name, content, condition, place.offset + i * place.element)
        self.change(index, ARMED)

    def turn_on(self, events):
        """Sets the events' bits in all harts' masks; (address, bits) of what was not set before."""
        found = []
        for hart in self.kernel.harts():
            mask = hart.trace.offset("mask")
            for event in events:
                address, bit = mask + event // 64 * 8, 1 << event % 64
                old = self.kernel.word(address)
                if not old & bit:
                    self._store(address, (old | bit).to_bytes(8, "little"))
                    found.append((address, bit))
                self.kernel.memory.forget()
        return found

    def turn_off(self, bits):
        for address, bit in bits:
            self.kernel.memory.forget()
            self._store(address, (self.kernel.word(address) & ~bit).to_bytes(8, "little"))

    def change(self, index, state):
        """A trigger's state; then the kernel is told to look."""
        self.write(index, "state", state)
        field = self.header.layout.fields["changed"]
        self._store(self.header.address + field.offset, (1).to_bytes(field.size, "little"))
        self.kernel.forget()


class TriggerGroup(gdb_stops.Group):
    """What one `u4 when` set: a trigger of the kernel, and events that were not traced before."""
    index, bits = None, ()

    def drop(self, context):
        triggers = Triggers(context.kernel())
        triggers.turn_off(self.bits)
        triggers.change(self.index, OFF)


class StopPoint(gdb.Breakpoint):
    """Where the kernel goes when a trigger says stop; one for all of them."""

    def __init__(self, context, groups):
        super().__init__(f"*0x{context.elf.symbol(STOP_AT):x}", internal=True)
        self.silent = True
        self.context, self.groups = context, groups

    def stop(self):
        try:
            with self.context.source.inside_kernel():
                told = self.tell()
        except (U4Error, gdb.error) as problem:
            told = f"u4 when: what has happened cannot be told: {problem}"
        gdb.write(told + "\n")
        return True

    def tell(self):
        kernel = self.context.again()
        triggers = Triggers(kernel)
        index = (gdb_stops.register("a0") - triggers.base) // triggers.layout.size
        group = next((g for g in self.groups if g.points and g.index == index), None)
        trigger = triggers.at(index)
        record = RECORD.unpack(trigger.raw[trigger.layout.fields["record"].offset:][:RECORD.size])
        schema = find_schema(kernel)
        names = Names(kernel, schema)
        event, what = describe(schema.events, names, record)
        who = names.value("thread", record[3])
        if group is None:
            return f"trigger {index}: {who}: {event} {what}"
        group.hits += 1
        group.passed += 1
        return f"u4 break {group.number}: {who}: {event} {what}".rstrip()


@command("when", "EVENT [FIELD=VALUE...] [skip=N]", complete="event")
def when(context, arguments):
    """Stop at an event of the trace, with conditions that the kernel tests itself.

EVENT is one that `u4 events` or docs/events.md has; fields are the event's, and `thread`, who was
current. They are compared by = != < >=, at most four; a value is a number, a thread's name, an
object's address, a label's or an enumeration's name. skip=N: not the first N times.

    u4 when ipc.transfer kind=call badge=0x11
    u4 when cap.make object=0xffffffc082000010 thread=root
    u4 when sched.switch next=pong

Unlike with u4 break, the guest runs undisturbed until it happens. The kernel looks at what is set
here at its next timer tick (2 ms; on MCS at its next entry). The event need not be traced before,
and is from then on. u4 break list shows what is set, u4 break delete removes it."""
    kernel = context.kernel()
    schema = find_schema(kernel)
    event, fields = event_of(schema, arguments.word(0, "event"))
    conditions, skip = [], 0
    for key, operator, value in comparisons(arguments):
        if key == "skip" and operator == "=":
            skip = context.number(value, "skip")
        else:
            conditions.append(condition(context, schema, fields, key, operator, value))
    triggers = Triggers(kernel)
    most = triggers.layout.fields["condition"].count
    if len(conditions) > most:
        raise U4Error(f"{len(conditions)} conditions: the kernel tests {most} at most")
    text = " ".join(["when", *arguments.words, *(f"{k}={v}" for k, v in arguments.filters)])
    arguments.filters.clear()
    group = gdb_stops.new_group(context, text, TriggerGroup)
    group.index = triggers.free()
    # The fast path writes two events as one; the kernel takes that apart for triggers.
    both = [i for i, e in schema.events.items() if e[:2] == ("ipc", "reply_wait")]
    group.bits = triggers.turn_on([event] + (both if "ipc." in arguments.words[0] else []))
    triggers.arm(group.index, event, conditions, skip)
    group.points = [stop_point(context)]
    return gdb_stops.enter(group)


def stop_point(context):
    groups = gdb_stops.STATE["points"]
    for group in groups:
        for point in group.points:
            if isinstance(point, StopPoint) and point.is_valid():
                return point
    return StopPoint(context, groups)


def event_of(schema, name):
    """(id, fields by name) of an event by its class and name."""
    for ident, (group, event, _, fields) in schema.events.items():
        if name == f"{group}.{event}":
            places = {field: ((*PLACES[place], low, high), kind)
                      for place, low, high, field, kind in fields if place in PLACES}
            return ident, {field: ((word, base + low, (1 << high - low + 1) - 1), kind)
                           for field, ((word, base, low, high), kind) in places.items()}
    near = [f"{e[0]}.{e[1]}" for e in schema.events.values() if e[0] == name.partition(".")[0]]
    classes = sorted({e[0] for e in schema.events.values()})
    raise U4Error(f"no event '{name}'; " + (f"there are: {' '.join(near)}" if near else
                                            f"classes are: {' '.join(classes)}"))


def comparisons(arguments):
    """(field, operator, value) of the words behind the event."""
    found = [(key, "=", value) for key, value in arguments.filters]
    for word in arguments.words[1:]:
        match = CONDITION.fullmatch(word)
        if match is None:
            raise U4Error(f"expected FIELD=VALUE (or != < >=), found '{word}'")
        found.append(match.groups())
    return found


def condition(context, schema, fields, key, operator, value):
    """(word, shift, mask, operator, value) as the kernel wants it."""
    known = dict([(THREAD[0], THREAD[1:]), *fields.items()])
    if key not in known:
        raise U4Error(f"the event has no field '{key}'; there are: {' '.join(known)}")
    (word, shift, mask), kind = known[key]
    wanted = value_of(context, schema, kind, value)
    if kind in ("thread", "object", "slot"):
        wanted &= 0xffffffff  # references are the low half of an address
    if wanted & ~mask:
        raise U4Error(f"{key}: {value} does not fit the field, which has {mask.bit_length()} bits")
    return word, shift, mask, OPERATORS[operator], wanted


def value_of(context, schema, kind, text):
    if kind == "thread":
        return context.thread(text).address
    if kind in ("object", "slot"):
        return context.object_address(text)
    if kind == "label":
        return label_number(context, text)
    if kind == "bool" and text in ("yes", "no"):
        return int(text == "yes")
    if kind in schema.enums and number(text) is None:
        names = {name: value for value, (name, _) in schema.enums[kind].items()}
        if text not in names:
            raise U4Error(f"'{text}': expected a number or one of: {' '.join(names)}")
        return names[text]
    return context.number(text, kind)
