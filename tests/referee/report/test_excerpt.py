"""The README's numbers are the published report's, and say what the report says."""

import re
from pathlib import Path

import pytest
from referee.report.sample import case, record, shards

from groundspeed.referee.report.archive import find
from groundspeed.referee.report.bundle import Bundle, published
from groundspeed.referee.report.command import report
from groundspeed.referee.report.excerpt import BEGIN, END, excerpt, quote, quoted

ROOT = Path(__file__).parents[3]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def told(*records):
    """Cells of every row by what it is called."""
    text = [
        line for line in excerpt(Bundle("m", list(records)), "reports").splitlines() if line.startswith("|")
    ]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in text[2:]]
    return {row[0].partition(":")[0]: row for row in cells}


def cases(ratios):
    """A case for each speed-up."""
    own = {"style": "compiled", "cores": "all"}
    return [
        one
        for number, ratio in enumerate(ratios)
        for one in (
            record("shapely strtree", [ratio] * 6, case=f"c{number}"),
            record("groundspeed[cpu]", [1.0] * 7, case=f"c{number}", **own),
        )
    ]


def test_the_readme_quotes_the_published_report():
    (machine,) = re.findall(r'src="reports/([^/)]+)/figures/ladder\.svg', README)
    assert quoted(README) == excerpt(published(find(ROOT / "reports" / machine)), "reports"), (
        "publish with: groundspeed bench report --out reports --readme README.md"
    )


def test_the_lines_of_the_readme_run(capsys):
    (code,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    assert len(code.splitlines()) == 5
    exec(code, {})
    assert capsys.readouterr().out == "[160438 249826]\n"


def test_the_rows_are_the_extremes_and_the_quartiles_with_a_loss_if_there_is_one():
    found = told(*cases([30.0, 0.5, 4.0, 2.0, 16.0, 8.0, 1.0, 5.0, 3.0]))
    assert [row[4].split()[0] for row in found.values()] == [
        "**0.50×**",
        "**2.0×**",
        "**4.0×**",
        "**8.0×**",
        "**30×**",
    ]
    assert list(found) == ["smallest", "lower quartile", "median", "upper quartile", "largest"]
    assert found["smallest"][4] == "**0.50×** (slower) [0.50–0.50] (6:7)"


def test_few_cases_are_told_once_each():
    assert len(told(*cases([2.0]))) == 1
    assert len(told(*cases([2.0, 3.0]))) == 2
    assert told() == {}


def test_a_row_names_naive_and_both_baselines_with_processes():
    tuned = record("numba tuned", [0.3] * 3, style="compiled", division="tuned")
    (row,) = told(*case(), tuned).values()
    assert "`point_in_polygon`, 1 M uniform points" in row[0]
    assert row[1:4] == ["≈ 50.5 s (extrapolated, reach 1,000×)", "shapely strtree threads, 530 ms", "62.0 ms"]
    assert row[4:] == ["**8.5×** (3:2)", "**4.8×** (3:2) over numba tuned, 300 ms"]


def test_the_best_engine_that_was_measured_is_quoted_and_a_gpu_that_was_not_is_said():
    without, measured = (excerpt(Bundle("m", case(cuda=cuda)), "reports") for cuda in (False, True))
    assert "**GPU: not measured.**" in without
    assert "largest speed-up of groundspeed[cpu]" in without
    assert "**GPU: measured.**" in measured
    assert "largest speed-up of groundspeed[cuda]" in measured


def test_all_three_totals_stand_below():
    text = excerpt(Bundle("m", case()), "reports")
    for words in ("prepared data 8.5×", "arrays in and out", "first call of a process"):
        assert words in text


def test_old_rules_are_told():
    assert ("Measured under the old rules" in excerpt(Bundle("m", case()), "r")) is (record().schema < 2)


def test_other_coordinates_are_told():
    (row,) = told(
        record("numpy", [1.0], dtype="float32"), record("groundspeed[cpu]", [1.0], dtype="float32")
    ).values()
    assert row[0].endswith(", float32")


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
        assert text.startswith(f'# A\n{BEGIN}\n<a href="reports/sample-machine/report.md"><picture>')
        assert text.endswith(f"{END}\nafter\n")
    shards(records, case(machine="another"))
    with pytest.raises(ValueError, match="choose one of another, sample machine"):
        report(records, tmp_path / "reports", readme=document)
