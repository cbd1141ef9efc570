# SPDX-License-Identifier: BSD-2-Clause
"""Address spaces: what is mapped, one translation step by step, who maps a frame."""

from .errors import BadMemory, U4Error
from .output import Hex, Report
from .registry import command
from .spaces import LEVELS, Space, V, asids, flags_text, is_table, pte_paddr, thread_space


def need_space(context, text):
    """Of a thread, or of "asid:N"."""
    kernel = context.kernel()
    if text.startswith("asid:"):
        asid = context.number(text[5:], "ASID")
        root = asids(kernel).get(asid)
        if root is None:
            raise U4Error(f"no address space has ASID {asid} (u4 asids lists them)")
        return Space(kernel, root), text
    tcb = context.thread(text)
    space = thread_space(kernel, tcb)
    if space is None:
        raise U4Error(f"thread {tcb.name} has no address space: its VSpace capability is "
                      f"{kernel.tcb_cap(tcb, 'vspace').type}")
    return space, tcb.name


def frames(kernel):
    """(start, bits) of a frame -> its slots."""
    found = {}
    for slot in kernel.census().slots.values():
        if slot.cap.type == "frame":
            found.setdefault((slot.cap.ptr, kernel.decoder.size_bits(slot.cap)), []).append(slot)
    return found


@command("vspace", "THREAD|asid:N [-all] [COLUMN=VALUE...]", complete="thread", options=("-all",))
def vspace(context, arguments):
    """Show what an address space maps, and whether frame capabilities account for it.

Neighbouring pages with the same rights and ascending addresses are one line; -all shows each."""
    arguments.at_most(1)
    kernel = context.kernel()
    space, name = need_space(context, arguments.word(0, "thread"))
    report = Report(["address", "end", "physical", "size", "flags", "pages", "caps"],
                    title=f"address space of {name}, root 0x{space.root:x}")
    known = frames(kernel)
    run = None
    for va, bits, pte, _ in space.leaves(report.notes):
        paddr, flags = pte_paddr(pte), flags_text(pte)
        slots = known.get((kernel.virt(paddr), bits), ())
        here = [s for s in slots if s.cap.asid and s.cap.vaddr == va]
        caps = len(here)
        size = 1 << bits
        if (run and "-all" not in arguments.flags and run["end"] == va and run["flags"] == flags
                and run["physical"] + run["end"] - run["address"] == paddr
                and run["size"] == size and run["caps"] == caps):
            run["end"], run["pages"] = Hex(va + size), run["pages"] + 1
            continue
        run = report.add(Hex(va), Hex(va + size), Hex(paddr), size, flags, 1, caps)
    bare = sum(r["pages"] for r in report.rows if not r["caps"])
    if bare:
        report.notes.append(f"{bare} pages have no frame capability that says they are mapped there")
    return report


@command("translate", "THREAD|asid:N ADDRESS", complete="thread")
def translate(context, arguments):
    """Translate a user address step by step through the page tables of any address space."""
    arguments.at_most(2)
    kernel = context.kernel()
    space, name = need_space(context, arguments.word(0, "thread"))
    va = context.number(arguments.word(1, "address"), "address")
    report = Report(["level", "table", "index", "entry", "means"],
                    title=f"0x{va:x} in the address space of {name}")
    report.facts["physical"] = None
    if va >= kernel.table.const("user_top"):
        report.notes.append(f"0x{va:x} is not a user address: the kernel's half begins there")
        return report
    try:
        steps, paddr = space.walk(va)
    except BadMemory as problem:
        report.notes.append(str(problem))
        return report
    for step in steps:
        means = (flags_text(step.pte) + f" to 0x{pte_paddr(step.pte):x}" if step.pte & V
                 else "empty")
        if step.pte & V and is_table(step.pte):
            means = f"table at 0x{pte_paddr(step.pte):x}"
        report.add(dict(LEVELS)[step.bits], Hex(step.table), step.index, Hex(step.pte), means)
    report.facts["physical"] = paddr
    if paddr is None:
        report.notes.append("not mapped")
        return report
    report.notes.append(f"physical 0x{paddr:x}, kernel 0x{kernel.virt(paddr):x}")
    for (start, bits), slots in frames(kernel).items():
        if start <= kernel.virt(paddr) < start + (1 << bits):
            report.notes.append(f"frame 0x{start:x} (2^{bits}): capabilities in "
                                + ", ".join(kernel.census().place(s) for s in slots))
    return report


@command("frame", "PADDR | KERNEL-ADDRESS")
def frame(context, arguments):
    """Reverse lookup: who maps a physical page, and who holds capabilities to its frame."""
    arguments.at_most(1)
    kernel = context.kernel()
    paddr = context.number(arguments.word(0, "physical address"), "address")
    if paddr >= kernel.window:
        paddr = kernel.phys(paddr)
    report = Report(["kind", "where", "what"], title=f"physical 0x{paddr:x}")
    users = {}
    for tcb in kernel.threads():
        space = thread_space(kernel, tcb)
        if space:
            users.setdefault(space.root, []).append(kernel.thread_name(tcb.address))
    for asid, root in sorted(asids(kernel).items()):
        for va, bits, pte, _ in Space(kernel, root).leaves(report.notes):
            start = pte_paddr(pte)
            if start <= paddr < start + (1 << bits):
                names = ", ".join(users.get(root, ["nobody"]))
                report.add("mapping", f"asid {asid} ({names})",
                           f"0x{va + paddr - start:x} {flags_text(pte)}")
    census = kernel.census()
    for (start, bits), slots in sorted(frames(kernel).items()):
        if start <= kernel.virt(paddr) < start + (1 << bits):
            for slot in slots:
                report.add("capability", census.place(slot), kernel.decoder.describe(slot.cap))
    return report
