# SPDX-License-Identifier: BSD-2-Clause
"""Objects by kind: endpoints, notifications, interrupts, Untypeds, ASIDs."""

from .errors import BadMemory
from .queues import queue_members
from .output import Hex, Report
from .registry import command
from .spaces import Space, asids


def by_object(kernel, kind):
    """(address, its slots) of every object of a type that a capability stands for."""
    return sorted((address, slots) for (t, address), slots in kernel.census().objects().items()
                  if t == kind)


def by_type(kernel, kind):
    return [slot for slot in kernel.census().slots.values() if slot.cap.type == kind]


@command("endpoints", "[COLUMN=VALUE...]")
def endpoints(context, arguments):
    """List endpoints: state, who waits in which order, with which badges.

`u4 endpoints state=send` shows those with senders that nobody serves."""
    arguments.at_most(0)
    kernel = context.kernel()
    report = Report(["endpoint", "state", "waiting", "badges", "caps"])
    for address, slots in by_object(kernel, "endpoint"):
        try:
            endpoint = kernel.view("endpoint", address)
        except BadMemory as problem:
            report.notes.append(str(problem))
            continue
        state = kernel.queue_state(endpoint) or "?"
        members = queue_members(kernel, endpoint, report.notes)
        badges = [Hex(kernel.tcb(m).badge) for m in members] if state == "send" else []
        report.add(Hex(address), state, [kernel.thread_name(m) for m in members], badges,
                   len(slots))
    report.notes += kernel.problems
    return report


@command("notifications", "[COLUMN=VALUE...]")
def notifications(context, arguments):
    """List notifications: state, badges signalled, who waits, the bound thread, interrupts."""
    arguments.at_most(0)
    kernel = context.kernel()
    report = Report(["notification", "state", "badges", "waiting", "bound", "irqs", "caps"])
    irqs = {}
    for slot in kernel.census().slots.values():
        if slot.array.kind == "irq" and slot.cap.type == "notification":
            irqs.setdefault(slot.cap.ptr, []).append(slot.index)
    for address, slots in by_object(kernel, "notification"):
        try:
            ntfn = kernel.view("notification", address)
        except BadMemory as problem:
            report.notes.append(str(problem))
            continue
        state = kernel.queue_state(ntfn) or "?"
        members = queue_members(kernel, ntfn, report.notes)
        report.add(Hex(address), state, Hex(ntfn.badges) if state == "active" else None,
                   [kernel.thread_name(m) for m in members],
                   kernel.thread_name(ntfn.bound) if ntfn.bound else None,
                   sorted(irqs.get(address, ())), len(slots))
    report.notes += kernel.problems
    return report


@command("irqs", "[COLUMN=VALUE...]")
def irqs(context, arguments):
    """List interrupts in use: what each signals, and where its handler capabilities are."""
    arguments.at_most(0)
    kernel = context.kernel()
    report = Report(["irq", "state", "signals", "badge", "handlers"])
    names = kernel.table.enums["irq_state"]
    census = kernel.census()
    base = kernel.address_of("irq_slots")
    for irq, state in enumerate(kernel.symbol("irq_states")):
        if names.get(state) == "inactive":
            continue
        slot = census.slots.get(base + irq * kernel.slot_size)
        cap = slot.cap if slot else None
        handlers = [census.place(s) for s in census.objects().get(("irq_handler", irq), ())]
        report.add(irq, names.get(state, f"?{state}"),
                   f"{cap.type} 0x{cap.ptr:x}" if cap else None,
                   Hex(cap.badge) if cap and cap.type == "notification" else None, handlers)
    return report


@command("untyped", "[COLUMN=VALUE...]")
def untyped(context, arguments):
    """List Untypeds: size, space left, children, where the capability is.

`free` is what the watermark leaves; an Untyped without children is reset when it is next used,
and counts as wholly free."""
    arguments.at_most(0)
    kernel = context.kernel()
    census = kernel.census()
    unit = kernel.table.const("min_untyped_bits")
    report = Report(["address", "bits", "device", "free", "children", "slot", "place"])
    total = 0
    for slot in sorted(by_type(kernel, "untyped"),
                       key=lambda s: (s.cap.ptr, -s.cap.size_bits, s.address)):
        cap, size = slot.cap, 1 << slot.cap.size_bits
        children = count_children(kernel, slot)
        free = max(size - (cap.free_index << unit), 0) if children else size
        total += 0 if cap.device else free
        report.add(Hex(cap.ptr), cap.size_bits, bool(cap.device), free, children,
                   Hex(slot.address), census.place(slot))
    report.notes.append(f"{total} bytes of RAM are free in all")
    return report


def count_children(kernel, slot, limit=100000):
    """Capabilities derived from a slot, of any depth."""
    census, count, at, seen = kernel.census(), 0, slot.next, set()
    while at and at not in seen and count < limit:
        seen.add(at)
        other = census.slots.get(at)
        if other is None or not kernel.is_parent(slot, other):
            break
        count, at = count + 1, other.next
    return count


@command("asids", "[COLUMN=VALUE...]")
def asid_list(context, arguments):
    """List ASIDs in use: root page table, threads that use it, pages mapped, program.

Then the pools that they are from, by each capability to one."""
    arguments.at_most(0)
    kernel = context.kernel()
    report = Report(["asid", "root", "threads", "pages", "image"])
    users = {}
    for thread in kernel.threads():
        cap = kernel.tcb_cap(thread, "vspace")
        if cap.type == "page_table":
            users.setdefault(cap.ptr, []).append(kernel.thread_name(thread.address))
    known = asids(kernel)
    for asid, root in sorted(known.items()):
        space = Space(kernel, root)
        image = context.images.of_space(space)
        pages = sum(1 for _ in space.leaves(report.notes))
        report.add(asid, Hex(root), users.get(root, []), pages, image[0] if image else None)
    for slot in sorted(by_type(kernel, "asid_pool"), key=lambda s: s.cap.first):
        first = slot.cap.first
        last = first + kernel.table.const("asids_per_pool") - 1
        used = sum(1 for asid in known if first <= asid <= last)
        report.notes.append(f"pool 0x{slot.cap.ptr:x}, ASIDs {first} to {last}: {used} in use, "
                            f"capability in {kernel.census().place(slot)}")
    report.notes += kernel.problems
    return report


@command("object", "ADDRESS|THREAD", complete="thread")
def object_at(context, arguments):
    """Say what is at an address: every object whose memory holds it, by the capabilities there are."""
    arguments.at_most(1)
    kernel = context.kernel()
    address = context.object_address(arguments.word(0, "address"))
    decoder = kernel.decoder
    report = Report(["type", "object", "bits", "capability", "caps"])
    for (kind, start), slots in kernel.census().objects().items():
        if kind in ("irq_handler", "reply"):
            continue
        bits = decoder.size_bits(slots[0].cap)
        if start <= address < start + (1 << bits):
            report.add(kind, Hex(start), bits, decoder.describe(slots[0].cap), len(slots))
    report.rows.sort(key=lambda row: (row["bits"], row["type"]))
    return report
