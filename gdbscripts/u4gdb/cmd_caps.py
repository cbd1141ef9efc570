# SPDX-License-Identifier: BSD-2-Clause
"""Capabilities: one, a CSpace, a lookup, the derivation tree, who holds what, differences."""

from .caps import RIGHTS
from .errors import BadMemory, U4Error
from .lookup import resolve
from .output import Hex, Report, number
from .registry import command

MAX_TREE = 100000


def fields_of(kernel, slot):
    """The columns that all listings of capabilities share."""
    cap = slot.cap
    return {"_object": Hex(kernel.decoder.object(cap)), "_w0": Hex(cap.w0), "_w1": Hex(cap.w1),
            "_badge": Hex(cap.badge) if "badge" in cap.fields else None,
            "_rights": "".join(letter for bit, letter in RIGHTS if cap.rights & bit)
                       if cap.type in ("endpoint", "notification") else None,
            "_fields": dict(cap.fields)}


@command("cap", "SLOT | THREAD:CPTR | WORD0 WORD1")
def cap(context, arguments):
    """Decode a capability: a slot by its address or as THREAD:CPTR, or two words.

For a slot also its place, its neighbours in the derivation list, and who can name it."""
    arguments.at_most(2)
    kernel = context.kernel()
    report = Report()
    if len(arguments.words) == 2:
        words = [context.number(w, "capability word") for w in arguments.words]
        decoded = kernel.decoder.decode(*words)
        report.say(f"{decoded.type} {kernel.decoder.describe(decoded)}".rstrip())
        report.facts.update(type=decoded.type, fields=dict(decoded.fields),
                            object=kernel.decoder.object(decoded))
        return report
    slot = context.slot(arguments.word(0, "capability: a slot, THREAD:CPTR or two words"))
    census, decoded = kernel.census(), slot.cap
    report.say(f"{decoded.type} {kernel.decoder.describe(decoded)}".rstrip())
    report.say(f"  slot    0x{slot.address:x}, {census.place(slot)}")
    report.say(f"  words   0x{decoded.w0:016x} 0x{decoded.w1:016x}")
    flags = [words for name, words in (("slot_revocable", "revocable"),
                                       ("slot_first_badged", "first of its badge"))
             if slot.flags & kernel.table.const(name)]
    report.say(f"  list    after 0x{slot.prev:x}, before 0x{slot.next:x}"
               + (f" ({', '.join(flags)})" if flags else ""))
    reached = census.reached_by(slot)
    report.say(f"  named   {', '.join(reached) if reached else 'by no thread'}")
    report.facts.update(type=decoded.type, fields=dict(decoded.fields), slot=slot.address,
                        object=kernel.decoder.object(decoded), place=census.place(slot),
                        prev=slot.prev, next=slot.next, flags=slot.flags, reached=reached)
    return report


@command("cspace", "THREAD [COLUMN=VALUE...]", complete="thread")
def cspace(context, arguments):
    """Print a thread's CSpace as a tree: guards, levels, and how many bits each pointer resolves.

A CNode that was shown already is not shown again below itself."""
    arguments.at_most(1)
    kernel = context.kernel()
    tcb = context.thread(arguments.word(0, "thread"))
    root = kernel.tcb_cap(tcb, "cspace")
    report = Report(["cptr", "depth", "level", "slot", "type", "capability"])
    if root.type != "cnode":
        report.say(f"{tcb.name}: the CSpace root is not a CNode but {root.type}")
        return report
    report.title = f"CSpace of {tcb.name}: cnode {kernel.decoder.describe(root)}"
    for slot, cptr, left in kernel.census().walk_cspace(root):
        depth = 64 - left
        level = len(resolve(kernel, root, cptr >> left, depth).levels)
        report.add(Hex(cptr), depth, level, Hex(slot.address), "  " * (level - 1) + slot.cap.type,
                   kernel.decoder.describe(slot.cap), **fields_of(kernel, slot))
    return report


@command("lookup", "THREAD CPTR [DEPTH]", complete="thread")
def lookup(context, arguments):
    """Resolve a capability pointer step by step, and say where and why it fails.

With DEPTH as the CNode invocations do it: that many bits, all of them to be resolved."""
    arguments.at_most(3)
    kernel = context.kernel()
    tcb = context.thread(arguments.word(0, "thread"))
    cptr = context.number(arguments.word(1, "capability pointer"), "cptr")
    depth = context.number(arguments.words[2], "depth") if len(arguments.words) > 2 else None
    if depth is not None and not 1 <= depth <= 64:
        raise U4Error(f"depth: expected 1 to 64, found {depth}")
    root = kernel.tcb_cap(tcb, "cspace")
    found = resolve(kernel, root, cptr, depth or 64)
    report = Report(["level", "cnode", "bits", "guard", "pointer_has", "index", "slot", "finds"],
                    title=f"cptr 0x{cptr:x} in the CSpace of {tcb.name}")
    for i, level in enumerate(found.levels, 1):
        slot = level.slot
        text = f"{slot.cap.type} {kernel.decoder.describe(slot.cap)}".strip() if slot else None
        guard = f"0x{level.guard:x}/{level.cap.guard_size}" if level.cap.guard_size else None
        report.add(i, Hex(level.cap.ptr), level.bits, guard,
                   Hex(level.found) if level.cap.guard_size and level.found is not None else None, level.index,
                   Hex(slot.address) if slot else None, text)
    verdict(report, found, depth)
    return report


