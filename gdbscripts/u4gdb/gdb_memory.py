# SPDX-License-Identifier: BSD-2-Clause
"""The guest's memory and registers through GDB's connection to a stub."""

import contextlib

import gdb

from .cmd_threads import REGISTERS
from .errors import U4Error


class StubSource:
    """Physical memory by QEMU's PhyMemMode where the stub has it; else, as with OpenOCD, through
    the kernel's window of physical memory, which works while a hart is in supervisor mode."""
    live = True

    def __init__(self, window):
        self.window = window
        self.name = "the guest"
        self.physical = None
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
        self._registers = None

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
        if self.physical is None:
            self.connection()
            self.physical = self._packet("qqemu.PhyMemMode") in (b"0", b"1")
        if not self.physical:
            return self._read(paddr + self.window, length)
        self._packet("Qqemu.PhyMemMode:1")
        try:
            return self._read(paddr, length)
        finally:
            self._packet("Qqemu.PhyMemMode:0")

    @staticmethod
    def _read(address, length):
        try:
            return bytes(gdb.selected_inferior().read_memory(address, length))
        except (gdb.MemoryError, gdb.error, OverflowError):
            return None

    def registers(self):
        if self._registers is None:
            self._registers = self._read_registers()
        return self._registers

    @staticmethod
    def _read_registers():
        """[pc, x1..x31] of each hart; GDB's threads of the stub are the harts."""
        mask = (1 << 64) - 1
        selected = gdb.selected_thread()
        if selected is None:
            return []
        frame = gdb.selected_frame()
        found = []
        try:
            for thread in sorted(gdb.selected_inferior().threads(), key=lambda t: t.num):
                thread.switch()
                newest = gdb.newest_frame()
                found.append([int(newest.read_register(name)) & mask for name in REGISTERS])
        except gdb.error:
            found = []
        selected.switch()
        try:
            frame.select()
        except gdb.error:
            pass
        return found
