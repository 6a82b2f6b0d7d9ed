"""Source expressions: how a case names its data in one line of text."""

from __future__ import annotations

import ast
import inspect

import numpy as np

from groundspeed.datasets.errors import DatasetError, unknown
from groundspeed.datasets.fetching import read_column
from groundspeed.datasets.generators import GENERATORS
from groundspeed.datasets.store import Data
from groundspeed.geometry import GeometryColumn

COORDINATES = ("x", "y")

OTHER_SEED = 1_000_003
"""Added to a seed for other data of the same kind; far from any that a case names."""


def load(source: str) -> Data:
    """The data that a source expression names.

    A source is one of

    * `"<generator>(<keyword>=<literal>, ...)"`, e.g. `"uniform_points(n=1_000_000, seed=1)"`;
    * `"<data set>.<column>"` of the registry, e.g. `"flights_bts_3m.origin"`; the first use fetches the set;
    * either of them followed by `.x` or `.y`: one coordinate of all vertices.

    Nothing is evaluated: arguments are literals.

    Args:
        source: the expression.

    Returns:
        GeometryColumn for geometries, a 1-D NumPy array for values and coordinates, a DataFrame for tables.

    Raises:
        DatasetError: the expression is not of these forms, names nothing there is (near matches are listed),
            has a wrong argument, or the data cannot be fetched.

    Examples:
        >>> from groundspeed.datasets import load
        >>> load("uniform_points(n=3, seed=1)").x.round(2).tolist()
        [30.97, 61.37, 90.73]
        >>> load("uniform_points(n=1_000, seed=1).y").shape
        (1000,)
    """
    try:
        node = ast.parse(source.strip(), mode="eval").body
    except SyntaxError as error:
        raise _unreadable(source) from error
    return _evaluate(node, source)


def reseeded(source: str) -> str:
    """The source with another seed; "" where it names real data, which have none.

    >>> from groundspeed.datasets import reseeded
    >>> reseeded("uniform_points(n=3, seed=1).x")
    'uniform_points(n=3, seed=1000004).x'
    """
    node = ast.parse(source.strip(), mode="eval").body
    calls = [each for each in ast.walk(node) if isinstance(each, ast.Call)]
    for call in calls:
        seed = next((each for each in call.keywords if each.arg == "seed"), None)
        old = ast.literal_eval(seed.value) if seed else 0
        others = [each for each in call.keywords if each.arg != "seed"]
        call.keywords = [*others, ast.keyword("seed", ast.Constant(old + OTHER_SEED))]
    return ast.unparse(node) if calls else ""


def _evaluate(node: ast.expr, source: str) -> Data:
    match node:
        case ast.Call(func=ast.Name(id=name), args=[], keywords=keywords):
            return _generate(name, keywords, source)
        case ast.Call(func=ast.Name(id=name)):
            raise DatasetError(
                f"{source!r}: give the arguments of {name} by name, e.g. {name}(n=1_000, seed=1)"
            )
        case ast.Attribute(value=ast.Name(id=name), attr=column):
            return read_column(name, column)
        case ast.Attribute(value=inner, attr=coordinate) if coordinate in COORDINATES:
            geometry = _evaluate(inner, source)
            if isinstance(geometry, GeometryColumn):
                return np.asarray(getattr(geometry, coordinate))
            raise DatasetError(f"{source!r}: only geometries have .{coordinate}; leave it out")
    raise _unreadable(source)


def _generate(name: str, keywords: list[ast.keyword], source: str) -> GeometryColumn:
    if name not in GENERATORS:
        raise unknown("generator", name, GENERATORS)
    try:
        arguments = {str(keyword.arg): ast.literal_eval(keyword.value) for keyword in keywords}
    except ValueError as error:
        raise DatasetError(
            f"{source!r}: arguments must be plain numbers or strings, not expressions"
        ) from error
    try:
        inspect.signature(GENERATORS[name]).bind(**arguments)
        return GENERATORS[name](**arguments)
    except (TypeError, ValueError) as error:
        expected = inspect.signature(GENERATORS[name]).replace(return_annotation=inspect.Signature.empty)
        raise DatasetError(f"{source!r}: {error}; expected {name}{expected}") from error


def _unreadable(source: str) -> DatasetError:
    return DatasetError(
        f"cannot read the source {source!r}; write a generator call such as 'uniform_points(n=1_000)' or a "
        "column such as 'flights_bts_3m.origin' (`groundspeed data list` shows the data sets)"
    )
