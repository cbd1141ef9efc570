# SPDX-License-Identifier: BSD-2-Clause
"""Threads: the list, one in full, ready queues, who waits for whom, faults."""

from .calls import Waits
from .errors import BadMemory
from .faults import explain
from .lookup import resolve
from .mcs import context_at, lack_of_time, refills
from .output import Hex, Report
from .registry import command
from .spaces import thread_space
from .syscalls import waiting_in

REGISTERS = ("pc ra sp gp tp t0 t1 t2 s0 s1 a0 a1 a2 a3 a4 a5 a6 a7 s2 s3 s4 s5 s6 s7 s8 s9 s10 s11 "
             "t3 t4 t5 t6").split()
WHERE = {"hart": "in the hart", "tcb": "saved in the TCB",
         "firmware": "in the hart, which the firmware has interrupted: not the thread's"}
EXTENSIONS = ("senders", "ring", "receiver", "async", "completion")  # slots that few threads use


def waits_on(kernel, tcb):
    """What a blocked thread waits for, in words."""
    state = tcb.enum("state")
    if state in ("blocked_recv", "blocked_send", "blocked_ntfn"):
        kind = "notification" if state == "blocked_ntfn" else "endpoint"
        return f"{kind} 0x{tcb.blocked_on:x}"
    if state == "blocked_reply":
        holder = Waits(kernel).replier(tcb)
        return f"reply of {holder}" if holder else "reply, but nobody has the capability"
    lack = lack_of_time(kernel, tcb)
    return lack[1] if lack else None


def state_text(kernel, tcb):
    state = tcb.enum("state")
    if kernel.current_hart(tcb.address):
        return "current" if state == "running" else f"current ({state})"
    lack = lack_of_time(kernel, tcb)
    if lack:
        return lack[0]
    if state == "running":
        return "ready"
    if state == "inactive" and tcb.fault.type:
        return "inactive (faulted)"
    return state


@command("threads", "[COLUMN=VALUE...]", complete="thread")
def threads(context, arguments):
    """List threads: state, priority, hart, what they wait on, where they are.

A thread is `current` on a hart, `ready`, or in one of the kernel's other states; on MCS it may
also be `out_of_budget` or `without_time`, if it could run but for its scheduling context. COLUMN=VALUE
shows only some: `u4 threads state=blocked*`, `u4 threads prio=100`."""
    arguments.at_most(0)
    kernel = context.kernel()
    report = Report(["tcb", "name", "state", "prio", "hart", "waits_on", "pc", "place", "_domain",
                     "_mcp"])
    for hart in kernel.harts():
        if kernel.check_pointer(hart.idle, 8, 8) is None and hart.current == hart.idle:
            report.notes.append(f"hart {hart.core} is idle")
    for tcb in kernel.threads():
        hart = kernel.current_hart(tcb.address) or hart_of(kernel, tcb)
        report.add(Hex(tcb.address), tcb.name or None, state_text(kernel, tcb), tcb.priority,
                   hart.core if hart else None, waits_on(kernel, tcb), Hex(context.pc(tcb)),
                   context.place(tcb), tcb.domain, tcb.mcp)
    report.notes += kernel.problems
    return report


def hart_of(kernel, tcb):
    return next((h for h in kernel.harts() if h.address == tcb.hart), None)


