from __future__ import annotations

import io
import re
from fractions import Fraction

import av
import numpy as np
import pytest
import tones
from films import damage, pictures, write

from posecfg.samplers.every import All
from posecfg.samplers.stride import Stride
from posecfg.types import Clip
from posecfg.video.encode import Encoder, Settings
from posecfg.video.sound import COPIED, NONE, Sound, beside
from posecfg.video.video import Video


def copy(source, path, container="mp4", sampler=None, **span):
    """Encode a film anew with its sound, and return what became of the sound."""
    clip = Clip(id="film", path=source)
    encoder, found = None, beside(clip, container)
    with path.open("w+b") as stream:
        for batch in Video(clip, sampler or All(), batch=3, **span):
            encoder = encoder or Encoder(stream, container, batch.tick, found, Settings())
            for own, time in zip(batch.planes(), batch.times.tolist(), strict=True):
                encoder.add(own, time)
        return encoder.finish() or found.state


def packets(path, kind):
    with av.open(str(path)) as film:
        return [bytes(p) for p in film.demux(film.streams.best(kind)) if p.size]


@pytest.mark.parametrize("container", ["mp4", "mov", "matroska"])
@pytest.mark.parametrize(("name", "how"), [("a.mp4", {}), ("b.mkv", {"offset": 2}), ("c.ts", {"offset": 3})])
def test_sound_stays_with_its_picture(tmp_path, name, how, container):
    source = tones.write(tmp_path / name, onset=1.0, **how)
    assert copy(source, tmp_path / "out", container) == COPIED
    assert tones.onset(tmp_path / "out") == pytest.approx(1.0, abs=0.002)


@pytest.mark.parametrize("container", ["mp4", "matroska"])
@pytest.mark.parametrize("name", ["a.mp4", "b.mkv", "c.ts"])
def test_sound_of_a_range_begins_with_the_range(tmp_path, name, container):
    source = tones.write(tmp_path / name, onset=1.0)
    assert copy(source, tmp_path / "out", container, start=0.5, end=2.2) == COPIED
    assert tones.onset(tmp_path / "out") == pytest.approx(0.5, abs=0.002)
    with av.open(str(tmp_path / "out")) as out:
        assert next(out.decode(video=0)).pts == 0
        out.seek(0)
        heard = [float(p.pts * p.time_base) for p in out.demux(audio=0) if p.size]
    assert heard[0] >= -0.15
    assert 1.6 < heard[-1] < 1.7


@pytest.mark.parametrize("name", ["a.mp4", "b.mkv", "c.ts"])
def test_a_range_far_into_a_film_is_found_by_seeking(tmp_path, name):
    source = tones.write(tmp_path / name, 360, onset=9.0)
    assert copy(source, tmp_path / "out.mp4", start=8.2) == COPIED
    assert tones.onset(tmp_path / "out.mp4") == pytest.approx(0.8, abs=0.002)


def test_packets_are_copied_as_they_are(tmp_path):
    source = tones.write(tmp_path / "a.mp4")
    copy(source, tmp_path / "out.mp4")
    assert packets(tmp_path / "out.mp4", "audio") == packets(source, "audio")


def test_sound_stays_where_it_is_when_frames_are_left_out(tmp_path):
    source = tones.write(tmp_path / "a.mp4", onset=1.0)
    copy(source, tmp_path / "out.mp4", sampler=Stride(every=7))
    assert tones.onset(tmp_path / "out.mp4") == pytest.approx(1.0, abs=0.002)


@pytest.mark.parametrize(("name", "offset"), [("a.mp4", 0), ("a.mkv", 0), ("a.mkv", 3)])
@pytest.mark.parametrize("seconds", [0.5, 6.0])
def test_sound_shorter_or_longer_than_the_film(tmp_path, seconds, name, offset):
    source = tones.write(tmp_path / name, 60, onset=0.25, seconds=seconds, offset=offset)
    cut = "copied, 4.0 s behind the last picture left out"
    assert copy(source, tmp_path / "out.mp4") == (COPIED if seconds < 2 else cut)
    assert tones.onset(tmp_path / "out.mp4") == pytest.approx(0.25, abs=0.002)
    with av.open(str(tmp_path / "out.mp4")) as out:
        sound = out.streams.audio[0]
        assert float(sound.duration * sound.time_base) == pytest.approx(min(seconds, 2.0), abs=0.06)


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
def test_sound_behind_a_range_that_was_asked_for_is_no_loss(tmp_path, name):
    source = tones.write(tmp_path / name, 60, seconds=6.0)
    assert copy(source, tmp_path / "out.mp4", end=1.5) == COPIED


def test_sound_that_the_format_cannot_hold_is_left_out_with_a_word(tmp_path):
    source = tones.write(tmp_path / "a.mkv", codec="tta")
    assert copy(source, tmp_path / "out.mp4").startswith("left out: mp4 cannot hold tta")
    with av.open(str(tmp_path / "out.mp4")) as out:
        assert not out.streams.audio
    assert len(packets(tmp_path / "out.mp4", "video")) == 90
    assert copy(source, tmp_path / "out.mkv", "matroska") == COPIED


