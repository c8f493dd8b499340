from __future__ import annotations

import dataclasses
import io
import json
import math
import subprocess
import sys
import threading
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
import tones
from films import pictures, read_code, vfr_times, write
from samples import extraction, track

from posecfg import skeletons
from posecfg.errors import BackendMissing, ClipError, ConfigError
from posecfg.samplers.every import All
from posecfg.store.staging import Staging
from posecfg.timing import Laps, measured
from posecfg.types import Clip, Clock, Person
from posecfg.video.video import Video
from posecfg.writers.overlay import Overlay

SIZE = (192, 128)
COCO = skeletons.load("coco17")
POINTS = np.stack(np.meshgrid(np.linspace(30, 160, 5), np.linspace(50, 110, 4)), axis=-1).reshape(-1, 2)[:17]


def somebody(shift=0.0, track=0):
    return Person(track, COCO, (POINTS + shift).astype(np.float32), np.ones(17, np.float32))


def draw(writer, clip, files, people=(), seconds=0.0123, batch=3, **span):
    """Feed a writer as a run does, frame by frame of the clip."""
    with writer.begin(clip, files) as pen:
        for frames in Video(clip, All(), batch=batch, **span):
            pen(frames, [list(people)] * len(frames), [seconds] * len(frames))


def played(data):
    with av.open(io.BytesIO(data)) as film:
        return [(f.pts * f.time_base, f.to_ndarray(format="rgb24").astype(int)) for f in film.decode(video=0)]


def extracted(clip, *tracks, frames, clock, seconds=None):
    whole = extraction(*tracks, clip_id=clip.id)
    return dataclasses.replace(whole, clip=clip, clock=clock, frames=frames, seconds=seconds)


@pytest.fixture
def film(tmp_path):
    return Clip(id="folder/film", path=write(tmp_path / "film.mp4", range(12), size=SIZE))


@pytest.fixture
def memory(written):
    """Return files kept in memory."""
    kept = []

    class Nothing:
        def write(self, extraction, files):
            kept.append(files)

    written(Nothing(), None)
    return kept[0]


def test_a_film_is_annotated_frame_by_frame(film, memory):
    writer = Overlay(text=False)
    draw(writer, film, memory, [somebody()])
    (name,) = memory.data
    assert name == writer.target(film.id) == "folder/film.mp4"
    frames = played(memory.data[name])
    assert [time for time, _ in frames] == [Fraction(i, 30) for i in range(12)]
    for number, (_, image) in enumerate(frames):
        x, y = POINTS[7].astype(int)
        assert np.abs(image[y, x] - (0, 255, 0)).max() < 110
        assert image[y, x, 1] > image[y, x, 0] + 100
        assert read_code(image) == number


def test_facts_are_json_and_say_what_was_made(film, memory):
    draw(Overlay(), film, memory)
    about = memory.about["folder/film.mp4"]
    assert about == {"kind": "overlay", "codec": "h264", "frames": 12, "size": [192, 128], "sound": "none"}
    json.dumps(about, allow_nan=False)


def test_writing_later_draws_the_rows_that_belong_to_each_frame(film, memory):
    """Frame 2 fills two rows, frame 5 none; the film has each of its frames once."""
    indices = np.array([0, 1, 2, 2, 3, 4, 6])
    clock = Clock(indices=indices, times=indices / 30, fps=30.0, size=SIZE)
    found = track(7)
    xy = np.full((7, 17, 2), np.nan, np.float32)
    xy[:, 7] = [[20 + 20 * row, 90] for row in range(7)]
    found = dataclasses.replace(found, xy=xy)
    taken = set(indices.tolist())

    class Chosen:
        def begin(self, stream):
            return lambda index, time, frame: int(index in taken)

    data = extracted(film, found, frames=lambda: iter(Video(film, Chosen(), batch=4)), clock=clock)
    Overlay(text=False).write(data, memory)
    frames = played(memory.data["folder/film.mp4"])
    assert [time * 30 for time, _ in frames] == [0, 1, 2, 3, 4, 6]
    for (_, image), row in zip(frames, (0, 1, 2, 4, 5, 6), strict=True):
        green = (image[86:95, :, 1] - image[86:95, :, 0]).clip(60) - 60
        assert np.average(np.arange(SIZE[0]), weights=green.sum(axis=0)) == pytest.approx(20 + 20 * row, abs=2)


