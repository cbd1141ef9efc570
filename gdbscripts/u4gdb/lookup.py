# SPDX-License-Identifier: BSD-2-Clause
"""Resolving a capability pointer as the kernel does (kernel/object/lookup.c), telling each step."""

from .errors import BadMemory


class Level:
    def __init__(self, cap, bits, guard, found, index, slot):
        self.cap, self.bits, self.guard, self.found = cap, bits, guard, found
        self.index, self.slot = index, slot


class Resolved:
    def __init__(self):
        self.levels, self.slot, self.bits_left, self.why, self.failure = [], None, 0, None, None


def fail(result, failure, why):
    result.failure, result.why = failure, why
    return result


def resolve(kernel, root, cptr, bits=64):
    """Walks from `root`. result.slot is None if it fails; result.failure is seL4's name for it."""
    result = Resolved()
    if root.type != "cnode":
        return fail(result, "InvalidRoot", f"the CSpace root is not a CNode but {root.type}: no "
                    "lookup can succeed")
    while True:
        size, radix = root.guard_size, root.radix
        found = cptr << 64 - bits & (1 << 64) - 1
        found = found >> 64 - size if size else 0
        level = Level(root, bits, root.guard, found if size <= bits else None, None, None)
        result.levels.append(level)
        result.bits_left = bits
        if size > bits or found != root.guard:
            shown = f"0x{found:x}" if size <= bits else f"only {bits} bits"
            return fail(result, "GuardMismatch",
                        f"the guard of the CNode at 0x{root.ptr:x} is 0x{root.guard:x} ({size} "
                        f"bits), the pointer has {shown} there")
        if size + radix > bits:
            return fail(result, "DepthMismatch",
                        f"the CNode at 0x{root.ptr:x} needs {size + radix} bits, {bits} are left")
        level.index = cptr >> bits - size - radix & (1 << radix) - 1
        bits -= size + radix
        address = root.ptr + level.index * kernel.slot_size
        try:
            level.slot = kernel.slot_of(address)
        except BadMemory as problem:
            return fail(result, "BadMemory", f"slot {level.index} of the CNode at 0x{root.ptr:x}: "
                        f"{problem}")
        if bits == 0 or size + radix == 0 or level.slot.cap.type != "cnode":
            result.slot, result.bits_left = level.slot, bits
            return result
        root = level.slot.cap
