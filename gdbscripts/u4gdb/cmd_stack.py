# SPDX-License-Identifier: BSD-2-Clause
"""Stacks of threads that are not running, and of coroutines."""

import os
import tempfile

from . import threadcore
from .coros import programs
from .errors import BadMemory, U4Error
from .output import Hex, Report, number
from .registry import command
from .spaces import thread_space


def frames(context, tcb, image, limit, registers=None):
    """The lines of a backtrace of a thread, or of a coroutine of it by its registers."""
    with tempfile.TemporaryDirectory(prefix="u4gdb-") as directory:
        program = None
        if image:
            program = context.images.debug_file(image[1])
            if program is None:
                program = os.path.join(directory, image[0])
                with open(program, "wb") as file:
                    file.write(image[1].data)
        return threadcore.backtrace(context, tcb, program, limit, registers)


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
    for line in frames(context, tcb, image, limit):
        report.say(line)
    report.facts["frames"] = list(report.text)
    return report


@command("coros", "[COLUMN=VALUE...]")
def coros(context, arguments):
    """List the coroutines of all programs: executor, state, what each waits for, where it is.

Needs the programs' debug information, which is found beside the image in a build directory."""
    arguments.at_most(0)
    report = Report(["coroutine", "name", "program", "executor", "state", "prio", "waits_for",
                     "place"])
    for program in programs(context, report.notes):
        try:
            for executor in program.executors(report.notes):
                for coro in program.coroutines(executor):
                    add_coroutine(report, program, executor, coro)
        except BadMemory as problem:
            report.notes.append(f"{program.name}: {problem}")
    return report


def add_coroutine(report, program, executor, coro):
    state = program.states.get(coro.number("state"), "?")
    found = program.elf.symbolize(program.registers(coro)[0]) if state != "running" else None
    report.add(Hex(coro.address), coro.text("name") or None, program.name,
               program.string(executor.number("name")) or None, state, coro.number("priority"),
               program.waits_for(coro), f"{found[0]}+0x{found[1]:x}" if found else None)


@command("coro", "NAME|ADDRESS [FRAMES]")
def coro_backtrace(context, arguments):
    """Backtrace of a coroutine that does not run, by its name or its address (u4 coros)."""
    arguments.at_most(2)
    wanted = arguments.word(0, "coroutine")
    limit = context.number(arguments.words[1], "frames") if len(arguments.words) > 1 else 32
    report = Report()
    for program in programs(context, report.notes):
        for executor in program.executors(report.notes):
            for coro in program.coroutines(executor):
                if wanted != coro.text("name") and number(wanted) != coro.address:
                    continue
                if program.states.get(coro.number("state")) == "running":
                    raise U4Error(f"coroutine {wanted} runs: its thread's backtrace is its own "
                                  "(u4 bt)")
                report.title = f"coroutine {wanted} of {program.name}"
                for line in frames(context, program.tcb, (program.name, program.elf), limit,
                                   program.registers(coro)):
                    report.say(line)
                report.facts["frames"] = list(report.text)
                return report
    raise U4Error(f"no coroutine is called '{wanted}' (u4 coros lists them)")


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
