"""Made-up records that show everything a report must cope with; never written outside tests."""

from __future__ import annotations

from pathlib import Path

from groundspeed.referee.comparison import Agreement
from groundspeed.referee.extrapolation import estimate
from groundspeed.referee.records import Process, Record, write

MACHINE = "sample machine"
ENVIRONMENT = {
    "cpu": "Example 9000 @ 3.2 GHz",
    "cores": 8,
    "memory": 64 << 30,
    "gpu": [],
    "python": "3.12.1",
    "libraries": {"numpy": "2.4.0", "shapely": "2.1.2"},
}
SOURCE = '''def strtree_query(points, polygons):
    """STRtree over the polygons, one bulk query of all points."""
    tree = shapely.STRtree(polygons)
    return tree.query(points, predicate="within")[::-1]
'''


def process(seconds: float, share: float = 0.6, cold: float | None = None, load: float = 0.4) -> Process:
    """One process of three repetitions whose lane `run` takes `seconds`, with 1 % of scatter."""
    times = [seconds, 0.99 * seconds, 1.01 * seconds]
    return Process(
        phases={
            "prepare": [share * time for time in times],
            "build": [0.1 * time for time in times],
            "run": [0.9 * time for time in times],
            "collect": [0.05 * time for time in times],
        },
        cold=2.5 * seconds + 0.4 if cold is None else cold,
        cpu_seconds=3.0 * seconds,
        wall_seconds=3.0 * seconds,
        peak_host_bytes=48 << 20,
        load_average=load,
        started_at="2026-01-05T10:00:00+00:00",
    )


def on_gpu(joules: float | None = 30.0, reasons: int = 0x1) -> Process:
    """A process of three repetitions whose run takes 1.8 ms by the wall clock and 1.5 ms by events."""
    one = process(0.002)
    one.device_seconds = [0.0015, 0.0014, 0.0016]
    common = {"memory_mhz": 2619, "celsius": 41}
    one.gpu = {
        "before": {"sm_mhz": 345, "watts": 80.0, "throttle_reasons": reasons, "joules": 7.0, **common},
        "after": {"sm_mhz": 1980, "watts": 612.4, "throttle_reasons": 0, "joules": 37.0, **common},
        "joules": joules,
    }
    return one


def record(
    implementation: str = "shapely strtree", seconds: float | list[float] = 1.0, **changes: object
) -> Record:
    """A record; `seconds` of lane `run`, one per process (two equal ones by default)."""
    times = seconds if isinstance(seconds, list) else [seconds, 1.02 * seconds]
    verdict = str(changes.pop("verdict", "pass"))
    reason = str(changes.pop("reason", ""))
    compared = {"compared": 1_000_000, "tolerance": "exact", "oracle": "shapely strtree"}
    defaults: dict[str, object] = {
        "operation": "point_in_polygon",
        "case": "tessellation_1k",
        "title": "1 M uniform points x 1,000 star polygons of 101 vertices",
        "records": 1_000_000,
        "dtype": "float64",
        "library": implementation.split()[0].split("[")[0],
        "library_version": "2.1.2",
        "style": "indexed",
        "division": "default",
        "cores": "one",
        "machine": MACHINE,
        "processes": [
            process(time, 0.3 if implementation.startswith("groundspeed") else 1.2) for time in times
        ],
        "agreement": Agreement(verdict, reason=reason, **compared).as_dict(),  # type: ignore[arg-type]
        "environment": ENVIRONMENT,
        "caption": "STRtree over the polygons, one bulk query of all points.",
        "source": SOURCE,
    }
    return Record(implementation=implementation, **{**defaults, **changes})  # type: ignore[arg-type]


def naive(seconds: float = 0.05, measured: int = 1_000, **changes: object) -> Record:
    """A Python loop measured on few records and extrapolated linearly to all of them."""
    inferred = {
        "kind": "extrapolated",
        "measured_records": measured,
        "extrapolation": {
            "records": [250, 500, measured],
            "seconds": [seconds / 4, seconds / 2, seconds],
            "exponent": 1.0,
        },
    }
    return record("python loop", seconds, **{"style": "naive", "library": "shapely", **inferred, **changes})


def counted(seconds: float = 0.05, parts: tuple[int, ...] = (250, 500, 1_000), **changes: object) -> Record:
    """A Python loop measured on parts, the largest in `seconds`, extrapolated by work, a unit a record."""
    own = [{"records": n, "work": n, "seconds": seconds * n / parts[-1]} for n in parts]
    one = record("python loop", [seconds, seconds], style="naive", library="shapely", **changes)
    for process_ in one.processes:
        process_.scale, process_.parts = one.records / parts[-1], own
    one.kind, one.measured_records = "extrapolated", parts[-1]
    one.extrapolation = estimate("edges tested", one.records, [own, own])
    if one.extrapolation["refused"]:
        for process_ in one.processes:
            process_.scale = None
    return one


def nothing(implementation: str, verdict: str, reason: str, **changes: object) -> Record:
    """A record of an implementation that was not measured."""
    return record(implementation, [], **{"verdict": verdict, "reason": reason, **changes})


