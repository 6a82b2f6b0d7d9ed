"""Trajectories with a time at every fix: Tracktable files, ADS-B samples, GeoLife logs."""

from __future__ import annotations

import functools
import gzip
import io
import json
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

import numpy as np
import pandas as pd

from groundspeed.datasets.errors import DatasetError
from groundspeed.datasets.readers.tables import runs
from groundspeed.datasets.zipped import members
from groundspeed.geometry import GeometryColumn

MARK = "*P*"
HEAD = 6
"""Fields after the mark `*P*`, before the fixes: domain, numbers of coordinates, points and properties, two
more."""


def traj_fixes(folder: Path, files: Sequence[str], crs: str) -> GeometryColumn:
    """Points of all fixes of Tracktable `.traj` files, track after track."""
    frame = _traj(folder, files)
    return GeometryColumn.from_points(frame["x"].to_numpy(), frame["y"].to_numpy(), crs)


def traj_fixes_table(folder: Path, files: Sequence[str]) -> pd.DataFrame:
    """One row per fix: track (number), object (as its transponder says), time (UTC)."""
    return _traj(folder, files)[["track", "object", "time"]]


def traj_tracks(folder: Path, files: Sequence[str], crs: str) -> GeometryColumn:
    """One line per track."""
    return _lines(_traj(folder, files), crs)


def traj_tracks_table(folder: Path, files: Sequence[str]) -> pd.DataFrame:
    """One row per track: object, start (UTC), fixes."""
    return _first(_traj(folder, files), "object")


def _traj(folder: Path, files: Sequence[str]) -> pd.DataFrame:
    """A line of the file is a track: its own fields, `*P*`, six counts, then object, time, x, y of every
    fix."""
    tracks = []
    for file in files:
        for line in (folder / file).read_text(encoding="utf-8").splitlines():
            fields = line.split(",")
            tracks.append(fields[fields.index(MARK) + HEAD :])
    cells = np.array([cell for track in tracks for cell in track], object).reshape(-1, 4)
    number = np.repeat(np.arange(len(tracks)), [len(track) // 4 for track in tracks])
    time = pd.to_datetime(pd.Series(cells[:, 1]), format="%Y-%m-%d %H:%M:%S")
    x, y = (cells[:, column].astype(np.float64) for column in (2, 3))
    return pd.DataFrame({"track": number, "object": cells[:, 0], "time": time, "x": x, "y": y})


def adsb_fixes(folder: Path, file: str, pattern: str, crs: str) -> GeometryColumn:
    """Points of all fixes with a position in the JSON samples of an archive, in the order of `adsb_table`."""
    frame = _adsb(folder / file, pattern)
    return GeometryColumn.from_points(frame["longitude"].to_numpy(), frame["latitude"].to_numpy(), crs)


def adsb_table(folder: Path, file: str, pattern: str) -> pd.DataFrame:
    """One row per fix: sample, icao24 (aircraft), time (UTC), altitude (feet), groundspeed (knots), track
    (degrees from north)."""
    fields = ["sample", "icao24", "time", "altitude", "groundspeed", "track"]
    return _adsb(folder / file, pattern)[fields]


def adsb_tracks(folder: Path, file: str, pattern: str, gap: float, crs: str) -> GeometryColumn:
    """Lines of two or more fixes of one aircraft in one sample, cut where `gap` seconds pass without a
    fix."""
    return _lines(_segments(folder / file, pattern, gap), crs)


def adsb_tracks_table(folder: Path, file: str, pattern: str, gap: float) -> pd.DataFrame:
    """One row per line of `adsb_tracks`: icao24, start (UTC), fixes."""
    return _first(_segments(folder / file, pattern, gap), "icao24")


@functools.lru_cache(maxsize=1)
def _adsb(archive: Path, pattern: str) -> pd.DataFrame:
    """All fixes, by sample, aircraft and time."""
    needed = ["timestamp", "icao24", "longitude", "latitude"]
    wanted = [*needed, "altitude", "groundspeed", "track"]
    parts = []
    for name, packed in members(archive, pattern):
        part = pd.DataFrame(json.loads(gzip.decompress(packed)))
        if set(needed) <= set(part.columns):
            part = part.reindex(columns=wanted).dropna(subset=["longitude", "latitude"])
            parts.append(part.assign(sample=PurePosixPath(name).name.partition(".")[0]))
    frame = pd.concat(parts, ignore_index=True)
    frame["time"] = pd.to_datetime(frame["timestamp"], unit="ms")
    return frame.sort_values(["sample", "icao24", "time"], kind="stable", ignore_index=True)


def _segments(archive: Path, pattern: str, gap: float) -> pd.DataFrame:
    frame = _adsb(archive, pattern).rename(columns={"longitude": "x", "latitude": "y"})
    another = (frame["sample"] != frame["sample"].shift()) | (frame["icao24"] != frame["icao24"].shift())
    late = frame["time"].diff() > pd.Timedelta(seconds=gap)
    frame["track"] = (another | late).cumsum()
    return frame[frame.groupby("track")["track"].transform("size") > 1]


def geolife_tracks(folder: Path, file: str, pattern: str, crs: str) -> GeometryColumn:
    """One line per GeoLife log (`.plt`): six lines of head, then latitude, longitude and five more fields."""
    x, y, sizes = [], [], []
    for name, content in members(folder / file, pattern):
        rows = np.loadtxt(io.BytesIO(content), delimiter=",", skiprows=6, usecols=(0, 1), ndmin=2)
        if len(rows) == 0:
            raise DatasetError(f"{file}: {name} has no fixes; correct the entry's pattern")
        if len(rows) > 1:
            x.append(rows[:, 1])
            y.append(rows[:, 0])
            sizes.append(len(rows))
    ends = np.concatenate([[0], np.cumsum(sizes)])
    return GeometryColumn.from_ragged("linestring", np.concatenate(x), np.concatenate(y), (ends,), crs=crs)


def _lines(frame: pd.DataFrame, crs: str) -> GeometryColumn:
    _, sizes = runs(frame["track"], "tracks")
    ends = np.concatenate([[0], np.cumsum(sizes)])
    return GeometryColumn.from_ragged(
        "linestring", frame["x"].to_numpy(), frame["y"].to_numpy(), (ends,), crs=crs
    )


def _first(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    starts, sizes = runs(frame["track"], "tracks")
    first = frame.iloc[starts].reset_index(drop=True)
    return pd.DataFrame({name: first[name], "start": first["time"], "fixes": sizes})
