from __future__ import annotations

import importlib.util
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
from told import facts

from posecfg.errors import ClipError, ConfigError, WeightsError
from posecfg.types import Clip, Poses

if importlib.util.find_spec("mediapipe") is None:
    pytest.skip("mediapipe is not installed", allow_module_level=True)

from posecfg.detectors import blazepose
from posecfg.detectors.blazepose import BlazePose

REPO = Path(__file__).resolve().parents[2]
DEMO = REPO / "src" / "posecfg" / "assets" / "demo.mp4"
SHARED = REPO.parent / "shared"
FILM = next((p for p in (DEMO, SHARED / "media" / "intel_asl_book.mkv") if p.is_file()), None)
LITE = SHARED / "models" / "pose_landmark_lite.tflite"
CLIP = Clip("clip", Path("clip.mp4"))

needs_film = pytest.mark.skipif(FILM is None, reason="neither the demo clip nor the shared media are here")


class Images:
    """Frames held in memory."""

    def __init__(self, pixels, first=0, times=None):
        self.pixels = np.asarray(pixels)
        self.indices = np.arange(first, first + len(self.pixels))
        self.times = self.indices / 30 if times is None else np.asarray(times, float)
        self.size = (self.pixels.shape[2], self.pixels.shape[1])
        self.asked = []

    def rgb(self, width=None, height=None):
        self.asked.append((width, height))
        if width is None:
            return self.pixels
        rows = np.arange(height) * self.pixels.shape[1] // height
        return self.pixels[:, rows][:, :, np.arange(width) * self.pixels.shape[2] // width]

    def luma(self):
        return self.pixels.mean(axis=3).astype(np.uint8)

    def __len__(self):
        return len(self.pixels)


@pytest.fixture(scope="module")
def film():
    import av

    with av.open(str(FILM)) as container:
        frames = [f.to_ndarray(format="rgb24") for f, _ in zip(container.decode(video=0), range(16), strict=False)]
    return np.stack(frames)


@pytest.fixture(scope="module")
def detector():
    return BlazePose()


def run(detector, pixels, clip=CLIP):
    return list(detector([Images(p[None], i) for i, p in enumerate(pixels)], clip))


@pytest.fixture(scope="module")
def whole(detector, film):
    """Return the poses of the film, frame by frame."""
    return run(detector, film)


def same(one: Poses, other: Poses) -> bool:
    arrays = [(p.xy, p.scores, p.xyz, p.depth, p.boxes.xyxy, p.boxes.scores) for p in (one, other)]
    return all(np.array_equal(a, b) for a, b in zip(*arrays, strict=True))


def all_same(ones, others) -> bool:
    return all(same(a, b) for a, b in zip(ones, others, strict=True))


@needs_film
def test_poses_have_the_documented_shapes_units_and_axes(detector, whole):
    person = whole[-1]
    assert len(person) == 1
    assert {a.dtype for a in (person.xy, person.scores, person.xyz, person.depth, person.boxes.xyxy)} == {
        np.dtype("f4")
    }
    assert person.skeleton.name == "blazepose33"
    assert np.array_equal(person.boxes.xyxy[0, :2], person.xy[0].min(axis=0))
    assert np.array_equal(person.boxes.xyxy[0, 2:], person.xy[0].max(axis=0))
    assert 0.5 < person.boxes.scores[0] <= 1
    assert ((person.scores >= 0) & (person.scores <= 1)).all()
    at = person.skeleton.index
    metres = person.xyz[0]
    assert np.abs((metres[at["left_hip"]] + metres[at["right_hip"]]) / 2).max() < 0.02
    # Somebody who faces the camera: their left is at the right of the image, the nose above the hips and nearer.
    assert metres[at["left_shoulder"], 0] > 0.05 > -0.05 > metres[at["right_shoulder"], 0]
    assert person.xy[0, at["left_shoulder"], 0] > person.xy[0, at["right_shoulder"], 0]
    assert metres[at["nose"], 1] < -0.2
    assert metres[at["nose"], 2] < -0.05
    assert person.depth[0, at["nose"]] < 0
    assert detector.device == "cpu"
    assert set(detector.weights) == set(facts(BlazePose, complexity=1).weights)


@needs_film
def test_every_call_starts_afresh(detector, film):
    alone = run(BlazePose(), film[8:])
    run(detector, film)
    assert all_same(run(detector, film[8:]), alone)
    half = detector([Images(film)], CLIP)
    next(half)
    half.close()
    assert all_same(run(detector, film[8:]), alone)


@needs_film
def test_two_clips_at_once_do_not_mix(detector, film, whole):
    alone = whole, run(detector, film[::-1])
    pairs = list(zip(detector([Images(film)], CLIP), detector([Images(film[::-1])], CLIP), strict=True))
    assert all_same([a for a, _ in pairs], alone[0])
    assert all_same([b for _, b in pairs], alone[1])


@needs_film
def test_batches_and_threads_change_nothing(detector, film, whole):
    assert all_same(detector([Images(film[:5]), Images(film[5:], 5)], CLIP), whole)
    assert all_same(run(BlazePose(threads=2), film[:4]), whole[:4])


@needs_film
def test_the_pixels_may_be_reused_and_need_not_be_contiguous(detector, film, whole):
    buffer = np.zeros((1, *film[0].shape[:2], 4), np.uint8)
    found = []
    feed = detector((Images(buffer[..., :3], i) for i in range(len(film)) if not _fill(buffer, film[i])), CLIP)
    for pose in feed:
        found.append(pose)
        buffer[:] = 255
    assert all_same(found, whole)


def _fill(buffer, image):
    buffer[..., :3] = image


@needs_film
def test_independent_images_are_done_statically(detector, film):
    pictures = film[[0, 8, 0]]
    found = run(detector, pictures, Clip("pictures", Path("pictures"), independent=True))
    assert same(found[0], found[2])
    assert all_same(found, run(BlazePose(static=True), pictures))
    assert not same(*(run(detector, pictures)[i] for i in (0, 2)))


@needs_film
def test_the_clock_can_follow_the_film(film):
    def timed(times, **options):
        return list(BlazePose(**options)([Images(film[:6], times=times)], CLIP))

    steady = [i * 0.033333 for i in range(6)]
    assert all_same(timed(steady), timed(steady, clock="true"))
    slow = [i * 0.2 for i in range(6)]
    assert all_same(timed(slow), timed(steady))
    assert not all_same(timed(slow, clock="true"), timed(steady, clock="true"))
    assert len(timed([0, 0, 0.1, 0.05, 0.2, 0.2], clock="true")) == 6


@needs_film
def test_max_side_scales_what_the_model_sees_but_not_the_coordinates(film, whole):
    height, width = film[0].shape[:2]
    side = max(width, height) // 2
    images = Images(film)
    small = list(BlazePose(max_side=side)([images], CLIP))
    assert [max(asked) for asked in images.asked] == [side]
    assert np.abs(small[-1].xy[0, :11] - whole[-1].xy[0, :11]).max() < 0.05 * width
    untouched = Images(film)
    assert all_same(BlazePose(max_side=10_000)([untouched], CLIP), whole)
    assert untouched.asked == [(None, None)]


def test_nobody_is_no_people(detector):
    found = run(detector, np.full((3, 48, 64, 3), 90, np.uint8))
    assert [len(p) for p in found] == [0, 0, 0]
    assert found[0].xyz.shape == (0, 33, 3)


def test_sizes_may_change_and_be_tiny(detector):
    shapes = [(1, 1), (7, 300), (300, 7), (2, 3)]
    frames = [Images(np.zeros((1, *shape, 3), np.uint8), i) for i, shape in enumerate(shapes)]
    assert [len(p) for p in detector(frames, Clip("pictures", Path("p"), independent=True))] == [0, 0, 0, 0]


def test_a_graph_error_belongs_to_its_clip(detector):
    with pytest.raises(ClipError, match="clip, frame 0: MediaPipe's graph did not work: "):
        run(detector, np.zeros((1, 0, 0, 3), np.uint8))
    assert len(run(detector, np.zeros((1, 8, 8, 3), np.uint8))[0]) == 0


def test_errors_of_the_reader_pass_through(detector):
    def broken():
        yield Images(np.zeros((1, 8, 8, 3), np.uint8))
        raise RuntimeError("the disk is gone")

    with pytest.raises(RuntimeError, match="the disk is gone"):
        list(detector(broken(), CLIP))


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"device": "cuda"}, "use device=cpu or device=auto"),
        ({"complexity": 3}, "0, 1 or 2, but got 3"),
        ({"detection_confidence": 1.5}, "detection_confidence to be from 0 to 1"),
        ({"tracking_confidence": -1}, "tracking_confidence to be from 0 to 1"),
        ({"clock": "sun"}, "fixed or true, but got 'sun'"),
        ({"max_side": 0}, "at least 1, but got 0"),
        ({"threads": 0}, "at least 1, but got 0"),
    ],
)
def test_wrong_options_are_sentences(options, sentence):
    with pytest.raises(ConfigError, match=sentence):
        BlazePose(**options)


