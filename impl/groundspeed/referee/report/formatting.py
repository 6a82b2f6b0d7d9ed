"""Numbers as a reader wants them: `12.3 ms`, `46×`, `1,000,000`, `1.5 MiB`."""

from __future__ import annotations

import math
import re

NOT_MEASURED = "not measured"
ESTIMATE = "≈"
"""The mark of every number that rests on an extrapolation."""
_TIME_UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))
_SHORT = ((1_000_000_000, "G"), (1_000_000, "M"), (1_000, "k"))


def significant(value: float, digits: int = 3) -> str:
    """The value with that many significant digits, without exponent, thousands separated.

    Examples:
        >>> significant(1234.5), significant(0.04251), significant(9.999)
        ('1,234', '0.0425', '10.0')
    """
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    magnitude = math.floor(math.log10(abs(float(f"{value:.{digits - 1}e}"))))
    return f"{value:,.{max(0, digits - 1 - magnitude)}f}"


def seconds(value: float | None) -> str:
    """A time in the unit that suits it; hours and minutes above two minutes.

    Examples:
        >>> seconds(0.01234), seconds(95.0), seconds(5400), seconds(None)
        ('12.3 ms', '95.0 s', '1.50 h', 'not measured')
    """
    if value is None:
        return NOT_MEASURED
    if value >= 7200 / 2:
        return f"{significant(value / 3600)} h"
    if value > 120:
        return f"{significant(value / 60)} min"
    scale, unit = next((pair for pair in _TIME_UNITS if value >= pair[0]), _TIME_UNITS[-1])
    return f"{significant(value / scale)} {unit}"


def decade(value: float) -> str:
    """A time on an axis, without digits that say nothing.

    Examples:
        >>> decade(0.001), decade(10.0)
        ('1 ms', '10 s')
    """
    scale, unit = next((pair for pair in _TIME_UNITS if value >= pair[0]), _TIME_UNITS[-1])
    return f"{round(value / scale, 9):g} {unit}"


def times(value: float) -> str:
    """A ratio on an axis.

    Examples:
        >>> times(0.1), times(1000.0), times(100000.0)
        ('0.1×', '1000×', '100 k×')
    """
    return f"{short(value) if value >= 10_000 else f'{value:g}'}×"


def factor(value: float | None) -> str:
    """A ratio of times, two or three digits.

    Examples:
        >>> factor(4.123), factor(46.4), factor(1234), factor(0.4567), factor(None)
        ('4.1×', '46×', '1,230×', '0.46×', '–')
    """
    if value is None:
        return "–"
    if value >= 100:
        value = float(f"{value:.2e}")
    return f"{significant(value, 2)}×"


def marked(value: float | None, inferred: bool) -> str:
    """A factor, with a mark where it rests on an extrapolated time.

    Examples:
        >>> marked(4.123, False), marked(4.123, True), marked(None, True)
        ('4.1×', '≈ 4.1×', '–')
    """
    return f"{ESTIMATE} {factor(value)}" if inferred and value is not None else factor(value)


def bracket(interval: tuple[float, float] | None) -> str:
    """An interval of factors in brackets, "" where there is none.

    Examples:
        >>> bracket((3.9, 4.3)), bracket(None)
        ('[3.9–4.3]', '')
    """
    return f"[{factor(interval[0])[:-1]}–{factor(interval[1])[:-1]}]" if interval else ""


def count(value: int) -> str:
    """A number with thousands separated.

    Examples:
        >>> count(1000000)
        '1,000,000'
    """
    return f"{value:,}"


def short(value: float) -> str:
    """A count for an axis.

    Examples:
        >>> short(1_000_000), short(2500), short(30)
        ('1 M', '2.5 k', '30')
    """
    scale, unit = next((pair for pair in _SHORT if value >= pair[0]), (1, ""))
    return f"{value / scale:g} {unit}".strip()


def size(value: float | None) -> str:
    """Bytes in binary units.

    Examples:
        >>> size(1572864), size(None)
        ('1.50 MiB', 'not measured')
    """
    if value is None:
        return NOT_MEASURED
    for unit in ("B", "KiB", "MiB"):
        if abs(value) < 1024:
            return f"{significant(value)} {unit}" if unit != "B" else f"{value:g} B"
        value /= 1024
    return f"{significant(value)} GiB"


def percent(value: float) -> str:
    """A fraction in percent.

    Examples:
        >>> percent(0.034)
        '3.4 %'
    """
    return f"{significant(100 * value, 2)} %"


def plural(number: int, noun: str) -> str:
    """A number with its noun.

    Examples:
        >>> plural(1, "process"), plural(3, "case")
        ('1 process', '3 cases')
    """
    ending = "" if number == 1 else "es" if noun.endswith("s") else "s"
    return f"{number:,} {noun}{ending}"


def slug(*parts: str) -> str:
    """A name for files and anchors.

    Examples:
        >>> slug("point_in_polygon", "1 M x 1k", "groundspeed[cpu]")
        'point_in_polygon-1-M-x-1k-groundspeed-cpu'
    """
    return "-".join(re.sub(r"[^\w.]+", "-", part).strip("-") for part in parts)