def test_a_row_without_anybody_is_drawn_without_anybody(film, memory):
    clock = Clock(indices=np.arange(12), times=np.arange(12) / 30, fps=30.0, size=SIZE)
    nobody = track(12, missing=range(12))
    Overlay(text=False).write(extracted(film, nobody, frames=lambda: iter(Video(film, All())), clock=clock), memory)
    plain = [frame.rgb()[0].astype(int) for frame in Video(film, All())]
    for (_, image), wanted in zip(played(memory.data["folder/film.mp4"]), plain, strict=True):
        assert np.abs(image - wanted).mean() < 4


def test_poses_that_were_made_up_are_told_from_those_that_were_seen(film, memory):
    clock = Clock(indices=np.arange(12), times=np.arange(12) / 30, fps=30.0, size=SIZE)
    made = np.arange(12) >= 6
    found = dataclasses.replace(track(12), valid=~made, made=made, xy=np.tile(POINTS.astype(np.float32), (12, 1, 1)))
    data = extracted(film, found, frames=lambda: iter(Video(film, All())), clock=clock)
    Overlay(text=False, radius=6).write(data, memory)
    x, y = POINTS[0].astype(int)
    green = [image[y - 3, x, 1] - image[y - 3, x, 2] > 60 for _, image in played(memory.data["folder/film.mp4"])]
    assert green == (~made).tolist()


def corner(image):
    return image[4:14, 4:60].max(axis=2)


@pytest.mark.parametrize(
    ("text", "seconds", "shown"), [(True, 0.01, True), (False, 0.01, False), (True, math.nan, False)]
)
def test_text_is_shown_where_the_time_is_known(film, memory, text, seconds, shown):
    draw(Overlay(text=text), film, memory, seconds=seconds)
    plain = next(iter(Video(film, All()))).rgb()[0].astype(int)
    image = played(memory.data["folder/film.mp4"])[0][1]
    assert (np.abs(corner(image) - corner(plain)).mean() > 25) == shown


def test_a_rotated_film_is_upright(tmp_path, memory):
    clip = Clip(id="a", path=write(tmp_path / "a.mp4", range(3), rotation=90, size=(96, 128)))
    draw(Overlay(text=False), clip, memory)
    with av.open(io.BytesIO(memory.data["a.mp4"])) as out:
        frames = list(out.decode(video=0))
    assert [(f.width, f.height, f.rotation) for f in frames] == [(96, 128, 0)] * 3
    assert [read_code(f.to_ndarray(format="gray")) for f in frames] == [0, 1, 2]


@pytest.mark.parametrize("size", [(97, 65), (16, 16)])
def test_odd_and_tiny_films(tmp_path, memory, size):
    clip = Clip(id="a", path=write(tmp_path / "a.mp4", range(2), size=size, pixels="yuv444p"))
    draw(Overlay(), clip, memory, [somebody()])
    image = played(memory.data["a.mp4"])[0][1]
    assert image.shape == (size[1] + size[1] % 2, size[0] + size[0] % 2, 3)


def test_a_film_of_changing_rate_keeps_its_times(tmp_path, memory):
    clip = Clip(id="a", path=write(tmp_path / "a.mp4", times=vfr_times(), tick=Fraction(1, 60)))
    draw(Overlay(), clip, memory)
    assert [time for time, _ in played(memory.data["a.mp4"])] == vfr_times()


def test_one_picture_and_a_folder_of_pictures(tmp_path, memory):
    folder = pictures(tmp_path / "pictures", ["1.png", "2.png", "3.png"])
    draw(Overlay(), Clip(id="folder", path=folder), memory)
    draw(Overlay(), Clip(id="one", path=folder / "1.png"), memory)
    assert [time for time, _ in played(memory.data["folder.mp4"])] == [0, Fraction(1, 30), Fraction(2, 30)]
    assert [time for time, _ in played(memory.data["one.mp4"])] == [0]


