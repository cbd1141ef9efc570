# SPDX-License-Identifier: BSD-2-Clause
"""u4 break: stop on an IPC, a capability operation, a fault, a switch. Each is a breakpoint in the
kernel, or a watchpoint on what a hart runs, with a condition in Python, which costs a stop of the
guest each time the place is passed."""

import contextlib

import gdb

from .gdb_memory import StubSource
from .errors import BadMemory, U4Error
from .lookup import resolve
from .output import Report
from .registry import command

CALLS = {-1: "Call", -2: "ReplyRecv", -3: "Send", -4: "NBSend"}
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
    """What one `u4 break` set."""

    def __init__(self, number, text):
        self.number, self.text, self.points, self.hits = number, text, [], 0


def new_group(context, text):
    if not isinstance(context.source, StubSource):
        context.kernel()
    if not isinstance(context.source, StubSource):
        raise U4Error(f"{context.source.name} does not run: nothing can be waited for")
    return Group(len(STATE["points"]) + 1, text)


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


@command("break", "KIND [ARGUMENT] [KEY=VALUE...] | list | delete [N]", complete="thread")
def break_on(context, arguments):
    """Stop when something happens in the kernel.

  u4 break ipc [endpoint=A] [badge=B] [label=L] [sender=T] [receiver=T]
        a thread is about to send, call or signal; receiver: the one that waits first
  u4 break cap OBJECT     a capability to the object is made, moved or deleted
  u4 break fault [THREAD] a thread faults
  u4 break uintr THREAD   the thread's handler of user interrupts begins
  u4 break enter THREAD   a hart goes to the thread, by the scheduler or by the fast path
  u4 break leave THREAD   a hart leaves the thread
  u4 break list           what is set;  u4 break delete [N]  removes one, or all"""
    kind = arguments.word(0, "kind: ipc, cap, fault, uintr, enter, leave, list or delete")
    context.kernel()
    handlers = {"ipc": break_ipc, "cap": break_cap, "fault": break_fault,
                "uintr": break_uintr, "enter": break_switch, "leave": break_switch, "list": list_points,
                "delete": delete_points}
    if kind not in handlers:
        raise U4Error(f"cannot break on '{kind}'; there are: {' '.join(handlers)}")
    report = handlers[kind](context, arguments, kind)
    arguments.filters.clear()
    return report


def break_ipc(context, arguments, _kind):
    wanted = {}
    for key, value in arguments.filters:
        if key == "endpoint":
            wanted[key] = context.object_address(value)
        elif key in ("badge", "label"):
            wanted[key] = context.number(value, key)
        elif key in ("sender", "receiver"):
            wanted[key] = context.thread(value).address
        else:
            raise U4Error(f"ipc has no '{key}'; there are: endpoint badge label sender receiver")

    def test_of(name):
        return lambda kernel, tcb: ipc_test(kernel, tcb, name, wanted)
    text = "ipc " + " ".join(f"{k}={v}" for k, v in arguments.filters)
    return add_points(context, text.strip(), ("trap_syscall", "fastpath_call",
                                              "fastpath_reply_recv", "fastpath_signal"), test_of)


def ipc_test(kernel, tcb, place, wanted):
    """At a system call's entry: a0 cptr, a1 message info, number in a2 (slow) or by the place."""
    fixed = {"fastpath_call": -1, "fastpath_reply_recv": -2, "fastpath_signal": -3}
    number = fixed.get(place)
    if number is None:
        raw = register("a2")
        number = raw - (1 << 64) if raw >> 63 else raw
    if number not in CALLS:
        return None
    label = register("a1") >> 12
    if wanted.get("label", label) != label or tcb is None:
        return None
    if number == -2:
        cap = kernel.tcb_cap(tcb, "caller")
    else:
        found = resolve(kernel, kernel.tcb_cap(tcb, "cspace"), register("a0"))
        cap = found.slot.cap if found.slot else None
    if cap is None or cap.type not in ("endpoint", "notification", "reply"):
        return None
    receiver = first_receiver(kernel, cap)
    facts = {"endpoint": kernel.decoder.object(cap), "badge": cap.get("badge"), "label": label,
             "sender": tcb.address, "receiver": receiver}
    if any(facts[key] != value for key, value in wanted.items()):
        return None
    to = f" to {kernel.thread_name(receiver)}" if receiver else ""
    return (f"{tcb.name}: {CALLS[number]} label 0x{label:x} by {cap.type} "
            f"{kernel.decoder.describe(cap)}{to}")


