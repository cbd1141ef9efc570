# SPDX-License-Identifier: BSD-2-Clause
"""seL4's capabilities, decoded into u4's names for their types and fields."""

from .caps import Cap, Decoder

# Type: (field with the address, {u4's name of a field: seL4's}).
FIELDS = {
    "untyped": ("capPtr", {"free_index": "capFreeIndex", "device": "capIsDevice",
                           "size_bits": "capBlockSize"}),
    "endpoint": ("capEPPtr", {"badge": "capEPBadge"}),
    "notification": ("capNtfnPtr", {"badge": "capNtfnBadge"}),
    "reply": ("capTCBPtr", {"grant": "capReplyCanGrant", "master": "capReplyMaster"}),
    "cnode": ("capCNodePtr", {"radix": "capCNodeRadix", "guard_size": "capCNodeGuardSize",
                              "guard": "capCNodeGuard"}),
    "tcb": ("capTCBPtr", {}),
    "irq_handler": (None, {"irq": "capIRQ"}),
    "zombie": ("capZombieID", {"kind": "capZombieType"}),
    "frame": ("capFBasePtr", {"device": "capFIsDevice", "size": "capFSize",
                              "rights": "capFVMRights", "asid": "capFMappedASID",
                              "vaddr": "capFMappedAddress"}),
    "page_table": ("capPTBasePtr", {"mapped": "capPTIsMapped", "asid": "capPTMappedASID",
                                    "vaddr": "capPTMappedAddress"}),
    "asid_pool": ("capASIDPool", {"first": "capASIDBase"}),
    "sched_context": ("capSCPtr", {"size_bits": "capSCSizeBits"}),
}
# Bits of u4's rights, by the field that grants each.
RIGHTS = {"endpoint": {"capCanSend": 1, "capCanReceive": 2, "capCanGrant": 4,
                       "capCanGrantReply": 8},
          "notification": {"capNtfnCanSend": 1, "capNtfnCanReceive": 2}}
SEL4_NAMES = {"tcb": "thread"}  # where they differ
MCS_REPLY = ("capReplyPtr", {"grant": "capReplyCanGrant"})
ZOMBIE_TCB, TCB_ZOMBIE_RADIX = 64, 4


def type_names(tags):
    """number -> u4's name, of seL4's enumeration of capability types."""
    ours = {theirs: name for name, theirs in SEL4_NAMES.items()}
    found = {}
    for name, number in tags.items():
        short = name[4:-4]  # cap_NAME_cap
        found[number] = ours.get(short, short)
    return found


class SeL4Decoder(Decoder):
    """`table.bits`: where the fields are; `table.tcb_offset`: from an object to its tcb_t."""

    def __init__(self, table):
        super().__init__(table)
        self.places = {name: self._places(name, table.bits) for name in table.cap_types.values()}

    def _places(self, name, bits):
        struct = f"cap_{SEL4_NAMES.get(name, name)}_cap"
        pointer, fields = FIELDS.get(name, (None, {}))
        if name == "reply" and self.mcs:
            pointer, fields = MCS_REPLY
        return (bits.get((struct, pointer)),
                [(ours, bits[struct, theirs]) for ours, theirs in fields.items()],
                [(bit, bits[struct, theirs]) for theirs, bit in RIGHTS.get(name, {}).items()])

    def decode(self, w0, w1):
        cap, words = Cap(), (w0, w1)
        number = w0 >> self.shift
        cap.type = self.table.cap_types.get(number)
        cap.known = cap.type is not None
        cap.w0, cap.w1, cap.ptr, cap.fields = w0, w1, 0, {}
        if not cap.known:
            cap.type = f"type{number}"
            return cap
        pointer, fields, rights = self.places[cap.type]
        cap.fields = {name: place.of(words) for name, place in fields}
        if rights:
            cap.fields["rights"] = sum(bit for bit, place in rights if place.of(words))
        if pointer:
            cap.ptr = pointer.of(words)
        self._adjust(cap)
        return cap

    def _adjust(self, cap):
        """seL4's values that mean another thing than u4's of the same name."""
        if cap.type == "tcb" or cap.type == "reply" and not self.mcs:
            cap.ptr = cap.ptr - self.table.tcb_offset & (1 << 64) - 1 if cap.ptr else 0
        elif cap.type == "zombie":
            radix = TCB_ZOMBIE_RADIX if cap.kind == ZOMBIE_TCB else min(cap.kind, 62)
            mask = (1 << radix + 1) - 1
            cap.fields["left"] = cap.ptr & mask
            cap.ptr &= ~mask
