# SPDX-License-Identifier: BSD-2-Clause
"""u4's view of a stopped system. Everything but session, commands and symbols.gdb_* works without
GDB: memory comes from a source (memory.py), layouts from the kernel's inspect table."""
