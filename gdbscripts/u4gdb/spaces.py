# SPDX-License-Identifier: BSD-2-Clause
"""Address spaces (RISC-V Privileged 1.12, 4.4, Sv39): walks of any page table, in force or not."""

from .errors import BadMemory

V, R, W, X, U, G, A, D = (1 << i for i in range(8))
FLAGS = "vrwxugad"
LEVELS = ((30, "giga"), (21, "mega"), (12, "page"))
ENTRIES = 512
PADDR_MASK = (1 << 44) - 1


def flags_text(pte):
    return "".join(letter if pte >> i & 1 else "-" for i, letter in enumerate(FLAGS))


def is_table(pte):
    return pte & (V | R | W | X) == V


def pte_paddr(pte):
    return (pte >> 10 & PADDR_MASK) << 12


class Step:
    """One level of a walk: the entry read, and what it means."""
    __slots__ = ("table", "index", "bits", "pte", "address")

    def __init__(self, table, index, bits, pte):
        self.table, self.index, self.bits, self.pte = table, index, bits, pte
        self.address = table + index * 8


class Space:
    def __init__(self, kernel, root):
        self.kernel, self.root = kernel, root

    def walk(self, va):
        """(steps, physical address or None)"""
        steps, table = [], self.root
        for bits, _ in LEVELS:
            index = va >> bits & ENTRIES - 1
            pte = self.kernel.word(table + index * 8)
            steps.append(Step(table, index, bits, pte))
            if not pte & V:
                return steps, None
            if not is_table(pte):
                return steps, pte_paddr(pte) | va & (1 << bits) - 1
            table = self.kernel.virt(pte_paddr(pte))
        return steps, None

    def translate(self, va):
        try:
            return self.walk(va)[1]
        except BadMemory:
            return None

    def executable(self, va):
        steps, paddr = self.walk(va)
        return paddr is not None and steps[-1].pte & (X | U) == X | U

    def read(self, va, length):
        """User memory, page by page; BadMemory at the first byte that is not there."""
        out = []
        while length > 0:
            part = min(length, 4096 - va % 4096)
            paddr = self.walk(va)[1]
            if paddr is None:
                raise BadMemory(va, "is not mapped in this address space")
            out.append(self.kernel.memory.read(paddr, part))
            va, length = va + part, length - part
        return b"".join(out)

    def _entries(self, table):
        raw = self.kernel.read(table, ENTRIES * 8)
        for index in range(ENTRIES):
            pte = int.from_bytes(raw[index * 8:index * 8 + 8], "little")
            if pte:
                yield index, pte

    def leaves(self, problems=None):
        """(va, bits, pte, address of the entry) of every user page, ascending."""
        yield from self._leaves(self.root, 0, 0, problems, set())

    def _leaves(self, table, va, level, problems, above):
        bits, _ = LEVELS[level]
        try:
            entries = list(self._entries(table))
        except BadMemory as problem:
            if problems is not None:
                problems.append(f"page table at 0x{table:x}: {problem}")
            return
        for index, pte in entries:
            if level == 0 and index >= ENTRIES // 2:
                break  # the kernel's half
            at = va | index << bits
            if not pte & V:
                continue
            if not is_table(pte):
                yield at, bits, pte, table + index * 8
                continue
            below = self.kernel.virt(pte_paddr(pte))
            if level == 2 or below in above or below == table:
                if problems is not None:
                    problems.append(f"page table entry 0x{table + index * 8:x}: 0x{pte:x} cannot "
                                    "be a table here")
                continue
            yield from self._leaves(below, at, level + 1, problems, above | {table})


def thread_space(kernel, tcb):
    """The address space of a thread's VSpace capability, or None."""
    cap = kernel.tcb_cap(tcb, "vspace")
    return Space(kernel, cap.ptr) if cap.type == "page_table" else None


def asids(kernel):
    """asid -> address of the root table, over all pools."""
    found = {}
    per_pool = kernel.table.const("asids_per_pool")
    for number, pool in enumerate(kernel.symbol("asid_pools")):
        if not pool:
            continue
        try:
            roots = kernel.view("asid_pool", pool, 12).root
        except BadMemory as problem:
            kernel.problems.append(f"ASID pool {number}: {problem}")
            continue
        found.update((number * per_pool + i, root) for i, root in enumerate(roots) if root)
    return found
