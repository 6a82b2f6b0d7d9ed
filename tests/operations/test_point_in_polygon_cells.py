"""The scalar half of the index: a shortcut must say what the long way says, wherever a point falls."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from numba import njit

from groundspeed.engines import get
from groundspeed.operations.joins.point_in_polygon import cells, frames
from groundspeed.operations.joins.point_in_polygon.asked import find_cells

# Few values, so that points meet vertices, edges and lines through them; their neighbours, so that they just
# miss.
NEAR = [v for k in (-1.0, 0.0, 0.5, 1.0, 3.0) for v in (k, math.nextafter(k, 9), math.nextafter(k, -9))]
NUMBER = st.sampled_from(NEAR) | st.floats(-4, 4)


@njit(error_model="numpy")
def both(x, y, centre_x, centre_y, x1, y1, x2, y2):
    return (
        cells.step(x, y, centre_x, centre_y, x1, y1, x2, y2),
        cells.exact_step(x, y, centre_x, centre_y, x1, y1, x2, y2),
    )


@given(st.tuples(*[NUMBER] * 8))
@example((0.0, 0.0, 1.0, 1.0, 0.5, -1.0, 0.5, 1.0))
@example((0.5, 0.0, 1.0, 1.0, 0.5, -1.0, 0.5, 1.0))
@example((0.5, 1.0, 1.0, 1.0, 0.5, -1.0, 0.5, 1.0))
@example((0.0, 0.0, 1.0, 0.5, 1.0, -1.0, 1.0, 0.0))
def test_an_edge_changes_the_walk_as_the_exact_way_says(numbers):
    quick, exact = both(*numbers)
    assert quick == exact


@pytest.mark.parametrize("kind", [np.float64, np.float32])
@given(data=st.data())
def test_a_point_is_found_in_the_cell_that_edges_are_sorted_into(kind, data):
    bounds = data.draw(
        st.sampled_from([(0.0, 0.0, 1.0, 1.0), (-180.0, -90.0, 180.0, 90.0), (1e6, 5.0, 1e6 + 1, 5.0)])
    )
    grid = frames.root(bounds, 4096, kind)
    extent = np.array(bounds[2:]) - bounds[:2]
    near = np.array(data.draw(st.lists(st.tuples(NUMBER, NUMBER), min_size=1, max_size=20)))
    x, y = (bounds[:2] + near * extent).astype(kind).T.copy()
    found = find_cells(get("cpu"), (x, y), grid.root)
    low, high = grid.frame[0, [0, 1]], grid.frame[0, [5, 6]]
    inside = (low[0] <= x) & (x <= high[0]) & (low[1] <= y) & (y <= high[1])
    expected = [cells.cell_of(px, py, 0, grid.frame, grid.shape) for px, py in zip(x, y, strict=True)]
    assert found.tolist() == np.where(inside, expected, cells.OUTSIDE).tolist()


@pytest.mark.parametrize("kind", [np.float64, np.float32])
def test_points_that_lie_in_no_cell(kind):
    grid = frames.root((0.0, 0.0, 1.0, 1.0), 4096, kind)
    x = np.array([math.nan, 0.5, math.inf, 0.5, -math.inf, math.nan, 2.0, -1e30], kind)
    y = np.array([0.5, math.nan, 0.5, -math.inf, math.inf, math.inf, 0.5, 0.5], kind)
    out, refuse = cells.OUTSIDE, cells.INFINITE
    expected = [out, out, refuse, refuse, refuse, refuse, out, out]
    assert find_cells(get("cpu"), (x, y), grid.root).tolist() == expected
