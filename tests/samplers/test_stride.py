import pytest

from posecfg.errors import ConfigError
from posecfg.protocols import SKIPPED
from posecfg.samplers.stride import Stride


def test_the_first_and_every_nth_are_taken(take):
    assert take(Stride(3), [i / 30 for i in range(8)]) == [0, 3, 6]
    assert take(Stride(1), [i / 30 for i in range(3)]) == [0, 1, 2]


def answers(sampler, independent=False):
    stream = type("Stream", (), {"fps": 30.0, "independent": independent, "times": list})()
    pick = sampler.begin(stream)
    return [pick(i, i / 30, None) for i in range(5)]


def test_frames_left_out_keep_their_rows_where_asked():
    assert answers(Stride(2, skipped="rows")) == [1, SKIPPED, 1, SKIPPED, 1]
    assert answers(Stride(2, skipped="drop")) == [1, 0, 1, 0, 1]


def test_left_to_itself_it_keeps_rows_only_for_a_chain_that_fills_them():
    assert answers(Stride(3)) == [1, 0, 0, 1, 0]
    assert answers(Stride(3).filled()) == [1, SKIPPED, SKIPPED, 1, SKIPPED]
    assert answers(Stride(3, skipped="drop").filled()) == [1, 0, 0, 1, 0]
    assert [s.keeps_rows for s in (Stride(3), Stride(3).filled(), Stride(1).filled())] == [False, True, False]


def test_between_unrelated_images_there_is_nothing_to_fill():
    assert answers(Stride(2, skipped="rows"), independent=True) == [1, 0, 1, 0, 1]


def test_what_to_do_with_the_others_is_one_of_three_words():
    with pytest.raises(ConfigError, match=r"sampler\.skipped to be one of auto, drop, rows, but got 'row'.*rows"):
        Stride(skipped="row")


def test_steps_below_one_are_refused():
    with pytest.raises(ConfigError, match=r"sampler\.every"):
        Stride(0)
