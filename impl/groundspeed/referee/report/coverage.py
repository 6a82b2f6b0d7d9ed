"""How often the interval of a speed-up holds the truth: simulated, as no theory tells of few.

`python -m groundspeed.referee.report.coverage docs/interval-coverage.svg` draws it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from scipy.stats import expon, norm

from groundspeed.referee.report import figures
from groundspeed.referee.report.statistics import CONFIDENCE, LEAST, ratio_interval

TRIALS = 4000
SEED = 20190612
Shape = Callable[[np.ndarray], np.ndarray]
Interval = Callable[[Any, Any], tuple[float, float] | None]
INKS = ("#0f8f86", "#4a80b5", "#8172b8", "#d1495b", "#b9852f")


@dataclass(frozen=True)
class World:
    """A way in which the process medians of the two sides of a ratio scatter.

    Attributes:
        name: as the figure calls it.
        shapes: one per side, from standard normal deviates to times with median 1.
        correlation: of the deviates of one process and the next.
    """

    name: str
    shapes: tuple[Shape, Shape]
    correlation: float

    def sides(self, trials: int, processes: int) -> list[np.ndarray]:
        """Two (trials, processes) arrays of process medians whose own median is 1: AR(1) series, shaped."""
        random = np.random.default_rng(SEED)
        return [shape(self._series(random.standard_normal((trials, processes)))) for shape in self.shapes]

    def _series(self, deviates: np.ndarray) -> np.ndarray:
        fresh = np.sqrt(1 - self.correlation**2)
        for at in range(1, deviates.shape[1]):
            deviates[:, at] = self.correlation * deviates[:, at - 1] + fresh * deviates[:, at]
        return deviates


def skewed(deviates: np.ndarray) -> np.ndarray:
    """Log-normal with 17 % of scatter, as much as fast joins have from process to process."""
    return np.exp(0.17 * deviates)


def floored(deviates: np.ndarray) -> np.ndarray:
    """A time that nothing can undercut, plus an exponential delay."""
    times = 1 + 0.3 * expon.ppf(norm.cdf(deviates))
    return times / (1 + 0.3 * expon.ppf(0.5))


def interrupted(deviates: np.ndarray) -> np.ndarray:
    """A fifth of the processes fall into slow minutes, in which everything takes half as long again."""
    return np.exp(0.05 * deviates) * np.where(deviates > norm.ppf(0.8), 1.5, 1.0)


def quiet(deviates: np.ndarray) -> np.ndarray:
    """No scatter worth the name: half a percent."""
    return np.exp(0.005 * deviates)


WORLDS = (
    World("both skewed, independent", (skewed, skewed), 0.0),
    World("both skewed, autocorrelation 0.3", (skewed, skewed), 0.3),
    World("slow minutes against a floor, autocorrelation 0.3", (interrupted, floored), 0.3),
    World("skewed against quiet, independent", (skewed, quiet), 0.0),
    World("slow minutes against quiet, autocorrelation 0.1", (interrupted, quiet), 0.1),
)
"""Both machines published first had an autocorrelation of -0.01 and 0.01 from pass to pass (114 and 256
pairs of neighbours), a scatter of 2 to 20 %, and slow minutes."""


def bootstrap(numerator: np.ndarray, denominator: np.ndarray, resamples: int = 400) -> tuple[float, float]:
    """The percentile bootstrap over processes that reports had before, for comparison."""
    random = np.random.default_rng(SEED)
    above, below = (
        np.median(side[random.integers(0, len(side), (resamples, len(side)))], axis=1)
        for side in (numerator, denominator)
    )
    ends = np.percentile(above / below, [50 * (1 - CONFIDENCE), 50 * (1 + CONFIDENCE)])
    return float(ends[0]), float(ends[1])


def coverage(
    world: World, processes: int, interval: Interval = ratio_interval, trials: int = TRIALS
) -> float:
    """The share of trials in which the interval holds the true ratio, 1; NaN where there is no interval."""
    found = [interval(above, below) for above, below in zip(*world.sides(trials, processes), strict=True)]
    return float(np.mean([one[0] <= 1 <= one[1] if one else np.nan for one in found]))


def draw(path: Path, trials: int = TRIALS) -> None:
    """The figure: coverage over processes on each side, before and now, one line per world."""
    numbers = range(2, 13)

    def plot(axes: Axes) -> None:
        for world, ink in zip(WORLDS, INKS, strict=True):
            before = [coverage(world, n, bootstrap, trials) for n in numbers]
            now = [coverage(world, n, trials=trials) for n in numbers]
            axes.plot(numbers, before, color=ink, linewidth=1, linestyle="--")
            axes.plot(numbers, now, color=ink, linewidth=2, marker="o", markersize=4, label=world.name)
        axes.axhline(CONFIDENCE, color=figures.INK, linewidth=0.8)
        axes.text(2, CONFIDENCE + 0.006, f"promised: {CONFIDENCE:.0%}", fontsize=8)
        axes.set(
            xlabel=f"processes on each side (no interval is printed below {LEAST})",
            ylabel="share of intervals that hold the truth",
            ylim=(0.4, 1.01),
        )
        axes.grid(alpha=0.25, linewidth=0.5)
        axes.legend(
            loc="lower right",
            frameon=False,
            fontsize=8,
            title="—● as printed   - - bootstrap, as before",
            title_fontsize=8,
        )

    figure = figures.draw(plot, 6.4, 4.2)
    path.write_text(figures.svg(figure), encoding="utf-8")


if __name__ == "__main__":
    draw(Path(sys.argv[1]))
