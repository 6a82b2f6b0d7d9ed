"""The published file of records: small, complete, read by report and compare, honest about damage."""

import json
import lzma

import pytest
from referee.report.sample import awkward, case, everything, nothing, on_gpu, process, record, shards

from groundspeed.referee.report import archive
from groundspeed.referee.report.bundle import load, published
from groundspeed.referee.report.command import report
from groundspeed.referee.report.confirm import remeasure
from groundspeed.referee.report.gate import compare

HEADER = {"machine": "sample machine", "noise": {"floor": 0.05}}


def test_everything_comes_back(tmp_path):
    records = [*everything(cuda=True), nothing("polars", "missing", "n/a: needs polars")]
    archive.write(tmp_path / archive.NAME, HEADER, records)
    header, found = archive.read(tmp_path / archive.NAME)
    assert header == HEADER
    assert found == [archive.rounded(one) for one in records]


def test_one_record_a_line(tmp_path):
    archive.write(tmp_path / archive.NAME, HEADER, everything())
    lines = lzma.decompress((tmp_path / archive.NAME).read_bytes()).decode().splitlines()
    assert len(lines) == 1 + len(everything())
    assert {json.loads(line)["schema"] for line in lines[1:]} == {record().schema}


def test_samples_keep_what_a_clock_can_tell():
    one = process(0.123456789012)
    one.device_seconds = [0.123456789012]
    found = archive.rounded(record(processes=[one, on_gpu()])).processes[0]
    assert found.phases["run"][0] == pytest.approx(0.9 * 0.123456789012, abs=5e-8)
    assert found.phases["run"][0] == round(found.phases["run"][0], 7)
    assert found.device_seconds == [0.1234568]
    assert archive.rounded(record(seconds=[1e-9])).seconds("run") == pytest.approx(1e-9, rel=0.2)


def test_raw_samples_cost_two_bytes_each(tmp_path):
    random = __import__("random").Random(1)
    one = process(1.0)
    one.phases = {name: [random.lognormvariate(-4, 0.1) for _ in range(200)] for name in one.phases}
    archive.write(tmp_path / archive.NAME, HEADER, [record(processes=[one] * 1)] * 3)
    assert (tmp_path / archive.NAME).stat().st_size < 4 * 800 + 2500


@pytest.mark.parametrize("keep", [0, 10, 200])
def test_a_cut_file_is_named(tmp_path, keep):
    path = tmp_path / archive.NAME
    archive.write(path, HEADER, everything())
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(ValueError, match=r"records\.jsonl\.xz holds no published records, or is cut"):
        archive.read(path)


def test_a_line_of_another_schema_is_named(tmp_path):
    path = tmp_path / archive.NAME
    lines = [HEADER, record().as_dict(), {**record().as_dict(), "schema": 99}]
    path.write_bytes(lzma.compress("".join(json.dumps(line) + "\n" for line in lines).encode()))
    with pytest.raises(ValueError, match=r"records\.jsonl\.xz, record 2, point_in_polygon / .*99"):
        archive.read(path)


def test_an_edited_record_is_named(tmp_path):
    path = tmp_path / archive.NAME
    archive.write(path, HEADER, [record(), record("numpy")])
    lines = lzma.decompress(path.read_bytes()).decode().splitlines()
    lines[2] = lines[2].replace('"records":1000000', '"records":1000001')
    path.write_bytes(lzma.compress("".join(f"{line}\n" for line in lines).encode()))
    with pytest.raises(ValueError, match=r"record 2, point_in_polygon / .* / numpy: it was edited"):
        archive.read(path)


def test_a_report_made_from_a_published_report_is_the_same(tmp_path):
    root = shards(tmp_path / "records", [*case(), *awkward()])
    (root / "sample_machine" / "notes.md").write_text("A *slow* minute.\n")
    first = report(root, tmp_path / "first").parent
    again = report(tmp_path / "first", tmp_path / "again").parent
    paths = sorted(path.relative_to(first) for path in first.rglob("*.*"))
    assert "notes.md" in map(str, paths)
    for path in paths:
        assert (first / path).read_bytes() == (again / path).read_bytes(), path


def test_remarks_stand_in_the_report_and_are_no_html(tmp_path):
    root = shards(tmp_path / "records", case())
    (root / "sample_machine" / "notes.md").write_text("A *slow* minute. <script>alert(1)</script>\n")
    page = report(root, tmp_path / "out")
    text = page.read_text(encoding="utf-8")
    assert "A <em>slow</em> minute." in text
    assert "<script>alert(1)" not in text
    assert "## Remarks on these runs" in (page.parent / "report.md").read_text(encoding="utf-8")
    (root / "sample_machine" / "notes.md").unlink()
    assert "A <em>slow</em> minute." in report(root, tmp_path / "out").read_text(encoding="utf-8")


def test_compare_reads_published_records(tmp_path, capsys):
    own = {"style": "compiled", "cores": "all"}
    for name, seconds in (("base", 1.0), ("head", 1.5)):
        records = [record("groundspeed[cpu]", [seconds] * 3, **own), record(seconds=[1.0] * 3)]
        report(shards(tmp_path / name, records), tmp_path / f"{name}-report")
    capsys.readouterr()
    base, head = (tmp_path / f"{name}-report" for name in ("base", "head"))
    assert compare(base, base) == 0
    assert compare(base, head) == 1
    assert "FAIL" in capsys.readouterr().out
    assert compare(base / "sample-machine" / archive.NAME, tmp_path / "head") == 1


def test_a_former_document_is_still_read(tmp_path):
    former = {**HEADER, "records": [one.as_dict() for one in everything()]}
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / archive.FORMER).write_text(json.dumps(former))
    assert published(tmp_path / "m" / archive.FORMER).floor == 0.05
    assert load(tmp_path)["sample machine"].records == published(tmp_path / "m" / archive.FORMER).records


def test_nothing_is_added_to_published_records(tmp_path):
    report(shards(tmp_path / "records", case()), tmp_path / "out")
    for head in (tmp_path / "out" / "sample-machine", tmp_path / "out" / "sample-machine" / archive.NAME):
        with pytest.raises(ValueError, match="is published: confirm the folder"):
            remeasure([record()], head, lambda *given: pytest.fail("measured"))
