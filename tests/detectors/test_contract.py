"""What every detector keeps to, built from its YAML: on tiny graphs, and on real weights where they are here."""

from __future__ import annotations

import json
from pathlib import Path

import av
import manyviews
import numpy as np
import pytest
import yaml
from samples import extraction, track
from stills import Stills
from yaml_options import option as option_of
from yaml_options import params

from posecfg import skeletons
from posecfg.components.build import build
from posecfg.components.parts import parts
from posecfg.datasets.demo import Demo
from posecfg.datasets.views import Views
from posecfg.pipeline.finds import above
from posecfg.synthetic.truth import FigureTruth
from posecfg.types import Clip, Poses
from posecfg.writers.npz import Npz

pytestmark = pytest.mark.deep

COUNT = 6
CLIP = Clip("clip", Path("clip.mp4"), truth=FigureTruth(3, 2))
ARRAYS = ("xy", "scores", "xyz", "depth")
# What its network is given and gives by default takes a second for the few pictures here.
CHEAPER = {"detectron2": {"short_side": 240, "most": 10}}


@pytest.fixture(scope="module")
def pixels():
    """Return four pictures of a person, one that is black, and one with a red square."""
    (clip,) = Demo().scan().clips
    with av.open(str(clip.path)) as film:
        seen = [frame.to_ndarray(format="rgb24") for _, frame in zip(range(4), film.decode(video=0), strict=False)]
    black = np.zeros_like(seen[0])
    square = black.copy()
    square[40:140, 60:120, 0] = 255
    return np.stack([*seen, black, square])


@pytest.fixture(scope="module")
def stored(tmp_path_factory, pixels):
    """Store the poses of two people, for the detector that reads them."""
    folder = tmp_path_factory.mktemp("stored")
    source = extraction(track(COUNT, missing=[1]), track(COUNT, person=3, missing=[0, 1]), clip_id="clip")
    object.__setattr__(source.clock, "size", (pixels.shape[2], pixels.shape[1]))

    class Files:
        def open(self, name, about=None):
            return (folder / name).open("wb")

    Npz().write(source, Files())
    return {"path": str(folder / "clip.npz")}, source.clip


@pytest.fixture(scope="module")
def viewed(tmp_path_factory, pixels):
    """Store the poses of a person whom three cameras saw, for the detector that puts them together."""
    size = (pixels.shape[2], pixels.shape[1])
    (clip,) = Views(**manyviews.run_of(tmp_path_factory.mktemp("views"), COUNT, size=size)).scan().clips
    return {}, clip


@pytest.fixture(params=[*params("detector"), *(f"real {name}" for name in ("movenet", "yolox"))])
def built(request, ready, stored, viewed):
    """Return (option, its own arguments, a detector, a clip)."""
    real = isinstance(request.param, str)
    option = ready(option_of("detector", request.param.partition(" ")[2]) if real else request.param, real)
    special = {"stored": stored, "triangulated": viewed}
    changes, clip = special.get(option.name, (CHEAPER.get(option.name, {}), CLIP))
    return option, changes, option.build(**changes), clip


def batches(pixels, size=2):
    return [Stills(pixels[first : first + size], first) for first in range(0, len(pixels), size)]


def same(ones, others, **near):
    assert len(ones) == len(others)
    for one, other in zip(ones, others, strict=True):
        for name in ARRAYS:
            old, new = getattr(one, name), getattr(other, name)
            assert (old is None) == (new is None)
            if old is not None:
                np.testing.assert_allclose(new, old, err_msg=name, **({"rtol": 0, "atol": 0} | near))
        np.testing.assert_allclose(other.boxes.xyxy, one.boxes.xyxy, **({"rtol": 0, "atol": 0} | near))


def test_it_tells_where_it_runs_and_what_it_loaded(built):
    option, changes, detector, _ = built
    assert isinstance(detector.device, str)
    assert detector.device not in ("", "auto")
    assert type(detector.batch) is int
    assert detector.batch >= 1
    weights = {name for part in parts(option.node | changes, "detector") for name in part.facts.weights}
    assert set(detector.weights) == weights
    assert all(len(sha) == 64 for sha in detector.weights.values())


