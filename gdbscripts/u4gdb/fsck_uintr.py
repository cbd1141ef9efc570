# SPDX-License-Identifier: BSD-2-Clause
"""Checks of user interrupts: receivers, registrations, sender tables, what the UINTC says."""

from .errors import BadMemory
from .output import Hex
from .uintr import (LOW_ACTIVE, LOW_SUPERVISOR, SenderTable, low_of, receivers, registrations,
                    senders_of, waits)


def who_waits(kernel):
    """TCB -> notification, of receivers that wait for user interrupts."""
    found = {}
    for _, receiver in receivers(kernel):
        tcb = kernel.thread_at(receiver.tcb)
        if tcb is not None and waits(tcb, receiver):
            found[tcb.address] = receiver.notification
    return found


def uintr(check):
    k = check.kernel
    if "receivers" not in k.table.symbols:
        return
    used = receivers(k)
    if used:
        check.checked["receivers of user interrupts"] = len(used)
    held = registrations(k)
    for entry, receiver in used:
        try:
            one_receiver(check, entry, receiver)
            senders_listed(check, entry, held.get(receiver.notification, []))
        except BadMemory as problem:
            check.tell("uintr", Hex(receiver.tcb), f"receiver {entry}: {problem}")
    known = {receiver.notification for _, receiver in used}
    for notification, slots in held.items():
        for slot in slots:
            one_registration(check, slot, notification in known)
    free_entries(check, {entry for entry, _ in used})
    for hart in k.harts():
        owner = hart.uintr_owner
        tcb = k.thread_at(owner) if owner else None
        if owner and (tcb is None or not tcb.uintr_used):
            check.tell("uintr", Hex(owner), f"hart {hart.core} has its user-interrupt state, but it "
                       + ("is no thread" if tcb is None else "uses no user interrupts"))


def one_receiver(check, entry, receiver):
    """Thread, notification, registration and the UINTC know of each other."""
    k = check.kernel
    t = k.thread_at(receiver.tcb)
    if t is None:
        check.tell("uintr", Hex(receiver.tcb), f"is receiver {entry} of user interrupts, but no "
                                               "thread")
        return
    ntfn = k.view("notification", receiver.notification)
    if k.queue_state(ntfn) != "uintr" or ntfn.head >> 2 != entry or ntfn.bound != t.address:
        check.tell("uintr", Hex(ntfn.address), f"is the notification of receiver {entry}, "
                   f"{t.name}, but {k.queue_state(ntfn)} for 0x{ntfn.bound:x}")
    if t.uintr_entry != entry:
        check.tell("uintr", Hex(t.address), f"is receiver {entry}, but has entry {t.uintr_entry}")
    cap = k.tcb_cap(t, "receiver")
    if cap.type != "registration" or not cap.receiver or cap.index != entry \
            or cap.ptr != receiver.notification:
        check.tell("uintr", Hex(t.address), f"is receiver {entry}, but its registration is "
                   f"{cap.type} {k.decoder.describe(cap)}")
    low = low_of(k, entry)
    if low is None:
        return
    loaded = any(h.uintr_owner == t.address for h in k.harts())
    if low & LOW_ACTIVE and not loaded:
        check.tell("uintr", Hex(t.address), f"is receiver {entry}, which the UINTC has as active, "
                                            "but no hart has its state")


def senders_listed(check, entry, slots):
    """The receiver's list has each registration of a sender once."""
    k, problems = check.kernel, []
    listed = senders_of(k, entry, problems)
    for problem in problems:
        check.tell("uintr", None, f"receiver {entry}: {problem}")
    for slot in slots:
        if slot.address not in listed and not problems:
            check.tell("uintr", Hex(slot.address), "is a registration of a sender that is not in "
                                                   f"the list of receiver {entry}")


def one_registration(check, slot, received):
    k, where = check.kernel, Hex(slot.address)
    if not received:
        check.tell("uintr", where, f"is a registration of a sender with notification "
                                   f"0x{slot.cap.ptr:x}, which has no receiver")
        return
    table = SenderTable.of_registration(k, slot.cap)
    index = (slot.cap.w1 - table.base) // 8
    try:
        table.check()
        value = k.word(slot.cap.w1)
        wanted = table.entry(slot.cap.vector, k.view("notification", slot.cap.ptr).head >> 2)
        if slot.address != table.slot(index):
            check.tell("uintr", where, f"is a registration for index {index}, but not at its place")
        if value != wanted:
            check.tell("uintr", where, f"is a registration whose entry is 0x{value:x}, not "
                                       f"0x{wanted:x}")
    except BadMemory as problem:
        check.tell("uintr", where, f"is a registration in a sender table that cannot be: {problem}")
    seen, at = {slot.address}, slot.next
    census = k.census()
    while at in census.slots and census.slots[at].cap.type == "registration" and at not in seen:
        seen.add(at)
        at = census.slots[at].next
    owner = census.slots.get(at)
    if owner is None or owner.cap.type != "notification" or owner.cap.ptr != slot.cap.ptr \
            or owner.cap.badge != slot.cap.vector:
        check.tell("uintr", where, "is a registration that no notification capability with its "
                                   "badge follows")


def free_entries(check, used):
    """An emulated UINTC's: a free entry is not in use by senders or the UINTC. (A device's are too
    many to be read one by one.)"""
    k = check.kernel
    for entry, receiver in enumerate(k.symbol("receivers")):
        if entry in used:
            continue
        if receiver.senders:
            check.tell("uintr", None, f"receiver entry {entry} is free, but has senders")
        low = 0 if k.symbol("uintc_base") else low_of(k, entry) or 0
        if low & (LOW_ACTIVE | LOW_SUPERVISOR):
            check.tell("uintr", None, f"receiver entry {entry} is free, but the UINTC has it in use "
                                      f"(0x{low:x})")
