# SPDX-License-Identifier: BSD-2-Clause
"""Commands that are about GDB itself: which kernel, which memory, which symbols, stepping."""

import glob
import os

import gdb

from . import memory
from .context import USER_TOP
from .elf import Elf
from .errors import U4Error
from .output import Report
from .registry import command

MAX_TRIES = 1000  # of letting the guest run until no hart is in the kernel
ECALL_FROM_USER = 8  # scause (RISC-V Privileged 1.12, 4.1.9)


@command("kernel", "[FILE]", complete="file")
def kernel(context, arguments):
    """Name the kernel's ELF file, or a boot image that has one packed in; or show what is used.

Its symbols are loaded, with debug information if a file with the same build-id lies in the image's
build directory."""
    arguments.at_most(1)
    report = Report()
    if arguments.words:
        path = os.path.expanduser(arguments.words[0])
        context.use_kernel(path)
        report.say(load_symbols(context, path))
        return report
    found = context.kernel()
    table = found.table
    report.say(f"kernel   {context.elf.path}")
    report.say(f"memory   {context.source.name}")
    report.say(f"layouts  {table.summary()}")
    built = [name for name in ("mcs", "smp", "debug", "trace") if table.const(name)]
    report.say(f"built    {' '.join(built) if built else 'plain'}")
    for low, high in found.memory.ranges:
        report.say(f"RAM      0x{low:x}..0x{high:x}")
    return report


def load_symbols(context, path):
    """GDB's symbols of the kernel in use, and the programs that the file has, too. Says what it did."""
    symbols = debug_kernel(context, path)
    gdb.execute(f'symbol-file "{symbols}"', to_string=True)
    if ":" in context.elf.path:  # an image: with programs
        context.images.add_file(path)
    return f"kernel {context.elf.path}, symbols of {os.path.relpath(symbols)}"


def debug_kernel(context, path):
    """A file that GDB can read this kernel's symbols from."""
    place = context.elf.build_id_place()
    if ":" not in context.elf.path and context.elf.section(".debug_info"):
        return path
    base = os.path.dirname(os.path.abspath(path))
    for file in sorted(glob.glob(os.path.join(base, "../kernel/*/kernel.elf"))):
        try:
            other = Elf(file)
        except U4Error:
            continue
        if place and other.build_id_place() == place:
            return os.path.normpath(file)
    return context.symbols.file_of(context.elf)


@command("core", "FILE", complete="file")
def core(context, arguments):
    """Look at a core that QEMU's dump-guest-memory wrote, or at RAM as a plain file, instead of a
live guest. All commands that only look work as they do on a guest.

Without u4 kernel before, the kernel is looked for among the images beside the core and in build
directories; of images with the same kernel the one is taken whose programs are in the core."""
    arguments.at_most(1)
    path = os.path.expanduser(arguments.word(0, "file"))
    context.use_source(memory.open_file(path))
    report = Report()
    if context.elf is None:
        file, others = context.find_kernel(image_places(path))
        report.say(load_symbols(context, file))
        if others:
            report.say(f"{others} more files have the same kernel, and none of them the programs that "
                       "ran (u4 kernel FILE)")
    found = context.kernel()
    report.say(f"{path}: {len(found.threads())} threads, {len(context.source.registers())} harts "
               "with registers")
    return report


def image_places(core):
    """Directories in which there may be the image that a core is of."""
    places = [os.path.dirname(os.path.abspath(core))]
    if os.environ.get("U4_BUILD"):
        places.append(os.path.join(os.environ["U4_BUILD"], "images"))
    here = os.path.dirname(os.path.abspath(__file__))
    places += sorted(glob.glob("build*/images"))
    places += sorted(glob.glob(os.path.join(here, "../../build*/images")))
    known = {os.path.realpath(place): place for place in reversed(places)}
    return [place for place in places if known[os.path.realpath(place)] is place]


@command("images", "[FILE...]", complete="file")
def images(context, arguments):
    """Name ELF files of user programs, or boot images that have them packed in; or list them.

An address space's program is known by its build-id."""
    for path in arguments.words:
        context.images.add_file(os.path.expanduser(path))
    report = Report(["image", "file", "debug"])
    for name, elf in context.images.elfs:
        debug = context.images.debug_file(elf)
        report.add(name, elf.path, os.path.relpath(debug) if debug else None)
    context.symbols.follow()
    return report


@command("symbols", "[auto|off|THREAD]", complete="thread")
def symbols(context, arguments):
    """Load GDB's symbols of a thread's program; `auto` (as at the start): those of the address
space in use, at each stop; `off`: none."""
    arguments.at_most(1)
    what = arguments.words[0] if arguments.words else None
    report = Report()
    if what == "off":
        context.symbols.auto = False
        context.symbols.unload()
    elif what == "auto":
        context.symbols.auto = True
        context.symbols.follow()
    elif what:
        context.symbols.auto = False
        context.symbols.use(context.thread(what))
    loaded = context.symbols.loaded
    report.say(f"symbols of user programs: {os.path.relpath(loaded) if loaded else 'none'}"
               + (", following the address space" if context.symbols.auto else ""))
    return report


