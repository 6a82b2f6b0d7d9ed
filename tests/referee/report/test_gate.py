"""The gate: work counters, then answers, then times beyond noise that chance does not explain."""

import json

import pytest
from referee.report.sample import MACHINE, record, shards

from groundspeed.referee.report.bundle import Bundle
from groundspeed.referee.report.gate import check, compare, threshold

NOISE = {"floor": 0.03}


def ours(seconds=(1.0, 1.0, 1.0), **changes):
    return record("groundspeed[cpu]", list(seconds), style="compiled", cores="all", **changes)


def bundle(*records, noise=None):
    return Bundle(MACHINE, list(records), noise)


def findings(before, after, noise=None):
    return check(bundle(before, noise=noise), bundle(after, noise=noise))


def failures(before, after, noise=None):
    return [str(finding) for finding in findings(before, after, noise) if finding.fails]


def test_equal_records_pass():
    assert findings(ours(), ours()) == []


def test_faster_passes():
    assert findings(ours(), ours([0.5] * 3)) == []


def test_slower_fails_in_every_lane_that_got_slower():
    found = failures(ours(), ours([1.3] * 3))
    assert len(found) == 2
    assert "run takes 1.3× as long (3 processes after 3); allowed: 10 %" in found[0]


def test_ten_percent_is_the_least_that_counts():
    assert findings(ours(), ours([1.09] * 3)) == []
    assert failures(ours(), ours([1.11] * 3))


def test_the_noise_floor_widens_it():
    loud = {"floor": 0.08}
    assert threshold(bundle(noise=loud), bundle(noise=NOISE)) == pytest.approx(0.16)
    assert threshold(bundle(noise=NOISE), bundle()) == pytest.approx(0.10)
    assert findings(ours(), ours([1.15] * 3), loud) == []
    assert failures(ours(), ours([1.17] * 3), loud)


def test_six_processes_give_an_interval():
    found = failures(ours([1.0] * 6), ours([1.3] * 6))
    assert "run takes 1.3× as long [1.3–1.3] (6 processes after 6); allowed: 10 %" in found[0]


def test_processes_that_overlap_are_a_note():
    found = findings(ours([1.0, 1.0, 2.0]), ours([0.9, 1.5, 1.6]))
    assert found
    assert not any(finding.fails for finding in found)
    assert "equal code by chance" in found[0].reason


@pytest.mark.parametrize("number", [1, 2])
def test_few_processes_cannot_confirm(number):
    found = findings(ours([1.0] * number), ours([2.0] * number))
    assert not any(finding.fails for finding in found)
    assert "so few prove nothing: measure again" in found[0].reason
    assert all(finding.suspected for finding in found)


def test_work_counters_come_first_and_need_no_clock():
    found = findings(ours([1.0], work={"edge_tests": 1000}), ours([2.0], work={"edge_tests": 1011}))
    assert found[0].fails
    assert "work counter 'edge_tests' rose 1,000.00 -> 1,011.00" in found[0].reason


def test_one_percent_more_work_is_allowed():
    assert findings(ours(work={"bytes": 1000}), ours(work={"bytes": 1010})) == []


def test_work_from_nothing_fails():
    assert failures(ours(work={"fallbacks": 0}), ours(work={"fallbacks": 1}))


def test_an_answer_that_went_wrong_fails():
    found = failures(ours(), ours(verdict="fail", reason="2 pairs differ"))
    key = "point_in_polygon / tessellation_1k / groundspeed[cpu]"
    assert found == [f"FAIL  {key}: agreed with the oracle, now fail: 2 pairs differ"]


def test_a_record_that_vanished_fails():
    assert [finding.fails for finding in check(bundle(ours()), bundle())] == [True]


def test_competitors_are_the_control():
    found = findings(record(seconds=[1.0] * 3), record(seconds=[2.0] * 3))
    assert [finding.fails for finding in found] == [False, False]
    assert found[0].reason.startswith("control: ")


def write(root, record, floor=None):
    shards(root, [record])
    if floor is not None:
        (root / "sample_machine" / "noise.json").write_text(json.dumps({"floor": floor}))
    return root


def test_compare_folders(tmp_path, capsys):
    base = write(tmp_path / "base", ours(), 0.03)
    assert compare(base, write(tmp_path / "same", ours(), 0.02)) == 0
    assert "nothing got worse" in capsys.readouterr().out
    assert compare(base, write(tmp_path / "slow", ours([1.5] * 3))) == 1
    out = capsys.readouterr().out
    assert "FAIL" in out
    assert "no noise floor" not in out


def test_machines_are_not_mixed(tmp_path):
    base, head = write(tmp_path / "base", ours()), write(tmp_path / "head", ours(machine="another"))
    with pytest.raises(ValueError, match="measure both on one machine"):
        compare(base, head)


def test_an_empty_folder_says_what_to_do(tmp_path):
    with pytest.raises(FileNotFoundError, match="measure first"):
        compare(tmp_path, tmp_path)


def test_a_published_report_is_a_base(tmp_path, capsys):
    from groundspeed.referee.report.command import report

    report(write(tmp_path / "records", ours(), 0.03), tmp_path / "out")
    base = tmp_path / "out" / "sample-machine"
    slow = write(tmp_path / "slow", ours([1.5] * 3), 0.03)
    for place in (base, base / "records.jsonl.xz"):
        assert compare(place, write(tmp_path / "same", ours(), 0.03)) == 0
        assert compare(place, slow) == 1
    assert "FAIL" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("[]", "holds no published records"),
        ('{"machine": "m", "noise": null, "rec', "holds no published records"),
        (
            '{"machine": "m", "noise": null, "records": [{"schema": 99, "operation": "op"}]}',
            "op / None .* 99",
        ),
    ],
)
def test_a_damaged_published_file_is_named(content, named, tmp_path):
    path = tmp_path / "records.json"
    path.write_text(content)
    with pytest.raises(ValueError, match=rf"(?s)records\.json.*{named}"):
        compare(path, path)


@pytest.mark.parametrize("seconds", [[], None])
def test_a_base_without_anything_of_ours_guards_nothing(seconds, tmp_path):
    nobody = record() if seconds is None else ours(seconds, verdict="timeout")
    base, head = write(tmp_path / "base", nobody), write(tmp_path / "head", ours([9.0] * 3))
    with pytest.raises(ValueError, match="base holds no time of Groundspeed's on sample machine"):
        compare(base, head)


def test_the_same_code_under_two_commits_is_said(tmp_path, capsys):
    code = {"package": "abcd"}
    sides = [
        write(tmp_path / commit, ours(code=code, environment={"commit": commit})) for commit in ("old", "new")
    ]
    assert compare(*sides) == 0
    assert "both sides measured the same code (abcd), whatever the commits say" in capsys.readouterr().out
    other = write(tmp_path / "other", ours(code={"package": "efgh"}, environment={"commit": "new"}))
    assert compare(sides[0], other) == 0
    assert "same code" not in capsys.readouterr().out
