from __future__ import annotations

import errno
import io
import itertools
import json
import shutil
import subprocess
from fractions import Fraction

import av
import numpy as np
import pytest
from films import picture, pictures, read_code, vfr_times, write

from posecfg.errors import ClipError
from posecfg.samplers.every import All
from posecfg.samplers.stride import Stride
from posecfg.types import Clip
from posecfg.video.encode import Encoder, Settings
from posecfg.video.planes import planes
from posecfg.video.reel import Shot
from posecfg.video.sound import Beside, beside
from posecfg.video.video import Video

FASTEST = Settings()


def copy(source, path, *, container="mp4", sampler=None, settings=FASTEST, **span):
    """Encode the frames of a film anew, and return the exact times of those that were written."""
    clip = Clip(id="film", path=source)
    times, encoder, before = [], None, -1
    with path.open("w+b") as stream:
        for batch in Video(clip, sampler or All(), batch=3, **span):
            if encoder is None:
                encoder = Encoder(stream, container, batch.tick, beside(clip, container), settings)
            for own, time, index in zip(batch.planes(), batch.times, batch.indices, strict=True):
                times.append(round(time / float(batch.tick)) * batch.tick)
                encoder.add(own, float(time), follows=index == before + 1)
                before = index
        encoder.finish()
    assert encoder.frames == len(times)
    return times


def stills(count, size=(64, 48)):
    frame = av.VideoFrame.from_ndarray(picture(3, size), "rgb24").reformat(format="yuv420p")
    return [planes(Shot(i, i, frame, 0), size) for i in range(count)]


def encoded(pictures, times, tick=Fraction(1, 30), container="mp4", settings=FASTEST, extra=None):
    stream = io.BytesIO()
    encoder = Encoder(stream, container, tick, extra or Beside(), settings)
    for own, time in zip(pictures, times, strict=True):
        encoder.add(own, time)
    encoder.finish()
    return stream.getvalue()


def stamps(path):
    with av.open(str(path) if not isinstance(path, bytes) else io.BytesIO(path)) as film:
        return [frame.pts * frame.time_base for frame in film.decode(video=0)]


def ffprobe(path, *what):
    if shutil.which("ffprobe") is None:
        pytest.skip("ffprobe is not installed")
    command = ["ffprobe", "-v", "error", "-select_streams", "v", "-of", "json", *what, str(path)]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)


KINDS = ["cfr.mp4", "cfr.mkv", "cfr.ts", "vp9.webm", "mpeg4.avi", "vfr.mp4", "editlist.mp4", "offset.mkv", "raw.h264"]


@pytest.mark.parametrize("name", [*KINDS, "one.mp4", "odd.mp4", "turned90.mp4", "turned270.mp4", "truncated.mp4"])
def test_every_frame_is_there_at_its_own_time(film, tmp_path, name):
    times = copy(film(name), tmp_path / "out.mp4")
    assert stamps(tmp_path / "out.mp4") == [time - times[0] for time in times]


@pytest.mark.parametrize("name", ["cfr.mp4", "vfr.mp4", "turned90.mp4", "odd.mp4", "one.mp4"])
def test_ffprobe_sees_the_same(film, tmp_path, name):
    times = copy(film(name), tmp_path / "out.mp4")
    found = ffprobe(tmp_path / "out.mp4", "-show_entries", "frame=pts_time,pict_type:stream=codec_name,pix_fmt,width")
    seen = [float(frame["pts_time"]) for frame in found["frames"]]
    np.testing.assert_allclose(seen, [float(time - times[0]) for time in times], atol=2e-6)
    assert {frame["pict_type"] for frame in found["frames"]} <= {"I", "P"}
    assert (found["streams"][0]["codec_name"], found["streams"][0]["pix_fmt"]) == ("h264", "yuv420p")