def first_receiver(kernel, cap):
    """Who would get the message now: the caller that is answered, or who waits first."""
    if cap.type == "reply":
        return cap.ptr
    try:
        queue = kernel.view(cap.type, cap.ptr)
    except BadMemory:
        return None
    waiting = kernel.queue_state(queue) in ("recv", "waiting")
    return kernel.queue_head(queue) if waiting else None


def break_cap(context, arguments, _kind):
    address = context.object_address(arguments.word(1, "object"))
    # Where each function of kernel/object/slot.h has the capability: registers, or a slot.
    places = {"slot_insert": ("made", ("a2", "a3")), "slot_insert_original": ("made", ("a2", "a3")),
              "slot_move": ("moved", ("a2", "a3")), "slot_remove": ("deleted", "a0")}

    def test_of(name):
        return lambda kernel, tcb: cap_test(kernel, tcb, places[name], address)
    return add_points(context, f"cap 0x{address:x}", tuple(places), test_of)


def cap_test(kernel, tcb, place, address):
    what, where = place
    if isinstance(where, tuple):
        cap = kernel.decoder.decode(*(register(r) for r in where))
    else:
        cap = kernel.slot_of(register(where)).cap
    if cap.type == "null" or kernel.decoder.object(cap) != address:
        return None
    who = kernel.thread_name(tcb.address) if tcb is not None else "the kernel"
    slot = register("a0") if what == "deleted" else register("a1")
    return f"{who}: {what} {cap.type} {kernel.decoder.describe(cap)}, slot 0x{slot:x}"


def break_fault(context, arguments, _kind):
    only = context.thread(arguments.words[1]).address if len(arguments.words) > 1 else None

    def test(kernel, tcb):
        from .faults import explain
        if tcb is None or only not in (None, tcb.address):
            return None
        hart = context.symbols.current_hart(kernel)
        why = explain(kernel, tcb, hart.fault, hart.lookup)
        return f"{tcb.name} faults at 0x{tcb.fault_pc:x}: {why}"
    return add_points(context, "fault" + (f" {arguments.words[1]}" if only else ""),
                      ("fault_handle",), lambda _name: test)


def break_uintr(context, arguments, _kind):
    """The hart goes there by itself: no kernel code runs."""
    tcb = context.thread(arguments.word(1, "thread"))
    kernel = context.kernel()
    if not tcb.has("utvec"):
        raise U4Error("this kernel has no user interrupts")
    handler = tcb.utvec & ~3
    if kernel.current_hart(tcb.address) and not kernel.symbol("uintc_base") == 0:
        handler = register("utvec") & ~3
    if not handler:
        raise U4Error(f"{tcb.name} has no handler of user interrupts (u4 uintr lists receivers)")

    def test(_kernel, current):
        if current is None or current.address != tcb.address:
            return None
        return f"{tcb.name}'s handler of user interrupts"
    group = new_group(context, f"uintr {tcb.name}")
    group.points = [Point(context, handler, test, group)]
    return enter(group)


def break_switch(context, arguments, kind):
    wanted = context.thread(arguments.word(1, "thread"))
    address = wanted.address

    def test(kernel, before, following):
        if following == before or address != (following if kind == "enter" else before):
            return None
        return f"from {kernel.thread_name(before)} to {kernel.thread_name(following)}"
    group = new_group(context, f"{kind} {wanted.name or hex(address)}")
    group.points = [SwitchWatch(context, hart, test, group) for hart in context.kernel().harts()]
    return enter(group)


def list_points(_context, _arguments, _kind):
    report = Report(["number", "what", "places", "hits"])
    for group in STATE["points"]:
        if group.points:
            report.add(group.number, group.text, len(group.points), group.hits)
    return report


def delete_points(context, arguments, _kind):
    number = context.number(arguments.words[1], "number") if len(arguments.words) > 1 else None
    chosen = [g for g in STATE["points"] if g.points and number in (None, g.number)]
    if not chosen and number is not None:
        raise U4Error(f"no u4 break {number} (u4 break list)")
    for group in chosen:
        for point in group.points:
            if point.is_valid():
                point.delete()
        group.points = []
    report = Report()
    report.say(f"{len(chosen)} deleted")
    return report