@pytest.mark.parametrize("name", ["a.ts", "a.mkv"])
def test_damage_does_not_harm_the_film_and_is_told(tmp_path, name):
    source = damage(tones.write(tmp_path / name, onset=0.2), tmp_path / f"bad_{name}", where=0.5, count=4000)
    state = copy(source, tmp_path / "out.mp4")
    with av.open(str(tmp_path / "out.mp4")) as out:
        assert len(list(out.decode(video=0))) > 30
        assert len(packets(tmp_path / "out.mp4", "audio")) > 60
    assert tones.onset(tmp_path / "out.mp4") == pytest.approx(0.2, abs=0.002)
    assert state == COPIED or re.fullmatch(r"copied, damaged packets left out: \d+", state)


def test_sound_behind_a_joint_is_left_out_with_a_word(tmp_path):
    source = tones.write(tmp_path / "a.ts", 60)
    twice = tmp_path / "twice.ts"
    twice.write_bytes(source.read_bytes() * 2)
    state = copy(twice, tmp_path / "out.mp4")
    assert re.match(r"copied, but not behind [12]\.\d s, where the film's clock is set back", state)
    assert len(packets(tmp_path / "out.mp4", "video")) == 120


def test_a_second_track_is_left_out_with_a_word(tmp_path):
    source, both = tones.write(tmp_path / "a.mkv"), tmp_path / "both.mkv"
    with av.open(str(source)) as film, av.open(str(both), "w") as out:
        pairs = [(s, out.add_stream_from_template(s)) for s in (*film.streams, film.streams.audio[0])]
        for packet in list(film.demux()):
            for own, stream in pairs if packet.size else ():
                if own is packet.stream:
                    packet.stream = stream
                    out.mux(packet)
                    break
    assert copy(source, tmp_path / "one.mp4") == COPIED
    assert copy(both, tmp_path / "out.mp4") == "copied, one of 2 tracks"


def test_packets_that_cannot_be_copied_are_passed_over(tmp_path, monkeypatch):
    source = tones.write(tmp_path / "a.mp4", onset=0.2)
    read = Sound._read

    def spoilt(self):
        """Spoil every third packet: its moment lies before the one that was copied last."""
        last = 0
        for number, packet in enumerate(read(self)):
            if number % 3 == 2:
                packet.dts = last - 5000
            last = packet.dts
            yield packet

    monkeypatch.setattr(Sound, "_read", spoilt)
    state = copy(source, tmp_path / "out.mp4")
    assert re.fullmatch(r"copied, damaged packets left out: \d+", state)
    assert len(packets(tmp_path / "out.mp4", "video")) == 90
    assert len(packets(tmp_path / "out.mp4", "audio")) == pytest.approx(2 / 3 * len(packets(source, "audio")), abs=2)


def test_a_film_without_sound_and_what_is_no_film(tmp_path):
    silent = write(tmp_path / "a.mp4", range(3))
    folder = pictures(tmp_path / "pictures", ["1.png", "2.png"])
    for path in (silent, folder, folder / "1.png", tmp_path / "missing.mp4"):
        found = beside(Clip(id="film", path=path), "mp4")
        assert (found.sound, found.state) == (None, NONE)


def test_sound_that_nobody_wants_is_not_opened(tmp_path):
    source = tones.write(tmp_path / "a.mp4", 10)
    found = beside(Clip(id="film", path=source), "mp4", wanted=False)
    assert (found.sound, found.state) == (None, NONE)


def test_a_clock_that_is_set_back_ends_the_sound_instead_of_misplacing_it(tmp_path):
    one = tones.write(tmp_path / "one.ts", 60, onset=0.5)
    joined = tmp_path / "joined.ts"
    joined.write_bytes(one.read_bytes() * 2)
    copy(joined, tmp_path / "out.mp4")
    assert tones.onset(tmp_path / "out.mp4") == pytest.approx(0.5, abs=0.002)
    with av.open(str(tmp_path / "out.mp4")) as out:
        stamps = [p.dts for p in out.demux(audio=0) if p.size]
    assert stamps == sorted(set(stamps))


def test_the_wave_is_that_of_the_film(tmp_path):
    """Packets in the right place play the same wave, sample by sample."""
    source = tones.write(tmp_path / "a.mp4", onset=0.7)
    copy(source, tmp_path / "out.mp4", start=0.5)

    def heard(path, begin):
        with av.open(io.BytesIO(path.read_bytes())) as film:
            frames = list(film.decode(audio=0))
            start = frames[0].pts * frames[0].time_base - begin
        wave = np.concatenate([frame.to_ndarray()[0] for frame in frames])
        return wave, round(start * Fraction(tones.RATE))

    old, old_start = heard(source, Fraction(1, 2))
    new, new_start = heard(tmp_path / "out.mp4", Fraction(0))
    # Well behind the start, where no decoder still warms up.
    part = slice(4000, 24000)
    np.testing.assert_allclose(new[-new_start:][part], old[-old_start:][part], atol=1e-4)
