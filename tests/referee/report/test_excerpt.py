"""The README's numbers are the published report's, and say what the report says."""

import re
from pathlib import Path

import pytest
from referee.report.sample import awkward, case, failing, record, scaling, shards

from groundspeed.referee.report.bundle import Bundle, published
from groundspeed.referee.report.command import report
from groundspeed.referee.report.excerpt import BEGIN, END, excerpt, quote, quoted

ROOT = Path(__file__).parents[3]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def lines(*records):
    """Cells of every row, without the head."""
    text = excerpt(Bundle("m", list(records))).splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in text[2:]]


def test_the_readme_quotes_the_published_report():
    (machine,) = re.findall(r"\]\(reports/([^/)]+)/figures/overview\.png", README)
    assert quoted(README) == excerpt(published(ROOT / "reports" / machine / "records.json")), (
        "publish with: groundspeed bench report --out reports --readme README.md"
    )


def test_one_row_per_case_with_time_baseline_and_interval():
    (row,) = lines(*case())
    assert row[0].startswith("`point_in_polygon`: 1 M uniform points")
    assert row[1:4] == ["50.5 s (extrapolated)", "shapely strtree threads, 530 ms", "62.0 ms"]
    assert re.fullmatch(r"\*\*8\.5×\*\* \[[\d.]+–[\d.]+\]", row[4])


def test_a_measured_gpu_has_columns_and_another_has_none():
    assert len(lines(*case())[0]) == 5
    assert len(lines(*case(cuda=True))[0]) == 7


def test_of_a_scaling_plot_the_largest_size_stands():
    assert ["1,000,000 uniform points" in row[0] for row in lines(*scaling())] == [True]


def test_losses_and_missing_answers_are_said():
    slow = record("groundspeed[cpu]", [1.5, 1.5, 1.5], cores="all", style="compiled")
    assert "**0.67×** (slower)" in lines(record("shapely strtree", [1.0] * 3), slow)[0][4]
    told = {row[0]: row for row in lines(*failing())}
    wrong, alone = (told[name] for name in sorted(told))
    assert "fail: 3 of 1,000,000 values" in wrong[4]
    assert alone[2] == "none agrees"
    assert lines(*awkward())[0][0].startswith("`haversine_distance`: 3 M flights")


def test_other_coordinates_are_told():
    assert lines(record("numpy", [1.0], dtype="float32"))[0][0].endswith(", float32")


@pytest.mark.parametrize(
    "text", ["", f"{BEGIN}\n", f"{END}\n{BEGIN}\n", f"{BEGIN}\n{END}\n{END}\n", f"{BEGIN}\n{BEGIN}\n{END}\n"]
)
def test_a_document_without_one_place_is_refused(tmp_path, text):
    document = tmp_path / "README.md"
    document.write_text(text)
    with pytest.raises(ValueError, match="once each"):
        quote(document, "| a |\n")
    assert document.read_text() == text


def test_the_report_replaces_the_table_and_nothing_else(tmp_path):
    document = tmp_path / "README.md"
    document.write_text(f"# A\n{BEGIN}\n{END}\nafter\n")
    records = shards(tmp_path / "records", case())
    for _ in range(2):
        report(records, tmp_path / "reports", readme=document)
        text = document.read_text(encoding="utf-8")
        assert text.startswith(f"# A\n{BEGIN}\n| case |")
        assert text.endswith(f"{END}\nafter\n")
    shards(records, case(machine="another"))
    with pytest.raises(ValueError, match="choose one of another, sample machine"):
        report(records, tmp_path / "reports", readme=document)
