# SPDX-License-Identifier: BSD-2-Clause
"""User interrupts: sender tables and receivers as the kernel has them (kernel/uintr/), and the
UINTC's entries, a device's or emulated ones."""

from .errors import BadMemory

PAGE_BITS, ENTRY_SIZE, HEADER_SIZE, LINK_SIZE = 12, 8, 32, 16
UINTC_ENTRY, UINTC_LOW, UINTC_HIGH = 32, 0x08, 0x10  # UINTC_HIGH gives what is pending away
LOW_ACTIVE, HART_SHIFT = 1, 16


def sender_slots(kernel, cap):
    """(first slot, how many were ever used) of a sender table: behind the pages of entries and a
    header that begins with the number of used ones."""
    pages = 1 << max(cap.size_bits - PAGE_BITS, 0)
    header = cap.ptr + ((pages + 7) // 8 << PAGE_BITS)
    room = (1 << cap.size_bits) - (header - cap.ptr) - HEADER_SIZE
    fresh = kernel.word(header) & 0xffffffff
    if cap.size_bits > 30 or fresh >= room // (kernel.slot_size + LINK_SIZE):
        raise BadMemory(cap.ptr, f"is a table of 2^{cap.size_bits} bytes that says {fresh} of its "
                                 "indices were used")
    return header + HEADER_SIZE, fresh + 1


def receivers(kernel):
    """(entry, receiver) of each entry of the UINTC that is in use."""
    if "receivers" not in kernel.table.symbols:
        return []
    return [(i, r) for i, r in enumerate(kernel.symbol("receivers")) if r.tcb]


def senders(kernel, notification):
    """(slot of the registration, its sender table, index) of each sender to a notification."""
    found = []
    for slot in kernel.census().objects().get(("registration", notification), ()):
        if not slot.cap.receiver:
            table = slot.cap.w1 & ~((1 << slot.cap.table_bits) - 1)
            found.append((slot, table, (slot.cap.w1 - table) // ENTRY_SIZE))
    return found


def hardware(kernel, entry):
    """What the UINTC itself has of an entry, in words; its pending vectors cannot be read without
    taking them, but for an emulated one's."""
    base = kernel.symbol("uintc_base")
    if base:
        if not kernel.memory.source.live:
            return "not in a core"
        raw = kernel.memory.source.read(kernel.phys(base) + entry * UINTC_ENTRY + UINTC_LOW, 8)
        return low_text(int.from_bytes(raw, "little")) if raw else "cannot be read"
    emulated = kernel.elf.symbol("emulated")
    if emulated is None:
        return "emulated"
    pending, low = (kernel.word(emulated + entry * 16 + at) for at in (0, 8))
    return f"emulated: {low_text(low)}, pending {vectors_text(pending)}"


def low_text(low):
    return f"{'active' if low & LOW_ACTIVE else 'inactive'}, hart {low >> HART_SHIFT & 0xffff}"


def vectors_text(mask):
    return " ".join(str(n) for n in range(64) if mask >> n & 1) or "nothing"
