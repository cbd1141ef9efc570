# SPDX-License-Identifier: BSD-2-Clause
"""Backtraces from the kernel into the thread that entered it: the C functions that trap.S jumps to
return nowhere, their caller is the user's instruction, its registers are in the TCB."""

import gdb
from gdb.unwinder import Unwinder, register_unwinder

from .cmd_threads import REGISTERS
from .errors import U4Error
from .inspect import from_elf

OUTERMOST = {"trap_syscall", "trap_syscall_slow", "trap_interrupt", "trap_exception", "kernel_exit",
             "fastpath_call", "fastpath_reply_recv", "fastpath_signal"}


class FrameId:
    def __init__(self, sp, pc):
        self.sp, self.pc = sp, pc


class TrapUnwinder(Unwinder):
    def __init__(self, context):
        super().__init__("u4-trap")
        self.context = context
        self._table = None

    def __call__(self, pending):
        elf = self.context.elf
        if elf is None:
            return None
        mask = (1 << 64) - 1
        pc = int(pending.read_register("pc")) & mask
        if pc < 1 << 63:
            return None
        found = elf.symbolize(pc)
        if found is None or found[0].split(".")[0] not in OUTERMOST:
            return None
        try:
            return self.user_frame(pending, pc, mask)
        except (gdb.error, gdb.MemoryError, U4Error):
            return None

    def table(self):
        """The layouts of the kernel's ELF file."""
        if self._table is None or self._table[0] is not self.context.elf:
            self._table = (self.context.elf, from_elf(self.context.elf)[1])
        return self._table[1]

    def user_frame(self, pending, pc, mask):
        """GDB is finding frames: only plain reads are possible, of what is mapped now."""
        table = self.table()
        read = gdb.selected_inferior().read_memory
        hart = int(pending.read_register("tp")) & mask
        field = table.structs["hart"].fields["current"]
        tcb = int.from_bytes(bytes(read(hart + field.offset, 8)), "little")
        fields = table.structs["tcb"].fields
        raw = bytes(read(tcb, fields["slots"].offset))

        def value(name):
            return fields[name].unpack.unpack_from(raw, fields[name].offset)
        if table.enums["thread_state"].get(value("state")[0]) == "idle":
            return None
        registers = list(value("regs"))
        registers[0] = value("fault_pc")[0]
        kind = gdb.lookup_type("unsigned long")
        sp = gdb.Value(int(pending.read_register("sp")) & mask).cast(kind)
        info = pending.create_unwind_info(FrameId(sp, gdb.Value(pc).cast(kind)))
        for name, value in zip(REGISTERS, registers):
            info.add_saved_register(name, gdb.Value(value).cast(kind))
        return info


def install(context):
    register_unwinder(None, TrapUnwinder(context), replace=True)