@command("thread", "THREAD", complete="thread")
def thread(context, arguments):
    """Show one thread in full: state, capabilities, registers, fault.

THREAD is a name, a unique beginning of one, or the TCB's address."""
    arguments.at_most(1)
    kernel = context.kernel()
    tcb = context.thread(arguments.word(0, "thread"))
    report = Report(title=f"thread {tcb.name or '(no name)'}, TCB 0x{tcb.address:x}")
    facts = report.facts
    facts["tcb"], facts["name"], facts["state"] = tcb.address, tcb.name, tcb.enum("state")
    facts["priority"], facts["mcp"], facts["domain"] = tcb.priority, tcb.mcp, tcb.domain
    report.say(f"  state     {state_text(kernel, tcb)}"
               + (f", waits on {waits_on(kernel, tcb)}" if waits_on(kernel, tcb) else ""))
    hart = kernel.current_hart(tcb.address) or hart_of(kernel, tcb)
    report.say(f"  priority  {tcb.priority} (may give up to {tcb.mcp}), domain {tcb.domain}, hart "
               + (str(hart.core) if hart else f"? (0x{tcb.hart:x})")
               + (f", {tcb.time_slice} ticks left" if tcb.has("time_slice") else ""))
    call = waiting_in(kernel, tcb, thread_space(kernel, tcb))
    if call:
        facts["call"] = call.text(kernel, tcb)
        report.say(f"  call      {facts['call']}")
    if tcb.enum("state") == "blocked_send":
        kind = "call" if tcb.is_call else "send"
        report.say(f"  message   {kind}, badge 0x{tcb.badge:x}"
                   + (", may grant" if tcb.can_grant else ""))
    if tcb.has("sc"):
        report.say(f"  time      {time_text(kernel, tcb)}")
    if tcb.bound:
        report.say(f"  bound to  notification 0x{tcb.bound:x}")
    handler = f"cptr 0x{tcb.fault_handler:x}" if tcb.has("fault_handler") else "its fault slot"
    report.say(f"  handler   {handler}, IPC buffer at 0x{tcb.buffer:x}")
    own_slots(kernel, tcb, report)
    if tcb.fault.type:
        report.say(f"  fault     {explain(kernel, tcb)}")
        facts["fault"] = explain(kernel, tcb)
    registers(context, tcb, report)
    return report


def time_text(kernel, tcb):
    """A thread's scheduling context in words."""
    if not tcb.sc:
        return "none of its own (no scheduling context)"
    sc = context_at(kernel, tcb.sc)
    left = ", ".join(f"{amount} from {time}" for amount, time in refills(kernel, sc, []))
    period = f"period {sc.period}" if sc.period else "round robin"
    return f"scheduling context 0x{tcb.sc:x}, {period}, ticks left: {left or 'none'}"


def own_slots(kernel, tcb, report):
    names = kernel.table.enums["tcb_slot"]
    report.facts["slots"] = {}
    for index, slot in enumerate(kernel.tcb_slots(tcb)):
        if slot.cap.type == "null" and names.get(index) in EXTENSIONS:
            continue
        text = f"{slot.cap.type} {kernel.decoder.describe(slot.cap)}".strip()
        report.facts["slots"][names.get(index, str(index))] = text
        report.say(f"  {names.get(index, str(index)):<9} {text}")


def registers(context, tcb, report):
    values, where = context.registers(tcb)
    report.facts["registers"] = dict(zip(REGISTERS, values))
    report.facts["registers_from"] = where
    place = context.place(tcb)
    report.say(f"  at        0x{context.pc(tcb):x} {place}".rstrip())
    report.say(f"  registers ({WHERE[where]})")
    for i in range(0, 32, 4):
        report.say("    " + "  ".join(f"{REGISTERS[j]:<3} {values[j]:016x}"
                                      for j in range(i, i + 4)))


@command("queues", "[COLUMN=VALUE...]")
def queues(context, arguments):
    """Show the ready queues, and whether the bitmaps agree with them.

One line per queue that has threads; what does not fit together is told below."""
    from .queues import ready_queues, walk_queue
    arguments.at_most(0)
    kernel = context.kernel()
    report = Report(["hart", "domain", "prio", "threads"])
    for hart in kernel.harts():
        for domain, priority, members in ready_queues(kernel, hart, report.notes):
            report.add(hart.core, domain, priority, [kernel.thread_name(t) for t in members])
        if hart.has("release_head") and hart.release_head:
            waiting = walk_queue(kernel, hart.release_head, "ready_next", "ready_prev",
                                 f"hart {hart.core}, release queue", report.notes)
            names = ", ".join(kernel.thread_name(t) for t in waiting)
            report.notes.append(f"hart {hart.core}, waiting for time: {names}")
        current = kernel.thread_name(hart.current)
        report.notes.append(f"hart {hart.core}: current is {current}, scheduler's action is "
                            f"{hart.enum('action')}")
    return report


