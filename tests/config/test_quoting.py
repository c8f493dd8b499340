"""Any printable text comes through Hydra's grammar, and through a sweep's second reading of it, as it was."""

from __future__ import annotations

import pytest
from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from hydra.core.override_parser.overrides_parser import OverridesParser
from hypothesis import assume, example, given
from hypothesis import strategies as st
from omegaconf import OmegaConf

from posecfg.commands.command_line import parse
from posecfg.config.quoting import BRACES, QUOTED, bare, listed, quote_path, tidy

PARSER = OverridesParser.create()
AWKWARD = st.text(st.sampled_from("\\'\"${}[](),=#&~ a.:é"), max_size=12)
PRINTABLE = st.text(st.characters(exclude_categories=("C", "Z")), max_size=20)
NAMES = st.one_of(AWKWARD, PRINTABLE).filter(lambda text: text not in ("", "???"))


def read(override: str):
    """Return what OmegaConf makes of an override's value."""
    (parsed,) = PARSER.parse_overrides([override])
    return OmegaConf.create({"value": parsed.value()}).value


@given(NAMES)
@example("a\\${b}")
@example("\\\\${b}\\")
@example("'\\'")
def test_a_path_is_read_back_as_it_was(text):
    assert read(f"dataset.path={quote_path(text)}") == text
    assert bare(quote_path(text)) == text


@given(NAMES)
@example("a\\${b}\\'")
def test_a_path_is_read_back_from_the_jobs_of_a_sweep(text):
    parsed = PARSER.parse_overrides([f"dataset.path={quote_path(text)}", "seed=1,2"])
    for job in BasicSweeper.split_arguments(parsed, None)[0]:
        assert read(job[0]) == text


@given(NAMES)
def test_a_typed_value_is_read_back_as_it_was(text):
    assume(not QUOTED.fullmatch(text) and not BRACES.search(text) and not text.startswith("~") and text != "null")
    assert read(tidy(f"dataset.path={text}")) == text


@given(st.lists(NAMES.map(lambda text: text.replace(",", "_")), min_size=1, max_size=3))
def test_every_part_of_a_sweep_is_read_back_as_it_was(texts):
    assume(not any(set(text) & set("'\"~") or BRACES.search(text) or text == "null" for text in texts))
    parsed = PARSER.parse_overrides([tidy(f"dataset.path={','.join(texts)}", multirun=True)])
    assert [read(job[0]) for job in BasicSweeper.split_arguments(parsed, None)[0]] == texts


@given(NAMES)
def test_a_bare_path_is_read_back_as_it_was(text):
    (word,) = (o for o in parse([f"./{text}"]).overrides if o.startswith("dataset.path="))
    assert read(word) == f"./{text}"


@given(NAMES)
def test_tidying_twice_is_tidying_once(text):
    assume(not text.startswith("~"))
    once = tidy(f"dataset.path={text}")
    assert tidy(once) == once


@pytest.mark.parametrize(
    ("override", "single", "sweep"),
    [
        ("writer=csv", "writer=[csv]", "writer=[csv]"),
        ("writer=csv,npy", "writer=[csv,npy]", "writer=[csv],[npy]"),
        ("writer=null", "writer=[]", "writer=[]"),
        ("writer=[csv]", "writer=[csv]", "writer=[csv]"),
        ("writer=[csv],[npy]", "writer=[csv],[npy]", "writer=[csv],[npy]"),
        ("refine=none", "refine=[]", "refine=[]"),
        ("+writer=csv", "+writer=csv", "+writer=csv"),
        ("detector=a,b", "detector=a,b", "detector=a,b"),
    ],
)
def test_a_list_group_gets_its_brackets(override, single, sweep):
    assert listed(override) == single
    assert listed(override, multirun=True) == sweep


@pytest.mark.parametrize(
    "override", ["bbox_thr=0.5", "hydra.run.dir=a b", "~detector", "dataset.path=???", "x", "path"]
)
def test_everything_else_is_left_alone(override):
    assert tidy(override) == override
