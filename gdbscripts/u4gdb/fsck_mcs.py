# SPDX-License-Identifier: BSD-2-Clause
"""Checks of what only MCS kernels have: scheduling contexts, reply objects, release queues."""

from .errors import BadMemory
from .mcs import REPLY_NEWEST, after, context_at, contexts, refills, reply_at, stack
from .output import Hex
from .queues import walk_queue

WAITING = ("blocked_recv", "blocked_reply")  # who has a reply object


def mcs(check):
    k = check.kernel
    if "sched_context" not in k.layout:
        return
    known = contexts(k)
    check.checked["scheduling contexts"] = len(known)
    for address, bits in sorted(known.items()):
        attempt(check, address, lambda at=address, size=bits: one_context(check, at, size))
    objects = sorted(at for kind, at in k.census().objects() if kind == "reply")
    check.checked["reply objects"] = len(objects)
    for address in objects:
        attempt(check, address, lambda at=address: one_reply(check, at))
    for thread in k.threads():
        attempt(check, thread.address, lambda t=thread: one_thread(check, t))
    for hart in k.harts():
        if hart.has("release_head"):
            attempt(check, hart.address, lambda h=hart: release_queue(check, h))


def attempt(check, where, function):
    try:
        function()
    except BadMemory as problem:
        check.tell("mcs", Hex(where), str(problem))


def tell_all(check, where, problems):
    for problem in problems:
        check.tell("mcs", Hex(where), problem)


def one_context(check, address, bits):
    k, problems = check.kernel, []
    sc = context_at(k, address)
    room = ((1 << bits) - sc.layout.size) // k.layout["refill"].size
    if bits and sc.refill_max > room:
        problems.append(f"has {sc.refill_max} refills, but room for {room}")
    found = refills(k, sc, problems)
    if sc.has("budget") and found and sum(amount for amount, _ in found) != sc.budget:
        problems.append(f"has refills of {sum(amount for amount, _ in found)} ticks, but a budget of "
                        f"{sc.budget}")
    if sc.period and any(b[1] < a[1] + a[0] for a, b in zip(found, found[1:])):
        problems.append("has refills that overlap, or in the wrong order")
    if sc.tcb:
        tcb = k.thread_at(sc.tcb)
        if tcb is None or tcb.sc != address:
            problems.append(f"is said to be 0x{sc.tcb:x}'s, "
                            + ("which is no thread" if tcb is None else f"which has 0x{tcb.sc:x}"))
    if sc.notification:
        ntfn = k.view("notification", sc.notification)
        if ntfn.has("sc") and ntfn.sc != address:
            problems.append(f"is bound to notification 0x{sc.notification:x}, which has "
                            f"0x{ntfn.sc:x}")
    calls = stack(k, sc, problems)
    if calls and after(calls[0]) != ("context", address):
        problems.append(f"has reply object 0x{calls[0].address:x} on its stack, which points "
                        "elsewhere")
    tell_all(check, address, problems)


def one_reply(check, address):
    k, problems = check.kernel, []
    reply = reply_at(k, address)
    before, (kind, following) = reply.prev & ~REPLY_NEWEST, after(reply)
    if reply.tcb:
        tcb = k.thread_at(reply.tcb)
        if tcb is None:
            problems.append(f"is for 0x{reply.tcb:x}, which is no thread")
        elif tcb.reply != address or tcb.enum("state") not in WAITING:
            problems.append(f"is for {tcb.name or hex(tcb.address)}, which is {tcb.enum('state')} "
                            f"with reply object 0x{tcb.reply:x}")
    elif before or following:
        problems.append("is on a stack of calls, but nobody waits on it")
    if before and after(reply_at(k, before)) != ("reply", address):
        problems.append(f"has 0x{before:x} before it, which does not point back")
    if kind == "reply" and reply_at(k, following).prev & ~REPLY_NEWEST != address \
            or kind == "context" and context_at(k, following).reply & ~REPLY_NEWEST != address:
        problems.append(f"has {kind} 0x{following:x} behind it, which does not point back")
    tell_all(check, address, problems)


def one_thread(check, tcb):
    k, problems = check.kernel, []
    if tcb.sc and context_at(k, tcb.sc).tcb != tcb.address:
        problems.append(f"runs on scheduling context 0x{tcb.sc:x}, which is "
                        f"0x{context_at(k, tcb.sc).tcb:x}'s")
    if tcb.enum("state") == "blocked_reply" and (
            not tcb.reply or reply_at(k, tcb.reply).tcb != tcb.address):
        problems.append(f"waits for a reply on 0x{tcb.reply:x}, which is not for it")
    if tcb.has("yields_to") and tcb.yields_to \
            and context_at(k, tcb.yields_to).yielder != tcb.address:
        problems.append(f"yields to scheduling context 0x{tcb.yields_to:x}, which does not know")
    tell_all(check, tcb.address, problems)


def release_queue(check, hart):
    """Those who wait for budget: in it if, and only if, they say so; by the time of release."""
    k, problems = check.kernel, []
    what = f"hart {hart.core}, release queue"
    members = walk_queue(k, hart.release_head, "ready_next", "ready_prev", what, problems)
    if hart.has("release_tail") and (members[-1] if members else 0) != hart.release_tail:
        problems.append(f"{what}: its tail is 0x{hart.release_tail:x}")
    latest = 0
    for member in members:
        tcb = k.thread_at(member)
        first = refills(k, context_at(k, tcb.sc), problems) if tcb.sc else []
        if not tcb.released_later or not first:
            problems.append(f"{what}: {k.thread_name(member)} is in it, but "
                            + ("has no refills" if tcb.released_later else "does not say so"))
        elif first[0][1] < latest:
            problems.append(f"{what}: {k.thread_name(member)} is released before those before it")
        latest = max(latest, first[0][1] if first else 0)
    for tcb in k.threads():
        if tcb.hart == hart.address and tcb.released_later and tcb.address not in members:
            problems.append(f"{k.thread_name(tcb.address)} waits for budget, but is not in the "
                            f"{what}")
    tell_all(check, hart.address, problems)
