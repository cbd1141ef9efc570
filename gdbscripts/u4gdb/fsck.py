# SPDX-License-Identifier: BSD-2-Clause
"""Does the kernel's state fit together? Each check tells what is broken and where, and goes on as
far as it can. What the debug kernel's own checker tests from inside, this does from outside."""

from .errors import BadMemory
from .kernel import SLOT_ALIGN
from .output import Hex
from .uintr import receivers
from .spaces import Space, U, V, W, R, asids, pte_paddr

MAX_QUEUE = 65536


def queue_members(kernel, queue, problems):
    """TCBs that wait at an endpoint or notification, in order; what is wrong goes to problems."""
    what = f"{queue.layout.name} 0x{queue.address:x}"
    if queue.layout.name == "notification" and kernel.queue_state(queue) != "waiting":
        return []
    members = walk_queue(kernel, kernel.queue_head(queue), "ep_next", "ep_prev", what, problems)
    if (members[-1] if members else 0) != queue.tail:
        problems.append(f"{what}: its queue ends with 0x{members[-1] if members else 0:x}, but its "
                        f"tail is 0x{queue.tail:x}")
    return members


def walk_queue(kernel, head, following, preceding, what, problems):
    members, seen, before, at = [], set(), 0, head
    while at:
        if at in seen:
            problems.append(f"{what}: the queue comes back to thread 0x{at:x}: a circle")
            break
        if kernel.thread_at(at) is None:
            problems.append(f"{what}: 0x{at:x}, after 0x{before:x} in its queue, is no thread")
            break
        tcb = kernel.thread_at(at)
        if getattr(tcb, preceding) != before:
            problems.append(f"{what}: thread 0x{at:x} follows 0x{before:x} in its queue, but points "
                            f"back at 0x{getattr(tcb, preceding):x}")
        seen.add(at)
        members.append(at)
        if len(members) >= MAX_QUEUE:
            problems.append(f"{what}: its queue has no end")
            break
        before, at = at, getattr(tcb, following)
    return members


