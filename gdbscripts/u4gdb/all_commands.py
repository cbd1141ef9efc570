# SPDX-License-Identifier: BSD-2-Clause
"""Every module with commands that need no GDB: one line each."""

from . import cmd_threads  # noqa: F401
from . import cmd_objects  # noqa: F401
from . import cmd_caps  # noqa: F401
from . import cmd_spaces  # noqa: F401
from . import cmd_stack  # noqa: F401
from . import cmd_trace  # noqa: F401
from . import cmd_uintr  # noqa: F401
from . import cmd_fsck  # noqa: F401
from . import cmd_mcs  # noqa: F401
