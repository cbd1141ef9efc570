# SPDX-License-Identifier: BSD-2-Clause
"""GDB's side: commands, what happens at each stop, where the kernel and memory come from."""

import traceback

import gdb

from . import all_commands  # noqa: F401 (registers the commands)
from . import cmd_gdb, gdb_stop_kinds, gdb_stops, gdb_trigger  # noqa: F401
from . import gdb_stack, gdb_symbols, registry
from .context import Context
from .errors import U4Error
from .gdb_memory import StubSource

WINDOW = 0xffffffc000000000  # until the kernel's table says
MIN_GDB = 12


class GdbContext(Context):
    """Finds the kernel among the symbol files that GDB has, memory at the other end of its
    connection."""

    def __init__(self):
        super().__init__()
        self.symbols = gdb_symbols.Symbols(self)
        self.tracebacks = False

    def kernel(self):
        if self.elf is None:
            for objfile in gdb.objfiles():
                if objfile.is_valid() and objfile.lookup_global_symbol("u4_inspect") or \
                        self._has_symbol(objfile):
                    self.use_kernel(objfile.filename)
                    break
        if self.source is None and gdb.selected_inferior().connection is not None:
            self.use_source(StubSource(WINDOW))
        kernel = super().kernel()
        if isinstance(self.source, StubSource):
            self.source.window = kernel.window
        return kernel

    @staticmethod
    def _has_symbol(objfile):
        try:
            from .elf import Elf
            return Elf(objfile.filename).symbol("u4_inspect") is not None
        except U4Error:
            return False

    def forget(self):
        super().forget()
        if isinstance(self.source, StubSource):
            self.source.forget()

    def settle(self):
        if not self.kernel().genuine and self.source.live:
            cmd_gdb.finish_all(self)

    def remember(self, name, value):
        gdb.set_convenience_variable(name, value)

    def evaluate(self, text):
        try:
            return int(gdb.parse_and_eval(text)) & (1 << 64) - 1
        except (gdb.error, TypeError, ValueError):
            return None


CONTEXT = GdbContext()


class Prefix(gdb.Command):
    """Commands that look into a u4 kernel: threads, capabilities, address spaces, traces.

Each takes -json, and COLUMN=VALUE words that choose lines. `help u4 COMMAND` explains one."""

    def __init__(self):
        super().__init__("u4", gdb.COMMAND_DATA, gdb.COMPLETE_NONE, True)


class GdbCommand(gdb.Command):
    def __init__(self, context, entry):
        self.context, self.entry = context, entry
        self.__doc__ = entry.text()
        super().__init__(f"u4 {entry.name}", gdb.COMMAND_DATA)

    def invoke(self, argument, _from_tty):
        try:
            text = registry.run(self.context, self.entry.name, argument)
        except U4Error as problem:
            raise gdb.GdbError(f"u4 {self.entry.name}: {problem}") from None
        except KeyboardInterrupt:
            raise gdb.GdbError(f"u4 {self.entry.name}: interrupted") from None
        except gdb.error as problem:
            raise gdb.GdbError(f"u4 {self.entry.name}: GDB says: {problem}") from None
        except Exception as problem:  # damaged state that no check has caught
            if self.context.tracebacks:
                traceback.print_exc()
            raise gdb.GdbError(f"u4 {self.entry.name}: cannot go on, the kernel's state is damaged "
                               f"({type(problem).__name__}: {problem}); u4 fsck may tell where"
                               ) from None
        if text:
            gdb.write(text + "\n")

    def complete(self, text, word):
        last = text.rpartition(" ")[2]  # GDB's word may begin behind "type="
        if self.entry.complete == "file" and not last.startswith("-"):
            return gdb.COMPLETE_FILENAME
        cut = len(last) - len(word or "")
        return [c[cut:] for c in registry.candidates(self.context, self.entry.name, last)]


def install():
    if int(gdb.VERSION.split(".")[0]) < MIN_GDB:
        raise gdb.GdbError(f"u4's scripts need GDB {MIN_GDB} or newer, this is {gdb.VERSION}")
    # gdb-multiarch takes the guest for Linux, and steps with breakpoints behind instructions: over
    # an ecall with whoever runs in between, and never out of the kernel. The server steps better.
    gdb.execute("set osabi none", to_string=True)
    context = CONTEXT
    Prefix()
    for entry in registry.COMMANDS.values():
        GdbCommand(context, entry)
    gdb_stack.install(context)
    watch(context)


def watch(context):
    """The guest has run or was written to: what is known of it is old."""
    def old(_event=None):
        context.forget()

    def stopped(_event):
        context.forget()
        context.symbols.follow()

    for event in ("cont", "memory_changed", "register_changed", "inferior_call", "exited"):
        getattr(gdb.events, event).connect(old)
    gdb.events.stop.connect(stopped)
