# SPDX-License-Identifier: BSD-2-Clause
"""User interrupts: sender tables and receivers as the kernel has them (kernel/uintr/), and the
UINTC's entries, a device's or emulated ones."""

from .errors import BadMemory, U4Error

PAGE_BITS, ENTRY_SIZE, HEADER_SIZE, LINK_SIZE = 12, 8, 32, 16
MIN_BITS, MAX_BITS = 13, 30
# Registers of the UINTC (qemu/README.md). Reading HIGH takes what is pending.
UINTC_ENTRY, UINTC_LOW, UINTC_HIGH = 32, 0x08, 0x10
LOW_ACTIVE, LOW_SUPERVISOR, HART_SHIFT = 1, 4, 16
# An entry of a sender table, as harts read it.
ENTRY_VALID, VECTOR_SHIFT, RECEIVER_SHIFT = 1, 16, 48
MAX_SENDERS = 65536


class SenderTable:
    """Where the parts of a table are: pages of entries, a header that begins with the number of
    indices that were ever used, slots (one more than entries), links of the receivers' lists."""

    def __init__(self, kernel, base, bits):
        self.kernel, self.base, self.bits = kernel, base, bits
        pages = 1 << max(bits - PAGE_BITS, 0)
        entry_pages = (pages + 7) // 8
        self.header = base + (entry_pages << PAGE_BITS)
        self.slots = self.header + HEADER_SIZE
        size = kernel.slot_size
        room = ((pages - entry_pages) << PAGE_BITS) - HEADER_SIZE - size
        self.count = max(min(entry_pages << PAGE_BITS - 3, room // (size + LINK_SIZE)), 0)
        self.links = self.slots + (self.count + 1) * size

    @classmethod
    def of_registration(cls, kernel, cap):
        return cls(kernel, cap.w1 & ~((1 << cap.table_bits) - 1), cap.table_bits)

    def check(self):
        """How many indices were ever used; BadMemory if this can be no table."""
        if not MIN_BITS <= self.bits <= MAX_BITS:
            raise BadMemory(self.base, f"is no sender table: 2^{self.bits} bytes")
        fresh = self.kernel.word(self.header) & 0xffffffff
        if fresh > self.count:
            raise BadMemory(self.base, f"is a table of 2^{self.bits} bytes that says {fresh} of its "
                                       f"{self.count} indices were used")
        return fresh

    def slot(self, index):
        return self.slots + (index + 1) * self.kernel.slot_size

    def link(self, slot):
        """Where the link of the registration in a slot is."""
        return self.links + ((slot - self.slots) // self.kernel.slot_size - 1) * LINK_SIZE

    @staticmethod
    def entry(vector, receiver):
        return ENTRY_VALID | vector << VECTOR_SHIFT | receiver << RECEIVER_SHIFT


def sender_slots(kernel, cap):
    """(first slot, how many were ever used) of a sender table."""
    table = SenderTable(kernel, cap.ptr, cap.size_bits)
    return table.slots, table.check() + 1


def receivers(kernel):
    """(entry, receiver) of each entry of the UINTC that is in use."""
    if "receivers" not in kernel.table.symbols:
        return []
    return [(i, r) for i, r in enumerate(kernel.symbol("receivers")) if r.tcb]


def waits(tcb, receiver):
    return tcb.enum("state") == "blocked_ntfn" and tcb.blocked_on == receiver.notification


def registrations(kernel):
    """notification -> slots of the registrations of senders with it."""
    found = {}
    for (kind, notification), slots in kernel.census().objects().items():
        senders = [s for s in slots if not s.cap.receiver] if kind == "registration" else []
        if senders:
            found[notification] = senders
    return found


def senders(kernel, notification):
    """(slot of the registration, its sender table, index) of each sender to a notification."""
    return [(slot, table.base, (slot.cap.w1 - table.base) // ENTRY_SIZE)
            for slot in registrations(kernel).get(notification, ())
            for table in [SenderTable.of_registration(kernel, slot.cap)]]


def senders_of(kernel, entry, problems):
    """Slots in the list that the kernel keeps of a receiver's senders."""
    found, before, at = [], 0, kernel.symbol("receivers")[entry].senders
    while at:
        if at in found or len(found) >= MAX_SENDERS:
            problems.append(f"its list of senders comes back to 0x{at:x}: a circle")
            break
        cap = kernel.slot_of(at).cap
        if cap.type != "registration" or cap.receiver:
            problems.append(f"its list of senders has 0x{at:x}, which is no registration but "
                            f"{cap.type}")
            break
        link = SenderTable.of_registration(kernel, cap).link(at)
        following, preceding = kernel.word(link), kernel.word(link + 8)
        if preceding != before:
            problems.append(f"in its list of senders 0x{at:x} follows 0x{before:x}, but points back "
                            f"at 0x{preceding:x}")
        found.append(at)
        before, at = at, following
    return found


# ---- the UINTC ----

def emulated_at(kernel, entry):
    """Address of an emulated entry's (pending, LOW), or None."""
    base = kernel.elf.symbol("emulated")
    return base + entry * 16 if base is not None else None


def device_at(kernel, entry, register):
    """Physical address of a register of the device; U4Error if it is not to be had."""
    if not kernel.memory.source.live:
        raise U4Error("not in a core")
    return kernel.phys(kernel.symbol("uintc_base")) + entry * UINTC_ENTRY + register


def low_of(kernel, entry):
    """An entry's LOW register, None if it cannot be read."""
    if not kernel.symbol("uintc_base"):
        at = emulated_at(kernel, entry)
        return kernel.word(at + 8) if at else None
    try:
        raw = kernel.memory.source.read(device_at(kernel, entry, UINTC_LOW), 8)
    except U4Error:
        return None
    return int.from_bytes(raw, "little") if raw else None


def pending_of(kernel, entry):
    """What is pending in a device's entry. Reading takes it, so it is put back at once; nobody runs
    in between."""
    at, source = device_at(kernel, entry, UINTC_HIGH), kernel.memory.source
    raw = source.read(at, 8)
    if raw is None:
        raise U4Error("cannot be read")
    if any(raw) and not source.write(at, raw):
        raise U4Error(f"vectors 0x{int.from_bytes(raw, 'little'):x} of entry {entry} of the UINTC "
                      "were read, which takes them, but could not be put back")
    return int.from_bytes(raw, "little")


def hardware(kernel, entry, take=False):
    """What the UINTC itself has of an entry, in words; a device's pending vectors if `take`."""
    if not kernel.symbol("uintc_base"):
        at = emulated_at(kernel, entry)
        if at is None:
            return "emulated"
        return (f"emulated: {low_text(kernel.word(at + 8))}, pending "
                f"{vectors_text(kernel.word(at))}")
    try:
        device_at(kernel, entry, UINTC_LOW)
        low = low_of(kernel, entry)
        if low is None:
            return "cannot be read"
        text = low_text(low)
        return f"{text}, pending {vectors_text(pending_of(kernel, entry))}" if take else text
    except U4Error as problem:
        return str(problem)


def low_text(low):
    return ("active" if low & LOW_ACTIVE else "inactive") + f", hart {low >> HART_SHIFT & 0xffff}" \
        + (", tells the supervisor" if low & LOW_SUPERVISOR else "")


def vectors_text(mask):
    return " ".join(str(n) for n in range(64) if mask >> n & 1) or "nothing"
