"""What a sampler's code raises is told of the sampler, and what reading the film raises of the film."""

import errno

import pytest

from posecfg.errors import ClipError, ComponentFailed, Unreadable


class Failing:
    """Takes every frame, and raises ``error`` in ``begin``, at the third frame, or in its notes."""

    def __init__(self, place, error):
        self.place, self.error = place, error

    def begin(self, stream):
        if self.place == "times":
            stream.times()
        self.fail("begin")
        return self

    def __call__(self, index, time, frame):
        if index == 2:
            self.fail("pick")
        return 1

    def notes(self):
        self.fail("notes")
        return {}

    def fail(self, place):
        if place == self.place:
            raise self.error


@pytest.mark.parametrize("place", ["begin", "pick"])
@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "full"), MemoryError()])
def test_want_of_room_and_memory_in_a_sampler_stays_what_it_is(film, play, place, error):
    with pytest.raises(type(error)) as caught:
        play(film("cfr.mp4"), sampler=Failing(place, error))
    assert caught.value is error


@pytest.mark.parametrize("place", ["begin", "pick"])
@pytest.mark.parametrize("error", [FileNotFoundError(errno.ENOENT, "gone"), OSError(errno.EIO, "I/O")])
def test_an_error_of_the_system_in_a_sampler_is_not_told_of_the_film(film, play, place, error):
    with pytest.raises(ComponentFailed, match=r"sampler \(Failing\) failed") as caught:
        play(film("cfr.mp4"), sampler=Failing(place, error))
    assert caught.value.__cause__ is error


@pytest.mark.parametrize("place", ["begin", "pick"])
def test_an_error_in_the_code_of_a_sampler_names_it(film, play, place):
    with pytest.raises(ComponentFailed, match=r"sampler \(Failing\) failed \(KeyError: 'hip'\)") as caught:
        play(film("cfr.mp4"), sampler=Failing(place, KeyError("hip")))
    assert not isinstance(caught.value, Unreadable)


def test_an_error_in_the_notes_of_a_sampler_names_it(film, play):
    video = play(film("cfr.mp4"), sampler=Failing("notes", KeyError("hip"))).video
    with pytest.raises(ComponentFailed, match=r"sampler \(Failing\) failed"):
        _ = video.notes


def test_memory_that_runs_out_while_a_film_is_read_for_a_sampler_is_told_of_the_film(film, play, monkeypatch):
    def times(self, span):
        raise MemoryError

    monkeypatch.setattr("posecfg.video.film.Film.times", times)
    with pytest.raises(ClipError, match=r"memory to decode .*cfr\.mp4.* never helps, the video is damaged"):
        play(film("cfr.mp4"), sampler=Failing("times", None))


@pytest.mark.parametrize("how", [{}, {"clip": {"counted": True, "start": 0.1, "end": 0.5}}])
def test_what_reading_the_film_raises_is_told_of_the_film(film, play, monkeypatch, how):
    def shots(self, span):
        raise OSError(errno.EIO, "the disk broke")
        yield

    monkeypatch.setattr("posecfg.video.film.Film.shots", shots)
    with pytest.raises(ClipError, match=r"cfr\.mp4.*the disk broke"):
        play(film("cfr.mp4"), **how)
