"""An error of the machine while a film is read fails the clip, and is never taken for the film's end or for damage."""

import errno
import io
import os
from fractions import Fraction

import av
import pytest
from disks import ERRNOS, BadDisk
from films import pictures, write
from tones import write as write_sound

from posecfg.errors import ClipError, Unreadable
from posecfg.samplers.every import All
from posecfg.types import Clip
from posecfg.video.container import open_film
from posecfg.video.encode import Encoder, Settings
from posecfg.video.sound import beside
from posecfg.video.video import Video
from posecfg.video.walk import walk

LONG = {
    **{"long.mp4": {}, "long.mkv": {}, "long.ts": {}, "long.avi": {"codec": "mpeg4"}, "long.flv": {}},
    **{"front.mp4": {"options": {"movflags": "faststart"}}, "raw.h264": {"container": "h264"}},
    **{"vp9.webm": {"codec": "libvpx-vp9"}, "moving.mjpeg": {"codec": "mjpeg", "pixels": "yuvj420p"}},
}


@pytest.fixture(scope="module")
def long(tmp_path_factory):
    """Write the film of that name in ``LONG`` once: so large that it is read in several pieces."""
    folder, made = tmp_path_factory.mktemp("long"), {}

    def get(name):
        if name not in made:
            made[name] = write(folder / name, range(60), size=(320, 240), gop=10, **LONG[name])
        return made[name]

    return get


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch):
    monkeypatch.setattr("posecfg.video.container.PIECE", 4096)


def fails(act, said="machine"):
    with pytest.raises(ClipError) as caught:
        act()
    assert not isinstance(caught.value, Unreadable)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.deep
@pytest.mark.parametrize("name", LONG)
@pytest.mark.parametrize("share", [0.0, 0.02, 0.5, 0.9, 0.999])
def test_wherever_reading_fails_the_clip_fails(long, play, monkeypatch, name, share):
    path = long(name)
    disk = BadDisk(name, int(path.stat().st_size * share), errno.EIO).install(monkeypatch)
    fails(lambda: play(path))
    assert disk.hits


