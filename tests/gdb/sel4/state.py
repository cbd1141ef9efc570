# SPDX-License-Identifier: BSD-2-Clause
"""A state of the genuine seL4 in a memory image, for sel4.t: five threads, a CSpace with derived
capabilities, an address space, queues. Words are packed here as seL4 16.0 does on RISC-V 64,
written apart from what the scripts read them by."""

import struct
import sys

WINDOW, IMAGE, RAM = 0xffffffc000000000, 0xffffffff00000000, 0x80000000
HEAP, HEAP_BITS = 0x80300000, 18
LOW39 = (1 << 39) - 1
(NULL, FRAME, UNTYPED, PAGE_TABLE, ENDPOINT, NOTIFICATION, REPLY, CNODE, ASID_CONTROL, THREAD,
 ASID_POOL, IRQ_CONTROL, IRQ_HANDLER) = (0, 1, 2, 3, 4, 6, 8, 10, 11, 12, 13, 14, 16)
(RUNNING, RESTART, BLOCKED_RECV, BLOCKED_SEND, BLOCKED_REPLY, BLOCKED_NTFN, IDLE) = range(1, 8)
SEND, RECV, GRANT, GRANT_REPLY = 1, 2, 4, 8
REVOCABLE, FIRST_BADGED = 2, 1
TCB_OFFSET, TCB_BITS = 512, 10


def head(kind, rest=0, ptr=0):
    return kind << 59 | rest | ptr & LOW39


def endpoint_cap(ptr, rights, badge=0):
    bits = ((rights & SEND and 1 << 55) | (rights & RECV and 1 << 56)
            | (rights & GRANT and 1 << 57) | (rights & GRANT_REPLY and 1 << 58))
    return head(ENDPOINT, bits, ptr), badge


def notification_cap(ptr, rights, badge=0):
    bits = (rights & SEND and 1 << 57) | (rights & RECV and 1 << 58)
    return head(NOTIFICATION, bits, ptr), badge


def cnode_cap(ptr, radix, guard=0, guard_size=0):
    return CNODE << 59 | guard_size << 53 | radix << 47 | ptr >> 1 & LOW39 >> 1, guard


def untyped_cap(ptr, bits, used):
    return head(UNTYPED, 0, ptr), used >> 4 << 25 | bits


def frame_cap(ptr, size, rights, asid=0, vaddr=0):
    return head(FRAME, size << 57 | rights << 55, vaddr), asid << 48 | (ptr & LOW39) << 9


def page_table_cap(ptr, asid=0, vaddr=0, mapped=0):
    return head(PAGE_TABLE, mapped << 39, vaddr), asid << 48 | (ptr & LOW39) << 9


def asid_pool_cap(ptr, base):
    return ASID_POOL << 59 | base << 43 | ptr >> 2 & LOW39 >> 2, 0


