"""The verdict: what passes, what fails, and by how much."""

import numpy as np
import pytest

from groundspeed.referee.comparison import CloseValues, ExactPairs, ExactValues

PAIRS = ExactPairs()
VALUES = CloseValues(
    relative={"float64": 1e-9, "float32": 1e-5}, absolute={"float64": 1e-12, "float32": 1e-6}, unit="km"
)


def pairs(left, right):
    return PAIRS.canonical((np.array(left, dtype=np.int32), np.array(right)))


def values(*numbers):
    return VALUES.canonical(np.array(numbers))


def test_pairs_agree_whatever_their_order():
    assert (
        PAIRS.compare(pairs([0, 0, 2], [1, 5, 0]), pairs([2, 0, 0], [0, 5, 1]), "float64").verdict == "pass"
    )


@pytest.mark.parametrize(
    ("left", "right", "differing"),
    [
        ([0, 2], [1, 0], 1),  # one is missing
        ([0, 0, 2, 3], [1, 5, 0, 0], 1),  # one too many
        ([0, 0, 2], [1, 4, 0], 2),  # one replaced
        ([0, 0, 2, 2], [1, 5, 0, 0], 1),  # one reported twice
        ([], [], 3),
    ],
)
def test_every_wrong_pair_is_counted(left, right, differing):
    outcome = PAIRS.compare(pairs([0, 0, 2], [1, 5, 0]), pairs(left, right), "float64")
    assert (outcome.verdict, outcome.differing) == ("fail", differing)


def test_no_pairs_agree_with_no_pairs():
    assert PAIRS.compare(pairs([], []), pairs([], []), "float64").verdict == "pass"


@pytest.mark.parametrize(
    ("want", "have", "verdict"),
    [
        ((1.0, 2.0), (1.0, 2.0), "pass"),
        ((1.0, 2.0), (1.0, 2.0 + 1e-9), "pass"),
        ((1.0, 2.0), (1.0, 2.0 + 1e-8), "fail"),
        ((0.0,), (1e-13,), "pass"),
        ((0.0,), (1e-11,), "fail"),
        ((np.nan,), (np.nan,), "pass"),
        ((np.nan,), (1.0,), "fail"),
        ((1.0,), (np.nan,), "fail"),
        ((np.inf,), (np.inf,), "pass"),
        ((np.inf,), (-np.inf,), "fail"),
        ((1.0,), (np.inf,), "fail"),
        ((1.0, 2.0), (1.0,), "fail"),
    ],
)
def test_values_are_compared_with_the_tolerance_of_their_dtype(want, have, verdict):
    assert VALUES.compare(values(*want), values(*have), "float64").verdict == verdict


def test_largest_differences_are_reported():
    outcome = VALUES.compare(values(10.0, 1.0), values(10.5, 1.0), "float32")
    assert (outcome.verdict, outcome.differing, outcome.max_absolute) == ("fail", 1, 0.5)
    assert outcome.max_relative == pytest.approx(0.05)
    assert "km" in outcome.tolerance


@pytest.mark.parametrize(
    ("have", "verdict"),
    [([1, 0, np.nan], "pass"), ([1, 1e-300, np.nan], "fail"), ([1, 0, 0], "fail"), ([1, 0], "fail")],
)
def test_exact_values(have, verdict):
    policy = ExactValues()
    want = policy.canonical(np.array([1, 0, np.nan]))
    outcome = policy.compare(want, policy.canonical(np.array(have)), "float32")
    assert (outcome.verdict, outcome.tolerance) == (verdict, "exact")


def test_exact_values_of_truth():
    policy = ExactValues()
    want = policy.canonical(np.array([True, False]))
    assert policy.compare(want, policy.canonical([True, False]), "float64").verdict == "pass"
    assert policy.compare(want, policy.canonical([True, True]), "float64").differing == 1
