from __future__ import annotations

import math

import pytest

from posecfg.config import signatures
from posecfg.config.annotations import as_text, endless, unfit


@pytest.mark.parametrize(
    ("value", "annotation", "expected"),
    [
        (1, "int", None),
        (True, "int", "a whole number"),
        (1.0, "int", "a whole number"),
        (1, "float", None),
        ("1", "float | None", "a number or null"),
        (None, "float | None", None),
        (1, int, None),
        ("x", int, "a whole number"),
        (1, "bool", "true or false"),
        (5, "str", "text"),
        ("exact", "Literal['exact', 'near']", None),
        ("x", "Literal['exact', 'near']", "exact or near"),
        ([1, 2], "Sequence[int]", None),
        ([1, "a"], "Sequence[int | str] | None", None),
        (math.nan, "float", "a finite number"),
        (-math.inf, "float | None", "a finite number or null"),
        (math.inf, "int", "a whole number"),
        ([1, "a"], "list[int]", "a list in which each is a whole number"),
        ([1.0, math.inf], "Sequence[float]", "a list in which each is a finite number"),
        (["a", 112233], "Sequence[str]", "a list in which each is text (digits alone in quotes)"),
        ([1, 2], "tuple[int, int]", None),
        ([1, 2], "tuple[int, ...]", None),
        ("ab", "Sequence[str]", "a list such as [a,b]"),
        ("ab", "str | Sequence[str] | Sequence[int] | None", None),
        ("x", "Callable[[int], str] | Thing", None),
        (object(), "Any", None),
    ],
)
def test_a_value_is_held_against_what_can_be_told(value, annotation, expected):
    assert unfit(value, annotation) == expected


@pytest.mark.parametrize(
    ("value", "annotation", "meant"),
    [
        (True, "Literal['fixed', 'true']", "true"),
        (True, "typing.Literal['on', 'off']", "on"),
        (False, "Literal['fixed', 'true']", False),
        (None, "Literal['auto', 'null']", "null"),
        (1, "Literal['1', '1.0']", "1"),
        (1.0, "Literal['1', '1.0']", "1.0"),
        (math.inf, "Literal['nan', 'inf'] | int", "inf"),
        (math.nan, "Literal['zero', 'nan']", "nan"),
        (True, "bool | Literal['true']", True),
        (None, "Literal['null'] | None", None),
        (True, "str", True),
        (True, "Literal[1, 'x']", True),
        ("x", "Literal['y']", "x"),
        ([True], "Literal['true']", [True]),
    ],
)
def test_a_word_that_hydra_reads_is_a_text_where_texts_are_meant(value, annotation, meant):
    got = as_text(value, annotation)
    assert (type(got), got) == (type(meant), meant)


@pytest.mark.parametrize(
    ("value", "expected"), [(math.nan, True), ([1, [math.inf]], True), (1.5, False), ("nan", False), ([], False)]
)
def test_a_number_that_no_record_can_hold_is_found_whatever_the_annotation(value, expected):
    assert endless(value) == expected


class Bare:
    """A component whose arguments have no annotations."""

    def __init__(self, mode="ok", more=None): ...


@pytest.mark.parametrize(
    ("key", "value", "place"),
    [("mode", math.nan, ".mode"), ("more", [math.inf], ".more"), ("more", {"a": math.nan}, ".more.a")],
)
def test_such_a_number_is_refused_for_an_argument_without_an_annotation(monkeypatch, key, value, place):
    monkeypatch.setattr(signatures, "locate", lambda target, where: Bare)
    (text,) = signatures.check_node({"_target_": "lab.Bare", key: value}, "detector")
    assert text.startswith(f"detector{place}: expected a finite number, but got ")
    assert signatures.check_node({"_target_": "lab.Bare", key: 1.5}, "detector") == []
