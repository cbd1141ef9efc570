# SPDX-License-Identifier: BSD-2-Clause
"""What goes wrong in ways that a person can do something about."""


class U4Error(Exception):
    """A command cannot go on; the text says why and what to do."""


class BadMemory(U4Error):
    """An address that the kernel's state refers to cannot be one, or cannot be read."""

    def __init__(self, address, why):
        super().__init__(f"0x{address & (1 << 64) - 1:x} {why}")
        self.address = address
