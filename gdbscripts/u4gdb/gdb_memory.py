# SPDX-License-Identifier: BSD-2-Clause
"""The guest's memory and registers through GDB's connection to a stub."""

import contextlib

import gdb

from .cmd_threads import REGISTERS
from .errors import U4Error

WORD = (1 << 64) - 1


class StubSource:
    """Physical memory by QEMU's PhyMemMode where the stub has it. With other stubs, as OpenOCD's,
    through the kernel's window of physical memory, which is mapped while a hart is in supervisor
    mode; or by plain physical addresses, if the stub takes them for that. Which of the two, is
    tried anew at each stop; that it is the kernel's memory, is checked then (Kernel.attach)."""
    live = True

    def __init__(self, window):
        self.window = window
        self.name = "the guest"
        self.qemu = None  # has the stub PhyMemMode?
        self.offset = None  # from physical addresses to those that the stub takes
        self.in_kernel = False
        self._registers = None

    @contextlib.contextmanager
    def inside_kernel(self):
        """While GDB decides whether to stop at a breakpoint in the kernel: packets of our own are
        not possible then, but the window is in force."""
        self.in_kernel = True
        try:
            yield
        finally:
            self.in_kernel = False

    def forget(self):
        self._registers = self.offset = None

    @staticmethod
    def connection():
        connection = gdb.selected_inferior().connection
        if connection is None or not connection.is_valid():
            raise U4Error("not connected: target remote HOST:PORT, or open a core (u4 core FILE)")
        return connection

    def _packet(self, text):
        connection = self.connection()
        if not hasattr(connection, "send_packet"):
            return b""
        try:
            return connection.send_packet(text) or b""
        except gdb.error:
            return b""

    def read(self, paddr, length):
        if self.in_kernel:
            return self._read(paddr + self.window, length)
        if self.qemu is None:
            self.connection()
            self.qemu = self._packet("qqemu.PhyMemMode") in (b"0", b"1")
        if not self.qemu:
            return self._read_mapped(paddr, length)
        self._packet("Qqemu.PhyMemMode:1")
        try:
            return self._read(paddr, length)
        finally:
            self._packet("Qqemu.PhyMemMode:0")

    def _read_mapped(self, paddr, length):
        for offset in (self.window, 0) if self.offset is None else (self.offset,):
            data = self._read(paddr + offset, length)
            if data is not None:
                self.offset = offset
                return data
        return None

    def unreadable(self):
        """Why the kernel's memory may not be readable now, and what to do."""
        if self.qemu:
            return ""
        return (": this GDB server reads only what is mapped for the code that runs. Let the guest "
                "run into the kernel (tbreak trap_interrupt, continue), or make the server read "
                "physical memory")

    @staticmethod
    def _read(address, length):
        try:
            return bytes(gdb.selected_inferior().read_memory(address, length))
        except (gdb.MemoryError, gdb.error, OverflowError):
            return None

    def write(self, paddr, data):
        """False if that cannot be done."""
        if self.qemu:
            self._packet("Qqemu.PhyMemMode:1")
        try:
            gdb.selected_inferior().write_memory(paddr + (0 if self.qemu else self.offset or 0), data)
        except (gdb.MemoryError, gdb.error):
            return False
        finally:
            if self.qemu:
                self._packet("Qqemu.PhyMemMode:0")
        return True

    def csrs(self, hart, names):
        """Values of a hart's CSRs by name, None if the server does not have them."""
        return self._in_hart(hart, lambda frame: tuple(
            int(frame.read_register(name)) & WORD for name in names))

    def registers(self):
        if self._registers is None:
            self._registers = self._read_registers()
        return self._registers

    @classmethod
    def _read_registers(cls):
        """[pc, x1..x31] of each hart; GDB's threads of the stub are the harts."""
        threads = gdb.selected_inferior().threads()
        found = [cls._in_hart(number, lambda frame: [int(frame.read_register(name)) & WORD
                                                     for name in REGISTERS])
                 for number in range(len(threads))]
        return [] if None in found else found

    @staticmethod
    def _in_hart(number, read):
        """What `read` says of a hart's newest frame; None if that cannot be had."""
        threads = {t.num - 1: t for t in gdb.selected_inferior().threads()}
        selected = gdb.selected_thread()
        if selected is None or number not in threads:
            return None
        frame = gdb.selected_frame()
        try:
            threads[number].switch()
            return read(gdb.newest_frame())
        except (gdb.error, ValueError):
            return None
        finally:
            selected.switch()
            try:
                frame.select()
            except gdb.error:
                pass
