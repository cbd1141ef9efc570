# SPDX-License-Identifier: BSD-2-Clause
"""GDB's symbols of user programs: those of the address space in use, changed at each stop."""

import os
import tempfile

import gdb

from .errors import U4Error
from .spaces import thread_space


class Symbols:
    def __init__(self, context):
        self.context = context
        self.auto = True
        self.loaded = None  # path
        self._extracted = {}  # Elf path -> temporary file
        self._directory = None

    def follow(self):
        """After a stop; whatever cannot be found out leaves the symbols as they are."""
        if not self.auto or not self.context.images.elfs:
            return
        try:
            kernel = self.context.kernel()
            self.use(kernel.thread_at(self.current_hart(kernel).current))
        except (U4Error, gdb.error):
            pass

    @staticmethod
    def current_hart(kernel):
        """The hart that GDB has selected."""
        harts = kernel.harts()
        thread = gdb.selected_thread()
        number = thread.num - 1 if thread else 0
        return next((h for h in harts if h.id == number), harts[0])

    def use(self, tcb):
        """Loads the symbols of a thread's program; returns its name, or None."""
        image = None
        if tcb is not None:
            image = self.context.images.of_space(thread_space(self.context.kernel(), tcb))
        path = self.file_of(image[1]) if image else None
        if path != self.loaded:
            self.unload()
            if path:
                gdb.execute(f'add-symbol-file "{path}"', to_string=True)
                self.loaded = path
        return image[0] if image else None

    def unload(self):
        if self.loaded:
            try:
                gdb.execute(f'remove-symbol-file "{self.loaded}"', to_string=True)
            except gdb.error:
                pass  # someone else has removed it
            self.loaded = None

    def file_of(self, elf):
        """A file that GDB can read, best one with debug information."""
        found = self.context.images.debug_file(elf)
        if found:
            return found
        if ":" not in elf.path:
            return elf.path
        if elf.path not in self._extracted:
            if self._directory is None:
                self._directory = tempfile.TemporaryDirectory(prefix="u4gdb-")
            name = elf.path.replace("/", "_").replace(":", "-") + ".elf"
            path = os.path.join(self._directory.name, name[-100:])
            with open(path, "wb") as file:
                file.write(elf.data)
            self._extracted[elf.path] = path
        return self._extracted[elf.path]