def test_sound_comes_along(tmp_path, memory):
    clip = Clip(id="a", path=tones.write(tmp_path / "a.mp4", onset=1.0))
    draw(Overlay(), clip, memory, start=0.4)
    (tmp_path / "out.mp4").write_bytes(memory.data["a.mp4"])
    assert memory.about["a.mp4"]["sound"] == "copied"
    assert tones.onset(tmp_path / "out.mp4") == pytest.approx(0.6, abs=0.002)


def test_sound_can_be_left_out(tmp_path, memory):
    clip = Clip(id="a", path=tones.write(tmp_path / "a.mp4", 30))
    draw(Overlay(audio=False), clip, memory)
    with av.open(io.BytesIO(memory.data["a.mp4"])) as out:
        assert not out.streams.audio


def test_sound_that_cannot_come_along_is_told(tmp_path, memory):
    clip = Clip(id="a", path=tones.write(tmp_path / "a.mkv", 30, codec="tta"))
    draw(Overlay(), clip, memory)
    assert memory.about["a.mp4"]["sound"].startswith("left out: mp4 cannot hold tta")
    assert memory.about["a.mp4"]["warning"].startswith("the sound of a.mp4 was left out: mp4 cannot hold tta")


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("{id}", "folder/film.mp4"),
        ("{name}.mp4", "film.mp4"),
        ("out.mp4", "out.mp4"),
        ("{name}.mkv", "film.mkv"),
        ("drawn/{id}.mov", "drawn/folder/film.mov"),
        ("{name}.drawn", "film.drawn.mp4"),
    ],
)
def test_the_suffix_may_be_typed_and_chooses_the_format(film, memory, path, name):
    writer = Overlay(path=path)
    assert writer.target(film.id) == name
    draw(writer, film, memory)
    (data,) = memory.data.values()
    assert list(memory.data) == [name]
    assert data[:4] == b"\x1a\x45\xdf\xa3" if name.endswith(".mkv") else data[4:8] == b"ftyp"
    assert len(played(data)) == 12


def test_two_writers_alike_make_the_same_film_where_no_time_is_shown(film, written):
    data = []
    for threads in (1, 1):
        clock = Clock(indices=np.arange(12), times=np.arange(12) / 30, fps=30.0, size=SIZE)
        found = extracted(film, track(12), frames=lambda: iter(Video(film, All())), clock=clock)
        data.append(written(Overlay(text=False, threads=threads), found).data)
    assert data[0] == data[1]


def test_the_pen_may_be_used_in_another_thread(film, memory):
    with Overlay().begin(film, memory) as pen:

        def work():
            for frames in Video(film, All(), batch=5):
                pen(frames, [[somebody()]] * len(frames), [0.01] * len(frames))

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    assert len(played(memory.data["folder/film.mp4"])) == 12


def test_time_is_noted_as_drawing_and_encoding(film, memory):
    laps = Laps("decode")
    with measured(laps):
        draw(Overlay(), film, memory, [somebody()])
    assert laps.stages["draw"].total > 0
    assert laps.stages["encode"].total > 0


def test_stored_poses_without_a_film_are_refused(memory):
    with pytest.raises(ClipError, match="An overlay needs the film"):
        Overlay().write(extraction(track(3)), memory)
    assert not memory.data


def test_unrelated_pictures_are_refused(film, memory):
    with (
        pytest.raises(ClipError, match=r"unrelated: type writer=\[preview\]"),
        Overlay().begin(dataclasses.replace(film, independent=True), memory),
    ):
        raise AssertionError("begun")
    assert not memory.data


def test_no_frame_is_no_film(film, memory):
    with pytest.raises(ClipError, match="at least one frame"), Overlay().begin(film, memory):
        pass
    assert not memory.data


def left_behind(folder):
    return [path for path in Path(folder).rglob("*") if path.is_file()]


@pytest.mark.parametrize("after", [0, 1, 4])
def test_an_encoder_that_fails_midway_is_one_sentence_and_leaves_nothing(film, tmp_path, monkeypatch, after):
    from posecfg.video.encode import Encoder

    mux, calls = Encoder._mux, []

    def fails(self, packets):
        calls.append(1)
        if len(calls) > after:
            raise av.error.ExternalError(-542398533, "Generic error in an external library", "film")
        mux(self, packets)

    monkeypatch.setattr(Encoder, "_mux", fails)
    files = Staging(tmp_path / "out", tmp_path / "aside")
    with pytest.raises(ClipError, match=r"^Expected frame \d+ .* the encoder failed .*preset\.$"):
        draw(Overlay(), film, files)
    assert not files.written
    files.discard()
    assert not left_behind(tmp_path / "out")
    assert not left_behind(tmp_path / "aside")


