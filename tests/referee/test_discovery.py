"""The catalog finds what is in the folders, and every entry is complete."""

import inspect

import pytest

from groundspeed import operations
from groundspeed.referee import discovery, model

NAMES = list(operations.names())
ENTRIES = [(name, one) for name in NAMES for one in discovery.implementations(name)]


def test_the_three_shapes_of_work_are_found():
    assert {"haversine_distance", "point_in_polygon", "directed_hausdorff_distance"} <= set(NAMES)


def test_an_unknown_operation_lists_the_known_ones():
    with pytest.raises(KeyError, match="haversine_distance"):
        discovery.operation("havershine")


@pytest.mark.parametrize("name", NAMES)
def test_an_operation_is_complete(name):
    operation = discovery.operation(name)
    known = discovery.implementations(name)
    assert operation.name == name
    assert operation.oracle in known
    assert operation.second_oracle in {"", *known}
    assert {case.profile for case in operation.cases} == {"smoke", "quick", "full"}
    assert len({case.name for case in operation.cases}) == len(operation.cases)
    assert {"groundspeed[cpu]", "groundspeed[cuda]"} <= set(known)


@pytest.mark.parametrize("name", NAMES)
def test_the_docstring_is_the_rule(name):
    doc = inspect.getdoc(operations.function(name))
    for section in ("Args:", "Returns:", "Raises:", "Examples:"):
        assert section in doc, f"{name}: the docstring has no section {section}"


@pytest.mark.parametrize(("name", "implementation"), ENTRIES)
def test_an_implementation_is_complete(name, implementation):
    one = discovery.implementations(name)[implementation]
    assert one.style in model.STYLES
    assert one.doc
    assert one.source


def test_every_operation_has_naive_vectorised_and_parallel_competitors():
    for name in NAMES:
        styles = {
            one.style for one in discovery.implementations(name).values() if one.library != "groundspeed"
        }
        assert {"naive", "vectorised", "parallel"} <= styles, name


def test_a_missing_library_is_named():
    @model.implementation("no_such_library", style="naive", cores="one")
    def never(points):
        """Never runs."""

    assert never.__competitors__[0].missing == "n/a: needs no_such_library"


def test_what_else_is_missing_is_named_after_libraries():
    def declared(**changes):
        @model.implementation("numpy", style="naive", cores="one", **changes)
        def never(points):
            """Never runs."""

        return never.__competitors__[0]

    assert discovery.unavailable(declared()) == ""
    assert discovery.unavailable(declared(lacks=lambda: "needs a server")) == "n/a: needs a server"
    both = declared(requires=("no_such_library",), lacks=lambda: "needs a server")
    assert discovery.unavailable(both) == "n/a: needs no_such_library"


def test_an_implementation_needs_a_caption():
    with pytest.raises(ValueError, match="caption"):

        @model.implementation("numpy", style="naive", cores="one")
        def silent(points):
            return points


def test_a_short_profile_has_no_time_for_the_slowest():
    case = next(case for case in discovery.operation("point_in_polygon").cases if case.name == "holes")
    full, quick = (discovery.competitors("point_in_polygon", case, profile) for profile in ("full", "quick"))
    assert full.keys() > quick.keys()
    assert {name for name in full if full[name].profile == "full"} == full.keys() - quick.keys()
    assert "spatialpandas sjoin" not in quick
