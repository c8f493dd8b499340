"""Errors of a graphics device that decodes, injected, since few machines have one."""

import errno

import av
import pytest

from posecfg.errors import ClipError, Unreadable
from posecfg.samplers.every import All
from posecfg.types import Clip
from posecfg.video.reading import Reading
from posecfg.video.video import Video

DEVICE = (
    *(av.error.ExternalError(542398533, "Generic error in an external library"), av.error.OSError(errno.EIO, "I/O")),
    *(av.error.OSError(errno.ENODEV, "No such device"), av.error.ArgumentError(errno.EINVAL, "Invalid argument")),
)
DAMAGE = av.error.InvalidDataError(1094995529, "Invalid data found when processing input")


@pytest.fixture
def break_at(monkeypatch):
    """Let decoding one packet fail, with a device that is only said to decode, or without one."""

    def start(packet, error, device):
        good, count = Reading._decode, iter(range(1000))

        def decode(self, data):
            if next(count) == packet:
                raise error
            return good(self, data)

        opened = av.open
        monkeypatch.setattr(Reading, "_decode", decode)
        monkeypatch.setattr("posecfg.video.video.accelerator", lambda name: object() if device else None)
        monkeypatch.setattr("posecfg.video.container.av.open", lambda *v, hwaccel=None, **named: opened(*v, **named))

    return start


@pytest.mark.parametrize("packet", [0, 20])
@pytest.mark.parametrize("error", DEVICE)
def test_an_error_of_the_device_fails_the_clip_and_is_no_damage_of_the_film(film, play, break_at, error, packet):
    path = film("cfr.mp4")
    break_at(packet, error, device=True)
    with pytest.raises(ClipError, match=r"device of video\.hwaccel .* video\.hwaccel=cpu") as caught:
        play(path)
    assert not isinstance(caught.value, Unreadable)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("error", "device"), [(DAMAGE, True), *((error, False) for error in (DAMAGE, *DEVICE))])
def test_damage_costs_only_what_it_hit_with_a_device_too(film, play, break_at, error, device):
    path = film("cfr.mp4")
    break_at(20, error, device)
    clock = play(path).clock
    assert (clock.status, clock.damaged) == ("corrupt", 1)


def test_a_device_that_cannot_be_started_is_not_the_films_fault(film, monkeypatch):
    def refused(*values, **named):
        av.error.err_check(-errno.EPERM)

    video = Video(Clip(id="film", path=film("cfr.mp4")), All())
    video._accel = object()
    monkeypatch.setattr("posecfg.video.container.av.open", refused)
    with pytest.raises(ClipError, match=r"device of video\.hwaccel") as caught:
        list(video)
    assert not isinstance(caught.value, Unreadable)
