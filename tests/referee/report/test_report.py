"""The files of a report: complete, offline, escaped, the same for the same records."""

import re
from html.parser import HTMLParser

import pytest
from referee.report.sample import (
    MACHINE,
    awkward,
    case,
    everything,
    failing,
    files,
    nothing,
    process,
    record,
    scaling,
    shards,
)

from groundspeed.referee.report import archive, index
from groundspeed.referee.report.bundle import Bundle, load
from groundspeed.referee.report.command import report

FILES = {"index.html", "report.md", "speedups.csv", "records.jsonl.xz", "figures"}
VOID = {"meta", "link", "input", "br"}


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Reports without and with a GPU, the second with a noise floor."""
    found = {}
    for cuda in (False, True):
        root = tmp_path_factory.mktemp("report")
        records = shards(root / "records", everything(cuda))
        if cuda:
            (records / "sample_machine" / "noise.json").write_text('{"floor": 0.034}')
        found[cuda] = report(records, root / "reports")
    return found


class Tags(HTMLParser):
    """Every tag with its attributes, and whether they are closed in order."""

    def __init__(self):
        super().__init__()
        self.tags, self.open, self.errors = [], [], []

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.errors.append((tag, self.getpos()))


def parsed(page):
    parser = Tags()
    parser.feed(page.read_text(encoding="utf-8"))
    return parser


@pytest.mark.parametrize("cuda", [False, True])
def test_all_files_are_there(pages, cuda):
    folder = pages[cuda].parent
    assert {path.name for path in folder.iterdir()} == FILES
    names = {path.name for path in (folder / "figures").iterdir()}
    assert names == {"ladder.svg", "ladder-dark.svg", "scaling-point_in_polygon-points.svg"}
    assert (folder.parent / "README.md").is_file()
    assert (folder.parent / "index.html").is_file()


@pytest.mark.parametrize("cuda", [False, True])
def test_the_page_is_offline(pages, cuda):
    text = pages[cuda].read_text(encoding="utf-8")
    fetching = [
        (tag, name, value)
        for tag, attributes in parsed(pages[cuda]).tags
        for name, value in attributes.items()
        if name in {"src", "href", "srcset", "data", "poster"} and tag != "a"
    ]
    assert all(value.startswith(("#", "data:")) for _, _, value in fetching), fetching
    assert not re.search(r"url\((?!['\"]?#)|@import|https?://|XMLHttpRequest|fetch\(", text)


@pytest.mark.parametrize("cuda", [False, True])
def test_the_page_is_well_formed(pages, cuda):
    found = parsed(pages[cuda])
    assert (found.errors, found.open) == ([], [])
    ids = [attributes["id"] for _, attributes in found.tags if "id" in attributes]
    assert len(ids) == len(set(ids)), {one for one in ids if ids.count(one) > 1}
    targets = {
        attributes["href"][1:]
        for tag, attributes in found.tags
        if tag == "a" and attributes["href"][0] == "#"
    }
    assert targets <= set(ids)


def test_text_from_records_is_escaped(pages):
    text = pages[False].read_text(encoding="utf-8")
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert" in text


def test_pictures_have_words(pages):
    for tag, attributes in parsed(pages[True]).tags:
        if tag == "svg" and "aria-hidden" not in attributes:
            assert attributes.get("aria-label") or attributes.get("aria-labelledby")


@pytest.mark.parametrize("name", ["index.html", "report.md"])
def test_what_was_not_measured_says_so(pages, name):
    text = (pages[False].parent / name).read_text(encoding="utf-8")
    assert "groundspeed[cuda]: not measured on this machine." in text
    assert "groundspeed[cuda] not measured" in text
    assert "no interval below 6 processes" in text or "(1:1)" in text
    assert "1,204 of 3,000,000 values are outside the tolerance" in text
    assert not re.search(r"up to [\d.,]+\s*×", text)


def test_extrapolated_bars_are_hollow_and_labelled(pages):
    text = pages[False].read_text(encoding="utf-8")
    bars = re.findall(r'<svg class="bar c-naive[^>]*aria-label="([^"]*)">(.*?)</svg>', text, flags=re.DOTALL)
    assert len(bars) > 4
    for label, body in bars:
        assert ("extrapolated" in label) == ('class="hollow"' in body)
    assert any("hollow" in body for _, body in bars)
    assert any("hollow" not in body for _, body in bars)


def test_from_file_to_file_has_bars_and_a_table_of_its_own(pages):
    text = pages[False].read_text(encoding="utf-8")
    assert text.count("From file to file: read, join, write; ranking") == 2
    assert "file to file 0.50× (2:2)" in text
    section, tuned = (
        re.findall(
            rf'<ul class="rows field"[^>]*tessellation_1k-files-{ranking}">(.*?)</ul>', text, re.DOTALL
        )[0]
        for ranking in ("default", "tuned")
    )
    assert re.findall(r"</i>([^<]+)<small>", section) == [
        "polars files", "sedonadb sql files", "groundspeed[cpu] files", "duckdb copy files",
        "geopandas sjoin files", "groundspeed[cuda] files",
    ]  # fmt: skip
    own = ["shapely threads files", "groundspeed[cpu] files", "groundspeed[cuda] files"]
    assert re.findall(r"</i>([^<]+)<small>", tuned) == own
    assert "n/a: needs cupy" in section
    assert "host to host" not in section
    assert 'class="bar c-groundspeed-cpu' in section
    markdown = (pages[False].parent / "report.md").read_text(encoding="utf-8")
    assert "| groundspeed[cpu] files | all | 909 ms | 0.50× (2:2) over sedonadb sql files |" in markdown


def test_the_noise_floor_is_told(pages):
    assert "differs by up to 3.4 %" in pages[True].read_text(encoding="utf-8")
    assert "Not measured on this machine" in pages[False].read_text(encoding="utf-8")


def test_the_code_that_was_timed_is_shown_once_per_operation(pages):
    text = pages[False].read_text(encoding="utf-8")
    assert text.count('id="code-point_in_polygon-shapely-strtree"') == 1
    assert text.count('data-code="code-point_in_polygon-shapely-strtree"') == 5
    assert text.count('id="code-haversine_distance-numba-tuned"') == 1


def test_the_same_records_give_the_same_bytes(tmp_path):
    records = shards(tmp_path / "records", [*case(), *scaling(), *awkward(), *failing()])
    first, second = report(records, tmp_path / "a").parent, report(records, tmp_path / "b").parent
    paths = sorted(path.relative_to(first) for path in first.rglob("*.*"))
    assert paths == sorted(path.relative_to(second) for path in second.rglob("*.*"))
    for path in paths:
        assert (first / path).read_bytes() == (second / path).read_bytes(), path


def test_the_file_of_records_holds_everything(pages):
    header, found = archive.read(pages[False].parent / archive.NAME)
    assert header["machine"] == MACHINE
    assert header["measured_at"] == "2026-01-05"
    assert len(found) == len(everything())


@pytest.mark.parametrize(
    "records",
    [
        [nothing("groundspeed[cpu]", "error", "ImportError: x")],
        [record("groundspeed[cpu]", [1.0], cores="all")],
        [record("shapely strtree", [1.0])],
        [record("shapely strtree", [1e-9]), record("groundspeed[cpu]", [1e4])],
        files(),
    ],
    ids=["nothing measured", "only ours", "only theirs", "extreme", "only files"],
)
def test_degenerate_records(tmp_path, records):
    page = report(shards(tmp_path / "records", records), tmp_path / "reports")
    assert parsed(page).errors == []


def test_figures_of_an_earlier_report_go(tmp_path):
    root = tmp_path / "records"
    report(shards(root, [*case(), *scaling()]), tmp_path / "reports")
    for path in root.rglob("*scaling*/*/*.json"):
        path.unlink()
    page = report(root, tmp_path / "reports")
    assert not list((page.parent / "figures").glob("*scaling*"))


def test_several_machines(tmp_path, capsys):
    shards(tmp_path / "records", [*case(), *case(machine="another")])
    overview = report(tmp_path / "records", tmp_path / "reports")
    assert overview == tmp_path / "reports" / "index.html"
    assert capsys.readouterr().out.splitlines()[-1] == str(overview)
    text = overview.read_text(encoding="utf-8")
    assert 'href="another/index.html"' in text
    assert 'href="sample-machine/index.html"' in text
    one = report(tmp_path / "records", tmp_path / "reports", "another")
    assert capsys.readouterr().out.splitlines()[-1] == str(one)
    assert [path.parent.name for path, _ in index.bundles(tmp_path / "reports")] == [
        "another",
        "sample-machine",
    ]


def test_bad_arguments(tmp_path):
    with pytest.raises(FileNotFoundError, match="measure first"):
        report(tmp_path / "nowhere", tmp_path)
    shards(tmp_path / "records", case())
    with pytest.raises(ValueError, match="there are: sample machine"):
        report(tmp_path / "records", tmp_path, "elsewhere")


def test_load_merges_processes_and_finds_the_noise_floor(tmp_path):
    root = shards(tmp_path / "records", case())
    (root / "sample_machine" / "noise.json").write_text('{"floor": 0.02}')
    found = load(root)[MACHINE]
    assert {len(one.processes) for one in found.records} == {0, 2, 3}
    assert found.floor == 0.02
    assert load(root / "sample_machine")[MACHINE].floor == 0.02


def test_environment_is_flat_and_shows_differences():
    own = {"gpu": [{"name": "A"}], "libraries": {"numpy": "2.0"}, "memory": 1 << 36, "commit": None}
    one = record(environment=own, processes=[process(1.0, load=0.5), process(1.0, load=2.0)])
    two = record("numpy", environment={"libraries": {"numpy": "2.1"}, "load_average": 9.0})
    found = Bundle(MACHINE, [one, two]).environment
    assert found["gpu: 0: name"] == "A"
    assert found["libraries: numpy"] == "2.0 | 2.1"
    assert found["memory"] == "64.0 GiB"
    assert found["load average"] == "0.40 to 2.00"
    assert not {"commit", "load_average"} & found.keys()


def test_all_pages_look_alike_but_the_index_carries_no_style_of_charts(pages):
    own, overview = (
        path.read_text(encoding="utf-8") for path in (pages[False], pages[False].parents[1] / "index.html")
    )
    for text in (own, overview):
        assert text.startswith("<!doctype html>")
        assert "--paper: #fdfdfb" in text
    assert ".ladder" in own
    assert ".ladder" not in overview
    assert parsed(pages[False].parents[1] / "index.html").errors == []


def test_rows_name_their_commit_where_commits_are_mixed(tmp_path):
    one, two = (record(name, environment={"commit": f"{name}0000"}) for name in ("abcd", "ef01"))
    alike = report(shards(tmp_path / "alike", [one]), tmp_path / "a").parent
    mixed = report(shards(tmp_path / "mixed", [one, two]), tmp_path / "b").parent
    told = ["| cold | commit |" in (folder / "report.md").read_text() for folder in (alike, mixed)]
    assert told == [False, True]
    for name in ("report.md", "index.html", "speedups.csv"):
        text = (mixed / name).read_text(encoding="utf-8")
        assert "abcd0000" in text
        assert "ef010000" in text