def verdict(report, found, depth):
    report.facts["failure"] = found.failure
    report.facts["slot"] = found.slot.address if found.slot else None
    if found.slot is None:
        report.notes.append(f"fails, {found.failure}: {found.why}")
    elif depth is not None and found.bits_left:
        report.facts["failure"] = "DepthMismatch"
        report.notes.append(f"fails, DepthMismatch: {found.bits_left} bits are left behind the last "
                            "CNode")
    elif found.slot.cap.type == "null":
        report.facts["failure"] = "MissingCapability"
        report.notes.append("fails, MissingCapability: the slot is empty")
    elif found.bits_left:
        report.notes.append(f"succeeds, with {found.bits_left} bits not needed")
    else:
        report.notes.append("succeeds")


@command("tree", "SLOT | THREAD:CPTR")
def tree(context, arguments):
    """Show the derivation tree of a capability: what it came from, and all that came from it.

Across all CSpaces. The capability asked for is marked with an asterisk."""
    arguments.at_most(1)
    kernel = context.kernel()
    slot = context.slot(arguments.word(0, "slot"))
    report = Report(["tree", "slot", "place"])
    if slot.cap.type == "null":
        report.say(f"slot 0x{slot.address:x} is empty")
        return report
    try:
        ancestors = list(ancestors_of(kernel, slot))
    except BadMemory as problem:
        ancestors = []
        report.notes.append(f"going up: {problem}")
    stack = []
    for parent in reversed(ancestors):
        add_node(kernel, report, parent, len(stack), "")
        stack.append(parent)
    add_node(kernel, report, slot, len(stack), "* ")
    stack.append(slot)
    top = len(stack)
    try:
        for child in descendants_of(kernel, slot, report.notes):
            while len(stack) > top and not kernel.is_parent(stack[-1], child):
                stack.pop()
            add_node(kernel, report, child, len(stack), "")
            stack.append(child)
    except BadMemory as problem:
        report.notes.append(f"going down: {problem}")
    report.notes.append(f"{len(ancestors)} above, {len(report.rows) - len(ancestors) - 1} below")
    return report


def add_node(kernel, report, slot, depth, mark):
    text = f"{slot.cap.type} {kernel.decoder.describe(slot.cap)}".rstrip()
    census = kernel.census()
    known = census.slots.get(slot.address, slot)
    report.add("  " * depth + mark + text, Hex(slot.address), census.place(known), depth=depth)


def ancestors_of(kernel, slot):
    """Nearest first. The list before a slot has its siblings, their descendants, its ancestors."""
    census, at, current, seen = kernel.census(), slot.prev, slot, set()
    while at and at not in seen and len(seen) < MAX_TREE:
        seen.add(at)
        other = census.find(at)
        if kernel.is_parent(other, current):
            yield other
            current = other
        at = other.prev


def descendants_of(kernel, slot, notes):
    census, at, seen = kernel.census(), slot.next, {slot.address}
    while at:
        if at in seen or len(seen) > MAX_TREE:
            notes.append(f"the derivation list comes back to 0x{at:x}: a circle (u4 fsck)")
            return
        seen.add(at)
        other = census.find(at)
        if not kernel.is_parent(slot, other):
            return
        yield other
        at = other.next


def list_slots(kernel, slots):
    census = kernel.census()
    report = Report(["slot", "type", "capability", "place", "named_by"])
    for slot in sorted(slots, key=lambda s: s.address):
        report.add(Hex(slot.address), slot.cap.type, kernel.decoder.describe(slot.cap),
                   census.place(slot), census.reached_by(slot), **fields_of(kernel, slot))
    report.notes += census.problems
    return report


@command("holders", "OBJECT [COLUMN=VALUE...]", complete="thread")
def holders(context, arguments):
    """List every capability to an object, and which threads can name it.

OBJECT is an address (also its low 32 bits, as the trace has them), or a thread's name for its
TCB."""
    arguments.at_most(1)
    kernel = context.kernel()
    address = context.object_address(arguments.word(0, "object"))
    report = list_slots(kernel, kernel.census().of_object(address))
    report.title = f"capabilities to 0x{address:x}"
    return report


@command("find", "[type=T] [badge=B] [object=A] [rights=RWGP] [in=THREAD] [COLUMN=VALUE...]",
         complete="captype")
