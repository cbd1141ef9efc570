# SPDX-License-Identifier: BSD-2-Clause
"""Faults in words: what the thread did, and why the kernel could not let it."""

from .errors import BadMemory
from .lookup import resolve
from .spaces import LEVELS, R, V, W, X, U, flags_text, thread_space

CAUSES = {0: "misaligned instruction address", 1: "instruction access", 2: "illegal instruction",
          3: "breakpoint", 4: "misaligned load", 5: "load access", 6: "misaligned store",
          7: "store access"}
ACCESS = {1: ("execute", X), 5: ("load from", R), 7: ("store to", W)}


def explain(kernel, tcb, fault=None, lookup=None):
    """The fault that a thread waits with (or one given apart), in a sentence."""
    fault, lookup = fault or tcb.fault, lookup or (tcb.lookup if tcb is not None else None)
    kind = fault.enum("type")
    if kind == "cap":
        return cap_fault(kernel, tcb, fault, lookup)
    if kind == "vm":
        return vm_fault(kernel, tcb, fault)
    if kind == "syscall":
        number = fault.syscall - (1 << 64) if fault.syscall >> 63 else fault.syscall
        return f"system call {number}, which the kernel does not have"
    if kind == "exception":
        name = CAUSES.get(fault.exception_number, f"exception {fault.exception_number}")
        return f"{name} (cause {fault.exception_number})"
    if kind == "timeout":
        badge = f" with badge 0x{fault.timeout_badge:x}" if fault.has("timeout_badge") else ""
        return f"the budget of its scheduling context{badge} is used up"
    return f"fault {kind}"


def failure_text(lookup):
    kind = lookup.enum("type")
    if kind == "invalid_root":
        return "the CSpace root is no CNode"
    if kind == "missing":
        return "the slot is empty or its capability is of no use there"
    if kind == "depth":
        return f"{lookup.bits_found} bits needed where {lookup.bits_left} are left"
    if kind == "guard":
        return (f"the guard 0x{lookup.guard:x} ({lookup.bits_found} bits) does not match, with "
                f"{lookup.bits_left} bits left")
    return "no reason is known"


def cap_fault(kernel, tcb, fault, lookup):
    phase = "receiving" if fault.cap_in_receive else "sending"
    text = f"no capability at cptr 0x{fault.cap_address:x} for {phase}: {failure_text(lookup)}"
    if tcb is None:
        return text
    try:
        now = resolve(kernel, kernel.tcb_cap(tcb, "cspace"), fault.cap_address)
    except BadMemory:
        return text
    if now.slot is not None and now.slot.cap.type != "null":
        text += f" (by now there is: {now.slot.cap.type} {kernel.decoder.describe(now.slot.cap)})"
    return text


def vm_fault(kernel, tcb, fault):
    what, need = ACCESS.get(fault.vm_fsr, ("access", 0))
    text = f"{what} 0x{fault.vm_address:x}"
    space = thread_space(kernel, tcb) if tcb is not None else None
    if space is None:
        return text if tcb is None else text + ": the thread has no address space"
    try:
        steps, _ = space.walk(fault.vm_address & (1 << 39) - 1)
    except BadMemory as problem:
        return f"{text}: {problem}"
    last = steps[-1]
    level = dict(LEVELS)[last.bits]
    if fault.vm_address >= kernel.table.const("user_top"):
        return text + ": not a user address"
    if not last.pte & V:
        if last.bits == LEVELS[-1][0]:
            return text + ": no page is mapped there"
        return text + f": no page table is mapped there (the {level} entry is empty)"
    if not last.pte & U or need and not last.pte & need:
        return text + f": the {level} is mapped {flags_text(last.pte)}, which does not allow it"
    return text + f": the {level} is mapped {flags_text(last.pte)} by now"
