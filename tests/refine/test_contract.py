"""What every refine step keeps to, built from its YAML."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from samples import clock, track
from yaml_options import params

from posecfg import backends

ARRAYS = ("xy", "scores", "boxes", "box_scores", "xyz", "depth")
STEPS = params("refine")
TRACKS = {
    "whole": lambda: track(9, xyz=True, depth=True),
    "gaps": lambda: track(9, missing=[0, 3, 4, 8], xyz=True, depth=True),
    "flat": lambda: track(9, missing=[2]),
    "nobody": lambda: track(4, missing=range(4)),
    "one row": lambda: track(1),
    "no rows": lambda: track(0),
}


def filled_before():
    """Return a track in which an earlier step made row 2 up."""
    one = track(6, missing=[4])
    there = one.valid.copy()
    there[2] = False
    return replace(one, valid=there, made=~there & (np.arange(6) == 2))


TRACKS["made before"] = filled_before


@pytest.fixture(params=STEPS)
def option(request):
    if lacking := [name for name in request.param.part().facts.packages if not backends.present(name)]:
        pytest.skip(f"{lacking[0]} is not installed")
    return request.param


def copied(one):
    return replace(one, **{name: None if getattr(one, name) is None else getattr(one, name).copy() for name in ARRAYS})


@pytest.mark.parametrize("name", TRACKS)
def test_it_gives_the_track_of_the_same_person_and_leaves_what_it_was_given(option, name):
    given = TRACKS[name]()
    before = copied(given)
    refined = option.build()(given, clock(len(given)))
    assert len(refined) == len(given)
    assert (refined.id, refined.skeleton, refined.meaning) == (given.id, given.skeleton, given.meaning)
    np.testing.assert_array_equal(refined.valid, given.valid)
    for array in ARRAYS:
        old, new, kept = getattr(given, array), getattr(refined, array), getattr(before, array)
        assert (old is None) == (new is None)
        if new is not None:
            np.testing.assert_array_equal(old, kept, err_msg=f"{array} of what was given")
            if option.part().facts.fills:
                np.testing.assert_array_equal(new[given.valid], old[given.valid], err_msg=f"found rows of {array}")
            assert new.dtype == np.float32


@pytest.mark.parametrize("name", TRACKS)
def test_rows_that_are_made_up_are_marked_so(option, name):
    given = TRACKS[name]()
    refined = option.build()(given, clock(len(given)))
    assert refined.made.dtype == refined.valid.dtype == bool
    assert not (refined.made & refined.valid).any()
    assert (refined.made | ~given.made).all(), "what was made up before stays marked"
    there = np.isfinite(refined.xy).any(axis=(1, 2))
    assert (refined.valid | refined.made | ~there).all(), "a row with numbers is found or made up"
    if not option.part().facts.fills:
        np.testing.assert_array_equal(refined.made, given.made)
    elif name == "gaps":
        assert refined.made.any()


@pytest.mark.parametrize("name", TRACKS)
def test_it_keeps_nothing_from_the_track_before(option, name):
    step, given = option.build(), TRACKS[name]()
    alone = option.build()(given, clock(len(given)))
    step(TRACKS["gaps"](), clock(9))
    again = step(given, clock(len(given)))
    for array in (*ARRAYS, "made"):
        np.testing.assert_array_equal(getattr(again, array), getattr(alone, array), err_msg=array)
