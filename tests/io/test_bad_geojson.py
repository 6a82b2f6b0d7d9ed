"""Bad features in GeoJSON, those that GDAL drops or makes null among them."""

from __future__ import annotations

import json

import pytest
from bad_records import KEEP, reject, rejected

GOOD = {"type": "Feature", "properties": {"n": 0}, "geometry": {"type": "Point", "coordinates": [5, 5]}}
BAD = "not GeoJSON geometry"
OTHER_KIND = f"a LineString among points{KEEP}'linestring'"
GEOJSON = {
    "not a feature": (7, "", "not a Feature"),
    "wrong type": ({**GOOD, "type": "Featur"}, "", "not a Feature"),
    "one coordinate": ({"type": "Point", "coordinates": [0]}, "geometry", BAD),
    "text": ({"type": "Point", "coordinates": ["x", 1]}, "geometry", BAD),
    "unknown geometry": ({"type": "Pint", "coordinates": [0, 1]}, "geometry", BAD),
    "another kind": ({"type": "LineString", "coordinates": [[0, 1], [1, 2]]}, "geometry", OTHER_KIND),
    "half a line": ({"type": "LineString", "coordinates": [[0, 1], [1, "q"]]}, "geometry", BAD),
}


def geojson_of(features, path):
    """A file with these features."""
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


@pytest.mark.parametrize("name", GEOJSON)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_bad_features(name, tmp_path):
    feature, where, reason = GEOJSON[name]
    feature = {**GOOD, "geometry": feature} if where else feature
    last = {**GOOD, "properties": {"n": 2}}
    table = reject(geojson_of([GOOD, feature, last], tmp_path / "file.geojson"))
    assert rejected(table) == [(1, where, reason)]
    assert table.attributes["n"].to_pylist() == [0, 2]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_unclosed_ring_in_geojson(tmp_path):
    ring = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1]]]}
    table = reject(geojson_of([{**GOOD, "geometry": ring}], tmp_path / "file.geojson"))
    assert rejected(table) == [(0, "geometry", "not valid WKB")]


def test_features_without_geometry_are_null(tmp_path):
    features = [GOOD, {**GOOD, "geometry": None}, {"type": "Feature", "properties": {}}]
    table = reject(geojson_of(features, tmp_path / "file.geojson"))
    assert table.geometry.is_null.tolist() == [False, True, True]


def test_feature_in_text_is_no_feature(tmp_path):
    odd = {**GOOD, "properties": {"n": '"type": "Feature"'}}
    assert len(reject(geojson_of([GOOD, odd], tmp_path / "file.geojson"))) == 2