@command("boot", "")
def boot(context, arguments):
    """Let a guest that has just been started run until its kernel first enters user mode."""
    arguments.at_most(0)
    if context.elf is None:
        raise U4Error("no kernel yet (u4 kernel FILE)")
    entry = context.elf.symbol("restore_user")
    if entry is None:
        raise U4Error(f"{context.elf.path}: no symbol restore_user to run to")
    run_to(entry)
    report = Report()
    report.say(f"{len(context.kernel().threads())} threads; stopped on the way to user mode")
    return report


def run_to(address):
    point = gdb.Breakpoint(f"*0x{address:x}", type=gdb.BP_HARDWARE_BREAKPOINT, internal=True,
                           temporary=True)
    point.silent = True
    try:
        gdb.execute("continue", to_string=True)
    finally:
        if point.is_valid():
            point.delete()


@command("stepi", "[N]")
def stepi(context, arguments):
    """Step one instruction, over system calls as over calls: at an ecall, go on until this thread
is behind it, whoever runs in between."""
    arguments.at_most(1)
    count = context.number(arguments.words[0], "count") if arguments.words else 1
    for _ in range(min(count, 10000)):
        step_one(context)
    return where_now(context)


def where_now(context):
    report = Report()
    pc = pc_now()
    found = context.kernel()
    tcb = found.thread_at(context.symbols.current_hart(found).current)
    report.say(f"0x{pc:x} {context.images.symbolize(found, tcb, pc)}".rstrip())
    return report


def step_one(context):
    found = context.kernel()
    hart = context.symbols.current_hart(found)
    pc = pc_now()
    tcb = found.thread_at(hart.current)
    if pc < USER_TOP and tcb is not None:
        from .spaces import thread_space
        space = thread_space(found, tcb)
        if space and space.read(pc, 4) == b"\x73\x00\x00\x00":
            UntilThread(context, tcb.address, pc + 4).go()
            return
    gdb.execute("stepi", to_string=True)


@command("finish", "[-all]", options=("-all",))
def finish(context, arguments):
    """From inside the kernel, let the guest run until the thread that entered it is back in user
mode, whoever runs in between. (GDB's stepi goes into the kernel and out of it instruction by
instruction.)

-all: until no hart is in the kernel or in the firmware (one that is idle does not count), as `u4
fsck` needs it; on several harts GDB stops the others wherever they are."""
    arguments.at_most(0)
    if "-all" in arguments.flags:
        return finish_all(context)
    found = context.kernel()
    tcb = found.thread_at(context.symbols.current_hart(found).current)
    pc = pc_now()
    if pc < USER_TOP:
        raise U4Error("the guest is in user mode already")
    if tcb is None or tcb.enum("state") == "idle":
        raise U4Error("no thread has entered the kernel: it is idle")
    UntilThread(context, tcb.address, way_back(found, tcb, pc)).go()
    return where_now(context)


def finish_all(context):
    selected, exit_path = gdb.selected_thread(), context.elf.symbol("restore_user")
    if exit_path is None:
        raise U4Error(f"{context.elf.path}: no symbol restore_user: this knows u4's kernel only")
    for tries in range(MAX_TRIES):
        busy = context.inside_kernel()
        if not busy:
            selected.switch()
            report = Report()
            report.say(f"no hart is in the kernel{f', after {tries} times' if tries else ''}")
            return report
        hart, place = busy[0]
        next(t for t in gdb.selected_inferior().threads() if t.num - 1 == hart.id).switch()
        found = context.kernel()
        tcb, pc = found.thread_at(hart.current), pc_now()
        if pc >> 63 and tcb is not None and tcb.enum("state") != "idle":
            UntilThread(context, tcb.address, way_back(found, tcb, pc)).go()
        else:
            run_to(exit_path)
    raise U4Error(f"after {MAX_TRIES} times a hart is still in the kernel: hart {hart.core}, {place}")


def pc_now():
    return int(gdb.newest_frame().read_register("pc")) & (1 << 64) - 1


def way_back(kernel, tcb, pc):
    """Where a thread goes on behind its trap: its TCB has that, once the entry code is done."""
    place = kernel.elf.symbolize(pc)
    if not place or place[0] != "trap_entry":
        return tcb.regs[0]
    sepc, scause = (int(gdb.newest_frame().read_register(name)) for name in ("sepc", "scause"))
    return sepc + (4 if scause == ECALL_FROM_USER else 0)


class UntilThread(gdb.Breakpoint):
    """Stops at an address only for one thread."""

    def __init__(self, context, tcb, address):
        super().__init__(f"*0x{address:x}", type=gdb.BP_HARDWARE_BREAKPOINT, internal=True)
        self.silent = True
        self.context, self.tcb = context, tcb

    def stop(self):
        try:
            return self.context.symbols.current_hart(self.context.again()).current == self.tcb
        except U4Error:
            return True

    def go(self):
        try:
            gdb.execute("continue", to_string=True)
        finally:
            self.delete()


@command("debug", "[on|off]")
def debug(context, arguments):
    """Show Python tracebacks of what goes wrong inside these scripts."""
    context.tracebacks = arguments.words != ["off"]
    report = Report()
    report.say(f"tracebacks are {'on' if context.tracebacks else 'off'}")
    return report
