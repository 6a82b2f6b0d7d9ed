"""Readers: from the published files to columns, arrays and tables, one module per format.

A reader takes the folder of the files and the options of its column in the registry. A set of a new format
adds a module here, or names a function of its own as `"package.module:function"`.
"""

from __future__ import annotations

from groundspeed.datasets.readers.geoparquet import parquet_fields, parquet_geometries
from groundspeed.datasets.readers.gshhg import basemap_geometry, basemap_table
from groundspeed.datasets.readers.mmdb import mmdb_points, mmdb_table
from groundspeed.datasets.readers.stars import star_points, star_values
from groundspeed.datasets.readers.tables import (
    csv_points,
    csv_table,
    csv_tracks,
    csv_tracks_table,
    json_points,
    json_table,
    parquet_points,
    parquet_table,
    parquet_values,
    points_by_code,
)
from groundspeed.datasets.readers.timezones import timezone_polygons, timezone_table
from groundspeed.datasets.readers.trajectories import (
    adsb_fixes,
    adsb_table,
    adsb_tracks,
    adsb_tracks_table,
    geolife_tracks,
    traj_fixes,
    traj_fixes_table,
    traj_tracks,
    traj_tracks_table,
)
from groundspeed.datasets.readers.vector import vector, vector_table

__all__ = [
    "adsb_fixes",
    "adsb_table",
    "adsb_tracks",
    "adsb_tracks_table",
    "basemap_geometry",
    "basemap_table",
    "csv_points",
    "csv_table",
    "csv_tracks",
    "csv_tracks_table",
    "geolife_tracks",
    "json_points",
    "json_table",
    "mmdb_points",
    "mmdb_table",
    "parquet_fields",
    "parquet_geometries",
    "parquet_points",
    "parquet_table",
    "parquet_values",
    "points_by_code",
    "star_points",
    "star_values",
    "timezone_polygons",
    "timezone_table",
    "traj_fixes",
    "traj_fixes_table",
    "traj_tracks",
    "traj_tracks_table",
    "vector",
    "vector_table",
]
