# SPDX-License-Identifier: BSD-2-Clause
"""What commands work on: the kernel at this stop, user images, the harts' registers."""

import glob
import os

from .elf import Elf
from .errors import BadMemory, U4Error
from .images import Images
from .kernel import Kernel
from .memory import Memory
from .output import number
from .sel4_kernel import SeL4Kernel
from .spaces import thread_space

USER_TOP = 1 << 38
IDLE = ("kernel!idle_wait", "kernel!idle_thread")  # u4's, seL4's


def is_sel4(elf):
    """seL4's own kernel, by variables that all its versions have."""
    return any(elf.symbol(name) is not None for name in ("ksSMP", "ksCurThread"))


class Context:
    def __init__(self):
        self.images = Images()
        self.elf = None
        self.source = None
        self._kernel = None
        self._attached = False
        self.snapshots = {}

    def use_kernel(self, path):
        """The kernel's ELF file, or an image with one packed in."""
        elf = Elf(path)
        if elf.symbol("u4_inspect") is None and not is_sel4(elf):
            packed = elf.embedded()
            if "kernel" not in packed:
                raise U4Error(f"{path}: no u4 kernel in it: no symbol u4_inspect, and no program "
                              "packed in as _kernel_elf; nor seL4's kernel")
            elf = packed["kernel"]
        self.elf = elf
        self._kernel = None

    def use_source(self, source):
        self.source = source
        self._kernel = None

    def find_kernel(self, places):
        """(path, how many others have the same kernel) of the image or kernel in directories that is
        in the memory we have: the one whose programs are there too (others: 0), else the first."""
        source, tried, same = self.source, 0, []
        for place in places:
            for path in sorted(glob.glob(os.path.join(place, "*.elf"))):
                tried += 1
                try:
                    self.use_kernel(path)
                    self.use_source(source)
                    self.kernel()
                    if self.has_programs(path):
                        return path, 0
                    same.append(path)
                except U4Error:
                    continue
        self.elf = self._kernel = None
        if not same:
            raise U4Error(f"{source.name}: which kernel ran? None of {tried} files in "
                          f"{', '.join(places) or 'no directory'} (u4 kernel FILE, or --kernel FILE)")
        self.use_kernel(same[0])
        return same[0], len(same) - 1

    def has_programs(self, path):
        """Does an address space hold a program that is packed into the file?"""
        images, kernel = Images(), self.kernel()
        images.add(Elf(path))
        for tcb in kernel.threads():
            try:
                if images.of_space(thread_space(kernel, tcb)):
                    return True
            except U4Error:
                continue
        return False

    def forget(self):
        """The guest has run, or its memory was written to."""
        self.images.forget()
        self._attached = False
        if self._kernel:
            self._kernel.forget()

    def kernel(self):
        if self.elf is None:
            raise U4Error("no kernel yet: give its ELF file or the boot image (u4 kernel FILE)")
        if self.source is None:
            raise U4Error("no memory to look at: connect to a guest (target remote HOST:PORT) or "
                          "open a core (u4 core FILE)")
        if self._kernel is None:
            kind = SeL4Kernel if is_sel4(self.elf) else Kernel
            self._kernel = kind(Memory(self.source), self.elf)
            self._attached = False
        if not self._attached:
            self._kernel.attach()
            self._attached = True
        return self._kernel

    def again(self):
        """The kernel after it has run a little: known to be the same one."""
        attached = self._attached
        self.forget()
        self._attached = attached
        return self.kernel()

    def settle(self):
        """Lets a live guest run until no hart is in the kernel."""

    def remember(self, name, value):
        """A result for the debugger's own commands."""

    # ---- registers ----

    def cpu(self, index):
        """[pc, x1..x31] of a hart, by its number, or None."""
        registers = self.source.registers() if self.source else []
        return registers[index] if index < len(registers) else None

    def registers(self, tcb):
        """(registers, where they are from) of a thread: in the hart if it runs in user mode now,
        else in its TCB; of a thread that the firmware has interrupted, those of the firmware."""
        hart = self.kernel().current_hart(tcb.address)
        cpu = self.cpu(hart.id) if hart else None
        if cpu and cpu[0] < USER_TOP:
            return cpu, "hart" if self.executes(tcb, cpu[0]) else "firmware"
        return list(tcb.regs), "tcb"

    def inside_kernel(self):
        """(hart, where) of each hart that is in the kernel, or in the firmware that it called or that
        has interrupted a thread. One that is idle waits there, and changes nothing."""
        kernel, found = self.kernel(), []
        for hart in kernel.harts():
            cpu, tcb = self.cpu(hart.id), kernel.thread_at(hart.current)
            if cpu is None or cpu[0] < USER_TOP and tcb is not None and self.executes(tcb, cpu[0]):
                continue
            place = self.images.symbolize(kernel, None, cpu[0]) or f"0x{cpu[0]:x}"
            if not place.startswith(IDLE):
                found.append((hart, place))
        return found

    def executes(self, tcb, pc):
        """Can a thread be at pc in user mode? Machine mode's addresses are physical ones, and look
        like a user's."""
        space = thread_space(self.kernel(), tcb)
        try:
            return space is not None and space.executable(pc)
        except BadMemory:
            return False

    def pc(self, tcb):
        """Where a thread is: behind its system call's ecall it goes on, at it it waits."""
        registers, where = self.registers(tcb)
        state = self.kernel().state_names.get(tcb.state, "")
        if where == "tcb" and (state.startswith("blocked") or state in ("restart", "inactive")):
            return tcb.fault_pc
        return registers[0]

    def place(self, tcb, pc=None):
        if pc is None:
            if self.registers(tcb)[1] == "firmware":
                return "(firmware)"
            pc = self.pc(tcb)
        return self.images.symbolize(self.kernel(), tcb, pc)

    # ---- arguments ----

    def thread(self, text):
        """A thread by its name, a unique beginning of it, or its TCB's address."""
        kernel = self.kernel()
        threads = kernel.threads()
        address = number(text)
        found = [t for t in threads if t.name == text]
        if address is not None and not found:
            found = [t for t in threads if address in (t.address, t.address & 0xffffffff)]
            if found:
                return found[0]
            raise U4Error(f"no thread has its TCB at 0x{address:x} (u4 threads lists them)")
        found = found or [t for t in threads if t.name.startswith(text)]
        if len(found) == 1:
            return found[0]
        if found:
            which = ", ".join(f"{t.name} 0x{t.address:x}" for t in found[:8])
            raise U4Error(f"'{text}' is not one thread but {len(found)}: {which}; give the address")
        raise U4Error(f"no thread is called '{text}' (u4 threads lists them)")

    def number(self, text, what):
        value = number(text)
        if value is None:
            value = self.evaluate(text)
        if value is None:
            raise U4Error(f"{what}: expected a number, found '{text}'")
        return value & (1 << 64) - 1

    def evaluate(self, _text):
        """An expression of the debugger's; none without one."""
        return None

    def object_address(self, text):
        """An object by its address (also the low 32 bits of it, as the trace has them), or a
        thread's TCB by its name."""
        kernel = self.kernel()
        if any(t.name == text for t in kernel.threads()):
            return self.thread(text).address
        value = number(text)
        if value is None:
            value = self.evaluate(text)
        if value is None:
            return self.thread(text).address
        if 0 < value < 1 << 32:
            return kernel.virt(value)
        return value & (1 << 64) - 1

    def slot(self, text):
        """A slot: its address, or THREAD:CPTR."""
        kernel = self.kernel()
        name, colon, cptr = text.rpartition(":")
        if colon and name:
            from .lookup import resolve
            result = resolve(kernel, kernel.tcb_cap(self.thread(name), "cspace"),
                             self.number(cptr, "cptr"))
            if result.slot is None:
                raise U4Error(f"{text}: {result.why}")
            return kernel.census().find(result.slot.address)
        address = self.object_address(text)
        try:
            return kernel.census().find(address)
        except BadMemory as problem:
            raise U4Error(f"{text}: {problem}") from None