def test_a_rotated_film_is_written_upright_and_untagged(film, tmp_path):
    copy(film("turned90.mp4"), tmp_path / "out.mp4")
    with av.open(str(tmp_path / "out.mp4")) as out:
        frames = list(out.decode(video=0))
    assert {(frame.width, frame.height, frame.rotation) for frame in frames} == {(96, 128, 0)}
    assert [read_code(frame.to_ndarray(format="gray")) for frame in frames] == list(range(5))
    (stream,) = ffprobe(tmp_path / "out.mp4", "-show_streams")["streams"]
    assert "rotate" not in stream.get("tags", {})
    assert not stream.get("side_data_list")


@pytest.mark.parametrize("container", ["mov", "matroska"])
def test_other_formats_hold_the_same_frames(film, tmp_path, container):
    times = copy(film("vfr.mp4"), tmp_path / "out", container=container)
    got = stamps(tmp_path / "out")
    np.testing.assert_allclose([float(t) for t in got], [float(t - times[0]) for t in times], atol=6e-4)


def test_a_range_begins_at_zero_and_keeps_its_steps(film, tmp_path):
    times = copy(film("vfr.mp4"), tmp_path / "out.mp4", start=0.5, end=3.0)
    assert times[0] >= Fraction(1, 2)
    assert stamps(tmp_path / "out.mp4") == [time - times[0] for time in times]


def test_left_out_frames_leave_longer_steps(film, tmp_path):
    copy(film("cfr.mp4"), tmp_path / "out.mp4", sampler=Stride(every=10))
    assert stamps(tmp_path / "out.mp4") == [Fraction(i, 3) for i in range(9)]
    with av.open(str(tmp_path / "out.mp4")) as out:
        assert out.streams.video[0].average_rate == 3
        assert out.streams.video[0].duration * out.streams.video[0].time_base == 3


def lasted(path):
    """Return how long each frame of a film is shown."""
    with av.open(str(path)) as film:
        return [packet.duration * packet.time_base for packet in film.demux(video=0) if packet.size]


@pytest.mark.parametrize("last", [Fraction(1, 60), Fraction(5)])
def test_the_last_frame_lasts_as_long_as_in_its_film(tmp_path, last):
    first = write(tmp_path / "vfr.mp4", times=vfr_times(), tick=Fraction(1, 60), bframes=0)
    source = tmp_path / "source.mp4"
    stretch(first, source, last)
    assert lasted(source)[-1] == last
    copy(source, tmp_path / "out.mp4")
    assert lasted(tmp_path / "out.mp4") == lasted(source)


def stretch(source, path, last):
    """Copy the packets of a film, the last one shown for ``last`` seconds."""
    with av.open(str(source)) as film, av.open(str(path), "w") as out:
        stream = out.add_stream_from_template(film.streams.video[0])
        packets = [packet for packet in film.demux(video=0) if packet.size]
        packets[-1].duration = round(last / packets[-1].time_base)
        for packet in packets:
            packet.stream = stream
            out.mux(packet)


@pytest.mark.parametrize(("every", "ends"), [(10, 3), (89, 3), (44, 3), (60, 3)])
def test_a_film_of_few_frames_ends_with_its_origin(film, tmp_path, every, ends):
    copy(film("cfr.mp4"), tmp_path / "out.mp4", sampler=Stride(every=every))
    assert sum(lasted(tmp_path / "out.mp4")) == ends


@pytest.mark.parametrize("name", ["out.mp4", "out.mkv"])
def test_each_frame_lasts_until_the_next(tmp_path, name):
    times = [Fraction(n + 120 * (n > 4), 60) for n in range(10)]
    copy(write(tmp_path / "gap.mp4", range(10), times=times, tick=Fraction(1, 60), bframes=0), tmp_path / name)
    own = lasted(tmp_path / "gap.mp4")
    assert own[:-1] == [b - a for a, b in itertools.pairwise(times)]
    with av.open(str(tmp_path / name)) as out:
        whole = Fraction(out.duration, 1_000_000)
    assert whole == pytest.approx(times[-1] + own[-1], abs=0.01)
    got = lasted(tmp_path / name)
    if name.endswith("mp4"):
        assert got == own
    else:
        assert [float(step) for step in got[:9]] == pytest.approx([float(step) for step in own[:9]], abs=0.002)


