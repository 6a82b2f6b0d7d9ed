"""Point in polygon by others: points and polygons as each library likes them best, pairs (left, right) back.

Which side is prepared decides the speed of GEOS: an STRtree prepares what is passed to `query`. For points
in polygons that should be the polygons, so `STRtree(points).query(polygons)` is the fast way round.
Databases stand in databases.py.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from groundspeed.referee.competitors.threads import alone_and_together, over_chunks
from groundspeed.referee.cost import Cost
from groundspeed.referee.model import Inputs, indexed, naive

Pairs = tuple[Any, Any]
INVERSE = {"within": "contains", "intersects": "intersects", "covered_by": "covers", "touches": "touches"}
EDGES_AT_ONCE = 1 << 22


def geometries(inputs: Inputs) -> dict[str, Any]:
    """Shapely points and polygons."""
    points, polygons = (inputs[name].to_shapely() for name in ("points", "polygons"))
    return {"points": points, "polygons": polygons, "predicate": inputs.get("predicate", "within")}


def coordinates(inputs: Inputs) -> dict[str, Any]:
    """Coordinates of the points as two arrays, Shapely polygons."""
    points = inputs["points"].astype(np.float64)
    polygons = inputs["polygons"].to_shapely()
    return {
        "x": points.x,
        "y": points.y,
        "polygons": polygons,
        "predicate": inputs.get("predicate", "within"),
    }


def unprepared(polygons: Any, **others: Any) -> dict[str, Any]:
    """Forget what an earlier run prepared: every run pays for its own index."""
    import shapely

    shapely.destroy_prepared(polygons)
    return {"polygons": polygons, **others}


def unzipped(pairs: list[tuple[int, int]]) -> Pairs:
    """Two arrays from a list of pairs."""
    left, right = np.array(pairs, np.int64).reshape(-1, 2).T
    return left, right


CALL, SEARCH = 60.0, 1000.0
"""Edges of a polygon that GEOS tests in the time that Python takes to call one predicate, and one search of
an STRtree. Parts of a case have nearly the same mix of both, so that these need not be exact."""


def _in_boxes(inputs: Inputs) -> tuple[float, float]:
    """Pairs of a point and a polygon in whose box it lies, and the edges of the polygons of these pairs."""
    import shapely

    given, polygons = coordinates(inputs), inputs["polygons"]
    order = np.argsort(given["x"])
    boxes = shapely.bounds(given["polygons"])
    points = np.array([len(_in_box(box, order, given["x"], given["y"])) for box in boxes], np.float64)
    return float(points.sum()), float(points @ np.diff(polygons.vertex_offsets))


def _all_pairs(inputs: Inputs) -> float:
    calls = len(inputs["points"]) * len(inputs["polygons"])
    return CALL * calls + _in_boxes(inputs)[1]


def _found_pairs(inputs: Inputs) -> float:
    calls, edges = _in_boxes(inputs)
    return SEARCH * len(inputs["points"]) + CALL * calls + edges


ALL_PAIRS = Cost("edges tested, a call taken for 60", _all_pairs)
FOUND_PAIRS = Cost("edges tested, a call taken for 60 and a search for 1,000", _found_pairs)
POINTS = Cost("points", lambda inputs: float(len(inputs["points"])))


@naive("shapely", prepare=geometries, collect=unzipped, limit=200, cost=ALL_PAIRS)
def double_loop(points: Any, polygons: Any, predicate: str) -> list[tuple[int, int]]:
    """A Python loop over points and polygons that asks each pair."""
    return [
        (i, j)
        for i, point in enumerate(points)
        for j, polygon in enumerate(polygons)
        if point is not None and getattr(point, predicate)(polygon)
    ]


@naive("shapely", prepare=geometries, collect=unzipped, limit=5_000, cost=FOUND_PAIRS)
def loop_with_strtree(points: Any, polygons: Any, predicate: str) -> list[tuple[int, int]]:
    """A Python loop over points that asks the polygons whose boxes an STRtree finds."""
    import shapely

    tree = shapely.STRtree(polygons)
    return [
        (i, int(j))
        for i, point in enumerate(points)
        for j in (tree.query(point) if point is not None else ())
        if getattr(point, predicate)(polygons[j])
    ]


@alone_and_together("numpy", prepare=coordinates, caveat="rounds near boundaries")
def ray_casting(x: np.ndarray, y: np.ndarray, polygons: Any, predicate: str, threads: int) -> Pairs:
    """Per polygon, the points in its box against all its edges as one array; boundaries fall either way."""
    return _by_polygon(x, y, polygons, threads, lambda j, rows: _cast(polygons[j], rows, x, y))


def _by_polygon(x: np.ndarray, y: np.ndarray, polygons: Any, threads: int, inside: Any) -> Pairs:
    """Pairs of the points in each polygon's box, found by their order in x, that are `inside(j, rows)`."""
    import shapely

    order, boxes = np.argsort(x), shapely.bounds(polygons)
    found: list[np.ndarray] = [order[:0]] * len(polygons)

    def work(some: slice) -> None:
        for j in range(some.start, some.stop):
            found[j] = inside(j, _in_box(boxes[j], order, x, y))

    over_chunks(work, len(polygons), 1, threads)
    right = np.repeat(np.arange(len(found)), [len(rows) for rows in found])
    return (np.concatenate(found) if found else np.empty(0, np.int64)), right


