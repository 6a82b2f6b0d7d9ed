"""Directed Hausdorff distances by others: collections as one (points, 2) array and offsets, or as a list.

`shapely.hausdorff_distance` is absent: it is symmetric, the larger of both directions, and for lines it
measures from vertices to segments. It is another quantity.
"""

from __future__ import annotations

import itertools
import math
from typing import Any

import numba
import numpy as np

from groundspeed.referee.competitors.threads import CORES, alone_and_together, over_chunks
from groundspeed.referee.cost import Cost
from groundspeed.referee.model import Inputs, compiled, implementation, indexed, naive, vectorised

Rows = list[list[list[float]]]


def vertices(inputs: Inputs) -> dict[str, np.ndarray]:
    """All points as one (points, 2) array, and offsets."""
    column = inputs["collections"]
    return {"points": np.column_stack([column.x, column.y]), "offsets": column.vertex_offsets}


def members(inputs: Inputs) -> dict[str, list[np.ndarray]]:
    """A list of (k, 2) arrays."""
    ragged = vertices(inputs)
    return {"collections": np.split(ragged["points"], ragged["offsets"][1:-1])}


def lists(inputs: Inputs) -> dict[str, Rows]:
    """Nested Python lists."""
    return {"collections": [member.tolist() for member in members(inputs)["collections"]]}


def _targets(inputs: Inputs) -> Any:
    return inputs.get("other") or inputs["collections"]


def _point_pairs(inputs: Inputs) -> float:
    return float(len(inputs["collections"].x) * len(_targets(inputs).x))


def _searches(inputs: Inputs) -> float:
    return float(len(inputs["collections"].x) * len(_targets(inputs)))


POINT_PAIRS = Cost("pairs of points", _point_pairs)
SEARCHES = Cost("searches of a point in a k-d tree", _searches)


@naive("python", prepare=lists, requires=(), limit=400, cost=POINT_PAIRS)
def double_loop(collections: Rows) -> list[list[float]]:
    """Python loops over collections and points with math.dist."""
    return [[max(min(math.dist(a, b) for b in to) for a in of) for to in collections] for of in collections]


@naive("scipy", prepare=members, limit=10_000, cost=POINT_PAIRS)
def directed_hausdorff_loop(collections: list[np.ndarray]) -> np.ndarray:
    """A Python double loop over scipy.spatial.distance.directed_hausdorff."""
    from scipy.spatial.distance import directed_hausdorff

    return np.array([[directed_hausdorff(of, to)[0] for to in collections] for of in collections])


@alone_and_together("numpy", prepare=vertices, limit=40_000, cost=POINT_PAIRS)
def broadcasting(points: np.ndarray, offsets: np.ndarray, threads: int) -> np.ndarray:
    """Row by row: one collection against all points by broadcasting, then minima of runs and a maximum."""
    out = np.empty((len(offsets) - 1, len(offsets) - 1))

    def work(piece: slice) -> None:
        for i in range(piece.start, piece.stop):
            steps = points[offsets[i] : offsets[i + 1], None] - points
            squares = steps[..., 0] ** 2 + steps[..., 1] ** 2
            out[i] = np.minimum.reduceat(squares, offsets[:-1], axis=1).max(axis=0)

    over_chunks(work, len(out), 16, threads)
    return np.sqrt(out, out=out)


@vectorised("scipy", prepare=vertices, profile="full")
def cdist_rows(points: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """Row by row: cdist from one collection to all points, then minima of runs and a maximum."""
    from scipy.spatial.distance import cdist

    out = np.empty((len(offsets) - 1, len(offsets) - 1))
    for i in range(len(out)):
        distances = cdist(points[offsets[i] : offsets[i + 1]], points)
        out[i] = np.minimum.reduceat(distances, offsets[:-1], axis=1).max(axis=0)
    return out


@alone_and_together("scipy", prepare=vertices, division="tuned")
def cdist_columns(points: np.ndarray, offsets: np.ndarray, threads: int) -> np.ndarray:
    """Column by column: squared cdist to one collection, its minima first, then maxima of runs."""
    from scipy.spatial.distance import cdist

    out = np.empty((len(offsets) - 1, len(offsets) - 1))

    def work(piece: slice) -> None:
        for j in range(piece.start, piece.stop):
            nearest = cdist(points[offsets[j] : offsets[j + 1]], points, "sqeuclidean").min(axis=0)
            out[:, j] = np.maximum.reduceat(nearest, offsets[:-1])

    over_chunks(work, len(out), 16, threads)
    return np.sqrt(out, out=out)


def forest(points: np.ndarray, offsets: np.ndarray, tree: Any) -> dict[str, Any]:
    """A tree of every collection."""
    trees = [tree(points[a:b]) for a, b in itertools.pairwise(offsets)]
    return {"points": points, "offsets": offsets, "trees": trees}


def scipy_trees(points: np.ndarray, offsets: np.ndarray) -> dict[str, Any]:
    """A cKDTree of every collection."""
    from scipy.spatial import cKDTree

    return forest(points, offsets, cKDTree)


def sklearn_trees(points: np.ndarray, offsets: np.ndarray) -> dict[str, Any]:
    """A scikit-learn KDTree of every collection."""
    from sklearn.neighbors import KDTree

    return forest(points, offsets, KDTree)


@implementation("scipy", style="indexed", cores="all", prepare=vertices, build=scipy_trees, profile="full")
def ckdtree(points: np.ndarray, offsets: np.ndarray, trees: list[Any]) -> np.ndarray:
    """Nearest neighbours of all points in the k-d tree of each collection, then maxima of runs."""
    out = np.empty((len(trees), len(trees)))
    for j, tree in enumerate(trees):
        nearest, _ = tree.query(points, workers=CORES)
        out[:, j] = np.maximum.reduceat(nearest, offsets[:-1])
    return out


@indexed(
    "scikit-learn", prepare=vertices, build=sklearn_trees, requires=("sklearn",), limit=100_000, cost=SEARCHES
)
def kdtree(points: np.ndarray, offsets: np.ndarray, trees: list[Any]) -> np.ndarray:
    """The same with scikit-learn's KDTree, which has one thread."""
    out = np.empty((len(trees), len(trees)))
    for j, tree in enumerate(trees):
        nearest = tree.query(points)[0][:, 0]
        out[:, j] = np.maximum.reduceat(nearest, offsets[:-1])
    return out


@compiled("numba", prepare=vertices)
@numba.njit(parallel=True, error_model="numpy")
def prange(points, offsets):  # type: ignore[no-untyped-def]
    """The definition as four loops, the outer one a `prange`."""
    out = np.zeros((offsets.size - 1, offsets.size - 1))
    for i in numba.prange(offsets.size - 1):
        for j in range(offsets.size - 1):
            for a in range(offsets[i], offsets[i + 1]):
                nearest = np.inf
                for b in range(offsets[j], offsets[j + 1]):
                    dx, dy = points[a, 0] - points[b, 0], points[a, 1] - points[b, 1]
                    nearest = min(nearest, dx * dx + dy * dy)
                out[i, j] = max(out[i, j], nearest)
    return np.sqrt(out)
