"""Great-circle distance of pairs of points on a sphere."""

from __future__ import annotations

from typing import Any, overload

import numpy as np

from groundspeed.dispatch import Call, dispatch
from groundspeed.geometry import GeometryColumn
from groundspeed.inputs import as_coordinates, as_points, like, require_same_crs
from groundspeed.operations.distances.haversine_distance import kernels

__all__ = ["haversine_distance"]

EARTH_RADIUS = 6371.0088
"""Mean radius (2a + b) / 3 of GRS 80 in km (H. Moritz, Geodetic Reference System 1980; rounded)."""


@overload
def haversine_distance(a: Any, b: Any, /, *, radius: float = ..., engine: str | None = ...) -> Any: ...
@overload
def haversine_distance(
    lon1: Any, lat1: Any, lon2: Any, lat2: Any, /, *, radius: float = ..., engine: str | None = ...
) -> Any: ...
def haversine_distance(
    a: Any, b: Any, *more: Any, radius: float = EARTH_RADIUS, engine: str | None = None
) -> Any:
    """Great-circle distance of each pair of points on a sphere, in kilometres.

    Call it with two columns of points, `haversine_distance(a, b)`, or with four arrays of degrees,
    `haversine_distance(lon1, lat1, lon2, lat2)`.

    Args:
        a: (n,) points with x = longitude and y = latitude in degrees: GeometryColumn, GeoSeries, Shapely
            points ... (see `groundspeed.inputs.as_points`); or the longitudes `lon1`, (n,) floats or one
            number.
        b: (n,) points, paired with `a` by position; or the latitudes `lat1`.
        more: nothing; or `lon2` and `lat2`, likewise.
        radius: of the sphere in km, or in whatever unit the result shall have.
        engine: `"cpu"`, `"cuda"`, `"emulator"`, or None for the rule in `groundspeed.engines.choice`.

    Returns:
        (n,) distances in the order of the input, at least 0 and at most pi * radius: float32 if all
        coordinates are float32, else float64. A pandas Series or GeoSeries gives a Series with the index of
        the first argument, four numbers give one number, CuPy arrays give a CuPy array. Empty input gives an
        empty array.

    Rule:
        The points lie on a sphere. Longitudes may have any finite value and count modulo 360. A coordinate
        that is NaN, and a null or empty point, gives NaN. Identical points have distance exactly 0, the
        result does not change when the points are exchanged, and nothing is lost near the poles, the
        antimeridian or antipodes: the relative error is below 1e-15 in float64 and 1e-6 in float32 (whose
        coordinates are themselves only good to 0.8 m).

    Raises:
        ValueError: radius not positive or not finite; a latitude outside [-90, 90]; an infinite coordinate;
            lengths that differ; two CRSs that differ, or a projected one. Argument and position are named.
        TypeError: neither two nor four arguments of coordinates.
        EngineUnavailable: the engine cannot run on this machine.

    Algorithm:
        R. W. Sinnott, Virtues of the haversine, Sky and Telescope 68 (1984) 159: with
        h = sin^2(dlat/2) + cos(lat1) cos(lat2) sin^2(dlon/2) the distance is 2 R asin(sqrt(h)). asin loses
        half the digits near antipodes, so 1 - h is computed by itself,
        1 - h = sin^2((lat1 + lat2)/2) + cos(lat1) cos(lat2) cos^2(dlon/2),
        and the distance is 2 R atan2(sqrt(h), sqrt(1 - h)). The functions are in `groundspeed.scalar.trig`.

    cuSpatial:
        `cuspatial.haversine_distance(p1, p2)` used a radius of 6371.0 km: `radius=6371.0` gives its answer.
        It did not check latitudes.

    Examples:
        New York to Paris and to Sydney:

        >>> import groundspeed as gs
        >>> gs.haversine_distance(-74.006, 40.7128, [2.3522, 151.2093], [48.8566, -33.8688]).round(1)
        array([ 5837.2, 15988.8])

        A degree of longitude at the equator and at 60 degrees north, in metres on the unit of the radius:

        >>> west, east = ([0, 0], [0, 60]), ([1, 1], [0, 60])
        >>> gs.haversine_distance(west, east, radius=6371008.8).round()
        array([111195.,  55597.])
    """
    if not 0 < radius < float("inf"):
        raise ValueError(
            f"radius must be positive and finite, in km, got {radius}; the Earth's is {EARTH_RADIUS}"
        )
    names, given = _coordinates(a, b, more)
    call = dispatch(engine, *given)
    distances = call.give_back(_distances(call, names, tuple(map(call.bring, given)), radius))
    numbers = len(more) == 2 and all(map(np.isscalar, (a, b, *more)))
    return distances[0] if numbers else like(a, distances)


