"""What every lifter keeps to, built from its YAML."""

from __future__ import annotations

import numpy as np
import pytest
from samples import clock, track
from yaml_options import params

from posecfg import skeletons

LIFTERS = params("lifter")


@pytest.fixture(params=LIFTERS)
def option(request):
    if not request.param.is_light:
        pytest.skip("needs packages or weights")
    return request.param


def tracks(facts):
    name = facts.input_skeleton or "coco17"
    return [track(7, name, missing=[2, 3], person=4), track(1, name), track(0, name), track(3, name, missing=range(3))]


def test_it_gives_as_many_rows_as_it_took(option):
    facts = option.part().facts
    for given in tracks(facts):
        lifted = option.build()(given, clock(len(given)))
        assert (len(lifted), lifted.id) == (len(given), given.id)
        assert lifted.skeleton == (skeletons.load(facts.skeleton) if facts.skeleton else given.skeleton)
        np.testing.assert_array_equal(lifted.valid, given.valid)
        for name in facts.gives or ():
            assert getattr(lifted, name) is not None, name
            assert getattr(lifted, name).dtype == np.float32
            assert getattr(lifted.meaning, name)


def test_it_keeps_nothing_from_the_track_before(option):
    lifter = option.build()
    for given in tracks(option.part().facts):
        alone, again = option.build()(given, clock(len(given))), lifter(given, clock(len(given)))
        for name in ("xy", "scores", "xyz", "depth"):
            np.testing.assert_array_equal(getattr(alone, name), getattr(again, name), err_msg=name)
