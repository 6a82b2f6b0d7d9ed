"""How directed Hausdorff distances are judged: oracle, tolerance, cases, least work."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from groundspeed.dispatch import dispatch
from groundspeed.geometry import GeometryColumn
from groundspeed.operations.distances.directed_hausdorff_distance import (
    blocks,
    directed_hausdorff_distance,
    kernels,
)
from groundspeed.operations.distances.directed_hausdorff_distance.filter import frame
from groundspeed.referee.case_inputs import spread
from groundspeed.referee.comparison import CloseValues
from groundspeed.referee.model import Case, Inputs, Operation


def _targets(inputs: Inputs) -> GeometryColumn:
    return inputs.get("other") or inputs["collections"]


def _work(inputs: Inputs) -> dict[str, float]:
    sources, targets = inputs["collections"], _targets(inputs)
    coordinates = 2 * (len(sources.x) + len(targets.x)) + len(sources) * len(targets)
    flops = kernels.FLOPS_PER_POINT_PAIR * len(sources.x) * len(targets.x)
    return {"bytes": float(coordinates * sources.dtype.itemsize), "flops": float(flops)}


def _counters(inputs: Inputs) -> dict[str, float]:
    """Pairs of points that the CPU estimates and that it measures, those that fill up a vector included."""
    dtype = np.result_type(inputs["collections"].dtype, _targets(inputs).dtype)
    sources, targets = inputs["collections"].astype(dtype), _targets(inputs).astype(dtype)
    call = dispatch("cpu", sources, targets)
    pieces = kernels.cut(sources.vertex_offsets, blocks.piece_size(len(sources.x)))
    out = call.engine.empty((len(pieces.starts), len(targets)), sources.dtype)
    source, target = (sources.x, sources.y), (targets.vertex_offsets, targets.x, targets.y)
    pairs = blocks.measure(call.engine, frame(sources, targets), source, target, pieces, out)
    return {"pairs": float(len(sources) * len(targets)), **{f"{k}_point_pairs": v for k, v in pairs.items()}}


def _some(inputs: Inputs, n: int) -> Inputs:
    """About n pairs: all pairs of sqrt(n) collections."""
    side = max(1, math.isqrt(n))
    return {
        name: spread(value, side) if isinstance(value, GeometryColumn) else value
        for name, value in inputs.items()
    }


def _walks(n: int, title: str, **options: Any) -> Case:
    return Case(
        name=f"walks_{n}x30" if "dtype" not in options else f"walks_{n}x30_{options['dtype']}",
        title=f"{title} pairs of random walks of 30 points ({n:,} walks)",
        inputs={"collections": f"random_walks(n={n}, points=30, seed=1)"},
        records=n * n,
        **options,
    )


OPERATIONS = (
    Operation(
        function=directed_hausdorff_distance,
        oracle="scipy cdist columns",
        second_oracle="scipy directed hausdorff loop",
        policy=CloseValues(
            relative={"float64": 1e-15, "float32": 1e-6}, absolute={"float64": 0.0, "float32": 0.0}
        ),
        competitors=(
            "python double loop",
            "scipy directed hausdorff loop",
            "numpy broadcasting",
            "numpy broadcasting threads",
            "scipy cdist rows",
            "scipy cdist columns",
            "scipy cdist columns threads",
            "scipy ckdtree",
            "scikit-learn kdtree",
            "numba prange",
        ),
        cases=(
            _walks(20, "400", profile="smoke"),
            _walks(32, "1,024", scaling="walks"),
            _walks(100, "10,000", scaling="walks"),
            _walks(316, "0.1 M", scaling="walks"),
            _walks(1_000, "1 M", scaling="walks", profile="quick"),
            _walks(3_162, "10 M", scaling="walks"),
            _walks(1_000, "1 M", dtype="float32"),
            Case(
                name="sets_100x1000",
                title="10,000 pairs of random walks of 1,000 points (100 walks)",
                inputs={"collections": "random_walks(n=100, points=1_000, seed=2)"},
                records=10_000,
            ),
            Case(
                name="storms",
                title="22 M pairs of tropical cyclone tracks, 1980 to 2024 (4,732 tracks of 2 to 153 fixes)",
                inputs={"collections": "ibtracs_1980_2024.tracks"},
                records=4_732 * 4_732,
                real=True,
            ),
        ),
        work=_work,
        slice=_some,
        counters=_counters,
    ),
)
