# SPDX-License-Identifier: BSD-2-Clause
"""u4 fsck."""

from .fsck import Fsck
from .output import Report
from .registry import command


@command("fsck", "[area=AREA]")
def fsck(context, arguments):
    """Check the kernel's state: threads, queues, slots, derivation tree, memory, address spaces.

Says what is broken and where; `u4 cap`, `u4 tree` and `u4 thread` show more of a place. The system
must be stopped outside the kernel: inside, it may be between two states, and a note says so (`u4
finish -all` lets it come out)."""
    arguments.at_most(0)
    check = Fsck(context.kernel())
    report = Report(["area", "where", "what"])
    for area, where, what in check.run():
        report.add(area, where, what)
    counts = ", ".join(f"{count} {what}" for what, count in check.checked.items())
    verdict = f"{len(check.found)} problems" if check.found else "no problems"
    for hart, place in context.inside_kernel():
        report.notes.append(f"hart {hart.core} is inside the kernel ({place}), which may be between "
                            "two states (u4 finish -all)")
    report.facts["problems"] = len(check.found)
    report.notes.append(f"checked {counts}: {verdict}")
    return report
