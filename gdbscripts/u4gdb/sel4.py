# SPDX-License-Identifier: BSD-2-Clause
"""Layouts of the genuine seL4 (16.0, RISC-V 64) from its debug information, under u4's names. What
u4's inspect table says of u4's kernel, this finds out of another one.

A TCB's address is that of the whole object, with its slots at the start; seL4's tcb_t lies inside,
at the next power of two. Pointers to a tcb_t are changed to the object's as they are read."""

from .dwarf import Dwarf
from .elf import PT_LOAD
from .errors import U4Error
from .layouts import CHARS, EMBEDDED, ENUMERATED, UINT, Field, Layout, Provider
from .sel4_bits import Position, positions
from .sel4_caps import ZOMBIE_TCB, type_names
from .sel4_names import (FAULTS, IN_STATE, NODE, QUEUE_STATES, REGISTERS, RIGHTS, SCHED_CONTEXT, SLOTS,
                         STATES, TCB)

# Facts of seL4's memory map for RISC-V 64 with Sv39, which debug information does not have.
WINDOW, WINDOW_TOP, USER_TOP = 0xffffffc000000000, 0xffffffff80000000, 0x3ffffff000
SLOT_SIZE, SLOT_BITS = 32, 5
WORD = (1 << 64) - 1


class Computed:
    """A field whose value is worked out of the structure's bytes from `offset` on."""

    def __init__(self, name, offset, size, function, count=1, enum=None):
        self.name, self.offset, self.size, self.count = name, offset, size, count
        self.element = size // count
        self.type, self.target, self.unpack = ENUMERATED if enum else UINT, enum, self
        self.function = function

    def unpack_from(self, raw, offset):
        words = [int.from_bytes(raw[at:at + 8], "little")
                 for at in range(offset, offset + max(self.size, 8), 8)]
        value = self.function(words)
        return value if self.count > 1 else (value,)


def bits_of(size):
    """Of the smallest power of two that holds a size."""
    return max(size - 1, 0).bit_length()


