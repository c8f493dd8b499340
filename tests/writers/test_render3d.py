from __future__ import annotations

import io
import json
import math
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction

import av
import films
import numpy as np
import pytest
import tones
from films import read_code, vfr_times, write
from samples import extraction
from whole_runs import go, job_of, leftovers, published, sidecar_of

from posecfg import skeletons
from posecfg.detectors.blazepose import MEANING
from posecfg.errors import ClipError, ConfigError
from posecfg.review.plan import plan
from posecfg.samplers.every import All
from posecfg.store.staging import Staging
from posecfg.synthetic.figure import figure
from posecfg.types import Clip, PoseTrack
from posecfg.video.video import Video
from posecfg.writers.render3d import Render3d

pytestmark = pytest.mark.deep

COCO = skeletons.load("coco17")
HIGH = 128


def person(rows, size, number=0, people=1, missing=(), made=()):
    """Return a person who moves in a picture of ``size``, with points in space."""
    found = figure(1, number, np.arange(rows) / 30, size, people)
    valid, filled = np.ones(rows, bool), np.zeros(rows, bool)
    valid[[*missing, *made]] = False
    filled[list(made)] = True
    gone = ~(valid | filled)
    xy, xyz = found.xy.astype(np.float32), found.xyz.astype(np.float32)
    boxes = np.concatenate([xy.min(axis=1), xy.max(axis=1)], axis=1)
    for values in (xy, xyz, boxes):
        values[gone] = np.nan
    scores = np.where(gone[:, None], np.nan, np.ones((rows, 17))).astype(np.float32)
    return PoseTrack(number, COCO, MEANING, xy, scores, boxes, scores[:, 0], valid, filled, xyz)


def source(clip, *tracks, batch=3, **span):
    """Return the extraction of a clip, as a run hands it to a writer."""
    video = Video(clip, All(), batch=batch, **span)
    for _ in video:
        pass
    clock = video.clock()
    whole = extraction(*tracks, clip_id=clip.id, rows=len(clock))
    return replace(whole, clip=clip, clock=clock, frames=lambda: iter(Video(clip, All(), batch=batch, **span)))


def played(data):
    with av.open(io.BytesIO(data)) as film:
        return [(f.pts * f.time_base, f.to_ndarray(format="rgb24").astype(int)) for f in film.decode(video=0)]


@pytest.fixture
def film(tmp_path):
    return Clip(id="folder/film", path=write(tmp_path / "film.mp4", range(12), size=(192, 128)))


def made(written, clip, *tracks, **how):
    """Return the pictures of the film and what its record says."""
    files = written(Render3d(**{"height": HIGH, "text": False, **how}), source(clip, *tracks))
    (name,) = files.data
    return played(files.data[name]), files.about[name]


def reds(image):
    return ((image[..., 0] > image[..., 1] + 70) & (image[..., 0] > image[..., 2] + 70)).sum()


def darks(image):
    return (image.max(axis=2) < 110).sum()


def test_the_clip_is_on_the_left_and_its_people_in_space_on_the_right(film, written):
    pictures, about = made(written, film, person(12, (192, 128)))
    assert about == {"kind": "render3d", "codec": "h264", "frames": 12, "size": [320, 128], "sound": "none"}
    json.dumps(about, allow_nan=False)
    assert [time for time, _ in pictures] == [Fraction(n, 30) for n in range(12)]
    for number, (_, image) in enumerate(pictures):
        assert image.shape == (128, 320, 3)
        assert read_code(image[:, :192]) == number
        scene = image[:, 192:]
        assert reds(scene) > 50
        assert darks(scene) > 80
        assert scene[:20, :20].min() > 225
    assert np.abs(pictures[0][1][:, 192:] - pictures[11][1][:, 192:]).max() > 100, "it moves"


def test_a_row_without_anybody_is_an_empty_floor(film, written):
    pictures, _ = made(written, film, person(12, (192, 128), missing=[4, 5]))
    marks = [reds(image[:, 192:]) > 20 for _, image in pictures]
    assert marks == [n not in (4, 5) for n in range(12)]
    floor = pictures[4][1][90:, 192:]
    assert np.ptp(floor.max(axis=2)) > 15


def test_made_up_poses_are_visibly_paler(film, written):
    pictures, _ = made(written, film, person(12, (192, 128), made=range(6, 12)))
    marks = [reds(image[:, 192:]) > 50 for _, image in pictures]
    assert marks == [n < 6 for n in range(12)]
    assert all(darks(image[:, 192:]) < 20 for _, image in pictures[6:])
    plain = made(written, film)[0][8][1][:, 192:]
    assert (np.abs(pictures[8][1][:, 192:] - plain).max(axis=2) > 25).sum() > 100, "and still seen"


