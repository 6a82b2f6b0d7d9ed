"""The record: everything known about one implementation on one case on one machine, as versioned JSON.

The stopwatch writes one *shard* per process,
`<root>/<machine>/<operation>/<case>/<implementation>/<shard>.json`; `groundspeed.referee.merging` makes one
record of the shards of an implementation and case. Times are seconds, sizes bytes.

Schema 2 (2026-11) added what says which code and which inputs were measured, and extrapolation by work. Of
schema 1 there are published records; they are read, and `old_rules` tells them apart.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, Literal

SCHEMA = 2
READABLE = (1, 2)
SEAL = "seal"
NOISE = "noise.json"
"""Name of the file, beside a machine's records, that holds its noise floor."""
PHASES = ("prepare", "build", "run", "collect")
LANES = {
    "run": ("build", "run"),
    "host_to_host": PHASES,
    "file_to_file": ("run",),
}
"""Which phases a lane adds up. An index is always paid for: `run` includes `build`. The lane `cold` is
measured by itself: the first call in a new process, imports and compilation included."""
BESIDE = {"run": ("run", "host_to_host", "cold"), "file_to_file": ("file_to_file",)}
"""The lane an implementation is measured for -> all lanes it stands in."""
WHOLE = {"run": PHASES, "file_to_file": ("run",)}
"""The lane an implementation is measured for -> the phases that a caller pays for in a first call."""


@dataclass
class Process:
    """What one process measured.

    Attributes:
        phases: phase -> seconds of every repetition, all lists of one length.
        cold: seconds of the first prepare..collect (from file to file: run) in this process, imports and JIT
            compilation included.
        cpu_seconds: CPU time (user + system, all threads) of all timed build and run phases together.
        wall_seconds: their wall time; the ratio of the two is the number of cores used.
        peak_host_bytes: growth of the resident set over the inputs, at its highest.
        peak_device_bytes: the same on the GPU, None without one.
        transfer_bytes: bytes moved between host and device per call, None without a GPU.
        device_seconds: time by CUDA events of every repetition of run, None without a GPU.
        gpu: clocks, power, throttle reasons and energy from NVML around the timed loop, None without a GPU.
        started_at: ISO 8601, UTC.
        load_average: of the machine when the process started.
        import_seconds: the part of `cold` that importing the implementation's modules takes.
        elapsed_seconds: whole life of the measurement in this process, loading and agreement included.
        notes: what a reader must know about these numbers, e.g. that prepare was measured once.
        parts: where less than the case was timed, every part, ascending; see `extrapolation.Part`.
        scale: from the time of the largest part, which is in `phases`, to that of the case; 1 where the whole
            case was timed, None where the case is out of reach.
        commit: of the checkout, "" outside one. profile, budget: how long it might measure.
        cores: that the process might use, 0 where that was not written down.
    """

    phases: dict[str, list[float]]
    cold: float | None = None
    cpu_seconds: float = 0.0
    wall_seconds: float = 0.0
    peak_host_bytes: int | None = None
    peak_device_bytes: int | None = None
    transfer_bytes: int | None = None
    device_seconds: list[float] | None = None
    gpu: dict[str, Any] | None = None
    started_at: str = ""
    load_average: float | None = None
    import_seconds: float | None = None
    elapsed_seconds: float | None = None
    notes: list[str] = field(default_factory=list)
    parts: list[dict[str, Any]] = field(default_factory=list)
    scale: float | None = 1.0
    commit: str = ""
    profile: str = ""
    budget: dict[str, Any] = field(default_factory=dict)
    cores: int = 0

    def lane(self, name: str) -> list[float]:
        """Seconds of every repetition in a lane."""
        columns = [self.phases[phase] for phase in LANES[name]]
        return [sum(row) for row in zip(*columns, strict=True)]


