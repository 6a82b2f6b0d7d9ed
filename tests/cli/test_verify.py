"""The oracle's answers and the verdicts made from them."""

from dataclasses import replace

import numpy as np
import pytest

from groundspeed.referee import case_inputs, discovery, model, oracle, verify
from groundspeed.referee.comparison import Agreement
from groundspeed.referee.model import Case
from groundspeed.referee.verify import Verification


@pytest.fixture
def doubling(toy):
    """The toy operation itself."""
    return discovery.operation(toy)


def stored(tmp_path):
    """Answers in the cache."""
    return sorted(tmp_path.rglob("*.npz"))


def test_an_answer_is_computed_once(doubling, tmp_path):
    trusted = discovery.implementations("doubling")["numpy product"]
    first = oracle.answer(doubling, trusted, {"values": np.arange(3.0)})
    (path,) = stored(tmp_path)
    with np.load(path) as content:
        changed = {name: array + 1 for name, array in content.items()}
    np.savez(path, **changed)
    again = oracle.answer(doubling, trusted, {"values": np.arange(3.0)})
    assert all(np.array_equal(again[name], first[name] + 1) for name in first)


def test_an_edited_oracle_is_asked_again(doubling, tmp_path):
    def helper(values):
        return values * 3

    def run(values):
        return helper(values)

    trusted = discovery.implementations("doubling")["numpy product"]
    inputs = {"values": np.arange(3.0)}
    first = oracle.answer(doubling, trusted, inputs)
    edited = oracle.answer(doubling, replace(trusted, run=run), inputs)
    assert len(stored(tmp_path)) == 2
    assert not any(np.array_equal(first[name], edited[name]) for name in first)


@pytest.mark.parametrize(
    "other",
    [
        {"values": np.arange(4.0)},
        {"values": np.array([0.0, 1.0, np.nextafter(2.0, 3)])},
        {"values": np.arange(3)},
    ],
)
def test_other_inputs_have_another_answer(doubling, tmp_path, other):
    trusted = discovery.implementations("doubling")["numpy product"]
    oracle.answer(doubling, trusted, {"values": np.arange(3.0)})
    oracle.answer(doubling, trusted, other)
    assert len(stored(tmp_path)) == 2


def test_the_oracle_computes_in_float64_whatever_the_case(doubling):
    trusted = discovery.implementations("doubling")["numpy product"]
    values = np.array([1 / 3], np.float32)
    (answer,) = oracle.answer(doubling, trusted, {"values": values}).values()
    assert answer.dtype == np.float64
    assert answer[0] == float(values[0]) * 2


def test_the_oracle_is_judged_by_the_second_or_by_its_own_answer(doubling, monkeypatch):
    all_of_them = discovery.implementations("doubling")
    first, second = all_of_them["numpy product"], all_of_them["numpy sum"]
    assert oracle.judge_for(doubling, second, 10) == (first, "")
    assert oracle.judge_for(doubling, first, 10)[0] is second
    limited = model.Implementation(**{**vars(second), "limit": 5})
    monkeypatch.setitem(all_of_them, "numpy sum", limited)
    assert oracle.judge_for(doubling, first, 5)[0] is limited
    judge, note = oracle.judge_for(doubling, first, 6)
    assert judge is first
    assert "its own stored answer" in note


def test_data_that_cannot_be_had_is_missing_not_an_error(doubling, monkeypatch):
    case = Case("real", "", {"values": "no_such_set.column"}, 10, profile="smoke")
    monkeypatch.setattr(verify, "cases", lambda name, profile: [case])
    done = list(verify.verify(doubling))
    assert {one.agreement.verdict for one in done} == {"missing"}
    assert all("no_such_set" in one.agreement.reason for one in done)
    assert not verify.succeeded(done)


def test_competitors_from_file_to_file_are_verified_in_the_cases_that_ask_for_them(doubling, monkeypatch):
    for name in ("numpy endless", "numpy killed"):
        monkeypatch.delitem(discovery.implementations("doubling"), name)
    done = {(one.case, one.implementation): one.agreement for one in verify.verify(doubling)}
    found = {name: done["tiny", name].verdict for name in ("numpy through files", "numpy damaged files")}
    assert found == {"numpy through files": "pass", "numpy damaged files": "fail"}
    assert done["tiny", "no-such-library files"].reason == "n/a: needs no_such_library"
    assert not any(name.endswith("files") for case, name in done if case == "tiny32")


def test_a_limit_is_kept(doubling):
    case = doubling.cases[0]
    one = discovery.implementations("doubling")["python loop"]
    done = verify.attempt(doubling, case, one, case_inputs.resolve(case))
    assert (done.records, done.agreement.verdict, done.agreement.compared) == (one.limit, "pass", one.limit)


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [([], False), (["missing"], False), (["pass", "missing"], True), (["pass", "timeout"], False)],
)
def test_succeeded(verdicts, expected):
    done = [Verification("o", "c", "i", 1, Agreement(verdict=verdict)) for verdict in verdicts]
    assert verify.succeeded(done) is expected


def test_cast_changes_floating_point_only():
    inputs = {"a": np.arange(2.0), "i": np.arange(2), "s": "within", "n": 3}
    cast = case_inputs.cast(inputs, "float32")
    assert cast["a"].dtype == np.float32
    assert cast["i"].dtype == np.int64
    assert (cast["s"], cast["n"]) == ("within", 3)
