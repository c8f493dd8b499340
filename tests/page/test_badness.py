"""How bad a clip seems: what counts, by how much, and that usual framing and more people are no trouble."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from posecfg.page.badness import Looked, badness
from posecfg.page.columns import of_rows
from posecfg.page.measures import MEASURES
from posecfg.store.ledger_row import Row
from posecfg.store.told_row import of_row


def of_all(*clips, rows=100, missing=0, made=0):
    """Return the badness of each clip of a run, and the reason."""
    measures = {name: np.array([clip.get(name, math.nan) for clip in clips]) for name in MEASURES}
    counts = (np.full(len(clips), number, float) for number in (rows, missing, made))
    return list(zip(*badness(Looked(*counts, measures)), strict=True))


def of(clip, *others, **numbers):
    """Return the badness of a clip among others of its run, and the reason."""
    return of_all(clip, *others, **numbers)[0]


def test_a_clip_without_trouble_has_none():
    assert of({"detection_rate": 1.0, "score": 0.8}) == (0, "")


def test_legs_outside_of_every_picture_are_no_trouble_of_one_clip():
    assert of({"out_of_frame": 0.26}, {"out_of_frame": 0.25}, {"out_of_frame": 0.27})[0] < 1
    bad, why = of({"out_of_frame": 0.46}, {"out_of_frame": 0.26}, {"out_of_frame": 0.25}, {"out_of_frame": 0.27})
    assert (bad, why) == (10, "46% of keypoints outside the picture (26% is usual)")


def test_what_is_bad_at_all_has_a_reason():
    bad, why = of({"out_of_frame": 0.04}, {"out_of_frame": 0.0})
    assert (bad, why) == (2, "4% of keypoints outside the picture")
    assert of({"out_of_frame": 0.008}, {"out_of_frame": 0.0}) == (0.4, "")


def test_of_two_clips_the_better_one_is_usual():
    assert of({"out_of_frame": 0.6}, {"out_of_frame": 0.0}) == (30, "60% of keypoints outside the picture")
    assert of({"jitter_px_s2": 2400.0}, {"jitter_px_s2": 200.0}) == (50, "jitter 12.0 times the usual")


def test_gaps_are_shared_by_all_people():
    one, three = {"gaps": 2.0}, {"gaps": 2.0, "people": 4.0, "longest_gap_s": 0.1}
    assert of(one) == (40, "a person is lost twice")
    assert of(three) == (10, "a person is lost twice, for up to 0.1 s")


@pytest.mark.parametrize("status", ["failed", "skipped"])
def test_a_clip_that_is_not_done_says_so_itself(status):
    found = of_rows([of_row(Row("clip", status, "no film"))])
    assert found.badness == [100 if status == "failed" else None]
    assert found.why == ["no film"]


def test_frames_without_a_person_are_those_that_the_record_tells_where_no_measure_does():
    assert of({}, missing=25) == (25, "25% of frames without a person")
    assert of({"detection_rate": 0.9}, missing=25) == (10, "10% of frames without a person")
    assert of({}, missing=100) == of({}, missing=700) == (100, "no person in any frame")
    assert of({}, made=20) == (10, "20% of frames made up")


def plain(clip, middle, rows, missing, made):
    """Return how bad one clip is, as the page's help says it."""
    times = {name: clip[name] / middle[name] for name in ("jitter_px_s2", "bone_variation") if name in clip}
    far = [math.log(max(number, 2) / 2) / math.log(6) for number in times.values()]
    shares = [
        1 - clip["detection_rate"] if "detection_rate" in clip else missing / rows,
        made / rows / 2,
        clip.get("swaps", 0) * 20 / rows,
        min(clip.get("gaps", 0) * 40 / (rows * max(clip.get("people", 1), 1)), 1) / 2,
        *(min(share, 1) / 2 for share in far),
        max(clip.get("out_of_frame", 0) - middle.get("out_of_frame", 0), 0) / 2,
        max(0.5 - clip.get("score", 1), 0),
    ]
    return 100 * (1 - math.prod(1 - min(share, 1) for share in shares))


share = st.floats(0, 1)
clips = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(("detection_rate", "out_of_frame", "score"), share),
        **dict.fromkeys(("gaps", "swaps"), st.integers(0, 30)),
        **dict.fromkeys(("jitter_px_s2", "bone_variation", "people"), st.floats(0.01, 1000)),
    },
)


@given(st.lists(clips, min_size=1, max_size=6), st.integers(1, 300), share, share)
def test_all_clips_together_are_as_bad_as_each_alone(run, rows, missing, made):
    numbers = {"rows": rows, "missing": int(missing * rows), "made": int(made * rows)}
    known = {name: sorted(clip[name] for clip in run if name in clip) for name in MEASURES}
    middle = {name: values[(len(values) - 1) // 2] for name, values in known.items() if values}
    for clip, (bad, why) in zip(run, of_all(*run, **numbers), strict=True):
        expected = plain(clip, middle, **numbers)
        assert bad == pytest.approx(expected, abs=0.0501)
        assert bool(why) == (expected >= 0.5) or expected == pytest.approx(0.5, abs=1e-6)
