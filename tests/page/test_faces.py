"""No face is left in a picture, whatever is missing of the poses; a picture in which one may be is left out."""

from __future__ import annotations

import base64
import dataclasses
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import simplejpeg
from hypothesis import given
from hypothesis import strategies as st
from whole_runs import go

from posecfg import skeletons
from posecfg.page import faces
from posecfg.page.clip_data import ClipRun, clip_data
from posecfg.page.faces import Faces, pixelate, sure
from posecfg.page.heads import Box, heads
from posecfg.page.pictures import Pictures
from posecfg.page.poses import ClipPoses
from posecfg.store import record_files
from posecfg.synthetic.figure import figure, pixels_per_metre
from posecfg.synthetic.scene import StickScene
from posecfg.types import Detections, Meaning
from posecfg.viewing.subject import person

SIZE = (320, 240)
COCO = skeletons.load("coco17")
PLAIN = (236 + 255) // 2, (132 + 255) // 2, (52 + 255) // 2
# Of the synthetic figures the first one's head has a colour that nothing else has.
ROWS = 9
MEDIA = Path(__file__).resolve().parents[3] / "shared" / "media"
NOWHERE = np.full(4, np.nan)


def scene(people=1):
    return StickScene(5, ROWS, SIZE, 30.0, people)


def seen(people=1, keep=(), score=1.0, **how):
    """Return the true poses of the scene, without the keypoints that are not in ``keep``."""
    tracks = []
    for number in range(people):
        xy = figure(5, number, np.arange(ROWS) / 30, SIZE, people).xy.copy()
        xy[:, [k for k, name in enumerate(COCO.keypoints) if keep and name not in keep]] = np.nan
        tracks.append(person(number, COCO, xy, np.full(xy.shape[:2], score)))
    return ClipPoses(tuple(tracks), np.arange(ROWS) / 30, np.arange(ROWS), SIZE, **how)


def head_pixels(picture):
    return int((np.abs(picture.astype(int) - PLAIN).max(axis=2) <= 3).sum())


def hidden(poses, row=4, people=1, **how):
    picture = scene(people).rgb(row)
    assert head_pixels(picture) > 100
    return picture if Faces([poses], SIZE, **how).hide(picture, row) else None


def test_the_head_is_gone_and_the_body_is_left():
    picture = hidden(seen())
    assert head_pixels(picture) == 0
    body = np.abs(picture.astype(int) - (236, 132, 52)).max(axis=2) <= 3
    assert body.sum() > 500


@given(st.sets(st.sampled_from(COCO.keypoints), min_size=1), st.sampled_from([0.0, 0.05, 1.0]))
def test_no_head_is_left_whatever_keypoints_are_missing(keep, score):
    picture = hidden(seen(keep=keep, score=score))
    assert picture is None or head_pixels(picture) == 0


@pytest.mark.parametrize(
    "keep",
    [
        ("nose", "left_shoulder"),
        ("left_ear", "right_hip"),
        ("nose", "left_ear", "right_ear", "right_hip"),
        COCO.keypoints[5:],
        ("left_shoulder", "left_hip"),
    ],
)
def test_few_points_are_enough_to_place_the_head(keep):
    picture = hidden(seen(keep=keep))
    assert picture is not None
    assert head_pixels(picture) == 0


@given(st.integers(0, 2**20), st.floats(0.05, 1), st.floats(0, 6.3), st.sampled_from([0.2, 0.5, 0.8, 1.0]))
def test_heads_are_covered_from_the_side_and_of_those_who_lie(seed, across, turn, share):
    rng = np.random.default_rng(seed)
    xy = figure(seed % 50, 0, [seed / 1000], SIZE, 1).xy[0].astype(np.float64)
    middle = xy.mean(axis=0)
    radius = 0.12 * pixels_per_metre(SIZE, 1)
    around = np.linspace(0, 2 * np.pi, 12)
    moved = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]).T
    xy = ((xy - middle) * (across, 1)) @ moved + middle
    head = (xy[3] + xy[4]) / 2 + radius * np.stack([np.cos(around), np.sin(around)], axis=1)
    xy[rng.random(17) >= share] = np.nan
    parts = np.array(heads(COCO, xy, np.ones(17), NOWHERE)).reshape(-1, 4)
    inside = ((head[:, None] >= parts[:, :2]) & (head[:, None] <= parts[:, 2:])).all(axis=2).any(axis=1)
    assert not len(parts) or inside.all()


@pytest.mark.parametrize("keep", [COCO.keypoints[13:], ("nose",), ("left_eye", "right_eye"), COCO.keypoints[5:7]])
def test_what_does_not_tell_place_and_size_of_the_head_is_a_reason_for_no_picture(keep):
    assert hidden(seen(keep=keep)) is None


