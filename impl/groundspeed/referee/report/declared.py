"""The cases that are declared, whether they ran or not: what did not run is a gap, and gaps are shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Declared:
    """One declared case.

    Attributes:
        operation, case, title, records, profile: as in the catalog.
        files: whether it is to be measured from file to file too.
    """

    operation: str
    case: str
    title: str
    records: int
    profile: str
    files: bool = False

    @property
    def key(self) -> tuple[str, str]:
        """As a row's record has it."""
        return self.operation, self.case

    def has(self, lane: str) -> bool:
        """Whether a lane is to be measured on it."""
        return self.files if lane == "file_to_file" else True


def declared() -> Iterator[Declared]:
    """Every case of the profile `full`, which includes `quick`, as this version declares them."""
    from groundspeed.referee import discovery

    for operation in discovery.all_operations():
        for case in discovery.cases(operation.name):
            yield Declared(operation.name, case.name, case.title, case.records, case.profile, case.files)
