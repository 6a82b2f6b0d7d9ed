"""From file to file: one that is right, one that writes a wrong file, one that gives up after writing."""

from __future__ import annotations

import numpy as np

from groundspeed.referee.competitors import scratch
from groundspeed.referee.model import implementation

OUTPUTS = []


def written(inputs):
    """The values in a file."""
    folder = scratch.folder(inputs, lambda inputs, folder: np.save(folder / "values.npy", inputs["values"]))
    return {"values": folder / "values.npy", "output": scratch.output(folder)}


def values(output):
    """What was written."""
    OUTPUTS.append(output)
    with output.open("rb") as file:
        return np.load(file)


def _double(path, output, more=0):
    with output.open("wb") as file:
        np.save(file, np.load(path) * 2 + more)
    return output


@implementation(
    "numpy", lane="file_to_file", style="vectorised", cores="one", prepare=written, collect=values
)
def through_files(values, output):
    """Load, double, save."""
    return _double(values, output)


@implementation(
    "numpy", lane="file_to_file", style="vectorised", cores="one", prepare=written, collect=values
)
def damaged_files(values, output):
    """Save something else."""
    return _double(values, output, more=1)


@implementation(
    "numpy", lane="file_to_file", style="vectorised", cores="one", prepare=written, collect=values
)
def half_files(values, output):
    """Save, then give up."""
    OUTPUTS.append(_double(values, output))
    raise OSError("no space left on device")


@implementation(
    "no-such-library", lane="file_to_file", style="vectorised", cores="one", prepare=written, collect=values
)
def files(values, output):
    """Cannot run here."""
    return _double(values, output)