class State:
    """The image under construction. Addresses of objects are those of the kernel's window."""

    def __init__(self, elf, types):
        self.elf, self.types = elf, types
        self.memory = bytearray(4 << 20)
        for segment in elf.segments:
            if segment.type == 1:
                self.put_bytes(segment.vaddr, elf.read(segment.vaddr, segment.filesz))
        self.free, self.threads, self.debug = HEAP, {}, "debug_tcb" in types.structures
        self.mcs = "sched_context" in types.structures

    def at(self, address):
        paddr = address - (IMAGE if address >= IMAGE + RAM else WINDOW)
        return paddr - RAM

    def put_bytes(self, address, data):
        at = self.at(address)
        self.memory[at:at + len(data)] = data

    def put(self, address, *words):
        self.put_bytes(address, struct.pack(f"<{len(words)}Q", *words))

    def symbol(self, name):
        return self.elf.symbol(name)

    def new(self, bits):
        size = 1 << bits
        start = (self.free + size - 1) // size * size
        self.free = start + size
        return start + WINDOW

    # ---- slots ----

    def slot(self, cnode, index):
        return cnode + 32 * index

    def fill(self, slot, cap, flags=0):
        self.put(slot, *cap, 0, flags)
        return slot

    def chain(self, *slots):
        """A derivation list, in order."""
        for before, after in zip(slots, slots[1:]):
            at = self.at(before) + 24
            flags = self.memory[at] & 3
            self.put(before + 24, after & LOW39 | flags)
            self.put(after + 16, before)

    # ---- threads ----

    def member(self, tcb, name):
        return tcb + self.types.members(self.types.structures["tcb"])[name][0]

    def thread(self, name, state, priority, blocked_on=0, badge=0, pc=0x10000):
        """A new thread; its tcb_t's address."""
        tcb = self.new(TCB_BITS) + TCB_OFFSET
        self.put(self.member(tcb, "tcbState"), blocked_on & LOW39 & ~15 | state, 0, badge)
        self.put(self.member(tcb, "tcbPriority"), priority)
        self.put(self.member(tcb, "tcbMCP"), 255)
        if not self.mcs:
            self.put(self.member(tcb, "tcbTimeSlice"), 5)
        self.put(self.member(tcb, "tcbArch"), pc, pc + 4)
        if self.debug:
            first = self.threads and list(self.threads.values())[-1]
            debug = tcb - TCB_OFFSET + 5 * 32
            self.put(debug, first or 0, 0)
            self.put_bytes(debug + 16, name.encode() + b"\0")
            if first:
                self.put(first - TCB_OFFSET + 5 * 32 + 8, tcb)
            self.put(self.symbol("ksDebugTCBs"), tcb)
        self.threads[name] = tcb
        return tcb

    def own_slot(self, name, index):
        return self.threads[name] - TCB_OFFSET + 32 * index

    def queue(self, first, last, *names):
        """Links threads by a pair of members; (first, last one)."""
        tcbs = [self.threads[n] for n in names]
        for before, after in zip(tcbs, tcbs[1:]):
            self.put(self.member(before, first), after)
            self.put(self.member(after, last), before)
        return tcbs[0], tcbs[-1]

    # ---- the whole ----

    def build(self):
        endpoint, other, ntfn = self.new(4), self.new(4), self.new(5)
        root = self.new(5 + 4)
        small = self.new(5 + 3)
        tables = [self.new(12) for _ in range(3)]
        page, pool = self.new(12), self.new(12)
        self._threads(endpoint, other)
        self._queues(endpoint, other, ntfn)
        self._capabilities(root, small, endpoint, other, ntfn)
        self._space(tables, page, pool, root)
        self.put(self.symbol("ksCurThread"), self.threads["root"])
        self.put(self.symbol("ksSchedulerAction"), 1)
        return self.memory

    def _threads(self, endpoint, other):
        self.thread("root", RUNNING, 100)
        self.thread("server", BLOCKED_RECV, 110, other)
        self.thread("client-a", BLOCKED_SEND, 110, endpoint, 0xa1)
        self.thread("client-b", BLOCKED_SEND, 110, endpoint, 0xa2)
        self.thread("caller", BLOCKED_REPLY, 110)
        self.thread("eager", RUNNING, 70)
        if self.mcs:
            later = self.thread("later", RUNNING, 60)
            self.put(self.symbol("ksReleaseQueue"), later, later)
            self.put(self.member(later, "tcbState") + 8, 1)
            self.put(self.member(later, "tcbSchedContext"), self._context(later, (5000, 800)))
        # The caller has loaded from 0xdead000, and the server has its fault.
        self.put(self.member(self.threads["caller"], "tcbFault"), 5 << 27 | 5, 0xdead000)

    def _queues(self, endpoint, other, ntfn):
        links = ("tcbSchedNext", "tcbSchedPrev") if self.mcs else ("tcbEPNext", "tcbEPPrev")
        first, last = self.queue(*links, "client-a", "client-b")
        self.put(endpoint, last & LOW39 | 1, first)
        self.put(other, self.threads["server"] & LOW39 | 2, self.threads["server"])
        self.put(ntfn, 2, 0, 0x40, 0)  # active, with badge 0x40
        self.put(self.member(self.threads["eager"], "tcbState") + 8, 2 if self.mcs else 1)  # queued
        queue = 1 * 128 + 70  # of domain 1
        self.put(self.member(self.threads["eager"], "tcbDomain"), 1)
        self.put(self.symbol("ksReadyQueues") + 16 * queue, *[self.threads["eager"]] * 2)
        self.put(self.symbol("ksReadyQueuesL1Bitmap") + 8, 1 << 70 // 64)
        # The second level has its words in reverse.
        self.put(self.symbol("ksReadyQueuesL2Bitmap") + 16 + 8 * (1 - 70 // 64), 1 << 70 % 64)

    def _capabilities(self, root, small, endpoint, other, ntfn):
        put = self.fill
        untyped = put(self.slot(root, 1), untyped_cap(HEAP + WINDOW, HEAP_BITS, 0x20000), REVOCABLE)
        original = put(self.slot(root, 2), endpoint_cap(endpoint, 15), REVOCABLE | FIRST_BADGED)
        a = put(self.slot(small, 1), endpoint_cap(endpoint, SEND | GRANT, 0xa1), FIRST_BADGED)
        b = put(self.slot(small, 2), endpoint_cap(endpoint, SEND, 0xa2), FIRST_BADGED)
        serve = put(self.slot(root, 3), endpoint_cap(other, RECV))
        caps = [put(self.slot(root, 4), cnode_cap(root, 4, 0, 60)),
                put(self.slot(root, 5), notification_cap(ntfn, SEND | RECV))]
        caps += [put(self.slot(root, 8 + i), (head(THREAD, 0, tcb), 0), REVOCABLE)
                 for i, tcb in enumerate(list(self.threads.values())[:6])]
        self.chain(untyped, original, a, b, serve, *caps)
        self.fill(self.slot(root, 6), (IRQ_CONTROL << 59, 0))
        self.fill(self.slot(root, 7), (IRQ_HANDLER << 59, 2))
        self.put(self.symbol("intStateIRQTable") + 4 * 2, 1)
        self.fill(self.symbol("intStateIRQNode") + 32 * 2, notification_cap(ntfn, SEND, 8))
        for name in self.threads:
            cap = cnode_cap(small, 3, 0x5, 61) if "client" in name else cnode_cap(root, 4, 0, 60)
            self.fill(self.own_slot(name, 0), cap)
        caller = self.threads["caller"]
        if self.mcs:
            self._lend(root, caller)
            return
        master = self.fill(self.own_slot("caller", 2), (REPLY << 59 | 3, caller), REVOCABLE)
        self.chain(master, self.fill(self.own_slot("server", 3), (REPLY << 59 | 2, caller)))

    def fields(self, struct, address, **values):
        """Writes members of a structure."""
        members = self.types.members(self.types.structures[struct])
        for name, value in values.items():
            self.put(address + members[name][0], value)

    def _context(self, tcb, *refills, **values):
        """A scheduling context of a thread, with refills (time, amount) from the last place on."""
        context, room = self.new(8), 4
        size = self.types.structures["sched_context"].values["byte_size"]
        self.fields("sched_context", context, scTcb=tcb, scPeriod=10000, scRefillMax=room,
                    scRefillHead=room - 1, scRefillTail=(len(refills) - 2) % room, **values)
        for i, (time, amount) in enumerate(refills):
            at = context + size + 16 * ((room - 1 + i) % room)
            self.fields("refill", at, rTime=time, rAmount=amount)
        return context

    def _lend(self, root, caller):
        """MCS: the server runs on the caller's time, which it has to give back by a reply object."""
        reply, server = self.new(5), self.threads["server"]
        context = self._context(server, (500, 20), (900, 80), scConsumed=7, scReply=reply,
                                scBadge=0x77)
        self.fields("reply", reply, replyTCB=caller, replyNext=context & LOW39 | 1 << 48)
        self.put(self.member(caller, "tcbState") + 8, (reply & LOW39) << 1)
        self.put(self.member(server, "tcbSchedContext"), context)
        self.fill(self.slot(root, 0), (22 << 59, (context & LOW39) << 16 | 8 << 10))
        self.fill(self.own_slot("client-a", 3), (REPLY << 59 | 1 << 58, reply))

    def _space(self, tables, page, pool, root):
        level0, level1, level2 = tables
        for table, below in ((level0, level1), (level1, level2)):
            self.put(table, (below - WINDOW) >> 2 | 1)
        self.put(level2 + 8 * 0x10, (page - WINDOW) >> 2 | 0xdf)  # read, write, execute, user
        self.put_bytes(page, b"seL4 as well")
        self.put(pool + 8 * 3, level0)
        self.put(self.symbol("riscvKSASIDTable"), pool)
        for name in self.threads:
            self.fill(self.own_slot(name, 1), page_table_cap(level0, 3, 0, 1))
        self.fill(self.slot(root, 14), frame_cap(page, 0, 3, 3, 0x10000))
        self.fill(self.slot(root, 15), asid_pool_cap(pool, 0))


if __name__ == "__main__":
    sys.exit("this is part of sel4.t")
