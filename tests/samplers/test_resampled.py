"""Exact rates, frame for frame as FFmpeg's filter has them."""

from __future__ import annotations

from fractions import Fraction

import films
import pytest
from resampled import filtered, ours

from posecfg.samplers.fps import Fps
from posecfg.types import Clip
from posecfg.video.video import Video

NTSC = Fraction(60000, 1001)


@pytest.fixture(params=["60", "59.94", "30", "29.97", "25", "120", "mkv", "vfr", "late"])
def film(request, tmp_path):
    small = {"size": (32, 32), "gop": 600, "codec_options": {"preset": "ultrafast"}}
    kinds = {
        "60": ("mp4", range(70), {"fps": 60}),
        # Long enough for a frame to be taken twice.
        "59.94": ("mp4", range(1010), {"fps": NTSC, "bframes": 0}),
        "30": ("mp4", range(40), {"fps": 30}),
        "29.97": ("mp4", range(40), {"fps": Fraction(30000, 1001)}),
        "25": ("mp4", range(40), {"fps": 25}),
        "120": ("mp4", range(60), {"fps": 120}),
        "mkv": ("mkv", range(60), {"fps": 60}),
        "vfr": ("mp4", range(90), {"times": films.vfr_times(), "tick": Fraction(1, 60)}),
        "late": ("mkv", range(30), {"fps": NTSC, "offset": Fraction(5, 2)}),
    }
    suffix, numbers, how = kinds[request.param]
    name = "vfr" if request.param == "vfr" else "film"
    return films.write(tmp_path / f"{name}.{suffix}", numbers, **(small | how))


def test_frames_at_an_exact_rate_are_those_of_ffmpeg(film):
    video = Video(Clip("film", film), Fps(60, mode="resample"), batch=8)
    found, expected = ours(video), filtered(film)
    # Only the decoder knows for how long the last frame is shown; else it is shown for 1 / fps.
    assert abs(len(found) - len(expected)) <= {"film.mkv": 1, "vfr.mp4": 2}.get(film.name, 0)
    both = min(len(found), len(expected))
    assert found[:both] == expected[:both]


def test_rows_can_be_thinned_out(tmp_path):
    film = films.write(tmp_path / "film.mp4", range(12), fps=30)
    whole = ours(Video(Clip("film", film), Fps(60, mode="resample")))
    assert len(whole) == 24
    for every in (2, 3, 5):
        assert ours(Video(Clip("film", film), Fps(60, mode="resample", every=every))) == whole[::every]


def test_other_modes_take_no_frame_twice(tmp_path):
    film = films.write(tmp_path / "film.mp4", range(12), fps=30)
    assert len(ours(Video(Clip("film", film), Fps(60)))) == 12
