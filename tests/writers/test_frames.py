from __future__ import annotations

import errno
import io
import json
from contextlib import contextmanager
from fractions import Fraction
from functools import partial

import av
import numpy as np
import pytest
from aisttree import FIRST, tree
from films import read_code, write
from played import ROWS, extracted, image, plain
from whole_runs import go, leftovers, published, sidecar_of

from posecfg.errors import ClipError, ConfigError
from posecfg.types import Clip
from posecfg.video.frames import FrameBatch
from posecfg.video.reel import Shot
from posecfg.writers.frames import Frames
from posecfg.writers.picture_files import PictureFormat

FIELDS = [
    *("video_name", "original_fps", "target_fps", "total_frames", "frame_mapping", "timestamps_ms"),
    "aligned_with_annotations",
    "input",
]


@pytest.fixture
def film(tmp_path):
    return Clip(id="folder/film", path=write(tmp_path / "film.mp4", range(ROWS), size=(320, 240)))


def pictures_of(files):
    return {name: image(data) for name, data in files.data.items() if not name.endswith(".json")}


def test_each_row_has_its_picture_and_the_table_has_the_published_fields(film, written):
    files = written(Frames(), extracted(film))
    names = [f"folder/film/frame_{row:06d}.jpg" for row in range(ROWS)]
    assert list(files.data) == [*names, "folder/film/frame_mapping.json"]
    assert [read_code(picture) for picture in pictures_of(files).values()] == list(range(ROWS))
    table = json.loads(files.data["folder/film/frame_mapping.json"])
    assert list(table) == FIELDS
    assert (table["video_name"], table["original_fps"], table["target_fps"]) == ("film", 30.0, 30.0)
    assert (table["total_frames"], table["aligned_with_annotations"]) == (ROWS, False)
    assert table["frame_mapping"]["2"] == {
        "filename": "frame_000002.jpg",
        "timestamp_ms": 66,
        "timestamp_sec": 0.066667,
        "annotation_index": None,
        "frame_sec": 0.066667,
    }
    assert table["timestamps_ms"] == [1000 * row // 30 for row in range(ROWS)]


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize("size", [(96, 64), (97, 65)])
def test_pictures_are_upright_and_near_to_the_film(tmp_path, written, size, rotation):
    clip = Clip(id="a", path=write(tmp_path / "a.mp4", range(ROWS), size=size, pixels="yuv444p", rotation=rotation))
    for one, own in zip(pictures_of(written(Frames(), extracted(clip))).values(), plain(clip), strict=True):
        assert one.shape == (size[1], size[0], 3)
        assert np.abs(one - own).mean() < 3


def test_pixels_that_are_not_square_are_made_so(tmp_path, written):
    clip = Clip(id="a", path=write(tmp_path / "a.mp4", range(ROWS), size=(64, 64), aspect=Fraction(3, 2)))
    assert {one.shape for one in pictures_of(written(Frames(), extracted(clip))).values()} == {(64, 96, 3)}


def test_png_loses_nothing(film, written):
    files = written(Frames(format="png"), extracted(film))
    for one, own in zip(pictures_of(files).values(), plain(film), strict=True):
        np.testing.assert_array_equal(one, own)


def test_quality_changes_the_size(film, written):
    small, large = (sum(map(len, written(Frames(quality=q), extracted(film)).data.values())) for q in (10, 95))
    assert small * 2 < large


def test_a_frame_that_fills_two_rows_is_there_twice_fed_or_decoded_again(tmp_path, monkeypatch):
    monkeypatch.setattr("posecfg.samplers.every.All.begin", lambda self, stream: lambda index, *_: 1 + index % 2)
    words = ("dataset=folder", f"dataset.path={write(tmp_path / 'film.mp4', range(2 * ROWS))}", "writer=[frames]")
    assert go(tmp_path / "fed", *words).exit_code == 0
    fed = published(tmp_path / "fed")
    assert len(fed) == 3 * ROWS + 1
    assert fed["film/frame_000001.jpg"] == fed["film/frame_000002.jpg"] != fed["film/frame_000003.jpg"]
    # The second writer comes when the first is done.
    assert go(tmp_path / "later", *words[:-1], "writer=[npz]").exit_code == 0
    assert go(tmp_path / "later", *words[:-1], "writer=[npz,frames]").exit_code == 0
    later = published(tmp_path / "later")
    assert {name: later[name] for name in fed} == fed
    (entry,) = sidecar_of(tmp_path / "fed", "film")["writers"]["frames"]["files"]
    assert (entry["name"], entry["count"], entry["about"]) == ("film/", len(fed), {"kind": "frames"})


def test_a_later_step_that_changes_poses_does_not_cost_a_second_decode(tmp_path, monkeypatch):
    monkeypatch.setattr("posecfg.pipeline.chain.Chain.again", lambda *_: partial(pytest.fail, "decoded again"))
    assert go(tmp_path / "out", "refine=[fill]", "writer=[frames]").exit_code == 0
    assert len(published(tmp_path / "out")) == 3 * (3 + 1)


class Counting:
    """Files that are open at a time."""

    def __init__(self):
        self.open_now = self.most = 0

    @contextmanager
    def open(self, name, about=None):
        self.open_now += 1
        self.most = max(self.most, self.open_now)
        yield io.BytesIO()
        self.open_now -= 1


def test_only_a_few_pictures_are_held(film):
    files = Counting()
    Frames(threads=2).write(extracted(film), files)
    assert (files.open_now, files.most) == (0, 3)


class Cut(io.BytesIO):
    def write(self, data):
        return super().write(bytes(data)[:-1])


def test_a_picture_that_is_not_written_whole_is_no_success():
    with pytest.raises(OSError, match="No space left") as caught:
        PictureFormat().write_planes(tuple(np.zeros((side, side), np.uint8) for side in (8, 4, 4)), Cut())
    assert caught.value.errno == errno.ENOSPC


def test_a_full_disk_ends_the_run_and_the_next_goes_on(tmp_path, monkeypatch):
    written = PictureFormat.write
    room = [5]

    def limited(self, frames, number, stream):
        room[0] -= 1
        if room[0] < 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        written(self, frames, number, stream)

    monkeypatch.setattr(PictureFormat, "write", limited)
    full = go(tmp_path / "out", "writer=[frames]")
    assert (full.exit_code, full.done) == (1, 1)
    assert "is full: free some space" in full.error
    assert leftovers(tmp_path / "out") == []
    assert len(published(tmp_path / "out")) == 4
    monkeypatch.setattr(PictureFormat, "write", written)
    again = go(tmp_path / "out", "writer=[frames]")
    assert (again.exit_code, again.already, again.done) == (0, 1, 2)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"format": "bmp"}, "Expected format to be one of jpg, png, but got 'bmp'"),
        ({"quality": 0}, "Expected quality to be a whole number from 1 to 100, but got 0"),
        ({"quality": 94.5}, "Expected quality to be a whole number"),
        ({"threads": -1}, "Expected threads to be 1 or more, or 0"),
    ],
)
def test_arguments_that_cannot_work_are_refused(wrong, said):
    with pytest.raises(ConfigError, match=said):
        Frames(**wrong)


