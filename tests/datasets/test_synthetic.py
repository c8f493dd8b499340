import numpy as np
import pytest

from posecfg.datasets.synthetic import Synthetic
from posecfg.errors import ConfigError


def test_clips_are_numbered_scenes():
    clips = Synthetic(clips=2, frames=5, size=[64, 48], fps=25).scan().clips
    assert [clip.id for clip in clips] == ["synthetic_0000", "synthetic_0001"]
    assert clips[0].scene.size == (64, 48)
    assert (clips[0].scene.frames, clips[0].scene.fps) == (5, 25.0)


def test_clips_and_seeds_differ_and_repeat():
    def pixels(seed, clip):
        return Synthetic(seed=seed, size=(64, 48)).scan().clips[clip].scene.rgb(3)

    assert np.array_equal(pixels(1, 0), pixels(1, 0))
    assert not np.array_equal(pixels(1, 0), pixels(1, 1))
    assert not np.array_equal(pixels(1, 0), pixels(2, 0))


@pytest.mark.parametrize(
    "wrong", [{"clips": -1}, {"size": [3]}, {"size": [0, 4]}, {"fps": 0}, {"people": -1}, {"frames": -1}]
)
def test_impossible_values_are_config_errors(wrong):
    with pytest.raises(ConfigError, match="Expected"):
        Synthetic(**wrong)
