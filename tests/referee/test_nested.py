"""Parts, rings and vertices as lists of lists, for loops in plain Python."""

import numpy as np
import pytest
import shapely

from groundspeed.geometry import GeometryColumn
from groundspeed.referee.competitors import nested

SQUARE = [(0, 0), (1, 0), (1, 1), (0, 0)]
LINES = [[(0, 0), (1, 2)], [(3, 4), (5, 6)]]


@pytest.mark.parametrize(
    ("rows", "lists"),
    [
        ([shapely.LineString(LINES[0])], [[[LINES[0]]]]),
        ([shapely.MultiLineString(LINES)], [[[LINES[0]], [LINES[1]]]]),
        ([shapely.Polygon(SQUARE, [SQUARE]), shapely.Polygon()], [[[SQUARE, SQUARE]], [[]]]),
        ([shapely.MultiPolygon([(SQUARE, []), (SQUARE, [])]), None], [[[SQUARE], [SQUARE]], []]),
    ],
)
def test_lists_of_lists_are_as_in_geojson(rows, lists):
    assert nested.lists({"geometry": GeometryColumn.from_shapely(rows)}) == {"rows": lists}


def test_segments_may_be_empty():
    values, offsets = np.array([4.0, 1.0, 3.0]), np.array([0, 0, 2, 2, 3, 3])
    np.testing.assert_array_equal(nested.reduced(np.add, values, offsets), [0, 5, 0, 3, 0])
    low = nested.reduced(np.minimum, values, offsets, np.nan)
    np.testing.assert_array_equal(low, [np.nan, 1, np.nan, 3, np.nan])
    assert nested.reduced(np.add, values[:0], np.zeros(3, np.int64)).tolist() == [0, 0]
