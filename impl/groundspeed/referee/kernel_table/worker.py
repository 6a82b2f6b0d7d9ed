"""`python -m groundspeed.referee.kernel_table.worker` turns keys into their rows, both JSON lines."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

from groundspeed.operations import kernels
from groundspeed.referee.kernel_table.table import row_of

if __name__ == "__main__":
    declared = {(operation, kernel.name): kernel for operation, kernel in kernels()}
    for operation, name, _, architecture in map(json.loads, sys.stdin):
        print(json.dumps(asdict(row_of(operation, declared[operation, name], architecture))))
