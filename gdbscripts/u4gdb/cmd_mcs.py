# SPDX-License-Identifier: BSD-2-Clause
"""MCS kernels, u4's and seL4's: scheduling contexts with their refills, reply objects."""

from .errors import BadMemory, U4Error
from .kernel import View
from .output import Hex, Report
from .registry import command

NEWEST = 1  # in a reply object's `next`: it points at the scheduling context
MAX_STACK, MAX_REFILLS, ALIGN_BITS = 4096, 256, 5


def need_mcs(kernel):
    if "sched_context" not in kernel.layout:
        raise U4Error("this kernel has no scheduling contexts: it is built without MCS")


def name_of(kernel, address):
    return kernel.thread_name(address) if address else None


@command("scs", "[COLUMN=VALUE...]")
def scs(context, arguments):
    """List scheduling contexts: period, thread, refills (amount@time), the calls it was lent along.

Times are in ticks of the timer; period 0 is round robin."""
    arguments.at_most(0)
    kernel = context.kernel()
    need_mcs(kernel)
    report = Report(["context", "thread", "period", "consumed", "core", "refills", "lent_by",
                     "_badge", "_refill_max"])
    found = {}
    for slot in kernel.census().slots.values():
        if slot.cap.type == "sched_context":
            found[slot.cap.ptr] = max(found.get(slot.cap.ptr, 0), slot.cap.get("size_bits", 0))
    for address in sorted(found):
        try:
            sc = kernel.view("sched_context", address, ALIGN_BITS)
            report.add(Hex(address), name_of(kernel, sc.tcb), sc.period, sc.consumed, sc.core,
                       refills(kernel, sc, report.notes), stack(kernel, sc, report.notes),
                       Hex(sc.badge), sc.refill_max)
        except BadMemory as problem:
            report.notes.append(f"scheduling context 0x{address:x}: {problem}")
    return report


def refills(kernel, sc, problems):
    """ "amount@time" of each, the next to be used first: a circular buffer behind the structure."""
    if sc.refill_max == 0:
        return []
    if not 2 <= sc.refill_max <= MAX_REFILLS or max(sc.head, sc.tail) >= sc.refill_max:
        problems.append(f"scheduling context 0x{sc.address:x}: refills {sc.head} to {sc.tail} of "
                        f"{sc.refill_max} cannot be")
        return []
    layout, found, at = kernel.layout["refill"], [], sc.head
    while True:
        refill = View(kernel, layout, sc.address + sc.layout.size + at * layout.size)
        found.append(f"{refill.amount}@{refill.time}")
        if at == sc.tail:
            return found
        at = (at + 1) % sc.refill_max


def stack(kernel, sc, problems):
    """The threads that have lent it, newest call first."""
    found, seen, at = [], set(), sc.reply
    while at:
        if at in seen or len(seen) >= MAX_STACK:
            problems.append(f"scheduling context 0x{sc.address:x}: its stack of calls comes back to "
                            f"reply object 0x{at:x}: a circle")
            break
        seen.add(at)
        reply = kernel.view("reply", at, ALIGN_BITS)
        found.append(name_of(kernel, reply.tcb) or f"reply 0x{at:x}")
        at = reply.prev & ~NEWEST
    return found


@command("replies", "[COLUMN=VALUE...]")
def replies(context, arguments):
    """List reply objects: who waits on each or offers it, and the calls before and after it."""
    arguments.at_most(0)
    kernel = context.kernel()
    need_mcs(kernel)
    report = Report(["reply", "thread", "state", "before", "after", "caps"])
    for (kind, address), slots in sorted(kernel.census().objects().items()):
        if kind != "reply":
            continue
        try:
            reply = kernel.view("reply", address, ALIGN_BITS)
        except BadMemory as problem:
            report.notes.append(f"reply object 0x{address:x}: {problem}")
            continue
        tcb = kernel.thread_at(reply.tcb) if reply.tcb else None
        after = reply.next & ~NEWEST
        if after:
            kind = "context" if reply.next & NEWEST else "reply"
            after = f"{kind} 0x{after:x}"
        report.add(Hex(address), name_of(kernel, reply.tcb), tcb.enum("state") if tcb else None,
                   Hex(reply.prev) if reply.prev else None, after or None, len(slots))
    return report