def test_it_gives_one_poses_a_frame_of_the_skeleton_that_it_says(built, pixels):
    option, changes, detector, clip = built
    facts = option.part(**changes).facts
    found = list(detector(batches(pixels), clip))
    assert len(found) == COUNT
    for poses in found:
        assert isinstance(poses, Poses)
        assert poses.skeleton == skeletons.load(facts.skeleton or poses.skeleton.name)
        arrays = [poses.boxes.xyxy, poses.boxes.scores, *(getattr(poses, name) for name in ARRAYS)]
        assert {array.dtype for array in arrays if array is not None} == {np.dtype(np.float32)}
        assert np.isfinite(poses.scores).all()
        assert np.isfinite(poses.boxes.xyxy).all()
        if facts.gives is not None:
            assert {name for name in ("xyz", "depth") if getattr(poses, name) is not None} == set(facts.gives)
        for name in facts.gives or ():
            assert getattr(poses.meaning, name)
    assert len({poses.meaning for poses in found}) == 1
    assert any(len(poses) for poses in found)
    json.dumps(dict(detector.notes), allow_nan=False)


def test_it_answers_frame_by_frame_in_order(built, pixels):
    """A batch is asked for only when the poses of those before were given."""
    _, _, detector, clip = built
    asked, given = [], 0

    def feed():
        for batch in batches(pixels):
            asked.append(given)
            yield batch

    for _ in detector(feed(), clip):
        given += 1
    assert given == COUNT
    assert asked == [0, 2, 4]
    assert list(detector([], clip)) == []


def test_a_clip_knows_nothing_of_the_one_before(built, pixels):
    option, changes, detector, clip = built
    first = list(detector(batches(pixels), clip))
    list(detector(batches(pixels[2:4]), clip))
    same(first, list(detector(batches(pixels), clip)))
    broken_off = detector(batches(pixels), clip)
    next(broken_off)
    broken_off.close()
    same(first, list(detector(batches(pixels), clip)))
    same(first, list(option.build(**changes)(batches(pixels), clip)))


@pytest.mark.parametrize("size", [1, COUNT])
def test_the_size_of_batches_does_not_matter(built, pixels, size):
    _, _, detector, clip = built
    same(list(detector(batches(pixels), clip)), list(detector(batches(pixels, size), clip)), rtol=1e-3, atol=1e-2)


def test_a_frame_by_itself_gives_the_same_where_it_says_so(built, pixels):
    option, changes, _, clip = built
    facts = option.part(**changes).facts
    if facts.stateful:
        key, _, value = facts.stateless_by.removeprefix("detector.").partition("=")
        changes = {**changes, key: yaml.safe_load(value)}
    detector = option.build(**changes)
    assert not option.part(**changes).facts.stateful
    whole = list(detector(batches(pixels), clip))
    alone = [next(iter(detector([Stills(pixels[i : i + 1], i)], clip))) for i in reversed(range(COUNT))]
    same(whole, alone[::-1], rtol=1e-3, atol=1e-2)


def with_floor(node, floor):
    """Return a component whose every threshold of boxes is ``floor``."""
    if not isinstance(node, dict):
        return node
    return {key: floor if key == "score_thr" else with_floor(value, floor) for key, value in node.items()}


def test_what_it_shares_above_a_floor_is_a_part_of_what_is_above_a_lower_one(built, pixels):
    option, changes, _, clip = built
    facts = option.part(**changes).facts
    if not facts.shares:
        assert option.name in ("blazepose", "holistic", "movenet", "stored", "annotations", "triangulated")
        return
    node = option.node | changes
    found = {floor: list(build(with_floor(node, floor), "")(batches(pixels), clip)) for floor in (0.3, 0.45, 0.65)}
    assert any(len(poses) for poses in found[0.3])
    for floor in (0.45, 0.65):
        same(found[floor], [above(poses, floor) for poses in found[0.3]])


def test_boxes_that_it_was_given_are_as_good_as_its_own(built, pixels):
    option, changes, detector, clip = built
    if not option.part(**changes).facts.reuses:
        return
    told = []
    every = list(detector.reusing([], told.append)(batches(pixels), clip))
    again = []
    same(every, list(detector.reusing(told[:3], again.append)(batches(pixels), clip)))
    same(every, list(detector.reusing(told, again.append)(batches(pixels), clip)))
    assert len(again) == 2 * len(told)
    for one, other in zip(again, told * 2, strict=True):
        assert np.array_equal(one.xyxy, other.xyxy)
        assert np.array_equal(one.scores, other.scores)
