# SPDX-License-Identifier: BSD-2-Clause
"""Checks of slots, the derivation tree, and what Untypeds were made into."""

from .kernel import SLOT_ALIGN
from .output import Hex


def slots(check):
    k, census = check.kernel, check.kernel.census()
    for problem in census.problems:
        check.tell("slots", None, problem)
    check.checked["capabilities"] = len(census.slots)
    for slot in census.slots.values():
        where = Hex(slot.address)
        place = census.place(slot)
        if not slot.cap.known:
            check.tell("slots", where, f"{place}: no type of capability ({slot.cap.type})")
            continue
        for word, other, back in (("before", slot.prev, "next"), ("after", slot.next, "prev")):
            if not other:
                continue
            neighbour = census.slots.get(other)
            if neighbour is None:
                why = k.check_pointer(other, SLOT_ALIGN, k.slot_size)
                check.tell("tree", where, f"{place}: the slot {word} it, 0x{other:x}, "
                          + (why if why else "is empty or in no CNode"))
            elif getattr(neighbour, back) != slot.address:
                check.tell("tree", where, f"{place}: the slot {word} it, 0x{other:x}, does not "
                          f"point back but at 0x{getattr(neighbour, back):x}")
        one_cap(check, slot, place)


def one_cap(check, slot, place):
    k, cap = check.kernel, slot.cap
    where = Hex(slot.address)
    if cap.type == "reply" and "reply" in k.tcb_slot:
        t = k.thread_at(cap.ptr)
        if t is None:
            check.tell("slots", where, f"{place}: reply capability to 0x{cap.ptr:x}, which is no "
                                      "thread")
        elif not cap.master and t.enum("state") != "blocked_reply":
            check.tell("slots", where, f"{place}: reply capability to {t.name}, which is "
                                      f"{t.enum('state')} and waits for no reply")
    elif cap.type == "cnode":
        if cap.radix == 0 or cap.radix + cap.guard_size > 64:
            check.tell("slots", where, f"{place}: CNode of radix {cap.radix} with a guard of "
                                      f"{cap.guard_size} bits")
        elif cap.guard_size < 64 and cap.guard >> cap.guard_size:
            check.tell("slots", where, f"{place}: guard 0x{cap.guard:x} is longer than its "
                                      f"{cap.guard_size} bits")
    elif cap.type in ("endpoint", "notification", "tcb", "page_table", "asid_pool"):
        bits = k.decoder.size_bits(cap)
        why = k.check_pointer(cap.ptr, 1 << bits, 1 << bits)
        if why:
            check.tell("slots", where, f"{place}: {cap.type} at 0x{cap.ptr:x}: the address {why}")
        elif cap.type == "tcb" and k.thread_at(cap.ptr) is None:
            check.tell("slots", where, f"{place}: TCB 0x{cap.ptr:x} is not in the list of all "
                                      "threads")


def tree(check):
    """Each list from its head: every slot once, in an order that parents and children allow."""
    k, census = check.kernel, check.kernel.census()
    seen = set()
    for slot in census.slots.values():
        if slot.prev:
            continue
        at, walked = slot.address, set()
        while at in census.slots and at not in walked:
            walked.add(at)
            at = census.slots[at].next
        if at in walked:
            check.tell("tree", Hex(at), "the derivation list comes back here: a circle")
        seen |= walked
    lost = [s for s in census.slots if s not in seen]
    if lost:
        first = census.slots[min(lost)]
        check.tell("tree", Hex(first.address), f"{census.place(first)}: in no derivation list that "
                  f"has a head, as {len(lost)} capabilities in all")


def memory(check):
    """Untypeds: what was made from one lies below its watermark; nothing overlaps."""
    k, census, decoder = check.kernel, check.kernel.census(), check.kernel.decoder
    unit = k.table.const("min_untyped_bits")
    placed = sorted((decoder.object(s.cap), -decoder.size_bits(s.cap),
                     0 if s.cap.type == "untyped" else 1, s.address)
                    for s in census.slots.values()
                    if s.cap.known and s.cap.type in
                    ("untyped", "endpoint", "notification", "cnode", "tcb", "frame",
                     "page_table", "asid_pool", "zombie", "sender_table"))
    check.checked["Untypeds"] = sum(1 for p in placed if p[2] == 0)
    around = []
    for start, bits, _, address in placed:
        slot, end = census.slots[address], start + (1 << -bits)
        while around and start >= around[-1][1]:
            around.pop()
        if around:
            inside(check, slot, start, end, around[-1], unit)
        around.append((start, end, slot))


def inside(check, slot, start, end, outer, unit):
    k, (low, high, holder) = check.kernel, outer
    where, place = Hex(slot.address), check.kernel.census().place(slot)
    if end > high:
        check.tell("memory", where, f"{place}: {slot.cap.type} 0x{start:x} reaches out of "
                                   f"{holder.cap.type} 0x{low:x}")
    elif holder.cap.type == "untyped":
        used = low + (holder.cap.free_index << unit)
        if end > used and (slot.cap.type != "untyped" or end - start < high - low):
            check.tell("memory", where, f"{place}: {slot.cap.type} 0x{start:x} lies in the free "
                      f"part, from 0x{used:x}, of the Untyped in 0x{holder.address:x}")
    elif not k.decoder.same_object(holder.cap, slot.cap) and not (
            holder.cap.type == "frame" and slot.cap.type == "frame"):
        check.tell("memory", where, f"{place}: {slot.cap.type} 0x{start:x} shares memory with "
                  f"{holder.cap.type} 0x{low:x} in 0x{holder.address:x}")