def case(scale: float = 1.0, cuda: bool = False, **changes: object) -> list[Record]:
    """One case with every rung; `scale` stretches all times alike."""
    found = [
        naive(0.05 * scale, **changes),
        record("shapely contains_xy", 4.2 * scale, style="vectorised", **changes),
        record("shapely strtree", 0.9 * scale, **changes),
        record(
            "geopandas sjoin",
            1.3 * scale,
            caveat="returns a frame; the index columns are compared",
            **changes,
        ),
        record(
            "shapely strtree threads",
            [0.5 * scale, 0.56 * scale, 0.53 * scale],
            style="parallel",
            cores="all",
            **changes,
        ),
        record("duckdb spatial join", [0.7 * scale, 0.72 * scale], style="indexed", cores="all", **changes),
        record("groundspeed[cpu]", [0.06 * scale, 0.064 * scale], style="compiled", cores="all", **changes),
    ]
    if cuda:
        found.append(
            record(
                "groundspeed[cuda]",
                style="gpu",
                cores="gpu",
                processes=[on_gpu(), on_gpu()],
                **changes,
            )
        )
    else:
        found.append(
            nothing("groundspeed[cuda]", "missing", "n/a: needs cupy", style="gpu", cores="gpu", **changes)
        )
    return found


def files(cuda: bool = False, **changes: object) -> list[Record]:
    """The same case from file to file: one that is tuned, one that wrote a wrong file, Groundspeed slower."""
    lane = {"lane": "file_to_file", "cores": "all", "style": "parallel", **changes}
    gpu = {**lane, "style": "gpu", "cores": "gpu"}
    return [
        record("geopandas sjoin files", 3.2, **{**lane, "style": "indexed", "cores": "one"}),
        record("duckdb copy files", [1.1, 1.16], **lane),
        record("sedonadb sql files", [0.5, 0.51], **lane),
        record("shapely threads files", 0.4, division="tuned", **lane),
        record("polars files", 0.1, verdict="fail", reason="3 pairs are in one result only", **lane),
        record("groundspeed[cpu] files", [1.0, 1.02], **{**lane, "style": "compiled"}),
        record("groundspeed[cuda] files", 0.25, **gpu)
        if cuda
        else nothing("groundspeed[cuda] files", "missing", "n/a: needs cupy", **gpu),
    ]


def scaling(cuda: bool = False) -> list[Record]:
    """Four sizes; Groundspeed's fixed cost makes it lose the smallest."""
    found = []
    for n in (1_000, 10_000, 100_000, 1_000_000):
        common = {"case": f"scaling_{n}", "title": f"{n:,} uniform points x 1,000 polygons", "records": n}
        common["scaling"] = "points"
        others = case(n / 1e6, **common)
        found += [one for one in others if one.style != "naive" and one.library != "groundspeed"]
        at_most = {"kind": "measured", "extrapolation": None} if n <= 1_000 else {}
        found.append(naive(0.05, 1_000, **{**common, **at_most}))
        found.append(
            record("groundspeed[cpu]", 0.004 + 0.06 * n / 1e6, style="compiled", cores="all", **common)
        )
        if cuda:
            seconds = 0.003 + 0.001 * n / 1e6
            found.append(record("groundspeed[cuda]", seconds, style="gpu", cores="gpu", **common))
    return found


def awkward() -> list[Record]:
    """Verdicts of every kind, one process, tuned and modelled entries, a very long name."""
    common = {
        "operation": "haversine_distance",
        "case": "flights",
        "title": "3 M flights, origin to destination",
        "records": 3_000_000,
        "real": True,
    }
    long = "a library with a very long name called through its even longer convenience wrapper function"
    return [
        record("numpy", [0.42], style="vectorised", **common),
        record("numpy threads", [0.21], style="parallel", cores="all", **common),
        record("groundspeed[cpu]", [0.03], style="compiled", cores="all", **common),
        record(
            "scikit-learn haversine",
            0.02,
            style="vectorised",
            verdict="fail",
            reason="1,204 of 3,000,000 values are outside the tolerance",
            **common,
        ),
        nothing("polars expression", "missing", "n/a: needs polars", style="parallel", cores="all", **common),
        nothing("pandas apply", "timeout", "no answer within 60 s", style="naive", **common),
        nothing(
            "duckdb ST_Distance_Sphere", "oom", "killed at 8 GiB", style="parallel", cores="all", **common
        ),
        nothing(
            long,
            "error",
            "ValueError: <script>alert('not a tag')</script> & more",
            style="vectorised",
            **common,
        ),
        record("numba tuned", [0.025], style="compiled", cores="all", division="tuned", **common),
        record(
            "groundspeed[cuda]",
            [0.001],
            style="gpu",
            cores="gpu",
            kind="model",
            verdict="missing",
            reason="model: roofline",
            **common,
        ),
    ]


def failing() -> list[Record]:
    """A case that Groundspeed gets wrong, and one without any agreeing FOSS4G implementation."""
    hausdorff = {"operation": "directed_hausdorff_distance", "style": "vectorised"}
    wrong = {
        **hausdorff,
        "case": "random_walks",
        "title": "1,000 random walks of 30 points",
        "records": 30_000,
    }
    alone = {
        **hausdorff,
        "case": "storms",
        "title": "Tropical storms since 1980",
        "records": 128_000,
        "real": True,
    }
    ours = {"style": "compiled", "cores": "all"}
    return [
        record("scipy cdist", 2.0, **wrong),
        record(
            "groundspeed[cpu]",
            0.1,
            **{**wrong, **ours},
            verdict="fail",
            reason="3 of 1,000,000 values are outside the tolerance",
        ),
        record("scipy cdist", 2.0, **alone, verdict="fail", reason="NaN where a number is expected"),
        record("groundspeed[cpu]", 0.1, **{**alone, **ours}),
    ]


def everything(cuda: bool = False) -> list[Record]:
    """All of the above."""
    return [*case(cuda=cuda), *files(cuda), *scaling(cuda), *awkward(), *failing()]


def shards(root: Path, records: list[Record]) -> Path:
    """Store records as the stopwatch does: one shard per process."""
    for one in records:
        for index, measured in enumerate(one.processes or [None]):
            processes = [measured] if measured else []
            write(root, Record(**{**vars(one), "processes": processes}), f"p{index}")
    return root