def ready_queues(kernel, hart, problems):
    """(domain, priority, members) of each queue that is not empty; bitmaps are checked."""
    count = kernel.table.const("num_priorities")
    words, l1, l2 = count // 64, as_tuple(hart.ready_l1), as_tuple(hart.ready_l2)
    for number, (head, tail) in enumerate(kernel.ready_ends(hart)):
        domain, priority = divmod(number, count)
        what = f"hart {hart.core}, domain {domain}, priority {priority}"
        marked = bool(l2[domain * words + priority // 64] >> priority % 64 & 1)
        if marked != bool(head):
            problems.append(f"{what}: {'threads are' if head else 'no thread is'} ready, but the "
                            f"bitmap says {'some are' if marked else 'none is'}")
        if not head and not tail:
            continue
        members = walk_queue(kernel, head, "ready_next", "ready_prev", what, problems)
        if (members[-1] if members else 0) != tail:
            problems.append(f"{what}: the queue ends with 0x{members[-1] if members else 0:x}, but "
                            f"its tail is 0x{tail:x}")
        yield domain, priority, members
    for domain, top in enumerate(l1):
        for word in range(words):
            if bool(top >> word & 1) != bool(l2[domain * words + word]):
                problems.append(f"hart {hart.core}, domain {domain}: the two levels of the ready "
                                f"bitmap differ at word {word}")


def as_tuple(value):
    return value if isinstance(value, tuple) else (value,)


class Fsck:
    def __init__(self, kernel):
        self.kernel = kernel
        self.found = []  # (area, where, what)
        self.checked = {}

    def tell(self, area, where, what):
        self.found.append((area, where, what))

    def run(self):
        for check in (self.threads, self.queues, self.slots, self.tree, self.memory, self.spaces):
            try:
                check()
            except BadMemory as problem:
                self.tell(check.__name__, Hex(problem.address), f"the check had to stop: {problem}")
        return self.found

    # ---- threads and queues ----

    def threads(self):
        k = self.kernel
        threads = k.threads()
        for problem in k.problems:
            self.tell("threads", None, problem)
        self.checked["threads"] = len(threads)
        harts = {h.address: h for h in k.harts()}
        for t in threads:
            where = Hex(t.address)
            state = t.enum("state")
            if state.startswith("?") or state == "idle":
                self.tell("threads", where, f"state {t.state} cannot be")
            if t.hart not in harts:
                self.tell("threads", where, f"belongs to hart 0x{t.hart:x}, which is none")
            if t.priority >= k.table.const("num_priorities") or \
                    t.domain >= k.table.const("domains"):
                self.tell("threads", where, f"priority {t.priority}, domain {t.domain} cannot be")
            runnable = state in ("running", "restart")
            if t.queued and not runnable:
                self.tell("threads", where, f"is in a ready queue, but {state}")
            without_time = t.has("sc") and not t.sc or t.has("released_later") and t.released_later
            if runnable and not t.queued and not without_time and not self._chosen(t, harts):
                self.tell("threads", where, f"is {state}, but in no ready queue")
            self._bound(t)
        for hart in harts.values():
            if k.thread_at(hart.current) is None:
                self.tell("threads", None, f"hart {hart.core} runs 0x{hart.current:x}, which is no "
                                           "thread")

    def _chosen(self, t, harts):
        hart = harts.get(t.hart)
        return hart and (hart.current == t.address or hart.enum("action") == "switch"
                         and hart.candidate == t.address)

    def _bound(self, t):
        if not t.bound:
            return
        try:
            back = self.kernel.view("notification", t.bound).bound
        except BadMemory as problem:
            self.tell("threads", Hex(t.address), f"bound notification: {problem}")
            return
        if back != t.address:
            self.tell("threads", Hex(t.address), f"is bound to notification 0x{t.bound:x}, which is "
                                                 f"bound to 0x{back:x}")

    def queues(self):
        k = self.kernel
        problems = []
        for hart in k.harts():
            for domain, priority, members in ready_queues(k, hart, problems):
                for member in members:
                    t = k.thread_at(member)
                    if not t.queued or t.priority != priority or t.domain != domain:
                        self.tell("queues", Hex(member), f"is in the ready queue of priority "
                                  f"{priority}, but has priority {t.priority}"
                                  + ("" if t.queued else " and says it is in none"))
        waiting = self._object_queues(problems)
        for entry, receiver in receivers(k):
            self._receiver(entry, receiver, waiting)
        for problem in problems:
            self.tell("queues", None, problem)
        for t in k.threads():
            state = t.enum("state")
            if state in ("blocked_recv", "blocked_send", "blocked_ntfn"):
                if waiting.get(t.address) != t.blocked_on:
                    self.tell("queues", Hex(t.address), f"is {state} on 0x{t.blocked_on:x}, but not "
                                                        "in its queue")

    def _receiver(self, entry, receiver, waiting):
        """Of user interrupts: thread and notification know of each other."""
        t = self.kernel.thread_at(receiver.tcb)
        if t is None:
            self.tell("uintr", Hex(receiver.tcb), f"is receiver {entry} of user interrupts, but no "
                                                  "thread")
            return
        ntfn = self.kernel.view("notification", receiver.notification)
        if self.kernel.queue_state(ntfn) != "uintr" or ntfn.head >> 2 != entry \
                or ntfn.bound != t.address:
            self.tell("uintr", Hex(ntfn.address), f"is the notification of receiver {entry}, "
                      f"{t.name}, but {self.kernel.queue_state(ntfn)} for 0x{ntfn.bound:x}")
        if t.uintr_entry != entry:
            self.tell("uintr", Hex(t.address), f"is receiver {entry}, but has entry {t.uintr_entry}")
        if t.enum("state") == "blocked_ntfn" and t.blocked_on == ntfn.address:
            waiting[t.address] = ntfn.address

    def _object_queues(self, problems):
        k, waiting = self.kernel, {}
        names = {"endpoint": {"send": ("blocked_send",), "recv": ("blocked_recv",)},
                 "notification": {"waiting": ("blocked_ntfn",)}}
        count = 0
        for (kind, address) in sorted(k.census().objects()):
            if kind not in names:
                continue
            count += 1
            try:
                queue = k.view(kind, address)
            except BadMemory as problem:
                problems.append(f"{kind} 0x{address:x}: {problem}")
                continue
            state = k.queue_state(queue)
            if state is None:
                problems.append(f"{kind} 0x{address:x}: state {queue.head & 3} cannot be")
            members = queue_members(k, queue, problems)
            if bool(members) != (state in names[kind]):
                problems.append(f"{kind} 0x{address:x}: state {state}, with {len(members)} threads "
                                "in its queue")
            for member in members:
                waiting[member] = address
                self._member(kind, address, member, names[kind].get(state, ()))
        self.checked["endpoints and notifications"] = count
        return waiting

    def _member(self, kind, address, member, states):
        t = self.kernel.thread_at(member)
        if t.blocked_on != address or t.enum("state") not in states:
            self.tell("queues", Hex(member), f"is in the queue of {kind} 0x{address:x}, but is "
                                             f"{t.enum('state')} on 0x{t.blocked_on:x}")

    # ---- capabilities ----

    def slots(self):
        k, census = self.kernel, self.kernel.census()
        for problem in census.problems:
            self.tell("slots", None, problem)
        self.checked["capabilities"] = len(census.slots)
        for slot in census.slots.values():
            where = Hex(slot.address)
            place = census.place(slot)
            if not slot.cap.known:
                self.tell("slots", where, f"{place}: no type of capability ({slot.cap.type})")
                continue
            for word, other, back in (("before", slot.prev, "next"), ("after", slot.next, "prev")):
                if not other:
                    continue
                neighbour = census.slots.get(other)
                if neighbour is None:
                    why = k.check_pointer(other, SLOT_ALIGN, k.slot_size)
                    self.tell("tree", where, f"{place}: the slot {word} it, 0x{other:x}, "
                              + (why if why else "is empty or in no CNode"))
                elif getattr(neighbour, back) != slot.address:
                    self.tell("tree", where, f"{place}: the slot {word} it, 0x{other:x}, does not "
                              f"point back but at 0x{getattr(neighbour, back):x}")
            self._cap(slot, place)

    def _cap(self, slot, place):
        k, cap = self.kernel, slot.cap
        where = Hex(slot.address)
        if cap.type == "reply" and "reply" in k.tcb_slot:
            t = k.thread_at(cap.ptr)
            if t is None:
                self.tell("slots", where, f"{place}: reply capability to 0x{cap.ptr:x}, which is no "
                                          "thread")
            elif not cap.master and t.enum("state") != "blocked_reply":
                self.tell("slots", where, f"{place}: reply capability to {t.name}, which is "
                                          f"{t.enum('state')} and waits for no reply")
        elif cap.type == "cnode":
            if cap.radix == 0 or cap.radix + cap.guard_size > 64:
                self.tell("slots", where, f"{place}: CNode of radix {cap.radix} with a guard of "
                                          f"{cap.guard_size} bits")
            elif cap.guard_size < 64 and cap.guard >> cap.guard_size:
                self.tell("slots", where, f"{place}: guard 0x{cap.guard:x} is longer than its "
                                          f"{cap.guard_size} bits")
        elif cap.type in ("endpoint", "notification", "tcb", "page_table", "asid_pool"):
            bits = k.decoder.size_bits(cap)
            why = k.check_pointer(cap.ptr, 1 << bits, 1 << bits)
            if why:
                self.tell("slots", where, f"{place}: {cap.type} at 0x{cap.ptr:x}: the address {why}")
            elif cap.type == "tcb" and k.thread_at(cap.ptr) is None:
                self.tell("slots", where, f"{place}: TCB 0x{cap.ptr:x} is not in the list of all "
                                          "threads")

    def tree(self):
        """Each list from its head: every slot once, in an order that parents and children allow."""
        k, census = self.kernel, self.kernel.census()
        seen = set()
        for slot in census.slots.values():
            if slot.prev:
                continue
            at, walked = slot.address, set()
            while at in census.slots and at not in walked:
                walked.add(at)
                at = census.slots[at].next
            if at in walked:
                self.tell("tree", Hex(at), "the derivation list comes back here: a circle")
            seen |= walked
        lost = [s for s in census.slots if s not in seen]
        if lost:
            first = census.slots[min(lost)]
            self.tell("tree", Hex(first.address), f"{census.place(first)}: in no derivation list that "
                      f"has a head, as {len(lost)} capabilities in all")

    # ---- memory ----

    def memory(self):
        """Untypeds: what was made from one lies below its watermark; nothing overlaps."""
        k, census, decoder = self.kernel, self.kernel.census(), self.kernel.decoder
        unit = k.table.const("min_untyped_bits")
        placed = sorted((decoder.object(s.cap), -decoder.size_bits(s.cap),
                         0 if s.cap.type == "untyped" else 1, s.address)
                        for s in census.slots.values()
                        if s.cap.known and s.cap.type in
                        ("untyped", "endpoint", "notification", "cnode", "tcb", "frame",
                         "page_table", "asid_pool", "zombie", "sender_table"))
        self.checked["Untypeds"] = sum(1 for p in placed if p[2] == 0)
        around = []
        for start, bits, _, address in placed:
            slot, end = census.slots[address], start + (1 << -bits)
            while around and start >= around[-1][1]:
                around.pop()
            if around:
                self._inside(slot, start, end, around[-1], unit)
            around.append((start, end, slot))

    def _inside(self, slot, start, end, outer, unit):
        k, (low, high, holder) = self.kernel, outer
        where, place = Hex(slot.address), self.kernel.census().place(slot)
        if end > high:
            self.tell("memory", where, f"{place}: {slot.cap.type} 0x{start:x} reaches out of "
                                       f"{holder.cap.type} 0x{low:x}")
        elif holder.cap.type == "untyped":
            used = low + (holder.cap.free_index << unit)
            if end > used and (slot.cap.type != "untyped" or end - start < high - low):
                self.tell("memory", where, f"{place}: {slot.cap.type} 0x{start:x} lies in the free "
                          f"part, from 0x{used:x}, of the Untyped in 0x{holder.address:x}")
        elif not k.decoder.same_object(holder.cap, slot.cap) and not (
                holder.cap.type == "frame" and slot.cap.type == "frame"):
            self.tell("memory", where, f"{place}: {slot.cap.type} 0x{start:x} shares memory with "
                      f"{holder.cap.type} 0x{low:x} in 0x{holder.address:x}")

    # ---- address spaces ----

    def spaces(self):
        k = self.kernel
        mapped = {}
        known = asids(k)
        self.checked["address spaces"] = len(known)
        problems = []
        pages = 0
        for asid, root in known.items():
            why = k.check_pointer(root, 4096, 4096)
            if why:
                self.tell("spaces", Hex(root), f"root page table of ASID {asid}: the address {why}")
                continue
            for va, bits, pte, entry in Space(k, root).leaves(problems):
                pages += 1
                mapped[asid, va] = (bits, pte_paddr(pte))
                self._page(pte, bits, entry)
        for problem in problems:
            self.tell("spaces", None, problem)
        self.checked["pages"] = pages
        self._frames(known, mapped)
        self._harts(known)

    def _page(self, pte, bits, entry):
        paddr = pte_paddr(pte)
        if not pte & U or pte & W and not pte & R or not pte & V:
            self.tell("spaces", Hex(entry), f"0x{pte:x} is no user page")
        if paddr & (1 << bits) - 1:
            self.tell("spaces", Hex(entry), f"maps 0x{paddr:x}, not aligned to 2^{bits}")
        k = self.kernel
        low = k.phys(k.elf.symbol(k.boot_end) or k.image_start)  # boot's code is given away
        high = k.phys(k.image_end - 1)
        if paddr <= high and paddr + (1 << bits) > low:
            self.tell("spaces", Hex(entry), f"maps 0x{paddr:x}, in the kernel's image")

    def _frames(self, known, mapped):
        k, census = self.kernel, self.kernel.census()
        for slot in census.slots.values():
            cap = slot.cap
            if cap.type != "frame" or not cap.asid or cap.asid not in known:
                continue  # a space that is gone takes its mappings along
            there = mapped.get((cap.asid, cap.vaddr))
            paddr = cap.ptr - k.window & (1 << 64) - 1
            if there is None:
                continue  # its page table was deleted, or another frame took its place
            if there[1] != paddr and there[0] == k.decoder.size_bits(cap):
                continue
            if there[0] != k.decoder.size_bits(cap):
                self.tell("spaces", Hex(slot.address), f"{census.place(slot)}: frame of "
                          f"2^{k.decoder.size_bits(cap)} is mapped at 0x{cap.vaddr:x}, where a page "
                          f"of 2^{there[0]} is")

    def _harts(self, known):
        k = self.kernel
        shift, mask = 44, 0xffff
        kernel_root = k.phys(k.address_of("kernel_root")) >> 12
        for hart in k.harts():
            if "satp" not in hart.layout.fields:
                continue  # seL4 keeps it in the register only
            asid, page = hart.satp >> shift & mask, hart.satp & (1 << shift) - 1
            root = known.get(asid)
            if page == kernel_root:
                continue
            if root is None or k.phys(root) >> 12 != page:
                self.tell("spaces", None, f"hart {hart.core}: satp 0x{hart.satp:x} is no address "
                                          "space that has its ASID")