def test_what_is_interrupted_leaves_nothing(film, tmp_path):
    files = Staging(tmp_path / "out", tmp_path / "aside")
    with pytest.raises(KeyboardInterrupt), Overlay().begin(film, files) as pen:  # noqa: PT012
        for frames in Video(film, All(), batch=4):
            pen(frames, [[]] * len(frames), [0.01] * len(frames))
        raise KeyboardInterrupt
    assert not files.written
    files.discard()
    assert not left_behind(tmp_path / "aside")


def test_a_film_is_published_like_any_file(film, tmp_path):
    files = Staging(tmp_path / "out", tmp_path / "aside")
    draw(Overlay(), film, files, [somebody()])
    (facts,) = files.publish()
    assert facts.about["frames"] == 12
    data = (tmp_path / "out/folder/film.mp4").read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")
    assert len(played(data)) == 12


def test_without_the_encoder_the_sentence_ends_in_a_command(monkeypatch):
    from av.codec.codec import UnknownCodecError

    def missing(name, mode):
        raise UnknownCodecError(name)

    monkeypatch.setattr("av.codec.Codec", missing)
    with pytest.raises(BackendMissing, match="libx264: pip install"):
        Overlay()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"preset": "ultrafst"}, "preset"),
        ({"crf": 52}, "crf"),
        ({"crf": -1}, "crf"),
        ({"crf": math.nan}, "crf"),
        ({"threads": -1}, "threads"),
        ({"kpt_thr": -0.1}, "kpt_thr"),
        ({"kpt_thr": math.nan}, "kpt_thr"),
        ({"radius": 0}, "radius"),
        ({"radius": math.inf}, "radius"),
        ({"width": -2.0}, "width"),
        ({"joints": []}, "joints"),
        ({"bones": "cyan"}, "bones"),
        ({"sides": ["blue", "red"]}, "sides"),
        ({"bones": ["cyan", "teal"]}, "a colour"),
        ({"path": "../{id}"}, "path"),
        ({"path": "fixed"}, "path"),
        ({"path": 3}, "path"),
    ],
)
def test_arguments_that_cannot_work_are_refused(arguments, message):
    with pytest.raises(ConfigError, match=f"Expected {message}"):
        Overlay(**arguments)


def test_style_is_drawn(film, memory):
    draw(Overlay(text=False, joints=["red"], bones=["white"], radius=9, width=1), film, memory, [somebody()])
    x, y = POINTS[7].astype(int)
    image = played(memory.data["folder/film.mp4"])[0][1]
    assert image[y, x, 0] > image[y, x, 1] + 80
    assert image[y + 6, x, 0] > image[y + 6, x, 1] + 80


def test_the_rate_shown_is_steady_and_the_last_known_time_stays():
    from posecfg.writers.film import Readout

    seen = []

    class Recorder:
        def __call__(self, planes, text):
            seen.append(text)

    readout = Readout()
    readout._label = Recorder()
    for seconds in (math.nan, 0.010, 0.010, 0.030, math.nan, 0.1234, 0.0):
        readout(None, seconds)
    assert seen[0] == seen[1] == "10.0 ms  100 fps"
    assert seen[2] == seen[3] == "30.0 ms  60 fps"
    assert seen[4] == "123 ms  23 fps"
    assert len(seen) == 6
    for _ in range(20):
        readout(None, 0.020)
    assert seen[-1] == "20.0 ms  50 fps"


def test_loading_the_writer_loads_no_library():
    code = "import sys, posecfg.writers.overlay; sys.exit(bool({'av', 'numpy'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_format_that_is_not_written_is_refused_with_those_that_are():
    with pytest.raises(ConfigError, match=r"Expected path to end in \.mp4, \.mov, \.mkv, or in no suffix, but got"):
        Overlay(path="out.avi")