def test_the_pose_on_the_left_is_the_one_that_was_lifted(film, written):
    """Its keypoints are those of the detector, and rows that the lifter made up have none."""
    found = person(12, (192, 128), missing=[5])
    given = replace(person(12, (192, 128), made=[5]), xy=np.full((12, 17, 2), np.nan, np.float32), source=found)
    lifted, _ = made(written, film, given)
    plain, _ = made(written, film)
    apart = [np.abs(one[:, :192] - bare[:, :192]).max() > 60 for (_, one), (_, bare) in zip(lifted, plain, strict=True)]
    assert apart == [n != 5 for n in range(12)]


def test_several_people_share_one_scene(film, written):
    pair = [person(12, (192, 128), number, 2) for number in range(2)]
    pictures, _ = made(written, film, *pair)
    one, _ = made(written, film, pair[0])
    columns = np.flatnonzero((pictures[3][1][:, 192:].max(axis=2) < 110).any(axis=0))
    alone = np.flatnonzero((one[3][1][:, 192:].max(axis=2) < 110).any(axis=0))
    assert np.ptp(columns) > np.ptp(alone)
    assert columns.min() > 0
    assert columns.max() < 127


@pytest.mark.parametrize("tracks", [0, 1])
def test_no_person_anywhere_is_a_film_of_the_floor(film, written, tracks):
    pictures, _ = made(written, film, *[replace(person(12, (192, 128), missing=range(12)), xyz=None)] * tracks)
    assert len(pictures) == 12
    assert all(reds(image[:, 192:]) == 0 for _, image in pictures)


@pytest.mark.parametrize(
    ("size", "left"), [((97, 65), 192), ((72, 128), 72), ((128, 72), 228), ((16, 16), 128), ((1200, 40), 384)]
)
def test_pictures_keep_their_shape(tmp_path, written, size, left):
    clip = Clip(id="a", path=write(tmp_path / "a.mp4", range(2), size=size, pixels="yuv444p"))
    pictures, about = made(written, clip, person(2, size))
    assert about["size"] == [left + HIGH, HIGH]
    image = pictures[0][1]
    if size == (1200, 40):
        assert image[:50, :left].max() < 40
        assert image[60:68, :left].max() > 60


def test_one_frame(tmp_path, written):
    clip = Clip(id="a", path=write(tmp_path / "a.mp4", range(1), size=(192, 128)))
    pictures, _ = made(written, clip, person(1, (192, 128)))
    assert [time for time, _ in pictures] == [0]


def test_points_that_are_missing_in_the_middle_of_a_pose(film, written):
    given = person(12, (192, 128))
    given.xyz[:, COCO.index["left_knee"]] = np.nan
    given.xyz[3:5, :, 2] = np.nan
    pictures, _ = made(written, film, given)
    assert [reds(image[:, 192:]) > 20 for _, image in pictures] == [n not in (3, 4) for n in range(12)]


def test_a_film_of_changing_rate_keeps_its_times(tmp_path, written):
    clip = Clip(id="a", path=write(tmp_path / "a.mp4", times=vfr_times(), tick=Fraction(1, 60)))
    pictures, _ = made(written, clip, person(len(vfr_times()), (192, 128)))
    assert [time for time, _ in pictures] == vfr_times()


def test_sound_comes_along(tmp_path, written):
    clip = Clip(id="a", path=tones.write(tmp_path / "a.mp4", onset=1.0))
    files = written(Render3d(height=HIGH), source(clip, start=0.4))
    (tmp_path / "out.mp4").write_bytes(files.data["a.3d.mp4"])
    assert files.about["a.3d.mp4"]["sound"] == "copied"
    assert tones.onset(tmp_path / "out.mp4") == pytest.approx(0.6, abs=0.002)


@pytest.mark.parametrize(("lines", "matrix"), [(720, 1), (576, 5)])
def test_a_film_that_names_no_colours_keeps_them_in_a_smaller_picture(tmp_path, written, lines, matrix):
    clip = Clip(id="a", path=write(tmp_path / "a.mp4", range(1), size=(96, lines)))
    data = written(Render3d(height=HIGH), source(clip)).data["a.3d.mp4"]
    with av.open(io.BytesIO(data)) as out:
        assert [int(frame.colorspace) for frame in out.decode(video=0)] == [matrix]


def test_the_film_says_that_the_view_is_for_display(tmp_path, written):
    clip = Clip(id="a", path=write(tmp_path / "a.mp4", range(1), size=(128, 128)))
    (plain,), (told,) = (made(written, clip, height=600, text=text)[0] for text in (False, True))
    apart = np.argwhere(np.abs(plain[1] - told[1]).max(axis=2) > 40)
    assert len(apart) > 100
    assert apart.min(axis=0)[0] > 540
    assert apart.min(axis=0)[1] >= 600


def test_two_writings_are_alike(film, written):
    files = [written(Render3d(height=HIGH), source(film, person(12, (192, 128)))) for _ in range(2)]
    assert files[0].data == files[1].data


