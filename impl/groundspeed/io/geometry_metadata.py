"""What files declare of their geometry: encoding, CRS, edges; checked before anything is decoded."""

from __future__ import annotations

import contextlib
import functools
import json
from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from groundspeed.geometry import GeometryType
from groundspeed.geometry.build import as_crs
from groundspeed.io.encodings import XY, Encoding, GeoArrow, Wkb, Wkt
from groundspeed.io.problems import ReadError, shortened


@contextlib.contextmanager
def types_of_others() -> Iterator[None]:
    """Errors of a library that registered Arrow types, over metadata that it cannot read, as ReadErrors.

    pyarrow asks it for a type as soon as a schema is read, and passes on whatever it raises.
    """
    try:
        yield
    except (pa.ArrowException, OSError):
        raise
    except Exception as error:
        raise ReadError(
            f"the metadata of an Arrow type are damaged ({shortened(f'{type(error).__name__}: {error}')})"
        ) from error


def of_field(field: pa.Field, crs: Any) -> Encoding | None:
    """The encoding of a column with a GeoArrow extension type, None without one.

    Raises:
        ReadError: spherical edges of anything but points, which operations would take as straight.
    """
    if isinstance(field.type, pa.BaseExtensionType):
        name, raw = field.type.extension_name, field.type.__arrow_ext_serialize__()
    else:
        metadata = field.metadata or {}
        name = metadata.get(b"ARROW:extension:name", b"").decode(errors="replace")
        raw = metadata.get(b"ARROW:extension:metadata", b"")
    if not name.startswith(("geoarrow.", "ogc.")):
        return None
    about = _json(raw or b"{}", field.name)
    crs = file_crs(about.get("crs")) if crs is None else crs
    kind = name.partition(".")[2]
    if kind in ("wkb", "wkt"):
        require_planar(about.get("edges", "planar"), field.name)
        return Wkb(field.name, crs) if kind == "wkb" else Wkt(field.name, crs)
    if kind.upper() not in GeometryType.__members__:
        raise ReadError(f"column {field.name!r} has Arrow type {name!r}, which no column can hold")
    type = GeometryType[kind.upper()]
    if type.part is not GeometryType.POINT:
        require_planar(about.get("edges", "planar"), field.name)
    return GeoArrow(field.name, type, crs)


def _json(raw: bytes, column: str) -> dict[str, Any]:
    try:
        about = json.loads(raw)
    except ValueError as error:
        raise ReadError(f"column {column!r}: its GeoArrow metadata are no JSON ({error})") from error
    if not isinstance(about, dict):
        raise ReadError(f"column {column!r}: its GeoArrow metadata are {about!r}, expected an object")
    return about


def file_crs(crs: Any) -> Any:
    """The CRS that a file names.

    Raises:
        ReadError: PROJ does not understand it.
    """
    try:
        return _crs(json.dumps(crs) if isinstance(crs, dict) else crs)
    except ValueError as error:
        raise ReadError(f"the file's {error}, or pass crs= to override it") from error


_crs = functools.lru_cache(as_crs)  # PROJ takes longer over a CRS than a file of 100,000 points


def require_planar(edges: str, column: str) -> None:
    """Refuse edges that are not straight lines.

    Raises:
        ReadError: naming the column.
    """
    if edges != "planar":
        raise ReadError(
            f"column {column!r} has {edges} edges, but operations take edges as straight; densify and write "
            "them as planar"
        )


def of_names(names: list[str], x: str | None, y: str | None, crs: Any) -> XY | None:
    """Columns of coordinates, as told or by their usual names, None where there are none."""
    if x is not None and y is not None:
        return XY(x, y, crs)
    for pair in (("x", "y"), ("lon", "lat"), ("longitude", "latitude")):
        if set(pair) <= set(names):
            return XY(*pair, crs)
    return None