@dataclass
class Record:
    """One implementation on one case on one machine.

    Attributes:
        operation, case, title, records, dtype, dataset_inputs: what was computed on what.
        scaling, real: as in Case.
        implementation, library, library_version, style, division, cores, caveat, source, caption: by whom.
        lane: the one it was measured for, a key of BESIDE.
        kind: `measured`, `extrapolated` (from smaller sizes, see `extrapolation`) or `model`.
        measured_records: records really processed; smaller than `records` when extrapolated.
        processes: one entry per process; empty when nothing was measured.
        agreement: the verdict and its numbers, as Agreement.as_dict; compared on the timed output.
        work: lower bounds of the operation (bytes, flops) and counters of our algorithm.
        extrapolation: what `extrapolation.estimate` gives, or None. In schema 1
            `{"records": [...], "seconds": [...], "exponent": p}`, fitted to numbers of records.
        machine: name of the machine; environment: what it is and which versions ran.
        code: which code was measured, see `groundspeed.referee.code`; {} in schema 1.
        inputs_hash: content of the inputs, `{"first": ..., "second": ...}`, of which the first are those of
            the case; repetitions alternate between both. {} in schema 1.
    """

    operation: str
    case: str
    title: str
    records: int
    dtype: str
    implementation: str
    library: str
    style: str
    division: str
    cores: str
    machine: str
    dataset_inputs: dict[str, str] = field(default_factory=dict)
    scaling: str = ""
    real: bool = False
    library_version: str = ""
    caveat: str = ""
    caption: str = ""
    source: str = ""
    kind: Literal["measured", "extrapolated", "model"] = "measured"
    measured_records: int = 0
    processes: list[Process] = field(default_factory=list)
    agreement: dict[str, Any] = field(default_factory=dict)
    work: dict[str, float] = field(default_factory=dict)
    extrapolation: dict[str, Any] | None = None
    environment: dict[str, Any] = field(default_factory=dict)
    lane: str = "run"
    code: dict[str, Any] = field(default_factory=dict)
    inputs_hash: dict[str, str] = field(default_factory=dict)
    schema: int = SCHEMA

    @property
    def key(self) -> tuple[str, str, str]:
        """What shards of one record share."""
        return self.operation, self.case, self.implementation

    @property
    def lanes(self) -> tuple[str, ...]:
        """Every lane it stands in."""
        return BESIDE[self.lane]

    @property
    def verdict(self) -> str:
        """The agreement verdict, `missing` where nothing was compared."""
        return str(self.agreement.get("verdict", "missing"))

    def samples(self, lane: str) -> list[float]:
        """One number per process: the median of its repetitions in that lane (its only value for `cold`);
        none in a lane that it does not stand in."""
        if lane == "cold":
            return [process.cold for process in self.processes if process.cold is not None]
        if lane not in self.lanes:
            return []
        timed = [(process, self._scale(process)) for process in self.processes if process.lane(lane)]
        return [median(process.lane(lane)) * scale for process, scale in timed if scale is not None]

    def _scale(self, process: Process) -> float | None:
        if self.kind == "extrapolated" and self.extrapolation and "exponent" in self.extrapolation:
            return float((self.records / self.measured_records) ** self.extrapolation["exponent"])
        return process.scale

    def seconds(self, lane: str) -> float | None:
        """Median over processes, None when nothing was measured (or when `cold` would be extrapolated)."""
        values = [] if lane == "cold" and self.kind == "extrapolated" else self.samples(lane)
        return median(values) if values else None

    @property
    def old_rules(self) -> bool:
        """Whether it was measured before code and inputs were written down, and by the old extrapolation."""
        return self.schema < SCHEMA

    @property
    def commits(self) -> list[str]:
        """Of the checkouts its processes ran in, sorted; [] where that is not known."""
        named = {process.commit for process in self.processes} | {self.environment.get("commit") or ""}
        own = {process.commit for process in self.processes} - {""}
        return sorted(own or named - {""})

    @property
    def reach(self) -> float:
        """How many times the measured work the case has; 1 where all of it was timed."""
        if self.kind != "extrapolated" or not self.extrapolation:
            return 1.0
        return float(self.extrapolation.get("reach") or self.records / self.measured_records)

    @property
    def interval(self) -> tuple[float, float] | None:
        """Seconds of an extrapolated case in `lane`, lowest and highest; None where none is stated."""
        found = self.extrapolation or {}
        return None if found.get("refused", "") or "low" not in found else (found["low"], found["high"])

    @property
    def cores_used(self) -> float | None:
        """CPU seconds per wall second during build and run."""
        wall = sum(process.wall_seconds for process in self.processes)
        return sum(process.cpu_seconds for process in self.processes) / wall if wall else None

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Record:
        """Inverse of as_dict, and of `sealed`.

        Raises:
            ValueError: the schema is not one that this code reads, the content is not what was sealed, or it
                is no record at all.
        """
        if data.get("schema") not in READABLE:
            raise ValueError(
                f"record schema {data.get('schema')!r} is none of {READABLE}; measure again, or use the "
                "version that wrote it"
            )
        content = {key: value for key, value in data.items() if key != SEAL}
        if data.get(SEAL, _seal(content)) != _seal(content):
            raise ValueError("it was edited after it was written: its seal is broken; measure again")
        try:
            processes = [Process(**process) for process in content["processes"]]
            return cls(**{**content, "processes": processes})
        except (KeyError, TypeError) as error:
            raise ValueError(f"it is no record of schema {data['schema']}: {error}") from error


def sealed(record: Record) -> dict[str, Any]:
    """Plain data for JSON with a hash of it, so that a file that was edited is noticed."""
    content = record.as_dict()
    return {**content, SEAL: _seal(content)}


def _seal(content: dict[str, Any]) -> str:
    plain = json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(plain.encode()).hexdigest()[:16]


def shard_path(root: Path, machine: str, operation: str, case: str, implementation: str, shard: str) -> Path:
    """Where a shard is stored."""
    parts = [machine, operation, case, implementation]
    return root.joinpath(*(re.sub(r"[^\w.\-]+", "_", part) for part in parts), f"{shard}.json")


def write(root: Path, record: Record, shard: str) -> Path:
    """Store a shard, whole or not at all."""
    path = shard_path(root, record.machine, *record.key, shard)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(sealed(record), indent=1, allow_nan=False))
    partial.replace(path)
    return path


def load(path: Path) -> Record:
    """The record in a file.

    Raises:
        ValueError: the file is cut, edited, or of another schema; the message names it.
    """
    try:
        return Record.from_dict(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, AttributeError) as error:
        raise ValueError(f"{path}: {error}") from error


def read(root: Path) -> list[Record]:
    """Every shard below a folder.

    Raises:
        ValueError: files that cannot be read, all of them by name. Move them away; the others are good.
    """
    found, wrong = [], []
    for path in sorted(root.rglob("*.json")):
        if path.name != NOISE:
            try:
                found.append(load(path))
            except ValueError as error:
                wrong.append(str(error))
    if wrong:
        raise ValueError(
            f"{len(wrong)} of {len(wrong) + len(found)} records cannot be read; move them away or measure "
            "again:\n  " + "\n  ".join(wrong)
        )
    return found
