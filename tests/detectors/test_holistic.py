"""Body, face and hands by MediaPipe's holistic graph, beside mp.solutions, and beside BlazePose for the body."""

from __future__ import annotations

import importlib.util
import socket
import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest
from stills import Stills
from told import facts

from posecfg import skeletons
from posecfg.detectors.holistic import MEANING, Holistic
from posecfg.errors import ConfigError, WeightsError
from posecfg.types import Clip

if importlib.util.find_spec("mediapipe") is None:
    pytest.skip("mediapipe is not installed; test_holistic_parts.py needs none", allow_module_level=True)

from posecfg.detectors.blazepose import BlazePose

REPO = Path(__file__).resolve().parents[2]
DEMO = REPO / "src" / "posecfg" / "assets" / "demo.mp4"
MEDIA = REPO.parent / "shared" / "media"
CLIP = Clip("clip", Path("clip.mp4"))
FACE, LEFT, RIGHT = slice(33, 501), slice(501, 522), slice(522, 543)
ARRAYS = ("xy", "scores", "xyz", "depth")


def frames(path, first, count):
    with av.open(str(path)) as film:
        every = [f.to_ndarray(format="rgb24") for f, _ in zip(film.decode(video=0), range(first + count), strict=False)]
    return np.stack(every[first:])


@pytest.fixture(scope="module")
def film():
    """Return twelve pictures of a person whose hands are not seen."""
    return frames(DEMO, 0, 12)


@pytest.fixture(scope="module")
def signer():
    """Return pictures of a signer whose hands are lifted."""
    path = MEDIA / "intel_asl_book.mkv"
    if not path.is_file():
        pytest.skip("the shared media are not here")
    return frames(path, 36, 10)


@pytest.fixture(scope="module")
def detector():
    return Holistic()


def run(detector, pixels, clip=CLIP):
    return list(detector([Stills(p[None], i) for i, p in enumerate(pixels)], clip))


def same(one, other):
    pairs = [(getattr(one, name), getattr(other, name)) for name in ARRAYS]
    pairs += [(one.boxes.xyxy, other.boxes.xyxy), (one.boxes.scores, other.boxes.scores)]
    return all(np.array_equal(a, b, equal_nan=True) for a, b in pairs)


def test_the_body_has_the_numbers_of_blazepose_to_the_last_digit(detector, film):
    """Face and hands are found from the body, and tell it nothing."""
    for static in (False, True):
        ours, bodies = run(Holistic(static=static), film), run(BlazePose(static=static), film)
        for whole, body in zip(ours, bodies, strict=True):
            assert len(whole) == len(body) == 1
            assert all(np.array_equal(getattr(whole, name)[:, :33], getattr(body, name)) for name in ARRAYS)
            assert np.array_equal(whole.boxes.xyxy, body.boxes.xyxy)
            assert np.array_equal(whole.boxes.scores, body.boxes.scores)
    alone = run(Holistic(hands=False, face="none"), film)
    assert all(same(one, body) for one, body in zip(alone, run(BlazePose(), film), strict=True))


def test_a_hand_that_is_not_seen_is_missing_with_the_score_0(detector, film):
    person = run(detector, film)[-1]
    assert person.skeleton.name == "holistic543"
    assert np.isfinite(person.xy[0, FACE]).all()
    assert (person.scores[0, FACE] > 0.5).all()
    for hand in (LEFT, RIGHT):
        assert (person.scores[0, hand] == 0).all()
        assert np.isnan(person.xy[0, hand]).all()
        assert np.isnan(person.xyz[0, hand]).all()
        assert np.isnan(person.depth[0, hand]).all()
    assert np.isnan(person.xyz[0, FACE]).all()


def test_hands_of_a_signer_are_near_the_wrists_in_the_picture_and_in_space(detector, signer):
    seen = run(detector, signer)[-1]
    at = seen.skeleton.index
    nose = seen.xy[0, at["nose"]]
    assert np.linalg.norm(seen.xy[0, at["face_4"]] - nose) < 15
    found = 0
    for side, hand in (("left", LEFT), ("right", RIGHT)):
        if not seen.scores[0, hand].any():
            continue
        found += 1
        assert len(set(seen.scores[0, hand].tolist())) == 1
        assert seen.scores[0, hand][0] > 0.5
        wrist = at[f"{side}_wrist"]
        assert np.linalg.norm(seen.xy[0, hand][0] - seen.xy[0, wrist]) < 30
        assert np.array_equal(seen.xyz[0, hand][0], seen.xyz[0, wrist])
        # A hand is some 15 to 20 cm long, and its fingers point up here, also in the picture.
        metres, pixels = seen.xyz[0, hand], seen.xy[0, hand]
        assert 0.1 < np.linalg.norm(metres[12] - metres[0]) < 0.25
        assert metres[12, 1] < metres[0, 1]
        assert pixels[12, 1] < pixels[0, 1]
    assert found


def test_parts_are_left_out_and_the_others_stay_as_they_are(detector, signer):
    whole = run(detector, signer)
    for options, name in (
        ({"face": "none"}, "holistic75"),
        ({"hands": False}, "holistic501"),
    ):
        assert facts(Holistic, **options).skeleton == name
        assert set(facts(Holistic, **options).weights) < set(facts(Holistic).weights)
        kept = [whole[0].skeleton.index[point] for point in skeletons.load(name).keypoints]
        for one, all_of_it in zip(run(Holistic(**options), signer), whole, strict=True):
            assert one.skeleton.name == name
            for array in ARRAYS:
                assert np.array_equal(getattr(one, array), getattr(all_of_it, array)[:, kept], equal_nan=True)


