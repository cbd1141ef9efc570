# SPDX-License-Identifier: BSD-2-Clause
"""User interrupts: receivers with what the UINTC says of them, senders."""

from .errors import BadMemory
from .output import Hex, Report
from .registry import command
from .uintr import SenderTable, hardware, receivers, registrations, senders, waits


@command("uintr", "[-pending] [COLUMN=VALUE...]", options=("-pending",))
def uintr(context, arguments):
    """List receivers of user interrupts: entry of the UINTC, thread, notification, state, senders.

`loaded`: the hart has the thread's user CSRs now, and `handler`, `takes` and `came` (utvec, uie's
and uip's bit) are read from it; else they are as the kernel keeps them. `uintc` is what the UINTC
itself says (of a core of a machine with one, it is not known). Reading a device's pending vectors
takes them: -pending does, and puts them back at once."""
    arguments.at_most(0)
    kernel = context.kernel()
    report = Report(["entry", "thread", "notification", "waits", "loaded", "handler", "takes",
                     "came", "uintc", "senders", "_active"])
    for entry, receiver in receivers(kernel):
        tcb = kernel.thread_at(receiver.tcb)
        if tcb is None:
            report.notes.append(f"entry {entry}: 0x{receiver.tcb:x} is no thread")
            continue
        who = [f"vector {slot.cap.vector} by sender table 0x{table:x}[{index}]"
               for slot, table, index in senders(kernel, receiver.notification)]
        hart = next((h for h in kernel.harts() if h.uintr_owner == tcb.address), None)
        utvec, uie, uip = user_csrs(context, kernel, tcb, hart)
        report.add(entry, kernel.thread_name(tcb.address), Hex(receiver.notification),
                   waits(tcb, receiver), hart is not None, Hex(utvec), bool(uie & 1),
                   bool(uip & 1), hardware(kernel, entry, "-pending" in arguments.flags), who,
                   bool(tcb.uintr_active))
    return report


def user_csrs(context, kernel, tcb, hart):
    """(utvec, uie, uip) of a thread: in its hart, if they are loaded there; else as kept."""
    if hart is not None and kernel.symbol("uintc_base"):
        found = context.source.csrs(hart.id, ("utvec", "uie", "uip"))
        if found:
            return found
    return tcb.utvec, tcb.uie, tcb.uip


@command("senders", "[COLUMN=VALUE...]")
def sender_list(context, arguments):
    """List senders of user interrupts: who has the table, index, vector, whom they interrupt.

`index` is what `uipi send` is given. `valid`: what harts read of the table's entry is what the
kernel's registration says; if not, `u4 fsck` tells what is wrong."""
    arguments.at_most(0)
    kernel = context.kernel()
    report = Report(["thread", "table", "index", "vector", "valid", "entry", "receiver",
                     "notification", "_slot"])
    owners = {kernel.tcb_cap(t, "senders").ptr: kernel.thread_name(t.address)
              for t in kernel.threads() if kernel.tcb_cap(t, "senders").type == "sender_table"}
    by_notification = {r.notification: (entry, r) for entry, r in receivers(kernel)}
    for notification in sorted(registrations(kernel)):
        entry, receiver = by_notification.get(notification, (None, None))
        name = kernel.thread_name(receiver.tcb) if receiver else None
        for slot, table, index in senders(kernel, notification):
            report.add(owners.get(table), Hex(table), index, slot.cap.vector,
                       is_valid(kernel, slot, table, entry), entry, name, Hex(notification),
                       Hex(slot.address))
    return report


def is_valid(kernel, slot, table, entry):
    try:
        wanted = SenderTable(kernel, table, slot.cap.table_bits).entry(slot.cap.vector, entry or 0)
        return entry is not None and kernel.word(slot.cap.w1) == wanted
    except BadMemory:
        return False
