# SPDX-License-Identifier: BSD-2-Clause
"""u4 break: stop on an IPC, a capability operation, a fault, a switch. Each is a breakpoint in the
kernel, or a watchpoint on what a hart runs, with a condition in Python, which costs a stop of the
guest each time the place is passed."""

import contextlib

import gdb

from .gdb_memory import StubSource
from .errors import BadMemory, U4Error
from .output import Report
from .registry import command

STATE = {"points": []}


def register(name):
    return int(gdb.newest_frame().read_register(name)) & (1 << 64) - 1


def current_tcb(kernel, hart):
    """Without a walk of all threads: what a hart runs is one."""
    try:
        return kernel.tcb(hart.current)
    except BadMemory:
        return None


class Point(gdb.Breakpoint):
    """One place of a u4 break; `test` gets the kernel and says what happened, or None."""

    def __init__(self, context, address, test, group):
        super().__init__(f"*0x{address:x}", internal=True)
        self.silent = True
        self.context, self.test, self.group = context, test, group
        self.in_kernel = bool(address >> 63)

    def stop(self):
        self.group.passed += 1
        around = self.context.source.inside_kernel if self.in_kernel else contextlib.nullcontext
        try:
            with around():
                told = self.tell()
        except (U4Error, gdb.error) as problem:
            told = f"the condition cannot be tested: {problem}"
        if told:
            self.group.hits += 1
            gdb.write(f"u4 break {self.group.number}: {told}\n")
        return bool(told)

    def tell(self):
        kernel = self.context.again()
        hart = self.context.symbols.current_hart(kernel)
        return self.test(kernel, current_tcb(kernel, hart))


class SwitchWatch(gdb.Breakpoint):
    """Stops when a hart goes to another thread, by whatever path: each writes hart->current."""

    def __init__(self, context, hart, test, group):
        address = hart.offset("current")
        super().__init__(f"*(unsigned long *) 0x{address:x}", type=gdb.BP_WATCHPOINT,
                         wp_class=gdb.WP_WRITE, internal=True)
        self.silent = True
        self.context, self.test, self.group = context, test, group
        self.number_of_hart, self.before = hart.core, hart.current

    def stop(self):
        self.group.passed += 1
        try:
            with self.context.source.inside_kernel():
                kernel = self.context.again()
                hart = next(h for h in kernel.harts() if h.core == self.number_of_hart)
                before, self.before = self.before, hart.current
                told = self.test(kernel, before, hart.current)
        except (U4Error, gdb.error) as problem:
            told = f"the condition cannot be tested: {problem}"
        if told:
            self.group.hits += 1
            gdb.write(f"u4 break {self.group.number}: {told}\n")
        return bool(told)


class Group:
    """What one `u4 break` set. `passed`: how often the guest was stopped to test the condition."""

    def __init__(self, number, text):
        self.number, self.text, self.points = number, text, []
        self.hits, self.passed = 0, 0

    def drop(self, _context):
        for point in self.points:
            if point.is_valid():
                point.delete()


def new_group(context, text, kind=Group):
    if not isinstance(context.source, StubSource):
        context.kernel()
    if not isinstance(context.source, StubSource):
        raise U4Error(f"{context.source.name} does not run: nothing can be waited for")
    return kind(len(STATE["points"]) + 1, text)


def add_points(context, text, places, test_of):
    group = new_group(context, text)
    for name in places:
        address = context.elf.symbol(name)
        if address is not None:
            group.points.append(Point(context, address, test_of(name), group))
    if not group.points:
        raise U4Error(f"the kernel has none of the functions {', '.join(places)}")
    return enter(group)


def enter(group):
    STATE["points"].append(group)
    report = Report()
    report.say(f"u4 break {group.number}: {group.text} (in {len(group.points)} places)")
    return report


KINDS = {}  # name -> function(context, arguments, name); gdb_stop_kinds.py


@command("break", "KIND [ARGUMENT] [KEY=VALUE...] | list | delete [N]", complete="thread")
def break_on(context, arguments):
    """Stop when something happens in the kernel.

  u4 break ipc [endpoint=A] [badge=B] [label=L] [sender=T] [receiver=T]
        a thread is about to send, call or signal; receiver: the one that waits first
  u4 break invoke [object=A] [label=L] [type=T] [thread=T]
        an object is invoked; label: a number, or a name like UntypedRetype
  u4 break cap OBJECT     a capability to the object is made, moved or deleted
  u4 break fault [THREAD] a thread faults
  u4 break uintr THREAD   the thread's handler of user interrupts begins
  u4 break enter THREAD   a hart goes to the thread, by the scheduler or by the fast path
  u4 break leave THREAD   a hart leaves the thread
  u4 break list           what is set;  u4 break delete [N]  removes one, or all

GDB stops the guest each time such a place is passed, to test the condition; the list says how often
that was. u4 when has the kernel test it."""
    kind = arguments.word(0, f"kind: {' '.join(KINDS)} list or delete")
    context.kernel()
    handlers = {**KINDS, "list": list_points, "delete": delete_points}
    if kind not in handlers:
        raise U4Error(f"cannot break on '{kind}'; there are: {' '.join(handlers)}")
    report = handlers[kind](context, arguments, kind)
    if kind != "list":
        arguments.filters.clear()
    return report


def list_points(_context, _arguments, _kind):
    report = Report(["number", "what", "places", "passed", "hits"])
    for group in STATE["points"]:
        if group.points:
            report.add(group.number, group.text, len(group.points), group.passed, group.hits)
    return report


def delete_points(context, arguments, _kind):
    number = context.number(arguments.words[1], "number") if len(arguments.words) > 1 else None
    chosen = [g for g in STATE["points"] if g.points and number in (None, g.number)]
    if not chosen and number is not None:
        raise U4Error(f"no u4 break {number} (u4 break list)")
    for group in chosen:
        group.drop(context)
        group.points = []
    report = Report()
    report.say(f"{len(chosen)} deleted")
    return report
