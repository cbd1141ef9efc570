# SPDX-License-Identifier: BSD-2-Clause
"""The commands without GDB, on a core or a RAM file."""

import shlex
import sys

from . import all_commands, registry  # noqa: F401 (registers the commands)
from .context import Context
from .errors import U4Error
from .memory import open_file

USAGE = "usage: u4.py KERNEL-OR-IMAGE CORE COMMAND [ARGUMENTS]\n"


def main(argv):
    if len(argv) < 3:
        sys.stderr.write(USAGE)
        return 2
    context = Context()
    try:
        context.use_kernel(argv[0])
        context.images.add_file(argv[0])
        context.use_source(open_file(argv[1]))
        print(registry.run(context, argv[2], " ".join(shlex.quote(a) for a in argv[3:])))
    except U4Error as problem:
        sys.stderr.write(f"u4: {problem}\n")
        return 1
    return 0
