"""What the real compilers make of every kernel, for every GPU architecture, on a machine without a GPU.

Registers, stack, spills, shared memory, occupancy and instruction counts are facts of the machine code, not
measurements; none of them is a time. The table is committed (`kernels.csv` in each operation's folder) and
compared in tests, so that a change of a kernel, or of a compiler, that spills, computes in float64 by
accident or takes many more registers is seen at once.
"""

from __future__ import annotations

from groundspeed.engines.kernels import Kernel
from groundspeed.operations import kernels
from groundspeed.referee.kernel_table.architectures import ARCHITECTURES, Architecture, occupancy
from groundspeed.referee.kernel_table.check import problems
from groundspeed.referee.kernel_table.committed import read_committed, write_committed
from groundspeed.referee.kernel_table.row import Row, read, write
from groundspeed.referee.kernel_table.table import rows, table

__all__ = [
    "ARCHITECTURES",
    "Architecture",
    "Kernel",
    "Row",
    "kernels",
    "occupancy",
    "problems",
    "read",
    "read_committed",
    "rows",
    "table",
    "write",
    "write_committed",
]