class SeL4Layouts(Provider):
    kind = "the kernel's debug information"
    trace_schema = None  # it has no trace of u4's

    def __init__(self, elf):
        super().__init__(elf.path)
        self.elf, self.dwarf = elf, Dwarf(elf)
        try:
            self._find()
        except (KeyError, AttributeError, TypeError, ZeroDivisionError, OverflowError) as problem:
            raise U4Error(f"{elf.path}: its debug information lacks what these scripts need of seL4 "
                          f"16.0 ({type(problem).__name__}: {problem})") from None

    def _find(self):
        elf = self.elf
        self.mcs = "sched_context" in self.dwarf.structures
        self.smp = elf.symbol("ksSMP") is not None
        self.bits, self.bits_from = positions(elf.path, self.mcs)
        tcb_size, self.tcb_members = self.dwarf.structure("tcb")
        self.tcb_offset = 1 << bits_of(tcb_size)
        self._enums()
        self._consts(bits_of(tcb_size) + 1)
        self._objects()
        self._tcb()
        if self.mcs:
            self._mcs()
        self._harts()
        self._symbols()

    def summary(self):
        return f"seL4's layouts by debug information; {self.bits_from}"

    def to_object(self, pointer):
        """A tcb_t's address to its TCB object's."""
        return pointer - self.tcb_offset & WORD if pointer else 0

    def place(self, struct, field):
        try:
            return self.bits[struct, field]
        except KeyError:
            raise U4Error(f"{self.where}: it is not known where struct {struct} has {field}") from None

    # ---- constants and enumerations ----

    def _enums(self):
        def named(enumeration, names):
            found = self.dwarf.enumeration(enumeration)
            return {value: names[name] for name, value in found.items() if name in names}
        self.cap_types = type_names(self.dwarf.enumeration("cap_tag"))
        self.caps = {name: {} for name in self.cap_types.values()}
        irqs = self.dwarf.enumeration("irq_state")
        self.enums = {
            "thread_state": named("_thread_state", STATES),
            "tcb_slot": named("tcb_cnode_index", SLOTS),
            "endpoint_state": named("endpoint_state", QUEUE_STATES),
            "notification_state": named("notification_state", QUEUE_STATES),
            "fault_type": named("seL4_Fault_tag", FAULTS),
            "frame_rights": named("vm_rights", RIGHTS),
            "irq_state": {value: name[3:].lower() for name, value in irqs.items()},
            "lookup_failure": {0: "invalid_root", 1: "missing", 2: "depth", 3: "guard"},
            "sched_action": {0: "resume", 1: "choose", 2: "switch"}}
        for name, found in self.enums.items():
            if not found:
                raise U4Error(f"{self.where}: the debug information does not have seL4's "
                              f"enumeration for {name}")

    def _consts(self, tcb_bits):
        loads = [s for s in self.elf.segments if s.type == PT_LOAD and s.vaddr >> 63]
        if not loads:
            raise U4Error(f"{self.where}: no segment at a kernel address: not a kernel")
        start = min(loads, key=lambda s: s.vaddr)

        def size(name):
            return bits_of(self.dwarf.structure(name)[0])
        priorities, domains = self._queue_counts()
        self.consts = {
            "phys_window": WINDOW, "phys_window_top": WINDOW_TOP, "user_top": USER_TOP,
            "kernel_image": start.vaddr, "kernel_phys": start.paddr, "image_start": start.vaddr,
            "image_end": max(s.vaddr + s.memsz for s in loads), "cap_type_shift": 59, "cap_ptr_bits": 39,
            "zombie_tcb": ZOMBIE_TCB, "slot_bits": SLOT_BITS, "tcb_bits": tcb_bits,
            "endpoint_bits": size("endpoint"), "notification_bits": size("notification"),
            "page_table_bits": 12, "asid_pool_bits": size("asid_pool"), "min_untyped_bits": 4,
            "asids_per_pool": self.dwarf.structure("asid_pool")[0] // 8,
            "num_priorities": priorities, "domains": domains, "slot_flags": 3,
            "slot_revocable": 2, "slot_first_badged": 1, "mcs": int(self.mcs),
            "smp": int(self.smp), "debug": int("debug_tcb" in self.dwarf.structures), "trace": 0}

    def _node_members(self):
        """name -> (address on the first core, size) of what each core has."""
        if self.smp:
            _, outer = self.dwarf.structure("smpStatedata")
            base = self.elf.symbol("ksSMP") + outer["system"][0]
            members = self.dwarf.structure("nodeState")[1]
            return {name: (base + offset, self.dwarf.size(kind))
                    for name, (offset, kind) in members.items()}
        symbols = self.elf.symbols()
        return {name: symbols[name][:2] for name in NODE if name in symbols}

    def _queue_counts(self):
        node = self._node_members()
        try:
            domains = node["ksReadyQueuesL1Bitmap"][1] // 8
            queues = node["ksReadyQueues"][1] // self.dwarf.structure("tcb_queue")[0]
        except KeyError as missing:
            raise U4Error(f"{self.where}: no symbol {missing}: not a seL4 kernel that these scripts "
                          "know (16.0, RISC-V 64)") from None
        return queues // max(domains, 1), domains

    # ---- structures ----

    def _field(self, layout, name, struct, field, enum=None, tcb=False):
        """A packed field, at the start of the layout."""
        place = self.place(struct, field)
        size = 8 * (place.word + 1)
        function = (lambda words: self.to_object(place.of(words))) if tcb else place.of
        layout.fields[name] = Computed(name, 0, size, function, enum=enum)

    def _layout(self, name, size):
        self.structs[name] = Layout(name, size)
        return self.structs[name]

    def _objects(self):
        endpoint = self._layout("endpoint", self.dwarf.structure("endpoint")[0])
        self._field(endpoint, "head", "endpoint", "epQueue_head", tcb=True)
        self._field(endpoint, "tail", "endpoint", "epQueue_tail", tcb=True)
        self._field(endpoint, "state", "endpoint", "state")
        ntfn = self._layout("notification", self.dwarf.structure("notification")[0])
        self._field(ntfn, "head", "notification", "ntfnQueue_head", tcb=True)
        self._field(ntfn, "tail", "notification", "ntfnQueue_tail", tcb=True)
        self._field(ntfn, "state", "notification", "state")
        self._field(ntfn, "badges", "notification", "ntfnMsgIdentifier")
        self._field(ntfn, "bound", "notification", "ntfnBoundTCB", tcb=True)
        pool = self._layout("asid_pool", self.dwarf.structure("asid_pool")[0])
        pool.fields["root"] = Field("root", 0, pool.size, pool.size // 8, UINT, None)
        queue = self._layout("ready_queue", self.dwarf.structure("tcb_queue")[0])
        for name, at in (("head", 0), ("tail", 8)):
            queue.fields[name] = self._tcb_pointer(name, at)
        self._faults()

    def _tcb_pointer(self, name, offset):
        return Computed(name, offset, 8, lambda words: self.to_object(words[0]))

    def _faults(self):
        fault = self._layout("fault", self.dwarf.structure("seL4_Fault")[0])
        self._field(fault, "type", "seL4_Fault", "seL4_FaultType", enum="fault_type")
        for name, struct, field in (("cap_address", "CapFault", "address"),
                                    ("cap_in_receive", "CapFault", "inReceivePhase"),
                                    ("syscall", "UnknownSyscall", "syscallNumber"),
                                    ("exception_number", "UserException", "number"),
                                    ("exception_code", "UserException", "code"),
                                    ("vm_address", "VMFault", "address"),
                                    ("vm_fsr", "VMFault", "FSR"),
                                    ("vm_instruction", "VMFault", "instructionFault")):
            self._field(fault, name, "seL4_Fault_" + struct, field)
        lookup = self._layout("lookup_failure", self.dwarf.structure("lookup_fault")[0])
        self._field(lookup, "type", "lookup_fault", "lufType", enum="lookup_failure")
        self._field(lookup, "guard", "lookup_fault_guard_mismatch", "guardFound")
        for name, field in (("bits_left", "bitsLeft"), ("bits_found", "bitsFound")):
            lookup.fields[name] = Computed(name, 0, 16, self._by_failure(field))

    def _by_failure(self, field):
        """The places of these differ from one failure to the other."""
        kind = self.place("lookup_fault", "lufType")
        names = {1: "missing_capability", 2: "depth_mismatch", 3: "guard_mismatch"}

        def value(words):
            place = self.bits.get(("lookup_fault_" + names.get(kind.of(words), ""), field))
            return place.of(words) if place else 0
        return value

    def _tcb(self):
        tcb = self._layout("tcb", 2 * self.tcb_offset)
        members, fields = self.tcb_members, tcb.fields
        slots = self.dwarf.enumeration("tcb_cnode_index")["tcbCNodeEntries"]
        fields["slots"] = Field("slots", 0, slots * SLOT_SIZE, slots, EMBEDDED, "slot")
        self._layout("slot", SLOT_SIZE)
        for name, (member, pointer) in TCB.items():
            if member not in members and name.startswith("ep_"):
                member = "tcbSched" + name[3:].capitalize()  # MCS: one pair of links for both
            if member in members:
                fields[name] = self._member(name, member, pointer)
        state = self.tcb_offset + members["tcbState"][0]
        for name, field in IN_STATE.items():
            if ("thread_state", field) not in self.bits:
                continue
            place = self.place("thread_state", field)
            fields[name] = Computed(name, state + 8 * place.word, 8,
                                    Position(0, *ends(place)).of,
                                    enum="thread_state" if name == "state" else None)
        for name, member, kind in (("fault", "tcbFault", "fault"),
                                   ("lookup", "tcbLookupFailure", "lookup_failure")):
            fields[name] = Field(name, self.tcb_offset + members[member][0],
                                 self.structs[kind].size, 1, EMBEDDED, kind)
        self._registers(tcb)
        self._debug_part(tcb, slots * SLOT_SIZE)

    def _member(self, name, member, pointer):
        offset, kind = self.tcb_members[member]
        offset += self.tcb_offset
        if pointer:
            return self._tcb_pointer(name, offset)
        return Field(name, offset, self.dwarf.size(kind), 1, UINT, None)

    def _registers(self, tcb):
        """pc and x1..x31, and where a fault or system call was."""
        numbers = self.dwarf.enumeration("_register")
        order = [numbers["NextIP"]] + [numbers[name] for name in REGISTERS]
        base = self.tcb_offset + self.tcb_members["tcbArch"][0]
        tcb.fields["regs"] = Computed("regs", base, 8 * (max(numbers.values()) + 1),
                                      lambda words: tuple(words[n] for n in order), count=32)
        tcb.fields["fault_pc"] = Field("fault_pc", base + 8 * numbers["FaultIP"], 8, 1, UINT, None)

    def _debug_part(self, tcb, offset):
        """Debug builds have a name and a list of all threads behind the slots."""
        if not self.consts["debug"]:
            tcb.fields["name"] = Field("name", 0, 0, 1, CHARS, None)
            return
        members = self.dwarf.structure("debug_tcb")[1]
        tcb.fields["all_next"] = self._tcb_pointer("all_next", offset + members["tcbDebugNext"][0])
        tcb.fields["all_prev"] = self._tcb_pointer("all_prev", offset + members["tcbDebugPrev"][0])
        name = offset + members["tcbName"][0]
        tcb.fields["name"] = Field("name", name, self.tcb_offset - name, 1, CHARS, None)

    # ---- scheduling contexts ----

    def _mcs(self):
        size, members = self.dwarf.structure("sched_context")
        context = self._layout("sched_context", size)
        for name, (member, pointer) in SCHED_CONTEXT.items():
            if member in members:
                offset, kind = members[member]
                context.fields[name] = (self._tcb_pointer(name, offset) if pointer else Field(
                    name, offset, self.dwarf.size(kind), 1, UINT, None))
        size, members = self.dwarf.structure("refill")
        refill = self._layout("refill", size)
        for name, member in (("time", "rTime"), ("amount", "rAmount")):
            refill.fields[name] = Field(name, members[member][0], 8, 1, UINT, None)
        size, members = self.dwarf.structure("reply")
        reply = self._layout("reply", size)
        reply.fields["tcb"] = self._tcb_pointer("tcb", members["replyTCB"][0])
        for name, member in (("prev", "replyPrev"), ("next", "replyNext")):
            reply.fields[name] = Computed(name, members[member][0], 8, self._stack_link)

    def _stack_link(self, words):
        """A pointer; bit 0 says that it leads to the scheduling context, as u4 has it."""
        return (self.place("call_stack", "callStackPtr").of(words)
                | self.place("call_stack", "isHead").of(words))

    # ---- what each core has ----

    def _harts(self):
        node = self._node_members()
        places = list(node.values())
        if self.mcs and "ksReleaseQueue" in self.elf.symbols():
            places.append(self.elf.symbols()["ksReleaseQueue"][:2])
        base = min(address for address, _ in places)
        end = max(address + size for address, size in places)
        stride = self.dwarf.structure("smpStatedata")[0] if self.smp else 0
        size = self.dwarf.size(self.dwarf.type_of(self.dwarf.variables["ksSMP"])) if self.smp else 0
        self.harts = [(base + i * stride, self._hart(i, node, base, end, stride))
                      for i in range(size // stride if self.smp else 1)]
        affinity = self.tcb_members.get("tcbAffinity")
        at = self.tcb_offset + affinity[0] if affinity else 0
        self.structs["tcb"].fields["hart"] = Computed(
            "hart", at, 8, lambda words: base + (words[0] * stride if affinity else 0))

    def _hart(self, number, node, base, end, stride):
        layout = Layout("hart", end - base)

        def at(name):
            return node[name][0] - base
        fields = layout.fields
        fields["current"] = self._tcb_pointer("current", at("ksCurThread"))
        fields["idle"] = self._tcb_pointer("idle", at("ksIdleThread"))
        action = at("ksSchedulerAction")
        fields["action"] = Computed("action", action, 8, lambda words: min(words[0], 2),
                                    enum="sched_action")
        fields["candidate"] = Computed("candidate", action, 8, lambda words: self.to_object(
            words[0]) if words[0] > 1 else 0)
        for name in ("core", "id"):
            fields[name] = Computed(name, 0, 8, lambda words: number)
        fields["ready_l1"] = Field("ready_l1", at("ksReadyQueuesL1Bitmap"),
                                   node["ksReadyQueuesL1Bitmap"][1], self.consts["domains"], UINT,
                                   None)
        self._second_level(fields, at("ksReadyQueuesL2Bitmap"), node["ksReadyQueuesL2Bitmap"][1])
        for name, symbol, kind in (("fault", "current_fault", "fault"),
                                   ("lookup", "current_lookup_fault", "lookup_failure")):
            fields[name] = Field(name, (self.elf.symbol(symbol) or base) - base - number * stride,
                                 self.structs[kind].size, 1, EMBEDDED, kind)
        self._release_queue(fields, base + number * stride, node, number * stride)
        queues = self.consts["domains"] * self.consts["num_priorities"]
        fields["ready"] = Field("ready", at("ksReadyQueues"), node["ksReadyQueues"][1], queues,
                                EMBEDDED, "ready_queue")
        return layout

    def _release_queue(self, fields, base, node, offset):
        """Of the MCS kernel: per core, or a variable."""
        place = node.get("ksReleaseQueue")
        address = place[0] + offset if place else self.elf.symbol("ksReleaseQueue")
        if self.mcs and address:
            fields["release_head"] = self._tcb_pointer("release_head", address - base)

    def _second_level(self, fields, offset, size):
        """seL4 has the highest priorities' word first."""
        per_domain = size // 8 // self.consts["domains"]

        def turned(words):
            return tuple(w for i in range(0, len(words), per_domain)
                         for w in reversed(words[i:i + per_domain]))
        fields["ready_l2"] = Computed("ready_l2", offset, size, turned, count=size // 8)

    # ---- single things ----

    def _symbols(self):
        symbols = self.elf.symbols()
        for ours, theirs, element, kind, target in (
                ("asid_pools", "riscvKSASIDTable", 8, UINT, None),
                ("irq_slots", "intStateIRQNode", SLOT_SIZE, EMBEDDED, "slot"),
                ("irq_states", "intStateIRQTable", self._irq_state_size(), UINT, None),
                ("kernel_root", "kernel_root_pageTable", 4096, UINT, None)):
            if theirs not in symbols:
                raise U4Error(f"{self.where}: no symbol {theirs}: not a seL4 kernel that these "
                              "scripts know (16.0, RISC-V 64)")
            address, size, _ = symbols[theirs]
            self.symbols[ours] = Field(ours, address, size, size // element, kind, target)
        if "ksDebugTCBs" in self._node_members():
            self.debug_lists = [base + self._node_members()["ksDebugTCBs"][0] - self.harts[0][0]
                                for base, _ in self.harts]
        else:
            self.debug_lists = []

    def _irq_state_size(self):
        array = self.dwarf.type_of(self.dwarf.variables["intStateIRQTable"])
        return self.dwarf.size(self.dwarf.type_of(array)) or 8


def ends(place):
    """(high, low, left, pointer) of a Position."""
    return place.low + place.mask.bit_length() - 1, place.low, place.left, place.pointer
