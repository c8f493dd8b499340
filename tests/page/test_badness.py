"""How bad a clip seems: what counts, by how much, and that usual framing and more people are no trouble."""

import pytest

from posecfg.page.measures import Usual, badness
from posecfg.store.ledger_row import Row


def of(clip, *others, rows=100):
    """Return the badness of a clip among others of its run, and the reason."""
    return badness(Row("clip", "done", frames=rows), clip, Usual.of([clip, *others]))


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
    found = badness(Row("clip", status, "no film"), {}, Usual({}))
    assert found == (100 if status == "failed" else None, "no film")
