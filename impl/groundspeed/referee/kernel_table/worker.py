"""`python -m groundspeed.referee.kernel_table.worker sm_90 ...` prints this process's rows as JSON lines."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

from groundspeed.referee.kernel_table.architectures import ARCHITECTURES
from groundspeed.referee.kernel_table.table import kernels, rows

if __name__ == "__main__":
    for row in rows(kernels(), sys.argv[1:] or ARCHITECTURES):
        print(json.dumps(asdict(row)))
