# SPDX-License-Identifier: BSD-2-Clause
"""Scheduling contexts; replies: capabilities of the classic kernel, objects of MCS."""

from . import mcs
from .errors import BadMemory
from .output import Hex, Report
from .registry import command


def name_of(kernel, address):
    return kernel.thread_name(address) if address else None


@command("scs", "[COLUMN=VALUE...]")
def scs(context, arguments):
    """List scheduling contexts: period, thread, refills (amount@time), the calls it was lent along.

Times are in ticks of the timer; period 0 is round robin."""
    arguments.at_most(0)
    kernel = context.kernel()
    mcs.need_mcs(kernel)
    report = Report(["context", "thread", "period", "consumed", "core", "refills", "lent_by",
                     "notification", "_badge", "_refill_max"])
    for address in sorted(mcs.contexts(kernel)):
        try:
            add_context(kernel, report, mcs.context_at(kernel, address))
        except BadMemory as problem:
            report.notes.append(f"scheduling context 0x{address:x}: {problem}")
    return report


def add_context(kernel, report, sc):
    refills = [f"{amount}@{time}" for amount, time in mcs.refills(kernel, sc, report.notes)]
    lent = [name_of(kernel, r.tcb) or f"reply 0x{r.address:x}"
            for r in mcs.stack(kernel, sc, report.notes)]
    report.add(Hex(sc.address), name_of(kernel, sc.tcb), sc.period, sc.consumed, sc.core, refills,
               lent, Hex(sc.notification) if sc.notification else None, Hex(sc.badge),
               sc.refill_max)


@command("replies", "[COLUMN=VALUE...]")
def replies(context, arguments):
    """List who waits for replies, and what answers them.

On MCS each reply object: who waits on it or offers it, who has taken the call, the calls before
and after it in its stack. On the classic kernel each reply capability: to whom, and where it is."""
    arguments.at_most(0)
    kernel = context.kernel()
    return objects(kernel) if kernel.decoder.mcs else capabilities(kernel)


def capabilities(kernel):
    report = Report(["thread", "state", "slot", "place", "may_grant"])
    census = kernel.census()
    for slot in sorted(census.slots.values(), key=lambda s: s.address):
        if slot.cap.type != "reply" or slot.cap.master:
            continue
        tcb = kernel.thread_at(slot.cap.ptr)
        report.add(kernel.thread_name(slot.cap.ptr), tcb.enum("state") if tcb else None,
                   Hex(slot.address), census.place(slot), bool(slot.cap.grant))
    return report


def objects(kernel):
    report = Report(["reply", "thread", "state", "server", "before", "after", "caps"])
    for (kind, address), slots in sorted(kernel.census().objects().items()):
        if kind != "reply":
            continue
        try:
            reply = mcs.reply_at(kernel, address)
            kind, following = mcs.after(reply)
            server = mcs.server_of(kernel, address)
        except BadMemory as problem:
            report.notes.append(f"reply object 0x{address:x}: {problem}")
            continue
        tcb = kernel.thread_at(reply.tcb) if reply.tcb else None
        report.add(Hex(address), name_of(kernel, reply.tcb), tcb.enum("state") if tcb else None,
                   name_of(kernel, server), Hex(reply.prev) if reply.prev else None,
                   f"{kind} 0x{following:x}" if kind else None, len(slots))
    return report
