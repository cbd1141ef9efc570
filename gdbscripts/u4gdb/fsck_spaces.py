# SPDX-License-Identifier: BSD-2-Clause
"""Checks of address spaces: page tables against frame capabilities, what the harts use."""

from .output import Hex
from .spaces import Space, U, V, W, R, asids, pte_paddr


def spaces(check):
    k = check.kernel
    mapped = {}
    known = asids(k)
    check.checked["address spaces"] = len(known)
    problems = []
    pages = 0
    for asid, root in known.items():
        why = k.check_pointer(root, 4096, 4096)
        if why:
            check.tell("spaces", Hex(root), f"root page table of ASID {asid}: the address {why}")
            continue
        for va, bits, pte, entry in Space(k, root).leaves(problems):
            pages += 1
            mapped[asid, va] = (bits, pte_paddr(pte))
            page(check, pte, bits, entry)
    for problem in problems:
        check.tell("spaces", None, problem)
    check.checked["pages"] = pages
    frames(check, known, mapped)
    harts(check, known)


def page(check, pte, bits, entry):
    paddr = pte_paddr(pte)
    if not pte & U or pte & W and not pte & R or not pte & V:
        check.tell("spaces", Hex(entry), f"0x{pte:x} is no user page")
    if paddr & (1 << bits) - 1:
        check.tell("spaces", Hex(entry), f"maps 0x{paddr:x}, not aligned to 2^{bits}")
    k = check.kernel
    low = k.phys(k.elf.symbol(k.boot_end) or k.image_start)  # boot's code is given away
    high = k.phys(k.image_end - 1)
    if paddr <= high and paddr + (1 << bits) > low:
        check.tell("spaces", Hex(entry), f"maps 0x{paddr:x}, in the kernel's image")


def frames(check, known, mapped):
    k, census = check.kernel, check.kernel.census()
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
            check.tell("spaces", Hex(slot.address), f"{census.place(slot)}: frame of "
                      f"2^{k.decoder.size_bits(cap)} is mapped at 0x{cap.vaddr:x}, where a page "
                      f"of 2^{there[0]} is")


def harts(check, known):
    k = check.kernel
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
            check.tell("spaces", None, f"hart {hart.core}: satp 0x{hart.satp:x} is no address "
                                      "space that has its ASID")
