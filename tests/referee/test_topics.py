"""What a topic may be, and what is wrong with one, said when it is read: the file and the remedy."""

import textwrap

import pytest
import toys

from groundspeed import operations
from groundspeed.referee import discovery

INIT = """
from groundspeed.operations.{topic}._shared.twice import twice
__all__ = ["{first}", "{second}"]

def {first}(values, *, engine=None):
    \"""Twice.\"""
    return twice(values)

def {second}(values, *, engine=None):
    \"""Four times.\"""
    return twice(twice(values))
"""
FOSS4G = """
from groundspeed.referee.model import implementation

def times(factor, name):
    @implementation("numpy", style="vectorised", cores="one", name=name)
    def product(values):
        \"""One product.\"""
        return factor * values
    return product

both = [times(2, "numpy double"), times(4, "numpy quadruple")]

@implementation("numpy", style="vectorised", cores="one")
def plus(values):
    \"""A sum.\"""
    return values + values
"""
CASES = """
from groundspeed.operations.{topic} import {first}, {second}
from groundspeed.referee.comparison import ExactPairs
from groundspeed.referee.model import Operation

def _one(function, oracle, *others):
    return Operation(
        function=function, oracle=oracle, policy=ExactPairs(), competitors=(oracle, *others), cases=(),
        work=len, slice=lambda inputs, n: inputs,
    )

OPERATIONS = (_one({first}, "numpy double", "numpy plus"), _one({second}, "numpy quadruple"))
"""
count = iter(range(1000))


@pytest.fixture
def topic(tmp_path, monkeypatch):
    """Makes a family of one topic, of two operations, a shared folder and two factories' competitors; edits
    are (file, what, by what)."""

    def make(*edits, family="family", clean=True):
        number = next(count)
        name = f"{family}{number}.topic{number}"
        words = {"topic": name, "first": f"double{number}", "second": f"quadruple{number}"}
        files = {"__init__.py": INIT, "foss4g.py": FOSS4G, "cases.py": CASES}
        home = tmp_path.joinpath(*name.split("."))
        for folder in (home / "_shared", home.parent / "_shared"):
            folder.mkdir(parents=True)
            (folder / "__init__.py").write_text("")
        (home / "_shared" / "twice.py").write_text("def twice(values):\n    return values + values\n")
        (home.parent / "__init__.py").write_text("")
        for file, text in files.items():
            for edited, old, new in edits:
                assert edited in files
                if edited == file:
                    assert old in text
                    text = text.replace(old, new)
            text = textwrap.dedent(text)
            for key, value in words.items():
                text = text.replace("{" + key + "}", value)
            (home / file).write_text(text)
        return name, words["first"], words["second"]

    monkeypatch.setattr(operations, "HERE", tmp_path)
    monkeypatch.setattr(operations, "__path__", [*operations.__path__, str(tmp_path)])
    toys.forget()
    yield make
    monkeypatch.undo()
    toys.forget()


def test_several_operations_in_one_topic_share_what_they_like(topic):
    name, first, second = topic()
    assert operations.topics() == {name: (first, second)}
    assert list(discovery.implementations(first)) == [
        "numpy double",
        "numpy plus",
        "groundspeed[cpu]",
        "groundspeed[cuda]",
    ]
    assert list(discovery.implementations(second))[:1] == ["numpy quadruple"]
    assert discovery.implementations(second)["groundspeed[cpu]"].run(values=3) == 12
    assert discovery.operation(second).family == name.partition(".")[0]


WRONG = {
    "a competitor that nothing declares": (
        ("cases.py", '"numpy plus"', '"numpy minus"'),
        "lists 'numpy minus', which nothing declares; there are: 'numpy double', 'numpy quadruple'",
    ),
    "a declared competitor that is not listed": (
        ("cases.py", ', "numpy plus"', ""),
        "'numpy plus' is declared and competes in no operation",
    ),
    "a competitor listed twice": (
        ("cases.py", '"numpy plus"', '"numpy plus", "numpy plus"'),
        "lists the competitor 'numpy plus' twice",
    ),
    "two competitors of one name": (
        ("foss4g.py", '"numpy quadruple"', '"numpy double"'),
        "the competitor 'numpy double' is declared twice",
    ),
    "no oracle": (
        ("cases.py", "oracle=oracle", 'oracle=""'),
        "oracle must be one of its competitors, got ''",
    ),
    "an oracle that does not compete": (
        ("cases.py", "oracle=oracle", 'oracle="numpy plus"'),
        "oracle must be one of its competitors, got 'numpy plus'",
    ),
    "an operation that nobody judges": (
        ("cases.py", ', _one({second}, "numpy quadruple")', ","),
        "must stand in OPERATIONS here and in __all__",
    ),
    "an operation judged twice": (
        ("cases.py", "_one({second},", "_one({first},"),
        "twice; remove one",
    ),
}


@pytest.mark.parametrize(("edit", "message"), WRONG.values(), ids=WRONG)
def test_what_does_not_fit_is_an_error_that_names_the_file(topic, edit, message):
    _, first, second = topic(edit)
    wrong = second if message.endswith("'numpy plus'") and "must be" in message else first
    with pytest.raises(discovery.TopicError) as raised:
        discovery.operation(wrong)
    assert message in str(raised.value)
    assert edit[0] in str(raised.value)


def test_a_competitor_without_a_docstring_is_an_error_that_names_the_file(topic):
    _, first, _ = topic(("foss4g.py", '    """A sum."""\n', ""))
    with pytest.raises(ValueError, match=r"foss4g.py, line \d+: the first line of the docstring of plus"):
        discovery.operation(first)


def test_a_name_in_two_families_is_an_error_that_names_both(topic):
    one, first, _ = topic()
    other, second, _ = topic(family="other")
    file = operations.folder(other) / "__init__.py"
    file.write_text(file.read_text().replace(second, first))
    toys.forget()
    with pytest.raises(ValueError, match=f"{first!r} stands in .*{one.rpartition('.')[2]} too") as raised:
        operations.names()
    assert str(file) in str(raised.value)


def test_a_folder_that_lists_no_operations_is_an_error_that_names_the_file(topic):
    name, *_ = topic()
    file = operations.folder(name) / "__init__.py"
    file.write_text(file.read_text().replace("__all__", "names"))
    toys.forget()
    with pytest.raises(ValueError, match="lists no operations; give it __all__") as raised:
        operations.topics()
    assert str(file) in str(raised.value)


def test_two_topics_of_one_name_are_an_error_that_names_both(topic):
    name, *_ = topic()
    home = operations.folder(name)
    twin = operations.HERE / "twin" / home.name
    twin.mkdir(parents=True)
    (twin / "__init__.py").write_text('__all__ = ["another"]\n')
    toys.forget()
    with pytest.raises(ValueError, match="another topic has this name"):
        operations.topics()
