# SPDX-License-Identifier: BSD-2-Clause
"""u4's GDB commands: in gdb-multiarch, `source gdbscripts/u4.py`; then `help u4`.

Without GDB, on a core or RAM file:
    python3 gdbscripts/u4.py KERNEL-OR-IMAGE CORE COMMAND [ARGUMENTS]
"""

import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(os.path.expanduser(__file__))))
for name in [n for n in sys.modules if n == "u4gdb" or n.startswith("u4gdb.")]:
    del sys.modules[name]  # sourced again: take what is on disk now

try:
    import gdb
except ImportError:
    gdb = None

if gdb is not None:
    from u4gdb import session
    session.install()
elif __name__ == "__main__":
    from u4gdb import standalone
    sys.exit(standalone.main(sys.argv[1:]))