def test_stored_poses_without_a_film_are_refused(written, film):
    source = extracted(film)
    with pytest.raises(ClipError, match="Pictures need the film"):
        written(Frames(), type(source)(**{**vars(source), "frames": None}))


@pytest.mark.parametrize(("fps", "every", "target"), [(60, 1, 60.0), (60, 2, 30.0), (30, 1, 60.0)])
def test_rows_of_annotations_have_their_numbers_and_times(tmp_path, fps, every, target):
    film = write(tmp_path / "film.mp4", range(20 * fps // 60), fps=fps)
    name = FIRST.replace("cAll", "c01")
    root = tree(tmp_path / "aist", film, [name], frames=20)
    words = ("dataset=aist", f"dataset.path={root}", "sampler=annotated", f"sampler.every={every}", "writer=[frames]")
    assert go(tmp_path / "out", *words, "detector=annotations").exit_code == 0
    table = json.loads(published(tmp_path / "out")[f"{name}/frame_mapping.json"])
    numbers = list(range(0, 20, every))
    assert [row["annotation_index"] for row in table["frame_mapping"].values()] == numbers
    assert table["timestamps_ms"] == [1000 * number // 60 for number in numbers]
    assert (table["original_fps"], table["target_fps"], table["aligned_with_annotations"]) == (fps, target, True)


@pytest.mark.parametrize(("width", "height"), [(64, 48), (63, 47)])
@pytest.mark.parametrize("tagged", [(1, 1), (1, 2), (5, 1), (5, 2)])
def test_colours_are_those_of_the_film_whatever_its_range_and_matrix(tmp_path, tagged, width, height):
    """JPEG files have full range and the matrix of BT.601, which films rarely have."""
    image = np.zeros((height, width, 3), np.uint8)
    for row, colour in enumerate(([200, 40, 30], [30, 180, 60], [40, 50, 210], [128, 128, 128])):
        image[row * height // 4 : (row + 1) * height // 4] = colour
    frame = av.VideoFrame.from_ndarray(image, "rgb24").reformat(
        format="yuv420p", dst_colorspace=tagged[0], dst_color_range=tagged[1]
    )
    frame.colorspace, frame.color_range = tagged
    frames = FrameBatch([Shot(0, 0, frame, 0)], Fraction(1, 30), (width, height))
    stream = io.BytesIO()
    PictureFormat(quality=98).write(frames, 0, stream)
    with av.open(io.BytesIO(stream.getvalue())) as opened:
        seen = next(opened.decode(video=0)).to_ndarray(format="rgb24").astype(int)
    assert seen.shape == image.shape
    rows = [height // 8 + row * height // 4 for row in range(4)]
    assert np.abs(seen[rows] - image[rows].astype(int)).max() <= 6