@command("calls", "[THREAD]", complete="thread")
def calls(context, arguments):
    """Show who waits for whom: call chains through reply capabilities and endpoints.

A chain that comes back to itself is marked DEADLOCK; one that ends at a thread that cannot run
says so. A thread that waits to send waits for whoever may receive from the endpoint; if that is
also someone outside the circle, as the task that made the endpoint is, it says unless."""
    arguments.at_most(1)
    kernel = context.kernel()
    waits = Waits(kernel)
    report = Report(["thread", "waits_for", "by", "verdict", "chain"])
    only = context.thread(arguments.words[0]).address if arguments.words else None
    for tcb in kernel.threads():
        edge = waits.edge(tcb)
        if edge is None or only not in (None, tcb.address):
            continue
        report.add(kernel.thread_name(tcb.address), [kernel.thread_name(t) for t in edge.targets],
                   edge.how, waits.verdict(tcb), " -> ".join(waits.chain(tcb)))
    for cycle in waits.cycles():
        names = " -> ".join(kernel.thread_name(t) for t in cycle + cycle[:1])
        report.notes.append(f"DEADLOCK{waits.unless(cycle)}: {names}")
    return report


@command("fault", "[THREAD]", complete="thread")
def fault(context, arguments):
    """Explain the faults that threads wait with, and each hart's last failed lookup.

A faulted thread waits for its handler's answer; one without a handler that can be told is
inactive, and its fault is the last one of its hart."""
    arguments.at_most(1)
    kernel = context.kernel()
    report = Report(["thread", "kind", "at", "place", "why", "handler"])
    only = context.thread(arguments.words[0]).address if arguments.words else None
    for tcb in kernel.threads():
        if tcb.fault.type and only in (None, tcb.address):
            report.add(kernel.thread_name(tcb.address), tcb.fault.enum("type"),
                       Hex(tcb.fault_pc), context.place(tcb, tcb.fault_pc), explain(kernel, tcb),
                       handler_text(kernel, tcb))
    for hart in kernel.harts():
        if hart.fault.type and not report.rows:
            report.notes.append(f"hart {hart.core}, last fault: "
                                + explain(kernel, None, hart.fault, hart.lookup))
    return report


def handler_text(kernel, tcb):
    """Where the fault message goes."""
    if not tcb.has("fault_handler"):
        slot = "timeout" if tcb.fault.enum("type") == "timeout" else "fault"
        cap, where = kernel.tcb_cap(tcb, slot), f"its {slot} slot"
    else:
        where = f"cptr 0x{tcb.fault_handler:x}"
        try:
            found = resolve(kernel, kernel.tcb_cap(tcb, "cspace"), tcb.fault_handler)
        except BadMemory as problem:
            return str(problem)
        if found.slot is None:
            return f"{where}: {found.failure}"
        cap = found.slot.cap
    if cap.type != "endpoint":
        return f"{where} has {cap.type}, not an endpoint"
    return f"endpoint 0x{cap.ptr:x} badge 0x{cap.badge:x}"


@command("memory", "THREAD ADDRESS [BYTES]", complete="thread")
def memory(context, arguments):
    """Dump user memory of any thread, running or not, through its own address space."""
    arguments.at_most(3)
    kernel = context.kernel()
    tcb = context.thread(arguments.word(0, "thread"))
    address = context.number(arguments.word(1, "address"), "address")
    length = context.number(arguments.words[2], "length") if len(arguments.words) > 2 else 64
    report = Report()
    space = thread_space(kernel, tcb)
    if space is None:
        report.say(f"{tcb.name}: no address space")
        return report
    data = bytearray()
    try:
        for at in range(address, address + min(length, 1 << 20), 16):
            part = space.read(at, min(16, address + length - at))
            data += part
            text = "".join(chr(b) if 32 <= b < 127 else "." for b in part)
            report.say(f"0x{at:x}: {part.hex(' ', 4):<36} {text}")
    except BadMemory as problem:
        report.notes.append(str(problem))
    report.facts["data"] = data.hex()
    return report
