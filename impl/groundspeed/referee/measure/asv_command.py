"""asv's command line, with its machine file inside the checkout instead of the home folder.

asv knows no option for that file. Another HOME would do, but would also hide the settings of git and of every
library from the benchmarks.
"""

from __future__ import annotations

import platform
import subprocess
import sys
from pathlib import Path

import psutil

from groundspeed.referee import machine
from groundspeed.referee.measure import checkout


def machine_file() -> Path:
    """Where asv keeps what it knows of machines."""
    return checkout.require() / ".asv" / "machine.json"


def describe(name: str) -> None:
    """Store what asv wants to know of this machine; no kernel version, which would split the history."""
    from asv.machine import MachineCollection

    path = machine_file()
    path.parent.mkdir(exist_ok=True)
    info = {
        "machine": name,
        "os": platform.system(),
        "arch": platform.machine(),
        "cpu": machine.cpu_model(),
        "num_cpu": str(machine.cores()),
        "ram": f"{psutil.virtual_memory().total / 2**30:.0f} GiB",
    }
    MachineCollection.save(name, info, str(path))


def asv(*arguments: str, environment: dict[str, str], log: Path) -> int:
    """Run an asv command in the checkout; its output goes to `log`. Returns its exit status."""
    command = [sys.executable, "-m", __name__, *arguments]
    with log.open("w") as output:
        done = subprocess.run(
            command,
            cwd=checkout.require(),
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )
    return done.returncode


if __name__ == "__main__":
    from asv import main
    from asv.machine import MachineCollection

    MachineCollection.get_machine_file_path = staticmethod(lambda: str(machine_file()))
    main.main()