def _coordinates(a: Any, b: Any, more: tuple[Any, ...]) -> tuple[tuple[str, ...], tuple[Any, ...]]:
    """The names of the four coordinates in messages, and their arrays."""
    if len(more) == 2:
        return ("lon1", "lat1", "lon2", "lat2"), as_coordinates(lon1=a, lat1=b, lon2=more[0], lat2=more[1])
    if more:
        raise TypeError(
            "haversine_distance takes two columns of points (a, b) or four coordinates "
            f"(lon1, lat1, lon2, lat2), got {2 + len(more)} arguments; give radius by name"
        )
    columns = {"a": as_points(a, "a"), "b": as_points(b, "b")}
    require_same_crs(**columns)
    _require_lonlat(columns)
    if len(columns["a"]) != len(columns["b"]):
        raise ValueError(f"a and b must have equal length, got {len(columns['a'])} and {len(columns['b'])}")
    first, second = columns.values()  # null and empty points are NaN
    return ("a.x", "a.y", "b.x", "b.y"), as_coordinates(x1=first.x, y1=first.y, x2=second.x, y2=second.y)


def _require_lonlat(columns: dict[str, GeometryColumn]) -> None:
    for name, column in columns.items():
        if column.crs is not None and not column.crs.is_geographic:
            raise ValueError(
                f"{name} is in {column.crs.to_string()}, expected longitude and latitude in degrees; "
                "bring it there with GeoSeries.to_crs(4326)"
            )


def _distances(call: Call, names: tuple[str, ...], coordinates: tuple[Any, ...], radius: float) -> Any:
    engine, xp = call.engine, call.engine.xp
    lon1, lat1, lon2, lat2 = coordinates
    out, refused = engine.empty(lon1.size, lon1.dtype), xp.zeros(1, np.uint8)
    body, diameter = kernels.BODIES[str(lon1.dtype)], lon1.dtype.type(2 * radius)
    engine.for_each(body, out.size, lon1, lat1, lon2, lat2, diameter, out, refused)
    if engine.read(refused) == (0,):
        return out
    _refuse_outside(xp, dict(zip(names, coordinates, strict=True)))
    near1, near2 = (xp.fmod(lon, lon.dtype.type(360)) for lon in (lon1, lon2))  # exact at any size
    engine.for_each(body, out.size, near1, lat1, near2, lat2, diameter, out, refused)
    return out


def _refuse_outside(xp: Any, coordinates: dict[str, Any]) -> None:
    """Raise for the first infinite longitude or latitude outside [-90, 90]; they alternate."""
    limits = (float("inf"), 90.0) * 2
    for (name, values), limit in zip(coordinates.items(), limits, strict=True):
        outside = xp.isinf(values) if limit > 90 else xp.abs(values) > limit
        position = int(outside.argmax()) if outside.size else 0
        if outside.size and bool(outside[position]):
            expected = "a finite longitude" if limit > 90 else "a latitude from -90 to 90"
            raise ValueError(
                f"{name}: position {position} is {float(values[position])}, expected {expected} in degrees; "
                "give longitude before latitude, and NaN for a missing value"
            )