@pytest.mark.parametrize("number", [*ERRNOS, MemoryError()])
@pytest.mark.parametrize("name", ["long.mkv", "front.mp4"])
def test_every_error_of_the_machine_fails_the_clip(long, play, monkeypatch, name, number):
    path = long(name)
    BadDisk(name, path.stat().st_size // 2, number).install(monkeypatch)
    is_memory = isinstance(number, MemoryError) or number == errno.ENOMEM
    fails(lambda: play(path), "memory" if is_memory else "machine")


@pytest.mark.parametrize("threads", [1, 3])
def test_with_threads_too(long, play, monkeypatch, threads):
    BadDisk("front.mp4", long("front.mp4").stat().st_size // 2, errno.EIO).install(monkeypatch)
    fails(lambda: play(long("front.mp4"), threads=threads))


@pytest.mark.parametrize("name", ["long.mkv", "long.ts", "front.mp4"])
@pytest.mark.parametrize("how", [{"start": 1.5}, {"clip": {"counted": True, "start": 0.5, "end": 1.5}}])
def test_segments_and_counted_clips_fail_too(long, play, monkeypatch, name, how):
    BadDisk(name, int(long(name).stat().st_size * 0.7), errno.ESTALE).install(monkeypatch)
    fails(lambda: play(long(name), **how))


def test_a_pass_over_the_packets_fails_and_is_not_remembered(long, monkeypatch):
    path = long("long.ts")
    with monkeypatch.context() as patch:
        BadDisk(path.name, path.stat().st_size // 2, errno.EIO).install(patch)
        fails(lambda: walk(path, 126000).times(Fraction(1, 90000)))
    assert len(walk(path, 0).times(Fraction(1, 90000))) == 60


def test_one_picture_of_a_folder(tmp_path, play, monkeypatch):
    pictures(tmp_path / "in", ["a.png", "b.png", "c.png"])
    BadDisk("b.png", 0, errno.EIO).install(monkeypatch)
    fails(lambda: play(tmp_path / "in"))


def test_the_end_of_one_picture(tmp_path, play, monkeypatch):
    """A decoder makes a whole picture of half a file."""
    pictures(tmp_path / "in", ["a.jpg", "b.jpg"])
    BadDisk("b.jpg", 900, errno.ETIMEDOUT).install(monkeypatch)
    monkeypatch.setattr("posecfg.video.images.PIECE", 512)
    fails(lambda: play(tmp_path / "in"))


def test_a_folder_whose_first_picture_cannot_be_read_does_not_begin_with_the_second(tmp_path, play, monkeypatch):
    pictures(tmp_path / "in", ["a.png", "b.png"])
    BadDisk("a.png", 0, errno.EIO).install(monkeypatch)
    fails(lambda: play(tmp_path / "in"))


def test_a_folder_that_is_renamed_meanwhile_fails_and_does_not_end_short(tmp_path):
    folder = pictures(tmp_path / "in", [f"{number}.png" for number in range(6)])
    frames = iter(Video(Clip(id="film", path=folder), All()))
    next(frames)
    folder.rename(tmp_path / "elsewhere")
    fails(lambda: list(frames), "1.png, which its folder lists")


@pytest.mark.parametrize("name", ["a.png", "b.png"])
def test_a_listed_picture_that_may_not_be_read_is_no_damage(tmp_path, play, monkeypatch, name):
    class Refused(io.FileIO):
        def __init__(self, path):
            if path.name == name:
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
            super().__init__(path)

    pictures(tmp_path / "in", ["a.png", "b.png", "c.png"])
    monkeypatch.setattr("posecfg.video.source.FileIO", Refused)
    fails(lambda: play(tmp_path / "in"), "Permission denied")


@pytest.mark.parametrize(("number", "said"), [(errno.EIO, "disk"), (errno.ENOMEM, "memory"), (errno.ENOENT, "lists")])
def test_what_ffmpeg_says_of_the_machine_is_told_as_such(tmp_path, play, monkeypatch, number, said):
    """Where a picture cannot be decoded from the stream, FFmpeg opens its file itself."""

    def broken(file, *values, **named):
        if isinstance(file, str):
            av.error.err_check(-number)
        raise av.error.InvalidDataError(1094995529, "Invalid data found")

    pictures(tmp_path / "in", ["a.png"])
    monkeypatch.setattr("posecfg.video.images.av.open", broken)
    fails(lambda: play(tmp_path / "in"), said)


def test_whether_a_picture_moves_is_not_decided_without_reading_it(tmp_path, play, monkeypatch):
    def failing(path, *values):
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    path = write(tmp_path / "a.png", range(3), codec="apng", pixels="rgb24", container="apng")
    monkeypatch.setattr(type(path), "open", failing)
    fails(lambda: play(path), "Input/output error")


def test_sound_that_cannot_be_read_is_not_left_out(tmp_path, play, monkeypatch):
    path = write_sound(tmp_path / "heard.mkv", 120)
    clip = Clip(id="film", path=path)
    frames = list(play(path).video)
    BadDisk("heard.mkv", path.stat().st_size // 2, errno.EIO).install(monkeypatch)
    encoder = Encoder(io.BytesIO(), "mp4", frames[0].tick, beside(clip, "mp4"), Settings())

    def draw():
        for batch in frames:
            encoder.add(batch.planes()[0], float(batch.times[0]))
        encoder.finish()

    fails(draw)
    encoder.abandon()
    BadDisk("heard.mkv", 0, errno.EIO).install(monkeypatch)
    fails(lambda: beside(clip, "mp4"))


def test_want_of_memory_is_no_format_that_cannot_hold_the_sound(tmp_path, monkeypatch):
    clip = Clip(id="film", path=write_sound(tmp_path / "heard.mp4", 30))
    beside(clip, "mp4").sound.close()
    opened = av.open

    def broken(file, mode="r", **named):
        if mode == "w":
            av.error.err_check(-errno.ENOMEM)
        return opened(file, mode, **named)

    monkeypatch.setattr(av, "open", broken)
    fails(lambda: beside(clip, "mp4"), "memory")


def test_want_of_memory_for_opening_the_sound_does_not_leave_it_out(tmp_path, monkeypatch):
    clip = Clip(id="film", path=write_sound(tmp_path / "heard.mp4", 30))
    monkeypatch.setattr("posecfg.video.sound.Sound.__init__", lambda *values: av.error.err_check(-errno.ENOMEM))
    fails(lambda: beside(clip, "mp4"), "memory")


def test_want_of_memory_for_a_packet_of_the_sound_is_no_damage_of_it(tmp_path, play, monkeypatch):
    path = write_sound(tmp_path / "heard.mp4", 30)
    frames = list(play(path).video)
    encoder = Encoder(io.BytesIO(), "mp4", frames[0].tick, beside(Clip(id="film", path=path), "mp4"), Settings())

    def draw():
        for number, batch in enumerate(frames):
            if number == 5:
                monkeypatch.setattr(encoder, "_out", Full(encoder._out))
            encoder.add(batch.planes()[0], float(batch.times[0]))
        encoder.finish()

    class Full:
        def __init__(self, out):
            self._own = out

        def mux(self, packet):
            if isinstance(packet.stream, av.AudioStream):
                av.error.err_check(-errno.ENOMEM)
            self._own.mux(packet)

        def close(self):
            self._own.close()

    fails(draw, "memory")
    encoder.abandon()


def test_a_decoder_that_got_no_memory_is_not_taken_for_damage(long, film, play, monkeypatch):
    monkeypatch.setattr("posecfg.video.reading.ran_out", lambda size: True)
    fails(lambda: play(film("corrupt.mp4")), "memory")
    assert play(long("front.mp4")).clock.status == "complete"


def test_damage_is_still_damage(film, play):
    with pytest.raises(Unreadable):
        open_film(film("text.mp4"))
    assert play(film("corrupt.mp4")).clock.status == "corrupt"
    assert play(film("truncated.mp4")).clock.status == "truncated"