def test_the_film_promises_the_rate_of_its_origin_whatever_its_first_step(tmp_path):
    times = [Fraction(0), Fraction(1), *(1 + Fraction(n, 60) for n in range(1, 60))]
    source = write(tmp_path / "pause.mp4", range(61), times=times, tick=Fraction(1, 60), size=(640, 480))
    copy(source, tmp_path / "out.mp4")
    levels = []
    for path in (tmp_path / "out.mp4", source):
        with av.open(str(path)) as film:
            levels.append(film.streams.video[0].codec_context.extradata[3])
    # What a player must be able to do: 22 would promise it one frame a second.
    assert levels[0] == levels[1] == 30


def test_a_single_frame_lasts_as_long_as_in_its_film(tmp_path):
    source = write(tmp_path / "one.mp4", [7], fps=5)
    copy(source, tmp_path / "out.mp4")
    with av.open(str(tmp_path / "out.mp4")) as out:
        stream = out.streams.video[0]
        assert stream.frames == 1
        assert stream.duration * stream.time_base == Fraction(1, 5)


@pytest.mark.parametrize("kind", ["png", "jpg", "bmp"])
def test_pictures_last_as_long_as_they_are_shown(tmp_path, kind):
    source = pictures(tmp_path / "stills", [f"{n}.{kind}" for n in range(3)])
    copy(source, tmp_path / "out.mp4")
    assert lasted(tmp_path / "out.mp4") == [Fraction(1, 30)] * 3
    copy(source / f"0.{kind}", tmp_path / "one.mp4")
    assert lasted(tmp_path / "one.mp4") == [Fraction(1, 30)]


def test_two_frames_of_one_moment_follow_each_other(tmp_path):
    got = stamps(encoded(stills(4), [0.0, 1 / 30, 1 / 30, 2 / 30]))
    assert len(got) == 4
    assert got == sorted(set(got))
    np.testing.assert_allclose([float(t) for t in got], [0, 1 / 30, 1 / 30, 2 / 30], atol=1e-4)


@pytest.mark.parametrize(
    "tick", [Fraction(1, 30), Fraction(1001, 30000), Fraction(1, 1000), Fraction(1, 90000), Fraction(1, 12800)]
)
def test_times_are_exact_in_usual_ticks(tick):
    wanted = [n * tick for n in (5, 7, 8, 200, 3600)]
    assert stamps(encoded(stills(5), [float(t) for t in wanted], tick)) == [t - wanted[0] for t in wanted]


@pytest.mark.parametrize("tick", [Fraction(1, 10**9), Fraction(7, 10**8 + 7), Fraction(1, 2**40)])
def test_times_are_near_where_no_player_knows_the_tick(tick):
    wanted = [0.0, 0.04, 0.08, 5.0, 100.0]
    got = stamps(encoded(stills(5), wanted, tick))
    np.testing.assert_allclose([float(t) for t in got], wanted, atol=1e-5)


def test_the_index_comes_first():
    data = encoded(stills(3), [0, 0.1, 0.2])
    assert 0 < data.index(b"moov") < data.index(b"mdat")


def test_colours_and_the_shape_of_pixels_are_told():
    pictures = stills(2)
    for own in pictures:
        own.frame.color_range, own.frame.colorspace, own.frame.color_primaries, own.frame.color_trc = 2, 1, 1, 1
    data = encoded(pictures, [0, 0.1], extra=Beside(tagged=True))
    with av.open(io.BytesIO(data)) as out:
        frame = next(out.decode(video=0))
        assert out.streams.video[0].sample_aspect_ratio == 1
    assert frame.color_range == 2
    assert (frame.colorspace, frame.color_primaries, frame.color_trc) == (1, 1, 1)


