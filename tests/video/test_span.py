"""Ranges of clips that lie behind the end of their film."""

import films
import pytest

from posecfg.errors import Dropped, Unreadable
from posecfg.samplers.every import All
from posecfg.types import Clip
from posecfg.video.video import Video


def test_a_film_that_ends_before_the_start_that_was_typed_is_left_out(tmp_path):
    film = films.write(tmp_path / "a.mp4", range(10), fps=10)
    with pytest.raises(Dropped, match=r"shorter than video.start \(5 s\): it lasts 1 s"):
        list(Video(Clip("a", film), All(), start=5))
    with pytest.raises(Unreadable, match="to hold frames in 5 s to 6 s"):
        list(Video(Clip("a", film, start=5, end=6), All()))
