# SPDX-License-Identifier: BSD-2-Clause
"""A GDB stub with less in it: passes on what GDB and QEMU's stub say to each other, but answers
QEMU's own packets as a stub does that does not know them. Memory is then what is mapped for the
code that runs, as with OpenOCD."""

import re
import socket
import threading

OWN = re.compile(rb"\$[Qq]qemu[^#]*#..")
UNKNOWN = b"+$#00"


class Proxy:
    def __init__(self, path, stub):
        self.stub, self.refused = stub, 0
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.listener.listen(1)
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        gdb, _ = self.listener.accept()
        qemu = socket.socket(socket.AF_UNIX)
        qemu.connect(self.stub)
        threading.Thread(target=self._back, args=(gdb, qemu), daemon=True).start()
        waiting = b""
        while data := gdb.recv(65536):
            waiting += data
            while own := OWN.search(waiting):
                qemu.sendall(waiting[:own.start()])
                self.refused += 1
                gdb.sendall(UNKNOWN)
                waiting = waiting[own.end():]
            # A packet that has not come whole yet may be one of QEMU's.
            start = waiting.rfind(b"$")
            whole = start < 0 or b"#" in waiting[start:-2]
            cut = len(waiting) if whole else start
            qemu.sendall(waiting[:cut])
            waiting = waiting[cut:]
        qemu.close()

    @staticmethod
    def _back(gdb, qemu):
        try:
            while data := qemu.recv(65536):
                gdb.sendall(data)
        except OSError:
            pass
        gdb.close()
