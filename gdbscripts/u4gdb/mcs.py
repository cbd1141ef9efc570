# SPDX-License-Identifier: BSD-2-Clause
"""What only MCS kernels have, u4's and seL4's: scheduling contexts with their refills, reply
objects, the stacks of calls along which time was lent."""

from .errors import U4Error
from .kernel import View

REPLY_NEWEST = 1  # in a reply object's `next`: it points at the scheduling context
MAX_STACK, MAX_REFILLS, ALIGN_BITS = 4096, 256, 5


def need_mcs(kernel):
    if "sched_context" not in kernel.layout:
        raise U4Error("this kernel has no scheduling contexts: it is built without MCS")


def context_at(kernel, address):
    return kernel.view("sched_context", address, ALIGN_BITS)


def reply_at(kernel, address):
    return kernel.view("reply", address, ALIGN_BITS)


def contexts(kernel):
    """address -> size in bits by its capabilities, of each scheduling context."""
    found = {}
    for slot in kernel.census().slots.values():
        if slot.cap.type == "sched_context":
            found[slot.cap.ptr] = max(found.get(slot.cap.ptr, 0), slot.cap.get("size_bits", 0))
    return found


def after(reply):
    """What follows a reply object in its stack: ("reply" or "context", address), or (None, 0)."""
    address = reply.next & ~REPLY_NEWEST
    if not address:
        return None, 0
    return ("context" if reply.next & REPLY_NEWEST else "reply"), address


def server_of(kernel, address):
    """The thread that took the call which waits on a reply object, by the time that was lent along;
    0 if none was."""
    kind, following = after(reply_at(kernel, address))
    if kind is None:
        return 0
    return (context_at if kind == "context" else reply_at)(kernel, following).tcb


def refills(kernel, sc, problems):
    """(amount, time) of each, the next to be used first: a circular buffer behind the structure."""
    if sc.refill_max == 0:
        return []
    if not 2 <= sc.refill_max <= MAX_REFILLS or max(sc.head, sc.tail) >= sc.refill_max:
        problems.append(f"scheduling context 0x{sc.address:x}: refills {sc.head} to {sc.tail} of "
                        f"{sc.refill_max} cannot be")
        return []
    layout, found, at = kernel.layout["refill"], [], sc.head
    while True:
        refill = View(kernel, layout, sc.address + sc.layout.size + at * layout.size)
        found.append((refill.amount, refill.time))
        if at == sc.tail:
            return found
        at = (at + 1) % sc.refill_max


def stack(kernel, sc, problems):
    """The reply objects of the calls that lent it, newest first."""
    found, seen, at = [], set(), sc.reply
    while at:
        if at in seen or len(seen) >= MAX_STACK:
            problems.append(f"scheduling context 0x{sc.address:x}: its stack of calls comes back to "
                            f"reply object 0x{at:x}: a circle")
            break
        seen.add(at)
        found.append(reply_at(kernel, at))
        at = found[-1].prev & ~REPLY_NEWEST
    return found


def lack_of_time(kernel, tcb):
    """(state, what is waited for) of a runnable thread that has no time to run; None if it has."""
    if not tcb.has("sc") or tcb.enum("state") not in ("running", "restart"):
        return None
    if not tcb.sc:
        return "without_time", "a scheduling context"
    if not tcb.has("released_later") or not tcb.released_later:
        return None
    first = refills(kernel, context_at(kernel, tcb.sc), [])
    until = f" until {first[0][1]}" if first else ""
    return "out_of_budget", f"budget of context 0x{tcb.sc:x}{until}"