def test_a_box_that_a_detector_gave_is_hidden_whole():
    box = np.array([100.0, 20.0, 220.0, 230.0])
    (whole,) = heads(COCO, np.full((17, 2), np.nan), np.full(17, np.nan), box)
    assert whole.left < 100
    assert whole.top < 20
    assert whole.bottom > 230
    legs = np.full((17, 2), np.nan)
    legs[15], legs[16] = (100, 20), (220, 230)
    assert heads(COCO, legs, np.ones(17), box) == []


@pytest.mark.parametrize(
    "name", ["coco17", "blazepose33", "wholebody133", "wholebody85", "body25", "upperbody11", "h36m17"]
)
def test_every_skeleton_has_points_of_the_head(name):
    skeleton = skeletons.load(name)
    xy = np.random.default_rng(2).uniform(100, 200, (len(skeleton), 2))
    box = heads(skeleton, xy, np.ones(len(skeleton)), NOWHERE)[0]
    known = [
        k for k, one in enumerate(skeleton.keypoints) if {"nose", "head", "chin"} & {one, one.rstrip("0123456789")}
    ]
    assert known
    for x, y in xy[known]:
        assert box.left < x < box.right
        assert box.top < y < box.bottom


def test_an_arm_is_no_ear():
    skeleton = skeletons.Skeleton("own", ("left_forearm", "heart", "left_heel"))
    assert heads(skeleton, np.ones((3, 2)), np.ones(3), NOWHERE) == []


@given(st.lists(st.floats(width=32), min_size=34, max_size=34), st.lists(st.floats(width=32), min_size=4, max_size=4))
def test_any_numbers_make_a_part_or_none(numbers, box):
    xy = np.array(numbers, np.float32).reshape(17, 2)
    for part in heads(COCO, xy, np.full(17, 0.1), np.array(box, np.float32)):
        assert np.isfinite(part).all()
        assert part.left <= part.right
        pixelate(np.zeros((24, 32, 3), np.uint8), [part])


def test_a_person_who_is_missing_for_a_few_frames_is_hidden_all_the_same():
    poses = seen(2)
    poses.people[0].valid[4] = False
    poses.people[0].xy[4] = np.nan
    assert head_pixels(hidden(poses, people=2)) == 0
    assert hidden(poses, people=2, still=True) is not None


def test_those_whom_the_policy_did_not_choose_are_hidden_too():
    poses, other = seen(3), seen(3).people[0]
    none = np.full((ROWS, 4), np.nan, np.float32)
    numbers = np.arange(ROWS)
    everybody = Detections(
        *(COCO, Meaning(), numbers, np.arange(ROWS + 1), np.full(ROWS, -1), none, none[:, 0], other.xy, other.scores)
    )
    chosen = dataclasses.replace(poses, people=poses.people[1:])
    assert head_pixels(hidden(chosen, people=3)) > 0
    assert head_pixels(hidden(dataclasses.replace(chosen, everybody=everybody), people=3)) == 0


def test_made_up_rows_are_hidden():
    poses = seen()
    poses.people[0].valid[:], poses.people[0].made[:] = False, True
    assert head_pixels(hidden(poses)) == 0


def test_poses_of_other_runs_count_and_are_scaled():
    small = seen(2)
    for track in small.people:
        track.xy[:] /= 2
    small = dataclasses.replace(small, people=small.people[:1], size=(160, 120))
    picture = scene(2).rgb(4)
    own = dataclasses.replace(seen(2), people=seen(2).people[1:])
    assert Faces([own, small], SIZE).hide(picture, 4)
    assert head_pixels(picture) == 0


def test_nobody_to_hide_is_no_reason_to_show():
    poses = seen()
    poses.people[0].valid[:] = False
    assert hidden(poses) is None
    assert not Faces([], SIZE).hide(scene().rgb(0), 0)


def test_rows_in_which_somebody_is_lost_for_long_are_not_sure():
    rows = 30
    xy = np.ones((rows, 17, 2))
    one, other = person(0, COCO, xy), person(1, COCO, xy.copy())
    one.valid[8:20] = False
    other.valid[25:] = False
    poses = ClipPoses((one, other), np.arange(rows) / 30, np.arange(rows), SIZE)
    lost = [row for row in range(rows) if not sure(poses, [])[row]]
    assert lost == list(range(11, 17))
    alone = dataclasses.replace(poses, people=(other,))
    assert sure(alone, []).sum() == 25
    assert sure(alone, [poses]).sum() == 25 - 6