def test_irises_are_within_the_eyes(film):
    iris = run(Holistic(face="irises"), film[:3])[-1]
    assert iris.skeleton.name == "holistic553"
    at = iris.skeleton.index
    for middle, corners in (("face_468", ("face_33", "face_133")), ("face_473", ("face_362", "face_263"))):
        low, high = sorted(iris.xy[0, at[corner], 0] for corner in corners)
        assert low < iris.xy[0, at[middle], 0] < high


def test_each_picture_stands_alone_where_nothing_is_tracked(signer):
    """MediaPipe looks for hands and face near those of the picture before also where the body is not tracked."""
    pictures = signer[[0, 9, 0]]
    found = run(Holistic(), pictures, Clip("pictures", Path("pictures"), independent=True))
    assert same(found[0], found[2])
    assert same(found[1], run(Holistic(static=True), signer[9:])[0])


def test_every_clip_starts_afresh(detector, signer, film):
    alone = run(Holistic(), film[:5])
    half = detector([Stills(signer)], CLIP)
    next(half)
    half.close()
    assert all(same(a, b) for a, b in zip(run(detector, film[:5]), alone, strict=True))


def test_threads_and_batches_change_nothing(detector, signer):
    whole = run(detector, signer[:4])
    several = list(Holistic(threads=2)([Stills(signer[:3]), Stills(signer[3:4], 3)], CLIP))
    assert all(same(a, b) for a, b in zip(whole, several, strict=True))


def test_nobody_is_no_people(detector):
    found = run(detector, np.full((2, 48, 64, 3), 90, np.uint8))
    assert [len(p) for p in found] == [0, 0]
    assert found[0].xy.shape == (0, 543, 2)
    assert found[0].meaning is MEANING


def test_a_run_opens_no_socket_and_leaves_the_package_as_it_is(monkeypatch, film):
    def refuse(*arguments, **options):
        raise AssertionError("a socket was opened")

    folder = Path(importlib.util.find_spec("mediapipe").submodule_search_locations[0]) / "modules"
    before = sorted(folder.rglob("*"))
    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert len(run(Holistic(), film[:2])) == 2
    assert sorted(folder.rglob("*")) == before


def test_missing_weights_say_what_to_type(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("POSECFG_MODELS", raising=False)
    with pytest.raises(WeightsError, match=r"detector\.complexity=1, or type: posecfg models fetch blazepose_heavy$"):
        Holistic(complexity=2)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"device": "cuda"}, "holistic runs on the CPU only.*use device=cpu or device=auto"),
        ({"complexity": 3}, "0, 1 or 2, but got 3"),
        ({"face": "nose"}, "mesh, irises or none, but got 'nose'"),
        ({"tracking_confidence": -1}, "tracking_confidence to be from 0 to 1"),
        ({"clock": "sun"}, "fixed or true, but got 'sun'"),
    ],
)
def test_wrong_options_are_sentences(options, sentence):
    with pytest.raises(ConfigError, match=sentence):
        Holistic(**options)


REFERENCE = """
import sys, numpy as np, mediapipe as mp
rows = []
with mp.solutions.holistic.Holistic(**eval(sys.argv[2])) as holistic:
    for image in np.load(sys.argv[1]):
        found = holistic.process(image)
        parts = (found.pose_landmarks, 33), (found.face_landmarks, int(sys.argv[4])), (found.left_hand_landmarks, 21)
        parts += (found.right_hand_landmarks, 21), (found.pose_world_landmarks, 33)
        rows.append(np.concatenate([
            [(p.x, p.y, p.z) for p in part.landmark] if part else np.full((count, 3), np.nan) for part, count in parts
        ]))
np.save(sys.argv[3], np.array(rows, np.float32))
"""
FULL = all(importlib.util.find_spec(name) for name in ("cv2", "matplotlib"))


@pytest.mark.skipif(not FULL, reason="mp.solutions needs cv2 and matplotlib, which are not installed")
@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ({}, {}),
        ({"face": "irises", "smooth": False}, {"refine_face_landmarks": True, "smooth_landmarks": False}),
        ({"tracking_confidence": 0.9999}, {"min_tracking_confidence": 0.9999}),
    ],
)
def test_every_number_equals_that_of_mp_solutions(tmp_path, signer, film, ours, theirs):
    face = 478 if "face" in ours else 468
    for number, pixels in enumerate((signer, film)):
        source, out = tmp_path / f"{number}.npy", tmp_path / f"{number}out.npy"
        np.save(source, pixels)
        command = [sys.executable, "-c", REFERENCE, str(source), repr(theirs), str(out), str(face)]
        subprocess.run(command, check=True, capture_output=True, timeout=300)
        size = np.array([pixels.shape[2], pixels.shape[1]], np.float32)
        for pose, rows in zip(run(Holistic(**ours), pixels), np.load(out), strict=True):
            image, world = rows[:-33], rows[-33:]
            if not len(pose):
                assert np.isnan(rows).all()
                continue
            assert np.array_equal(pose.xy[0], image[:, :2] * size, equal_nan=True)
            assert np.array_equal(pose.depth[0], image[:, 2] * size[0], equal_nan=True)
            assert np.array_equal(pose.xyz[0, :33], world)