def test_a_tiny_film_can_be_made():
    data = encoded(stills(3, (16, 16)), [0, 0.1, 0.2])
    with av.open(io.BytesIO(data)) as out:
        assert [(f.width, f.height) for f in out.decode(video=0)] == [(16, 16)] * 3


def test_settings_reach_the_encoder():
    rng = np.random.default_rng(0)

    def size(**settings):
        pictures = stills(6, (96, 64))
        for own in pictures:
            own.y[:] = rng.integers(16, 236, own.y.shape)
        return len(encoded(pictures, np.arange(6) / 30, settings=Settings(**settings)))

    assert size(crf=10) > 1.5 * size(crf=40)
    data = encoded(stills(30), np.arange(30) / 30, settings=Settings(preset="medium", threads=2))
    assert stamps(data) == [Fraction(i, 30) for i in range(30)]


def test_memory_does_not_keep_frames():
    """Of the frames that were given, no more than the encoder needs at once stay alive."""
    import gc
    import weakref

    stream, alive = io.BytesIO(), []
    encoder = Encoder(stream, "mp4", Fraction(1, 30), Beside(), FASTEST)
    for i in range(40):
        (own,) = stills(1)
        alive.append(weakref.ref(own))
        encoder.add(own, i / 30)
        del own
    gc.collect()
    assert sum(ref() is not None for ref in alive) <= 2
    encoder.finish()


@pytest.mark.parametrize(("tick", "hours"), [(Fraction(1, 1000), 37), (Fraction(1, 90_000), 6.5)])
def test_a_gap_that_the_format_cannot_hold_is_told_and_another_format_holds_it(tick, hours):
    longest, times = hours * 3600, [0, 1, 1 + hours * 3600]
    assert stamps(encoded(stills(3), times, tick=tick)) == times
    assert stamps(encoded(stills(3), [0, 1, 4 * longest], tick=tick, container="matroska")) == [0, 1, 4 * longest]
    encoder = Encoder(io.BytesIO(), "mp4", tick, Beside(), FASTEST)
    encoder.add(stills(1)[0], 0)
    with pytest.raises(ClipError, match=r"frame 0 is shown for [\d.]+: end writer\.overlay\.path in \.mkv\.$"):
        encoder.add(stills(1)[0], 2.0 * longest)
    encoder.abandon()


def test_a_failing_encoder_is_one_sentence():
    pictures = stills(3)
    encoder = Encoder(io.BytesIO(), "mp4", Fraction(1, 30), Beside(), Settings(preset="no such"))
    encoder.add(pictures[0], 0.0)
    with pytest.raises(ClipError, match=r"Expected frame 1 to be encoded as H\.264"):
        encoder.add(pictures[1], 0.1)
    encoder.abandon()


class Full(io.BytesIO):
    """A disk with little room."""

    def write(self, data):
        if self.tell() + len(data) > 5000:
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().write(data)


def test_a_full_disk_is_told_as_what_it_is():
    encoder = Encoder(Full(), "mp4", Fraction(1, 30), Beside(), FASTEST)
    rng = np.random.default_rng(0)
    with pytest.raises(OSError, match="No space left") as caught:  # noqa: PT012
        for i, own in enumerate(stills(60, (192, 128))):
            own.y[:] = rng.integers(16, 236, own.y.shape)
            encoder.add(own, i / 30)
        encoder.finish()
    assert caught.value.errno == errno.ENOSPC
    encoder.abandon()


@pytest.mark.parametrize("count", [0, 1, 5])
def test_giving_up_leaves_the_stream_open_and_untouched(count):
    stream = io.BytesIO()
    encoder = Encoder(stream, "mp4", Fraction(1, 30), Beside(), FASTEST)
    for i, own in enumerate(stills(count)):
        encoder.add(own, i / 30)
    before = stream.getvalue()
    encoder.abandon()
    assert stream.getvalue() == before