def test_frames_that_fill_several_rows_are_drawn_once(film, written):
    indices = np.array([0, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
    whole = source(film, person(13, (192, 128)))
    whole = replace(whole, clock=replace(whole.clock, indices=indices, times=indices / 30))
    files = written(Render3d(height=HIGH), whole)
    assert [time * 30 for time, _ in played(files.data["folder/film.3d.mp4"])] == list(range(12))


@pytest.mark.parametrize("after", [0, 1, 7])
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
    with pytest.raises(ClipError, match=r"^Expected frame \d+ .* try another writer\.render3d\.preset\.$"):
        Render3d(height=HIGH).write(source(film, person(12, (192, 128))), files)
    assert not files.written
    files.discard()
    assert not [path for folder in ("out", "aside") for path in (tmp_path / folder).rglob("*") if path.is_file()]


def test_a_run_whose_film_fails_midway_trusts_none_of_it(tmp_path, monkeypatch):
    from posecfg.writers.beside import Beside

    words = ("dataset=synthetic", "dataset.clips=1", "dataset.frames=9", "dataset.size=[64,48]", "detector.xyz=true")
    call, calls = Beside.__call__, []

    def fails(self, *given):
        calls.append(1)
        if len(calls) == 5:
            raise OSError(28, "No space left on device")
        return call(self, *given)

    monkeypatch.setattr(Beside, "__call__", fails)
    went = go(tmp_path, *words, "writer=[npz,render3d]", f"writer.render3d.height={HIGH}")
    assert went.exit_code != 0
    assert published(tmp_path) == {}
    assert leftovers(tmp_path) == []
    monkeypatch.undo()
    assert go(tmp_path, *words, "writer=[npz,render3d]", f"writer.render3d.height={HIGH}").exit_code == 0
    assert sorted(published(tmp_path)) == ["synthetic_0000.3d.mp4", "synthetic_0000.npz"]
    assert len(played(published(tmp_path)["synthetic_0000.3d.mp4"])) == 9
    assert sidecar_of(tmp_path, "synthetic_0000")["writers"]["render3d"]["files"][0]["about"]["frames"] == 9


def test_it_is_made_later_of_stored_poses(tmp_path):
    words = ("dataset=synthetic", "dataset.clips=1", "dataset.frames=5", "dataset.size=[64,48]", "detector.xyz=true")
    at_once, later = tmp_path / "at_once", tmp_path / "later"
    height = f"writer.render3d.height={HIGH}"
    assert go(at_once, *words, "writer=[npz,render3d]", height).exit_code == 0
    assert go(later, *words, "writer=[npz]").exit_code == 0
    assert go(later, *words, "writer=[npz,render3d]", height).exit_code == 0
    assert published(at_once) == published(later)


def test_flat_poses_and_unrelated_pictures_are_refused_before_a_run(tmp_path, film, written):
    (problem,) = plan(job_of(tmp_path / "out", "writer=[render3d]"))["problems"]
    assert problem.startswith("writer.render3d: Expected poses with points in space, but detector and lifter give none")
    films.pictures(tmp_path / "shots", ["0.png", "1.png"])
    words = ("dataset=folder", f"dataset.path={tmp_path / 'shots'}", "dataset.images=true", "dataset.independent=true")
    (problem,) = plan(job_of(tmp_path / "out", *words, "writer=[render3d]", "detector.xyz=true"))["problems"]
    assert problem.startswith("writer=render3d needs frames that follow each other, but the pictures of '")
    with pytest.raises(ClipError, match="those of this clip have none"):
        written(Render3d(), source(film, replace(person(12, (192, 128)), xyz=None)))
    with pytest.raises(ClipError, match="unrelated"):
        written(Render3d(), source(replace(film, independent=True)))
    with pytest.raises(ClipError, match="not available for stored poses"):
        written(Render3d(), replace(source(film), frames=None))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"height": 63}, "height"),
        ({"height": 601}, "height"),
        ({"height": 4000}, "height"),
        ({"height": True}, "height"),
        ({"elev": 0.0}, "elev"),
        ({"elev": 90.0}, "elev"),
        ({"elev": math.nan}, "elev"),
        ({"azim": 361.0}, "azim"),
        ({"azim": math.nan}, "azim"),
        ({"kpt_thr": -0.1}, "kpt_thr"),
        ({"preset": "ultrafst"}, "preset"),
        ({"crf": 52}, "crf"),
        ({"threads": -1}, "threads"),
        ({"path": "out.avi"}, "path"),
    ],
)
def test_arguments_that_cannot_work_are_refused(arguments, message):
    with pytest.raises(ConfigError, match=f"Expected {message}"):
        Render3d(**arguments)


def test_loading_the_writer_loads_no_library():
    code = "import sys, posecfg.writers.render3d; sys.exit(bool({'av', 'numpy'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