def find(context, arguments):
    """Find capabilities by type, badge, object, rights, address range or owner.

rights=RW: at least these (R receive, W send, G grant, P grant reply). object=LOW..HIGH: a range of
addresses. in=THREAD: reachable from that thread's CSpace. badge and object take any number."""
    arguments.at_most(0)
    kernel = context.kernel()
    slots, rest = kernel.census().slots.values(), []
    for key, value in arguments.filters:
        if key == "rights":
            mask = rights_mask(value)
            slots = [s for s in slots if s.cap.get("rights", 0) & mask == mask
                     and s.cap.type in ("endpoint", "notification")]
        elif key in ("object", "address") and ".." in value:
            low, high = (context.number(part, key) for part in value.split("..", 1))
            slots = [s for s in slots if low <= kernel.decoder.object(s.cap) < high]
        elif key == "object":
            address = context.object_address(value)
            slots = [s for s in slots if kernel.decoder.object(s.cap) == address]
        elif key == "in":
            slots = reachable(context, slots, value)
        elif key == "type":
            slots = [s for s in slots if s.cap.type == value]
            if value not in kernel.table.caps:
                raise U4Error(f"no capability type '{value}'; there are: "
                              + " ".join(sorted(kernel.table.caps)))
        elif key == "badge":
            badge = context.number(value, "badge")
            slots = [s for s in slots if s.cap.get("badge") == badge]
        else:
            rest.append((key, value))
    arguments.filters[:] = rest
    report = list_slots(kernel, slots)
    report.facts["count"] = len(report.rows)
    return report


def rights_mask(text):
    letters = {letter: bit for bit, letter in RIGHTS}
    value = number(text)
    if value is not None:
        return value
    unknown = [c for c in text.upper() if c not in letters]
    if unknown:
        raise U4Error(f"rights: expected letters of RWGP, found '{text}'")
    return sum(letters[c] for c in set(text.upper()))


def reachable(context, slots, name):
    kernel = context.kernel()
    root = kernel.tcb_cap(context.thread(name), "cspace")
    inside = {s.address for s, _, _ in kernel.census().walk_cspace(root)} \
        if root.type == "cnode" else set()
    return [s for s in slots if s.address in inside]


@command("dump", "[COLUMN=VALUE...]", complete="captype")
def dump(context, arguments):
    """List every capability of the system, by the slot it is in."""
    arguments.at_most(0)
    kernel = context.kernel()
    census, decoder = kernel.census(), kernel.decoder
    report = Report(["slot", "place", "type", "capability"])
    for slot in sorted(census.slots.values(), key=lambda s: s.address):
        report.add(Hex(slot.address), census.place(slot), slot.cap.type,
                   decoder.describe(slot.cap), **fields_of(kernel, slot))
    report.notes += census.problems
    report.notes.append(f"{len(report.rows)} capabilities")
    return report


@command("capdiff", "save NAME | compare NAME [NAME]")
def capdiff(context, arguments):
    """Remember all capabilities, or say what changed since: made, deleted, changed.

`u4 capdiff save before`, let the guest run, `u4 capdiff compare before`. With two names, the
first is compared with the second."""
    arguments.at_most(3)
    action, name = arguments.word(0, "action: save or compare"), arguments.word(1, "snapshot")
    kernel = context.kernel()
    report = Report()
    if action == "save":
        context.snapshots[name] = snapshot(kernel)
        report.say(f"{len(context.snapshots[name])} capabilities remembered as '{name}'")
        return report
    if action != "compare":
        raise U4Error(f"expected save or compare, found '{action}'")
    names = arguments.words[1:]
    unknown = [n for n in names if n not in context.snapshots]
    if unknown:
        raise U4Error(f"no snapshot '{unknown[0]}' (u4 capdiff save {unknown[0]})")
    old = context.snapshots[names[0]]
    new = context.snapshots[names[1]] if len(names) > 1 else snapshot(kernel)
    return compare(kernel, old, new)


def snapshot(kernel):
    census = kernel.census()
    return {s.address: (s.cap.w0, s.cap.w1, census.place(s)) for s in census.slots.values()}


def compare(kernel, old, new):
    report = Report(["change", "slot", "place", "type", "capability"])
    for address in sorted(old.keys() | new.keys()):
        before, after = old.get(address), new.get(address)
        if before is None or after is None:
            change = "made" if before is None else "deleted"
        elif before[:2] == after[:2]:
            continue
        else:
            change = "changed"
        shown = after or before
        decoded = kernel.decoder.decode(*shown[:2])
        text = kernel.decoder.describe(decoded)
        if change == "changed":
            was = kernel.decoder.decode(*before[:2])
            text += f" (was: {was.type} {kernel.decoder.describe(was)})"
        report.add(change, Hex(address), shown[2], decoded.type, text)
    counts = [sum(1 for r in report.rows if r["change"] == c) for c in ("made", "deleted", "changed")]
    report.notes.append("{} made, {} deleted, {} changed".format(*counts))
    return report
