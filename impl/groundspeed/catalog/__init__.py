"""What is computed (`Operation`), by whom (`Implementation`), on what (`Case`); found in folders."""

from groundspeed.catalog.declaring import implementation
from groundspeed.catalog.entries import (
    PROFILES,
    STYLES,
    Case,
    Implementation,
    Inputs,
    Lane,
    Operation,
)
from groundspeed.catalog.finding import (
    all_operations,
    cases,
    contestants,
    implementations,
    operation,
    unavailable,
)
from groundspeed.catalog.inputs import cast, is_source, resolve

__all__ = [
    "PROFILES",
    "STYLES",
    "Case",
    "Implementation",
    "Inputs",
    "Lane",
    "Operation",
    "all_operations",
    "cases",
    "cast",
    "contestants",
    "implementation",
    "implementations",
    "is_source",
    "operation",
    "resolve",
    "unavailable",
]
