# SPDX-License-Identifier: BSD-2-Clause
"""The system call that a thread's registers ask for (abi/sel4/syscall.h): its name, what it sends by,
its label in words."""

from .errors import BadMemory, U4Error
from .lookup import resolve
from .trace import find_schema

# By number, from -1 down.
CLASSIC = "Call ReplyRecv Send NBSend Recv Reply Yield NBRecv".split()
MCS = "Call ReplyRecv NBSendRecv NBSendWait Send NBSend Recv NBRecv Wait NBWait Yield".split()
SIGNAL_WAIT = -0x7520  # u4_SysSignalWait of abi/u4/extensions.h
T0, A0, A1, A2, A6, A7 = 5, 10, 11, 12, 16, 17  # a thread's registers are pc, x1..x31
MESSAGES = ("endpoint", "notification", "reply")
ECALL = b"\x73\x00\x00\x00"


class Syscall:
    """`name`: None if the kernel has no such call. `cptr`: what it sends by, None if it sends nothing,
    or by the caller slot (`by_caller`)."""

    def __init__(self, kernel, registers):
        raw = registers[A7]
        self.number = raw - (1 << 64) if raw >> 63 else raw
        names = MCS if kernel.decoder.mcs else CLASSIC
        self.name = names[-1 - self.number] if -len(names) <= self.number < 0 else None
        if self.number == SIGNAL_WAIT and not kernel.genuine:
            self.name = "SignalWait"
        self.info = registers[A1]
        self.label, self.length = self.info >> 12, self.info & 0x7f
        self.by_caller = self.name in ("ReplyRecv", "Reply") and not kernel.decoder.mcs
        self.cptr, self.first = self._target(registers), registers[A0]

    def _target(self, registers):
        if self.name in ("Call", "Send", "NBSend"):
            return registers[A0]
        if self.name == "NBSendRecv":
            return registers[T0]
        if self.name in ("NBSendWait", "ReplyRecv") and not self.by_caller:
            return registers[A6]
        return registers[A2] or None if self.name == "SignalWait" else None

    def cap(self, kernel, tcb):
        """The capability that it sends by; None if there is none."""
        if self.by_caller:
            return kernel.tcb_cap(tcb, "caller")
        if self.cptr is None:
            return None
        found = resolve(kernel, kernel.tcb_cap(tcb, "cspace"), self.cptr)
        return found.slot.cap if found.slot else None

    def text(self, kernel, tcb):
        """In words, with the label's name if it is an object that is invoked."""
        if self.name is None:
            return f"system call {self.number}"
        if self.cptr is None and not self.by_caller:
            return self.name + (f" by cptr 0x{self.first:x}" if "Recv" in self.name
                                or "Wait" in self.name else "")
        cap = self.cap(kernel, tcb)
        by = "by the caller slot" if self.by_caller else f"by cptr 0x{self.cptr:x}"
        label = f"0x{self.label:x}"
        if cap is not None and cap.type not in MESSAGES + ("null",):
            label = label_name(kernel, self.label)
        words = f"{self.length} word" + ("s" if self.length != 1 else "")
        return f"{self.name} {by}, label {label}, {words}"


def labels_of(kernel):
    """name -> number of the invocations that the kernel's interface has; none if no table of them
    is known."""
    try:
        return find_schema(kernel).labels(kernel)
    except U4Error:
        return {}


def label_name(kernel, label):
    """An invocation's name; its number if that is not known."""
    names = {value: name for name, value in labels_of(kernel).items()}
    return names.get(label, f"0x{label:x}")


def waiting_in(kernel, tcb, space):
    """The system call that a thread which does not run is in; None if it is in none."""
    if tcb.enum("state") in ("running", "idle") or space is None:
        return None
    try:
        if space.read(tcb.fault_pc, 4) != ECALL:
            return None
    except BadMemory:
        return None
    return Syscall(kernel, tcb.regs)
