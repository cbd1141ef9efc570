# SPDX-License-Identifier: BSD-2-Clause
"""Capabilities: two words become a type and its fields, as the inspect table says."""

RIGHTS = ((2, "R"), (1, "W"), (4, "G"), (8, "P"))  # receive, send, grant, grant reply
FRAME_BITS = (12, 21, 30)
PHYSICAL = {"untyped", "endpoint", "notification", "cnode", "tcb", "zombie", "frame", "page_table",
            "asid_pool", "sched_context", "sender_table", "registration"}
SENDER_TABLE_ZOMBIE = 40  # and up, but for the TCBs': 40 + size bits


def rights_text(rights):
    return "".join(letter if rights & bit else "-" for bit, letter in RIGHTS)


class Cap:
    """One decoded capability. `object`: address of what it stands for, 0 if nothing."""
    __slots__ = ("type", "w0", "w1", "ptr", "fields", "known")

    def __getattr__(self, name):
        try:
            return self.fields[name]
        except KeyError:
            raise AttributeError(name) from None

    def get(self, name, otherwise=None):
        return self.fields.get(name, otherwise)


class Decoder:
    def __init__(self, table):
        self.table = table
        self.mcs = bool(table.const("mcs"))  # reply capabilities are to objects, not to threads
        self.shift = table.const("cap_type_shift")
        self.ptr_bits = table.const("cap_ptr_bits")
        self.sign = 1 << self.ptr_bits - 1
        self.upper = (1 << 64) - (1 << self.ptr_bits)
        self.zombie_tcb = table.const("zombie_tcb")
        self.slots_in_tcb = table.structs["tcb"].fields["slots"].offset
        self.fields = {name: [(b.name, b.word, b.low, b.mask) for b in bits.values()]
                       for name, bits in table.caps.items()}
        self.sizes = {"endpoint": table.const("endpoint_bits"),
                      "notification": table.const("notification_bits"),
                      "tcb": table.const("tcb_bits"), "page_table": table.const("page_table_bits"),
                      "asid_pool": table.const("asid_pool_bits")}

    def decode(self, w0, w1):
        cap = Cap()
        number = w0 >> self.shift
        cap.type = self.table.cap_types.get(number)
        cap.known = cap.type is not None
        if not cap.known:
            cap.type = f"type{number}"
        cap.w0, cap.w1 = w0, w1
        ptr = w0 & (self.sign << 1) - 1
        cap.ptr = ptr | self.upper if ptr & self.sign else ptr
        words = (w0, w1)
        cap.fields = {name: words[word] >> low & mask
                      for name, word, low, mask in self.fields.get(cap.type, ())}
        return cap

    def object(self, cap):
        """The object's address; an interrupt's number for its handler; 0 if there is none."""
        if cap.type == "irq_handler":
            return cap.w1
        if cap.type == "zombie" and cap.kind == self.zombie_tcb:
            return cap.ptr - self.slots_in_tcb
        return cap.ptr if cap.type in PHYSICAL or cap.type == "reply" else 0

    def size_bits(self, cap):
        if cap.type == "untyped":
            return cap.size_bits
        if cap.type == "cnode":
            return cap.radix + self.table.const("slot_bits")
        if cap.type == "zombie":
            if cap.kind == self.zombie_tcb:
                return self.sizes["tcb"]
            return (cap.kind - SENDER_TABLE_ZOMBIE if cap.kind > SENDER_TABLE_ZOMBIE
                    else cap.kind + self.table.const("slot_bits"))
        if cap.type == "sender_table":
            return cap.size_bits
        if cap.type == "registration":
            return self.sizes["notification"]
        if cap.type == "frame":
            return FRAME_BITS[min(cap.size, 2)]
        return self.sizes.get(cap.type, 0)

    def describe(self, cap):
        """The fields in words, without the type."""
        kind, name = cap.type, f"0x{self.object(cap):x}"
        if kind == "null":
            return ""
        if kind == "untyped":
            size, free = 1 << cap.size_bits, cap.free_index << self.table.const("min_untyped_bits")
            device = " device" if cap.device else ""
            return f"{name} 2^{cap.size_bits}{device}, {max(size - free, 0)} of {size} bytes free"
        if kind in ("endpoint", "notification"):
            badge = f" badge 0x{cap.badge:x}" if cap.badge else ""
            return f"{name} {rights_text(cap.rights)}{badge}"
        if kind == "reply" and self.mcs:
            return name + (" grant" if cap.grant else "")
        if kind == "sched_context":
            return f"{name} 2^{cap.size_bits}" if "size_bits" in cap.fields else name
        if kind == "reply":
            return (f"to {name}" + (" master" if cap.master else "")
                    + (" grant" if cap.grant else ""))
        if kind == "cnode":
            guard = f" guard 0x{cap.guard:x}/{cap.guard_size}" if cap.guard_size else ""
            return f"{name} radix {cap.radix}{guard}"
        if kind == "irq_handler":
            return f"irq {cap.w1}"
        if kind == "zombie":
            what = ("tcb" if cap.kind == self.zombie_tcb else "sender table"
                    if cap.kind > SENDER_TABLE_ZOMBIE else f"cnode radix {cap.kind}")
            return f"{name} of {what}, {cap.left} slots left"
        if kind == "frame":
            rights = self.table.enums["frame_rights"].get(cap.rights, f"rights {cap.rights}")
            device = " device" if cap.device else ""
            return f"{name} 2^{self.size_bits(cap)} {rights}{device}{self._mapping(cap)}"
        if kind == "page_table":
            return name + (self._mapping(cap) if cap.mapped else " unmapped")
        if kind == "sender_table":
            return f"{name} 2^{cap.size_bits}" + (" bound" if cap.bound else "")
        if kind == "registration":
            return (f"of the receiver {cap.index}, notification {name}" if cap.receiver
                    else f"of a sender, vector {cap.vector}, notification {name}")
        if kind == "asid_pool":
            return f"{name} first asid {cap.first}"
        if not cap.known:
            return f"unknown type, words 0x{cap.w0:016x} 0x{cap.w1:016x}"
        return name if cap.ptr and kind in PHYSICAL else ""

    @staticmethod
    def _mapping(cap):
        return f" mapped at 0x{cap.vaddr:x} asid {cap.asid}" if cap.asid else " unmapped"

    # The relations of kernel/object/object.c, by which the derivation tree is read.

    def contains(self, a, b):
        start, inner = self.object(a), self.object(b)
        return (start <= inner
                and inner + (1 << self.size_bits(b)) <= start + (1 << self.size_bits(a)))

    def same_region(self, a, b):
        kind = a.type
        if kind == "untyped":
            return b.type in PHYSICAL and self.contains(a, b)
        if kind == "frame":
            return b.type == "frame" and self.contains(a, b)
        if kind == "cnode":
            return b.type == "cnode" and a.ptr == b.ptr and a.radix == b.radix
        if kind in ("notification", "registration"):
            return b.type in ("notification", "registration") and a.ptr == b.ptr
        if kind in ("endpoint", "tcb", "reply", "page_table", "asid_pool", "sender_table"):
            return kind == b.type and a.ptr == b.ptr
        if kind in ("domain", "trace"):
            return b.type == kind
        if kind == "irq_control":
            return b.type in (kind, "irq_handler")
        if kind == "irq_handler":
            return b.type == kind and a.w1 == b.w1
        if kind == "asid_control":
            return b.type in (kind, "asid_pool")
        return False

    @staticmethod
    def badge(cap):
        """Also of the capability that a registration was made with."""
        if cap.type == "registration":
            return cap.w1 if cap.receiver else cap.vector
        return cap.get("badge", 0)

    def same_object(self, a, b):
        if a.type == "untyped":
            return False
        if a.type in ("irq_control", "asid_control"):
            return a.type == b.type
        if a.type == "frame":
            return (b.type == "frame" and a.ptr == b.ptr and a.size == b.size
                    and a.device == b.device)
        return self.same_region(a, b)
