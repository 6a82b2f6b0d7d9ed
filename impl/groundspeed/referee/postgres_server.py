"""A private PostgreSQL server: in a temporary folder, on a socket there, for as long as its process lives.

However the process ends, the server ends too and the folder goes: a shell beside the server waits for the end
of a pipe that only the process holds open.
"""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil

from groundspeed.referee.competitors.threads import CORES

VARIABLE = "GROUNDSPEED_POSTGIS"
"""Connection string of a server, e.g. `"host=/run/postgresql dbname=gis user=me"`. A private server is named
in it too, so that the processes of a run share one."""
NEEDED = (
    f"needs PostgreSQL with PostGIS (apt: postgresql postgresql-postgis), or a server named in {VARIABLE}"
)
PROGRAMS = ("usr/lib/postgresql/*/bin", "usr/pgsql-*/bin", "opt/homebrew/opt/postgresql*/bin")
USERS = ("postgres", "nobody")
"""Whom the server runs as when this process is root, which the server refuses to be."""
PATIENCE = 30.0  # seconds until the server must answer
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": 0,
    "max_wal_size": "8GB",
    "autovacuum": "off",
    "jit": "off",
    "shared_buffers": f"{psutil.virtual_memory().total // 8 >> 20}MB",
    "dynamic_shared_memory_type": "mmap",
    "work_mem": "256MB",
    "maintenance_work_mem": "512MB",
    "max_worker_processes": 2 * CORES + 8,
    "max_parallel_workers": 2 * CORES,
    "max_parallel_workers_per_gather": CORES,
    "max_parallel_maintenance_workers": CORES,
}
"""In memory, nothing kept for a crash, a worker per core; `jit` only delays queries of a second."""
GUARD = '"$@" >log 2>&1 & server=$!; read -r _; kill -QUIT $server; wait $server; cd / && rm -rf "$FOLDER"'


class Unavailable(RuntimeError):
    """No server can be had; the message says why."""


def start() -> str:
    """Start a private server and return its connection string, which GROUNDSPEED_POSTGIS holds from now on.

    Raises:
        Unavailable: the programs, PostGIS or a user to run them are not there, or the server does not start.
    """
    programs, user = find(), unprivileged()
    folder = Path(tempfile.mkdtemp(prefix="gs-pg-"))
    if user:
        shutil.chown(folder, user)
    run: dict[str, Any] = {"cwd": folder, "user": user, "env": {**os.environ, "FOLDER": str(folder)}}
    data = str(folder / "data")
    options = ["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
    done = subprocess.run([str(programs / "initdb"), *options], capture_output=True, text=True, **run)
    if done.returncode:
        shutil.rmtree(folder)
        raise Unavailable(f"needs PostgreSQL with PostGIS, and initdb fails: {done.stderr.strip()}")
    settings = [f"--{name}={value}" for name, value in SETTINGS.items()]
    command = [str(programs / "postgres"), "-D", data, "-k", str(folder), *settings]
    guarded = ["sh", "-c", GUARD, "guard", *command]
    guard = subprocess.Popen(guarded, stdin=subprocess.PIPE, start_new_session=True, **run)
    atexit.register(_stop, guard)
    name = f"host={folder} dbname=postgres user=postgres"
    _wait(name, folder, guard)
    os.environ[VARIABLE] = name
    return name


def find(root: Path = Path("/")) -> Path:
    """The folder of the newest server's programs that have PostGIS.

    Raises:
        Unavailable: there is none.
    """
    onpath = shutil.which("postgres")
    folders = [folder for pattern in PROGRAMS for folder in root.glob(pattern)]
    folders += [Path(onpath).resolve().parent] if onpath else []
    able = [folder for folder in folders if (folder / "initdb").exists() and _has_postgis(folder)]
    if not able:
        raise Unavailable(NEEDED)
    return max(able, key=_version)


def unprivileged(users: tuple[str, ...] = USERS) -> str | None:
    """The user to run the server as, None for the user of this process.

    Raises:
        Unavailable: this process is root, and there is nobody else.
    """
    import pwd  # not on Windows

    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    found = next((name for name in users if name in known), None)
    if found is None:
        raise Unavailable(f"needs a user to run PostgreSQL as: root may not, and there is no {users}")
    return found


def _has_postgis(folder: Path) -> bool:
    share = _config(folder, "--sharedir")
    return bool(share) and (Path(share) / "extension" / "postgis.control").exists()


def _version(folder: Path) -> tuple[int, ...]:
    return tuple(int(part) for part in _config(folder, "--version").split()[1].split(".") if part.isdigit())


def _config(folder: Path, what: str) -> str:
    program = folder / "pg_config"
    if not program.exists():
        return ""
    return subprocess.run([program, what], capture_output=True, text=True, check=False).stdout.strip()


def _wait(name: str, folder: Path, guard: subprocess.Popen[bytes]) -> None:
    """Until the server answers."""
    from adbc_driver_postgresql import dbapi

    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            dbapi.connect(name).close()
            return
        except dbapi.Error as error:
            if time.monotonic() > deadline:
                log = (folder / "log").read_text(errors="replace")[-500:]
                _stop(guard)
                raise Unavailable(f"PostgreSQL does not start: {error}; its log ends in: {log}") from error
            time.sleep(0.05)


def _stop(guard: subprocess.Popen[bytes]) -> None:
    """Let the guard end the server and remove its folder."""
    if guard.stdin:
        guard.stdin.close()
    guard.wait(PATIENCE)
