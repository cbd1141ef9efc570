# SPDX-License-Identifier: BSD-2-Clause
"""Stacks of threads that are not running."""

import os
import tempfile

from . import threadcore
from .output import Report
from .registry import command
from .spaces import thread_space


@command("bt", "THREAD [FRAMES]", complete="thread")
def bt(context, arguments):
    """Backtrace of any thread's user code, running or not, in whatever address space.

Needs the program's image (u4 images FILE); source lines need its debug information, which is
found beside the image in a build directory."""
    arguments.at_most(2)
    kernel = context.kernel()
    tcb = context.thread(arguments.word(0, "thread"))
    limit = context.number(arguments.words[1], "frames") if len(arguments.words) > 1 else 32
    image = context.images.of_space(thread_space(kernel, tcb))
    report = Report(title=f"thread {tcb.name or hex(tcb.address)}, "
                          + (f"program {image[0]}" if image else "program not known"))
    with tempfile.TemporaryDirectory(prefix="u4gdb-") as directory:
        program = None
        if image:
            program = context.images.debug_file(image[1])
            if program is None:
                program = os.path.join(directory, image[0])
                with open(program, "wb") as file:
                    file.write(image[1].data)
        for line in threadcore.backtrace(context, tcb, program, limit):
            report.say(line)
    report.facts["frames"] = list(report.text)
    return report


@command("save", "THREAD FILE", complete="thread")
def save(context, arguments):
    """Write one thread, registers and user memory, as an ELF core that GDB can open by itself."""
    arguments.at_most(2)
    tcb = context.thread(arguments.word(0, "thread"))
    path = os.path.expanduser(arguments.word(1, "file"))
    threadcore.write(context, tcb, path)
    report = Report()
    report.say(f"{path}: {os.path.getsize(path)} bytes")
    return report