def _cast(polygon: Any, found: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    import shapely

    rings = shapely.get_rings(shapely.get_parts(polygon)) if polygon is not None else []
    inside = np.zeros(len(found), bool)
    for ring in map(shapely.get_coordinates, rings):
        (x1, y1), (x2, y2) = ring[:-1].T, ring[1:].T
        step = max(1, EDGES_AT_ONCE // len(x1))
        for some in (slice(at, at + step) for at in range(0, len(found), step)):
            px, py = x[found[some], None], y[found[some], None]
            with np.errstate(divide="ignore", invalid="ignore"):
                right = px < (x2 - x1) * (py - y1) / (y2 - y1) + x1
            inside[some] ^= np.count_nonzero(((y1 > py) != (y2 > py)) & right, axis=1) % 2 == 1
    return found[inside]


def _in_box(box: np.ndarray, order: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Points inside a box, by their order in x."""
    low, high = np.searchsorted(x, box[0], "left", order), np.searchsorted(x, box[2], "right", order)
    found = order[low:high]
    return found[(y[found] >= box[1]) & (y[found] <= box[3])]


@indexed("shapely", prepare=geometries)
def strtree_of_points(points: Any, polygons: Any, predicate: str) -> Pairs:
    """STRtree over the points, one bulk query of all polygons, which prepares the polygons."""
    import shapely

    right, left = shapely.STRtree(points).query(polygons, predicate=INVERSE[predicate])
    return left, right


@indexed("shapely", prepare=geometries)
def strtree_of_polygons(points: Any, polygons: Any, predicate: str) -> Pairs:
    """STRtree over the polygons, one bulk query of all points, which prepares the points."""
    import shapely

    left, right = shapely.STRtree(polygons).query(points, predicate=predicate)
    return left, right


@indexed("shapely", prepare=geometries, build=unprepared, division="tuned")
def strtree_then_prepared(points: Any, polygons: Any, predicate: str) -> Pairs:
    """STRtree over the polygons for the boxes only, then prepared polygons against those pairs by polygon."""
    import shapely

    shapely.prepare(polygons)
    left, right = shapely.STRtree(polygons).query(points)
    order = np.argsort(right, kind="stable")
    left, right = left[order], right[order]
    hit = getattr(shapely, INVERSE[predicate])(polygons[right], points[left])
    return left[hit], right[hit]


@alone_and_together("shapely", style="indexed", prepare=coordinates, build=unprepared, division="tuned")
def prepared_contains_xy(x: np.ndarray, y: np.ndarray, polygons: Any, predicate: str, threads: int) -> Pairs:
    """Per prepared polygon, contains_xy of the points in its box, found by their order in x."""
    import shapely

    test = {
        "within": shapely.contains_xy,
        "intersects": shapely.intersects_xy,
        "covered_by": shapely.intersects_xy,
        "touches": lambda polygon, x, y: shapely.touches(polygon, shapely.points(x, y)),
    }[predicate]
    shapely.prepare(polygons)
    return _by_polygon(x, y, polygons, threads, lambda j, rows: rows[test(polygons[j], x[rows], y[rows])])


def frames(inputs: Inputs) -> dict[str, Any]:
    """GeoDataFrames."""
    import geopandas

    given = geometries(inputs)
    sides = {name: geopandas.GeoDataFrame(geometry=given[name]) for name in ("points", "polygons")}
    return {**sides, "predicate": given["predicate"]}


@indexed("geopandas", prepare=frames)
def sjoin(points: Any, polygons: Any, predicate: str) -> Pairs:
    """geopandas.sjoin of points to polygons; for `within` it queries the other way round, which is faster."""
    import geopandas

    joined = geopandas.sjoin(points, polygons, predicate=predicate)
    return joined.index.to_numpy(), joined["index_right"].to_numpy()


def spatialpandas_frames(inputs: Inputs) -> dict[str, Any]:
    """spatialpandas frames; its Dask frames take longer to be made than the join takes."""
    import geopandas
    from spatialpandas import GeoDataFrame
    from spatialpandas.geometry import MultiPolygonArray, PointArray

    given = coordinates(inputs)
    points = PointArray((given["x"], given["y"]))
    polygons = MultiPolygonArray.from_geopandas(geopandas.GeoSeries(given["polygons"]))
    return {
        "points": GeoDataFrame({"geometry": points}),
        "polygons": GeoDataFrame({"geometry": polygons}),
    }


@indexed(
    "spatialpandas",
    prepare=spatialpandas_frames,
    collect=lambda frame: (frame.index.to_numpy(), frame["index_right"].to_numpy()),
    limit=1_000_000,
    cost=POINTS,
    profile="full",
    caveat="knows `intersects` only, and boundaries fall either way",
    name="spatialpandas sjoin",
)
def spatialpandas_sjoin(points: Any, polygons: Any) -> Any:
    """spatialpandas.sjoin: an R-tree over the points, and Numba loops over the candidates of each polygon."""
    import spatialpandas

    return spatialpandas.sjoin(points, polygons, how="inner")
