# SPDX-License-Identifier: BSD-2-Clause
"""What u4 break can stop at: where in the kernel each is, and its condition."""

from .errors import BadMemory, U4Error
from .faults import explain
from .gdb_stops import KINDS, Point, SwitchWatch, add_points, enter, new_group, register
from .mcs import reply_at
from .output import number
from .syscalls import MESSAGES, Syscall, label_name, labels_of

# Each system call passes one of these once; all of its registers are in the TCB there.
SYSCALLS = ("trap_syscall", "fastpath_call", "fastpath_reply_recv", "fastpath_signal",
            "fastpath_signal_wait")
# Where each function of kernel/object/slot.h has capabilities: pairs of registers, or the slot in
# one; and the register that has the slot which is changed.
SLOT_CHANGES = {"slot_insert": ("made", (("a2", "a3"),), "a1"),
                "slot_insert_original": ("made", (("a2", "a3"),), "a1"),
                "slot_insert_registration": ("made", (("a2", "a3"),), "a1"),
                "slot_move": ("moved", (("a2", "a3"),), "a1"),
                "slot_swap": ("moved", (("a1", "a2"), ("a4", "a5")), "a0"),
                "slot_remove": ("deleted", None, "a0")}


def wanted_of(context, arguments, kind, readers):
    """{key: value} of the KEY=VALUE words; `readers`: what each key's text is read by."""
    wanted = {}
    for key, value in arguments.filters:
        if key not in readers:
            raise U4Error(f"{kind} has no '{key}'; there are: {' '.join(readers)}")
        wanted[key] = readers[key](value)
    text = " ".join([kind] + [f"{k}={v}" for k, v in arguments.filters])
    return wanted, text


def break_ipc(context, arguments, kind):
    wanted, text = wanted_of(context, arguments, kind, {
        "endpoint": context.object_address, "badge": lambda v: context.number(v, "badge"),
        "label": lambda v: context.number(v, "label"),
        "sender": lambda v: context.thread(v).address,
        "receiver": lambda v: context.thread(v).address})
    return add_points(context, text, SYSCALLS,
                      lambda _name: lambda kernel, tcb: ipc_test(kernel, tcb, wanted))


def ipc_test(kernel, tcb, wanted):
    """At a system call's entry."""
    call = Syscall(kernel, tcb.regs) if tcb is not None else None
    if call is None or wanted.get("label", call.label) != call.label:
        return None
    cap = call.cap(kernel, tcb)
    if cap is None or cap.type not in MESSAGES:
        return None
    receiver = first_receiver(kernel, cap)
    facts = {"endpoint": kernel.decoder.object(cap), "badge": cap.get("badge"),
             "label": call.label, "sender": tcb.address, "receiver": receiver}
    if any(facts[key] != value for key, value in wanted.items()):
        return None
    to = f" to {kernel.thread_name(receiver)}" if receiver else ""
    return (f"{tcb.name}: {call.name} label 0x{call.label:x} by {cap.type} "
            f"{kernel.decoder.describe(cap)}{to}")


def break_invoke(context, arguments, kind):
    """Before the object's own code: object_invoke(label, length, cptr, slot, cap, ...)."""
    kernel = context.kernel()
    wanted, text = wanted_of(context, arguments, kind, {
        "object": context.object_address, "label": lambda v: label_number(context, v),
        "type": lambda v: captype(kernel, v), "thread": lambda v: context.thread(v).address})
    return add_points(context, text, ("object_invoke",),
                      lambda _name: lambda kernel, tcb: invoke_test(kernel, tcb, wanted))


def invoke_test(kernel, tcb, wanted):
    cap, label = kernel.decoder.decode(register("a4"), register("a5")), register("a0")
    facts = {"object": kernel.decoder.object(cap), "label": label, "type": cap.type,
             "thread": tcb.address if tcb is not None else None}
    if cap.type in MESSAGES or any(facts[key] != value for key, value in wanted.items()):
        return None
    who = kernel.thread_name(tcb.address) if tcb is not None else "the kernel"
    return (f"{who}: {label_name(kernel, label)} of {cap.type} {kernel.decoder.describe(cap)}, "
            f"{register('a1')} words")


def label_number(context, text):
    value, kernel = number(text), context.kernel()
    if value is not None:
        return value
    known = labels_of(kernel)
    if text not in known:
        raise U4Error(f"no invocation is called '{text}' (in this kernel: {', '.join(known)})")
    return known[text]


def captype(kernel, text):
    if text not in kernel.table.caps:
        raise U4Error(f"no capability type '{text}'; there are: {' '.join(sorted(kernel.table.caps))}")
    return text


def first_receiver(kernel, cap):
    """Who would get the message now: the caller that is answered, or who waits first."""
    if cap.type == "reply":
        return reply_at(kernel, cap.ptr).tcb if kernel.decoder.mcs else cap.ptr
    try:
        queue = kernel.view(cap.type, cap.ptr)
    except BadMemory:
        return None
    waiting = kernel.queue_state(queue) in ("recv", "waiting")
    return kernel.queue_head(queue) if waiting else None


def break_cap(context, arguments, _kind):
    address = context.object_address(arguments.word(1, "object"))

    def test_of(name):
        return lambda kernel, tcb: cap_test(kernel, tcb, SLOT_CHANGES[name], address)
    return add_points(context, f"cap 0x{address:x}", tuple(SLOT_CHANGES), test_of)


def cap_test(kernel, tcb, change, address):
    what, pairs, slot = change
    slot = register(slot)
    caps = [kernel.decoder.decode(*(register(r) for r in pair)) for pair in pairs] if pairs \
        else [kernel.slot_of(slot).cap]
    cap = next((c for c in caps if c.type != "null" and kernel.decoder.object(c) == address), None)
    if cap is None:
        return None
    who = kernel.thread_name(tcb.address) if tcb is not None else "the kernel"
    return f"{who}: {what} {cap.type} {kernel.decoder.describe(cap)}, slot 0x{slot:x}"


def break_fault(context, arguments, _kind):
    only = context.thread(arguments.words[1]).address if len(arguments.words) > 1 else None

    def test(kernel, tcb):
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


KINDS.update({"ipc": break_ipc, "invoke": break_invoke, "cap": break_cap, "fault": break_fault,
              "uintr": break_uintr, "enter": break_switch, "leave": break_switch})
