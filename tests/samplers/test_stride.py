import pytest

from posecfg.errors import ConfigError
from posecfg.samplers.stride import Stride


def test_the_first_and_every_nth_are_taken(take):
    assert take(Stride(3), [i / 30 for i in range(8)]) == [0, 3, 6]
    assert take(Stride(1), [i / 30 for i in range(3)]) == [0, 1, 2]


def test_steps_below_one_are_refused():
    with pytest.raises(ConfigError, match=r"sampler\.every"):
        Stride(0)
