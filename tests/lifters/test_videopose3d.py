"""VideoPose3D against the same network computed frame by frame, and against answers that are known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from samples import clock, poses, track
from temporalnets import LEFT, RIGHT, checkpoint, frame_by_frame, weights
from whole_runs import go, job_of, sidecar_of

import posecfg
from posecfg import skeletons
from posecfg.detectors.synthetic import Synthetic
from posecfg.errors import ClipError, WeightsError
from posecfg.facts import Facts
from posecfg.lifters import videopose3d
from posecfg.lifters.videopose3d import VideoPose3D
from posecfg.models import registry, store
from posecfg.persons.best import Best
from posecfg.persons.tracks import Tracks
from posecfg.review.plan import plan
from posecfg.types import Meaning

pytest.importorskip("onnxruntime")
NAME = "videopose3d_coco"
SWAPPED = np.arange(17)
SWAPPED[[*LEFT, *RIGHT]] = [*RIGHT, *LEFT]
COCO = skeletons.load("coco17")


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Return a function that makes a file the checkpoint, and trusts it."""
    monkeypatch.setenv("POSECFG_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    (tmp_path / "models").mkdir()

    def put(pose, trajectory=None, **how):
        path = checkpoint(tmp_path / "models" / registry.entry(NAME).file, pose, trajectory, **how)
        posecfg.models.trust.trust(NAME, store.status(NAME).found)
        return path

    return put


def moving(rows=40, **how):
    """Return a track that moves, in a picture of 640 x 480."""
    given = track(rows, "coco17", **how)
    draw = np.random.default_rng(3)
    xy = (draw.uniform(100, 400, (1, 17, 2)) + draw.normal(0, 5, (rows, 17, 2)).cumsum(axis=0)).astype(np.float32)
    return replace(given, xy=np.where(np.isnan(given.xy), np.nan, xy).astype(np.float32))


def lifted(given, size=(640, 480), **how):
    return VideoPose3D(**how)(given, replace(clock(len(given)), size=size))


def expected(arrays, given, size=(640, 480), flip=True):
    rows = given.xy.astype(np.float64) / size[0] * 2 - (1, size[1] / size[0])
    plain = frame_by_frame(arrays, rows)
    if not flip:
        return plain
    mirrored = frame_by_frame(arrays, (rows * (-1, 1))[:, list(COCO.swaps)]) * (-1, 1, 1)
    return (plain + (mirrored[:, SWAPPED] if plain.shape[1] == 17 else mirrored)) / 2


@pytest.mark.parametrize("kind", ["zip", "stream"])
@pytest.mark.parametrize("flip", [True, False])
def test_whole_films_are_lifted_as_their_frames_one_by_one(place, flip, kind):
    arrays = weights()
    place(arrays, kind=kind)
    given = moving()
    found = lifted(given, flip=flip)
    np.testing.assert_allclose(found.xyz, expected(arrays, given, flip=flip), atol=1e-5)
    assert (found.skeleton.name, found.xyz.dtype, found.meaning.xyz) == ("h36m17", np.float32, videopose3d.XYZ)
    np.testing.assert_allclose(found.xy[:, 0], given.xy[:, [11, 12]].mean(axis=1), rtol=1e-5)


def test_windows_give_what_the_whole_gives(place, monkeypatch):
    place(weights())
    whole = lifted(moving(400)).xyz
    monkeypatch.setattr(videopose3d, "WINDOW", 7)
    np.testing.assert_allclose(lifted(moving(400)).xyz, whole, atol=1e-6)


@pytest.mark.parametrize("rows", [1, 2, 5])
def test_a_film_shorter_than_the_network_looks_is_held_at_its_ends(place, rows):
    arrays = weights(blocks=2)
    place(arrays)
    np.testing.assert_allclose(lifted(moving(rows)).xyz, expected(arrays, moving(rows)), atol=1e-5)


def test_a_person_who_stands_still_is_lifted_to_what_the_last_layer_says(place):
    arrays = {
        name: one * 0 if name.endswith("conv.weight") or ".weight" in name else one for name, one in weights().items()
    }
    arrays["shrink.bias"] = np.arange(51, dtype=np.float32)
    place(arrays)
    plain = np.arange(51).reshape(17, 3)
    np.testing.assert_allclose(lifted(moving(), flip=False).xyz, np.broadcast_to(plain, (40, 17, 3)), atol=1e-6)
    both = (plain + (plain * (-1, 1, 1))[SWAPPED]) / 2
    np.testing.assert_allclose(lifted(moving()).xyz, np.broadcast_to(both, (40, 17, 3)), atol=1e-6)


def test_the_path_of_the_pelvis_is_added_where_the_file_has_a_network_for_it(place):
    arrays, path = weights(), weights(out=1, seed=5)
    place(arrays, path)
    given = moving()
    walked = expected(arrays, given) + expected(path, given)
    np.testing.assert_allclose(lifted(given).xyz, walked, atol=1e-5)
    assert lifted(given).meaning.xyz == videopose3d.ROOTED
    still = lifted(given, trajectory=False)
    np.testing.assert_allclose(still.xyz, expected(arrays, given), atol=1e-5)
    assert still.meaning.xyz == videopose3d.XYZ


def test_rows_without_the_person_are_interpolated_and_marked(place):
    arrays = weights()
    place(arrays)
    given = moving(missing=[0, 3, 4, 39])
    found = lifted(given)
    assert found.made.nonzero()[0].tolist() == [0, 3, 4, 39]
    np.testing.assert_array_equal(found.valid, given.valid)
    whole = given.xy.copy()
    whole[0], whole[39] = whole[1], whole[38]
    whole[3], whole[4] = whole[2] + (whole[5] - whole[2]) / 3, whole[2] + (whole[5] - whole[2]) * 2 / 3
    np.testing.assert_allclose(found.xyz, expected(arrays, replace(given, xy=whole)), atol=1e-4)
    np.testing.assert_array_equal(lifted(replace(given, alone=False), edges="hold").xyz, found.xyz)
    apart = lifted(replace(given, alone=False))
    np.testing.assert_array_equal(lifted(given, edges="none").xyz, apart.xyz)
    assert np.isnan(apart.xyz[[0, 39]]).all()
    assert apart.made.nonzero()[0].tolist() == [3, 4]


@pytest.mark.parametrize("missing", [(), (0, 3, 14, 15, 16, 17, 39)], ids=["next to each other", "apart"])
def test_two_people_in_one_track_are_lifted_each_alone(place, missing):
    place(weights())
    given = replace(moving(missing=missing), breaks=(18,))
    found = lifted(given, edges="auto")
    assert found.made.nonzero()[0].tolist() == [row for row in missing if not 14 <= row < 18]
    assert np.isnan(found.xyz[[row for row in missing if 14 <= row < 18]]).all()
    names = ("xy", "scores", "boxes", "box_scores", "valid", "made")
    for part in (slice(0, 14 if missing else 18), slice(18, 40)):
        alone = replace(given, breaks=(), **{name: getattr(given, name)[part] for name in names})
        np.testing.assert_allclose(found.xyz[part], lifted(alone).xyz, atol=1e-5)
    assert np.isfinite(lifted(replace(given, breaks=())).xyz).all()


def test_a_keypoint_that_is_missing_now_and_then_is_interpolated_and_one_that_never_was_leaves_all_missing(place):
    place(weights())
    given = moving()
    given.xy[5:7, 9] = np.nan
    assert np.isfinite(lifted(given).xyz).all()
    given.xy[:, 9] = np.nan
    assert np.isnan(lifted(given).xyz).all()


def test_nobody_is_lifted_to_nobody(place):
    place(weights())
    found = lifted(moving(5, missing=range(5)))
    assert np.isnan(found.xyz).all()
    assert not found.made.any()


@pytest.mark.parametrize(
    ("pose", "told"),
    [
        ({}, "lacks expand_conv.weight"),
        (
            {name: one for name, one in weights().items() if name != "shrink.bias"},
            "model_pos is no network of VideoPose3D: it lacks shrink.bias",
        ),
        ({**weights(), "layers_conv.9.weight": np.zeros((8, 8, 1), np.float32)}, "it has layers_conv.9.weight"),
        (
            {**weights(), "expand_conv.weight": np.zeros((8, 32, 3), np.float32)},
            "expand_conv.weight of (8, 32, 3), not (8, 34, 3)",
        ),
        (weights(out=16), "shrink.weight of (48, 8, 1), not (51, 8, 1)"),
        (weights(width=1, blocks=8), "it looks at more than 10,000 frames at a time"),
        (weights(width=1, blocks=45), "it looks at more than 10,000 frames at a time"),
    ],
)
def test_a_checkpoint_of_another_network_is_refused(place, pose, told):
    place(pose)
    with pytest.raises(WeightsError) as error:
        lifted(moving())
    assert told in str(error.value)


@pytest.mark.parametrize("width", [1e30, 1e38])
def test_a_network_whose_numbers_overflow_fails_its_clip(place, width):
    place({name: one * np.float32(width) if "conv" in name else one for name, one in weights().items()})
    with pytest.raises(ClipError, match="lifter: expected numbers of its network, but it gives NaN or infinity"):
        lifted(moving())


def test_files_of_before_counts_of_batches_are_read(place):
    place(weights(counts=False), kind="stream")
    assert np.isfinite(lifted(moving()).xyz).all()


@pytest.mark.deep
def test_a_run_lifts_records_the_weights_and_resumes(place, tmp_path):
    place(weights())
    words = ("dataset=synthetic", "dataset.clips=2", "detector=synthetic", "lifter=videopose3d", "writer=[npz]")
    told = plan(job_of(tmp_path / "out", *words))
    assert told["problems"] == []
    assert go(tmp_path / "out", *words).exit_code == 0
    found = posecfg.load(tmp_path / "out/synthetic_0000.npz")
    assert (found.skeleton.name, found.tracks[0].xyz.shape[1:]) == ("h36m17", (17, 3))
    assert np.isfinite(found.tracks[0].xyz[found.tracks[0].valid]).all()
    go(tmp_path / "flat", *words[:3], "writer=[npz]")
    (flat,) = posecfg.load(tmp_path / "flat/synthetic_0000.npz").tracks
    for name in ("xy", "scores", "boxes", "box_scores", "valid", "made"):
        np.testing.assert_array_equal(getattr(found.tracks[0].source, name), getattr(flat, name))
    assert (found.tracks[0].source.skeleton.name, found.detections.skeleton.name) == ("coco17", "coco17")
    assert sidecar_of(tmp_path / "out", "synthetic_0000")["weights"] == {NAME: store.sha256(NAME)}
    assert go(tmp_path / "out", *words).already == 2


def test_lifted_points_are_written_as_plain_arrays_and_as_markers(place, tmp_path):
    place(weights())
    words = ("dataset=synthetic", "dataset.clips=1", "lifter=videopose3d", "writer.npy.channels=[x,y,z]")
    assert go(tmp_path / "out", *words, "writer=[npy,npz,trc]").exit_code == 0
    points = np.load(tmp_path / "out/synthetic_0000.npy")
    assert (points.shape[1:], points.dtype) == ((17, 3), np.float32)
    np.testing.assert_array_equal(points, posecfg.load(tmp_path / "out/synthetic_0000.npz").tracks[0].xyz)
    last = (tmp_path / "out/synthetic_0000.trc").read_text().splitlines()[-1].split("\t")
    x, y, z = points[-1, 16].tolist()
    np.testing.assert_allclose([float(cell) for cell in last[-4:-1]], (z, -y, x), atol=1e-6)


@pytest.mark.deep
def test_people_are_not_lifted_beyond_the_time_in_which_they_were_seen(place, tmp_path):
    place(weights())
    words = ("dataset=synthetic", "dataset.people=2", "detector=synthetic", "detector.people=2", "detector.miss=0.3")
    assert go(tmp_path / "out", *words, "persons=all", "lifter=videopose3d", "writer=[npz]").exit_code == 0
    for one in posecfg.load(tmp_path / "out/synthetic_0000.npz").tracks:
        seen = np.flatnonzero(one.valid)
        assert not one.made[: seen[0]].any()
        assert not one.made[seen[-1] + 1 :].any()
        assert np.isfinite(one.xyz[seen[0] : seen[-1] + 1]).all()


def test_a_skeleton_that_does_not_reach_is_refused_before_anything_is_decoded(place, tmp_path, monkeypatch):
    place(weights())
    monkeypatch.setattr(Synthetic, "facts", staticmethod(lambda **_: Facts(skeleton="upperbody11")))
    problems = plan(job_of(tmp_path / "out", "dataset=synthetic", "detector=synthetic", "lifter=videopose3d"))[
        "problems"
    ]
    assert [
        text for text in problems if text.startswith("lifter=videopose3d needs coco17, but the detector's upperbody11")
    ]


def test_weights_without_a_published_hash_are_refused_until_they_are_trusted(place, tmp_path):
    checkpoint(tmp_path / "models" / registry.entry(NAME).file, weights())
    with pytest.raises(WeightsError, match=f"have no published SHA-256 .* posecfg models trust {NAME} [0-9a-f]{{64}}"):
        lifted(moving())


def test_the_person_who_is_lifted_stays_the_same_through_a_crossing(place):
    """Two people walk past each other, and in half of the frames the other one has the better box."""
    place(weights())
    policy, tracks, rows = Best().begin((640, 480)), Tracks(), 61
    for t in range(rows):
        there, back = 60 + 8 * t, 540 - 8 * t
        boxes = [(x, 100, x + 60, 300) for x in (there, back)][:: 1 if t % 3 else -1]
        found = poses(*boxes, scores=[0.9, 0.5] if t % 2 else [0.6, 0.8], skeleton=COCO)
        tracks.add(found, policy(found))
    (one,) = tracks.finish(COCO, Meaning(), np.arange(rows), single=True)
    done = lifted(one)
    assert done.valid.all()
    assert (np.diff(done.xy[:, 0, 0]) == (8 if done.xy[0, 0, 0] == 60 else -8)).all()
    assert np.isfinite(done.xyz).all()
