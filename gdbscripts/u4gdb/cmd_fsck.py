# SPDX-License-Identifier: BSD-2-Clause
"""u4 fsck."""

from .fsck import Fsck
from .output import Report
from .registry import command


@command("fsck", "[-settle] [area=AREA]", options=("-settle",))
def fsck(context, arguments):
    """Check the kernel's state: threads, queues, slots, derivation tree, memory, address spaces.

Says what is broken and where; `u4 cap`, `u4 tree` and `u4 thread` show more of a place. The system
must be stopped outside the kernel: inside, it may be between two states, and a note says so.
-settle: first lets it come out, as `u4 finish -all`. $_u4_problems is how many were found."""
    arguments.at_most(0)
    if "-settle" in arguments.flags:
        context.settle()
    check = Fsck(context.kernel())
    report = Report(["area", "where", "what"])
    for area, where, what in check.run():
        report.add(area, where, what)
    counts = ", ".join(f"{count} {what}" for what, count in check.checked.items())
    verdict = f"{len(check.found)} problems" if check.found else "no problems"
    for hart, place in context.inside_kernel():
        report.notes.append(f"hart {hart.core} is inside the kernel ({place}), which may be between "
                            "two states" + ("" if check.kernel.genuine else " (u4 finish -all)"))
    context.remember("_u4_problems", len(check.found))
    report.facts["problems"] = len(check.found)
    report.notes.append(f"checked {counts}: {verdict}")
    return report