def test_far_from_the_only_person_all_is_coarse():
    poses = seen()
    picture = scene().rgb(4)
    picture[:, 5:45] = np.random.default_rng(1).integers(0, 255, (240, 40, 3))
    before = picture.copy()
    assert Faces([poses], SIZE).finds_one
    assert Faces([poses], SIZE).hide(picture, 4)
    assert len(np.unique(picture[:20, 6:22].reshape(-1, 3), axis=0)) <= 4
    assert len(np.unique(before[:20, 6:22].reshape(-1, 3), axis=0)) > 100
    assert not Faces([seen(2)], SIZE).finds_one


def test_squares_are_few_whatever_the_size_of_a_part():
    for side in (10, 37, 200):
        picture = np.random.default_rng(3).integers(0, 255, (240, 320, 3)).astype(np.uint8)
        pixelate(picture, [Box(20, 10, 20 + side, 10 + side)])
        assert len(np.unique(picture[10 : 10 + side, 20 : 20 + side].reshape(-1, 3), axis=0)) <= 16
    before = picture.copy()
    pixelate(picture, [Box(-50, -50, -10, -10), Box(400, 10, 500, 60)])
    assert (picture == before).all()


def test_a_page_without_faces_of_a_whole_run(tmp_path):
    words = ("dataset=synthetic", f"dataset.size=[{SIZE[0]},{SIZE[1]}]", "dataset.clips=1", "dataset.frames=20")
    go(tmp_path, *words, "writer=[npz]")
    run = ClipRun(0, tmp_path, record_files.read_clip(tmp_path, "synthetic_0000"))
    plain = clip_data("synthetic_0000", [run], [], None, Pictures(4)).data
    blurred = clip_data("synthetic_0000", [run], [], None, Pictures(4, blur=True)).data
    assert len(plain["pictures"]) == len(blurred["pictures"]) == 4
    for one, other in zip(plain["pictures"], blurred["pictures"], strict=True):
        first, second = (simplejpeg.decode_jpeg(base64.b64decode(p["src"].split(",")[1])) for p in (one, other))
        assert head_like(second) < head_like(first) * 0.7
    assert "faces are hidden" in blurred["note"]


def head_like(picture):
    """Count the pixels of about the colour of the head, as JPEG changes them."""
    return int((np.abs(picture.astype(int) - PLAIN).max(axis=2) <= 12).sum())


def test_people_whose_poses_are_not_kept_are_a_reason_for_no_picture(tmp_path):
    words = ("dataset=synthetic", "dataset.size=[64,48]", "dataset.clips=1", "dataset.frames=6")
    for writer, expected in (("[npy]", 0), ("[npz]", 2)):
        out = tmp_path / writer
        go(out, *words, "detector.people=2", "persons=best", f"writer={writer}")
        run = ClipRun(0, out, record_files.read_clip(out, "synthetic_0000"))
        found = clip_data("synthetic_0000", [run], [], None, Pictures(2, blur=True)).data
        assert len(found["pictures"]) == expected
        assert ("writer=npz" in found["note"]) is (expected == 0)


@pytest.mark.skipif(not MEDIA.is_dir(), reason="needs films of people, ../shared/media")
@pytest.mark.skipif(find_spec("mediapipe") is None, reason="needs MediaPipe")
def test_nothing_fine_is_left_where_the_heads_of_a_real_film_are(tmp_path):
    go(tmp_path, "dataset=folder", f"dataset.path={MEDIA / 'intel_asl_milk.mkv'}", "detector=blazepose", "writer=[npz]")
    run = ClipRun(0, tmp_path, record_files.read_clip(tmp_path, "intel_asl_milk"))
    plain = clip_data("intel_asl_milk", [run], [], None, Pictures(4)).data["pictures"]
    found = clip_data("intel_asl_milk", [run], [], None, Pictures(4, blur=True))
    assert len(found.data["pictures"]) == 4
    poses = faces.Faces([], SIZE)
    assert not poses.hide(np.zeros((4, 4, 3), np.uint8), 0)
    own = {one["index"]: one for one in found.data["pictures"]}
    shared = [one for one in plain if one["index"] in own]
    assert shared
    for one in shared:
        sharp, coarse = (
            simplejpeg.decode_jpeg(base64.b64decode(p["src"].split(",")[1])) for p in (one, own[one["index"]])
        )
        top, left = 40, 180
        face = np.s_[top : top + 70, left : left + 60]
        assert fine(coarse[face]) < fine(sharp[face])


def fine(part):
    """Return how much neighbours differ in brightness."""
    return float(np.abs(np.diff(part.astype(float).mean(axis=2), axis=0)).mean())
