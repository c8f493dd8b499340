"""Every knob is declared once: its default, its range, and its part in a run's identity."""

from __future__ import annotations

from dataclasses import fields

import pytest
import yaml

from posecfg.config.options import conf_dir, knobs
from posecfg.config.schema import KNOBS, SECTIONS, Knob, check_ranges
from posecfg.terminal.manual import page

WRITTEN = yaml.safe_load((conf_dir() / "config.yaml").read_text("utf-8"))
DEFAULTS = {(section, one.name): one.default for section, kind in SECTIONS.items() for one in fields(kind)}
NAMES = {key: ".".join(filter(None, key)) for key in KNOBS}


@pytest.mark.parametrize("key", KNOBS, ids=NAMES.get)
def test_its_value_in_the_yaml_is_its_default_and_holds(key):
    section, name = key
    value = (WRITTEN[section] if section else WRITTEN)[name]
    assert value == ("${bbox_thr}" if name == "score_floor" else DEFAULTS[key])
    assert KNOBS[key].holds(DEFAULTS[key])
    assert NAMES[key] in knobs()


@pytest.mark.parametrize("key", KNOBS, ids=NAMES.get)
def test_it_has_a_line_in_the_help(key):
    assert any(
        line.split("=")[0].strip() == NAMES[key]
        for line in page([("run", "extract", "")], [], 100).splitlines()
        if "=" in line
    )


@pytest.mark.parametrize("key", KNOBS, ids=NAMES.get)
def test_it_is_either_operational_or_a_part_of_the_identity_or_read_by_components(key):
    knob = KNOBS[key]
    assert not (knob.is_operational and knob.usual is not None)
    if knob.usual is None and not knob.is_operational:
        readers = [file for file in conf_dir().rglob("*.yaml") if f"${{{NAMES[key]}}}" in file.read_text("utf-8")]
        assert readers or key[0] == "video"


@pytest.mark.parametrize(("key", "value"), [("bbox_thr", 2), ("limit", 0), ("shard", "3/2"), ("console", "loud")])
def test_a_value_out_of_range_is_told_with_what_was_expected(key, value):
    plain = {name: default for (section, name), default in DEFAULTS.items() if not section}
    plain |= {"video": {n: d for (s, n), d in DEFAULTS.items() if s == "video"}}
    plain |= {"models": {n: d for (s, n), d in DEFAULTS.items() if s == "models"}}
    assert check_ranges(plain) == []
    (line,) = check_ranges({**plain, key: value})
    assert line.startswith(f"{key}: expected {KNOBS['', key].expected}, but got ")


@pytest.mark.parametrize("word", ["of", "Off", "aut", "no", "on", "none", "true", "0", " "])
def test_a_word_that_was_not_meant_for_a_folder_is_none(word):
    assert not KNOBS["", "cache"].holds(word)
    assert all(KNOBS["", "cache"].holds(place) for place in ("off", "auto", f"./{word}", f"/data/{word}"))


def test_a_misspelt_declaration_is_an_error():
    with pytest.raises(TypeError):
        Knob(neutrl=None)
