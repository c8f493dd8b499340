"""Overlays to judge annotations by: known people beside those found, pictures, and the first frames alone."""

from __future__ import annotations

import dataclasses
import io

import av
import numpy as np
import pytest
import tones
from films import read_code, write
from samples import extraction, track

from posecfg import skeletons
from posecfg.errors import ClipError, ConfigError
from posecfg.samplers.every import All
from posecfg.samplers.replay import Replay
from posecfg.types import Clip, Clock, Person, Truth
from posecfg.video.video import Video
from posecfg.writers.enough import Enough
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


def picture(data):
    with av.open(io.BytesIO(data)) as opened:
        return next(opened.decode(video=0)).to_ndarray(format="rgb24").astype(int)


def known(clock):
    """A truth of one person beside the one who is found, 40 px lower, and of one of whom little is known."""
    xy = np.stack([np.repeat(POINTS[None] + (0, 40), len(clock), axis=0), np.full((len(clock), 17, 2), np.nan)])
    xy[1, :, :5] = POINTS[:5] - 20
    scores = np.full((2, len(clock), 17), 0.9)
    return Truth(COCO.keypoints, xy.astype(np.float32), scores.astype(np.float32))


def is_pink(image, x, y):
    return image[y, x, 0] > image[y, x, 1] + 60 and image[y, x, 2] > image[y, x, 1] + 20


def is_green(image, x, y):
    return image[y, x, 1] > image[y, x, 0] + 60


@pytest.mark.parametrize("later", [False, True])
def test_known_people_are_drawn_below_those_found_in_a_colour_of_their_own(film, memory, later):
    clip = dataclasses.replace(film, truth=known)
    writer = Overlay(text=False, truth=True)
    if later:
        clock = Clock(indices=np.arange(12), times=np.arange(12) / 30, fps=30.0, size=SIZE)
        found = dataclasses.replace(track(12), xy=np.repeat(POINTS[None].astype(np.float32), 12, axis=0))
        writer.write(extracted(clip, found, frames=lambda: iter(Video(clip, All())), clock=clock), memory)
    else:
        draw(writer, clip, memory, [somebody()])
    image = played(memory.data["folder/film.mp4"])[5][1]
    x, y = POINTS[2].astype(int)
    assert is_green(image, x, y)
    x, y = (POINTS[8] + (0, 40)).astype(int)
    assert is_pink(image, x, y)
    x, y = (POINTS[0] - 20).astype(int)
    assert is_pink(image, x, y)


def test_a_clip_without_annotations_is_drawn_without_them(film, memory):
    draw(Overlay(text=False, truth=True), film, memory, [somebody()])
    assert len(played(memory.data["folder/film.mp4"])) == 12


def test_people_of_whom_little_is_known_are_left_out(film, memory):
    """Five points of the second known person; a person of 100 px across at most is too small."""
    clip = dataclasses.replace(film, truth=known)
    draw(Overlay(text=False, truth=True, least_points=6, output="pictures"), clip, memory, [somebody()])
    image = picture(memory.data["folder/film/frame_000003.jpg"])
    x, y = (POINTS[0] - 20).astype(int)
    assert not is_pink(image, x, y)
    assert is_green(image, *POINTS[2].astype(int))
    memory.data.clear()
    draw(Overlay(text=False, least_px=140, output="pictures"), film, memory, [somebody()])
    assert not is_green(picture(memory.data["folder/film/frame_000003.jpg"]), *POINTS[2].astype(int))


@pytest.mark.parametrize(
    ("more", "kept"),
    [
        ({"points": 17}, True),
        ({"points": 18}, False),
        ({"px": 130}, True),
        ({"px": 131}, False),
        ({"score": 0.6}, True),
        ({"score": 0.61}, False),
        ({"points": 1, "kpt_thr": 0.7}, False),
        ({}, True),
    ],
)
def test_enough_is_measured_on_what_is_shown(more, kept):
    person = Person(0, COCO, POINTS.astype(np.float32), np.full(17, 0.6, np.float32))
    assert Enough(**more)(person) == kept


def test_the_score_of_a_person_counts_before_those_of_keypoints():
    person = Person(0, COCO, POINTS.astype(np.float32), np.full(17, 0.6, np.float32))
    assert Enough(score=0.5)(person, 0.4) is False
    assert Enough(score=0.7)(person, 0.8) is True


@pytest.mark.parametrize("later", [False, True])
@pytest.mark.parametrize("batch", [3, 16])
def test_pictures_of_the_first_frames_are_numbered_files(film, memory, batch, later):
    writer = Overlay(text=False, output="pictures", frames=5)
    assert writer.target(film.id) == "folder/film/"
    if later:
        clock = Clock(indices=np.arange(12), times=np.arange(12) / 30, fps=30.0, size=SIZE)
        frames = lambda: iter(Video(film, All(), batch=batch))  # noqa: E731
        writer.write(extracted(film, track(12), frames=frames, clock=clock), memory)
    else:
        draw(writer, film, memory, [somebody()], batch=batch)
    assert sorted(memory.data) == [f"folder/film/frame_{number:06d}.jpg" for number in range(5)]
    for number in range(5):
        assert read_code(picture(memory.data[f"folder/film/frame_{number:06d}.jpg"])) == number


class Twice:
    """Frames 2 and 5, the first of them for three rows."""

    def begin(self, stream):
        return lambda index, time, frame: {2: 3, 5: 1}.get(index, 0)


@pytest.mark.parametrize("later", [False, True])
def test_pictures_are_called_after_the_first_row_of_their_frame(film, memory, later):
    writer = Overlay(text=False, output="pictures")
    if later:
        indices = np.array([2, 2, 2, 5])
        clock = Clock(indices=indices, times=indices / 30, fps=30.0, size=SIZE)
        frames = lambda: iter(Video(film, Replay(indices)))  # noqa: E731
        writer.write(extracted(film, track(4), frames=frames, clock=clock), memory)
    else:
        with writer.begin(film, memory) as pen:
            for frames in Video(film, Twice(), batch=1):
                pen(frames, [[]] * len(frames), [0.1] * len(frames))
            pen.end()
    numbers = {name: read_code(picture(data)) for name, data in memory.data.items()}
    assert numbers == {"folder/film/frame_000000.jpg": 2, "folder/film/frame_000003.jpg": 5}


def test_a_film_of_the_first_frames_has_no_sound(tmp_path, memory):
    path = tones.write(tmp_path / "film.mp4")
    draw(Overlay(text=False, frames=4), Clip(id="film", path=path), memory)
    assert len(played(memory.data["film.mp4"])) == 4
    assert memory.about["film.mp4"]["frames"] == 4
    assert memory.about["film.mp4"]["sound"] == "none"


def test_a_clip_without_frames_is_refused(film, memory):
    with pytest.raises(ClipError, match="at least one frame"), Overlay(output="pictures").begin(film, memory) as pen:
        pen.end()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"output": "gif"}, "Expected output to be one of film, pictures"),
        ({"frames": -1}, "Expected frames to be a whole number"),
        ({"truth_color": "pinkish"}, "Expected a colour"),
        ({"least_points": -1}, "Expected least_points to be from 0"),
        ({"least_px": 1e9}, "Expected least_px to be from 0"),
        ({"least_score": -0.1}, "Expected least_score to be from 0"),
    ],
)
def test_wrong_arguments_are_refused(arguments, told):
    with pytest.raises(ConfigError, match=told):
        Overlay(**arguments)