def test_missing_weights_say_what_to_type(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("POSECFG_MODELS", raising=False)
    with pytest.raises(WeightsError, match=r"detector\.complexity=1, or type: posecfg models fetch blazepose_heavy$"):
        BlazePose(complexity=2)


def wheel():
    folder = Path(importlib.util.find_spec("mediapipe").submodule_search_locations[0])
    return sorted(str(p) for p in (folder / "modules").rglob("*"))


@needs_film
@pytest.mark.skipif(not LITE.is_file(), reason="the lite model is not in the shared folder")
def test_other_weights_stay_where_they_are_and_nothing_is_left_behind(monkeypatch, tmp_path, film):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    monkeypatch.setenv("POSECFG_MODELS", str(LITE.parent))
    before = wheel()
    lite = BlazePose(complexity=0)
    found = run(lite, film)
    assert set(lite.weights) == {"pose_detection", "blazepose_lite"}
    assert len(found[-1]) == 1
    assert wheel() == before
    assert list(scratch.iterdir()) == []


@needs_film
def test_a_run_opens_no_socket(monkeypatch, film):
    def refuse(*arguments, **options):
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert len(run(BlazePose(), film[:2])) == 2


REFERENCE = """
import sys, numpy as np, mediapipe as mp
film = np.load(sys.argv[1])
options = dict(model_complexity=1, **eval(sys.argv[2]))
with mp.solutions.pose.Pose(**options) as pose:
    rows = []
    for image in film:
        found = pose.process(image)
        rows.append([
            [(p.x, p.y, p.z, p.visibility) for p in part.landmark] if part else [(np.nan,) * 4] * 33
            for part in (found.pose_landmarks, found.pose_world_landmarks)
        ])
np.save(sys.argv[3], np.array(rows, np.float32))
"""
FULL = all(importlib.util.find_spec(name) for name in ("cv2", "matplotlib"))


@needs_film
@pytest.mark.skipif(not FULL, reason="mp.solutions needs cv2 and matplotlib, which are not installed")
@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ({}, {}),
        ({"smooth": False}, {"smooth_landmarks": False}),
        ({"static": True}, {"static_image_mode": True}),
        (
            {"detection_confidence": 0.2, "tracking_confidence": 0.9999},
            {"min_detection_confidence": 0.2, "min_tracking_confidence": 0.9999},
        ),
    ],
)
def test_every_number_equals_that_of_mp_solutions(tmp_path, film, ours, theirs):
    np.save(tmp_path / "film.npy", film)
    command = [sys.executable, "-c", REFERENCE, str(tmp_path / "film.npy"), repr(theirs), str(tmp_path / "out.npy")]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    size = np.array([film.shape[2], film.shape[1]], np.float32)
    for pose, (image, world) in zip(run(BlazePose(**ours), film), np.load(tmp_path / "out.npy"), strict=True):
        if np.isnan(image).any():
            assert len(pose) == 0
            continue
        assert np.array_equal(pose.xy[0], image[:, :2] * size)
        assert np.array_equal(pose.depth[0], image[:, 2] * size[0])
        assert np.array_equal(pose.scores[0], image[:, 3])
        assert np.array_equal(pose.xyz[0], world[:, :3])
        assert np.array_equal(pose.scores[0], world[:, 3])


def test_the_meaning_travels_with_the_data(detector):
    pose = run(detector, np.zeros((1, 8, 8, 3), np.uint8))[0]
    assert pose.meaning is blazepose.MEANING
    assert pose.meaning.score == "visibility"
