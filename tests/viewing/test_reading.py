"""Files of all kinds are read as what they are: by their records, their headers, or their shapes."""

from __future__ import annotations

import json
import os
import pickle

import numpy as np
import pytest
from aisttree import FIRST, annotations, several, tree
from whole_runs import go

from posecfg.errors import ClipError, ConfigError, PosecfgError
from posecfg.viewing.reading import read
from posecfg.viewing.subject import Moving, Numbers


def looked_at(path, views=None, kind="optimised", array=None, skeleton=None, fps=None):
    return read(path, views, kind, array, skeleton, fps)


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """A run's files of the same poses in three formats."""
    out = tmp_path_factory.mktemp("run")
    words = ("limit=1", "writer=[npy,npz,json,csv]", "writer.npy.keypoints=[nose,left_wrist]", "persons=best")
    assert go(out, *words).done == 1
    return {path.suffix: path for path in out.glob("*.*") if path.is_file()}


def test_the_formats_of_a_run_give_the_same_people(results):
    native, array, text, table = (looked_at(results[suffix]) for suffix in (".npz", ".npy", ".json", ".csv"))
    assert table.people[0].skeleton == native.people[0].skeleton
    np.testing.assert_allclose(table.people[0].xy, native.people[0].xy, atol=1e-3)
    np.testing.assert_allclose(table.times, native.times, atol=1e-6)
    assert native.people[0].skeleton.name == text.people[0].skeleton.name
    assert array.people[0].skeleton.keypoints == ("nose", "left_wrist")
    own = [native.people[0].skeleton.index[name] for name in ("nose", "left_wrist")]
    np.testing.assert_array_equal(array.people[0].xy, native.people[0].xy[:, own])
    np.testing.assert_allclose(text.people[0].xy, native.people[0].xy, atol=0.051)
    assert (native.size, native.timed, array.timed) == (text.size, True, False)
    np.testing.assert_allclose(text.times, native.times, atol=1e-6)


@pytest.mark.parametrize(
    ("shape", "top", "skeleton", "space"),
    [
        ((5, 17, 3), (900, 900, 1), "coco17", False),
        ((5, 33, 4), (1, 1, 1, 1), "blazepose33", True),
        ((2, 5, 17, 2), (900, 900), "coco17", False),
        ((5, 133, 3), (2, 2, 2), "wholebody133", True),
    ],
)
def test_an_array_without_a_record_is_told_by_its_shape(tmp_path, shape, top, skeleton, space):
    data = np.random.default_rng(1).random(shape) * top
    np.save(tmp_path / "a.npy", data)
    found = looked_at(tmp_path / "a.npy", fps=50.0)
    assert isinstance(found, Moving)
    assert found.people[0].skeleton.name == skeleton
    assert (found.people[0].xyz is not None) == space
    assert len(found.people) == (shape[0] if len(shape) == 4 else 1)
    assert (found.times[-1], found.timed) == (4 / 50, True)


def test_other_arrays_are_tables(tmp_path):
    np.savez(tmp_path / "two.npz", a=np.arange(12).reshape(4, 3), b=np.zeros((4, 7, 9), bool))
    with pytest.raises(ConfigError, match="holds a, b: type array="):
        looked_at(tmp_path / "two.npz")
    with pytest.raises(ConfigError, match="array= to be one of a, b"):
        looked_at(tmp_path / "two.npz", array="c")
    found = looked_at(tmp_path / "two.npz", array="b")
    assert isinstance(found, Numbers)
    assert found.tables[0].values.shape == (4, 63)
    assert looked_at(tmp_path / "two.npz", array="a").tables[0].values[2].tolist() == [6, 7, 8]


def test_nine_views_of_a_pickle_or_some(tmp_path, film):
    place = tree(tmp_path / "aist", film, [], frames=20)
    pickled = place / "keypoints2d" / f"{FIRST}.pkl"
    found = looked_at(pickled)
    assert (len(found.people), found.apart, found.size) == (9, True, (1920, 1080))
    assert found.people[3].xy[5, 2].tolist() == [25, 302]
    assert found.times[6] == pytest.approx(0.1)
    large = annotations(20)
    large["keypoints2d"][..., 1] += 900
    pickled.write_bytes(pickle.dumps(large))
    assert looked_at(pickled).size is None
    pickled.write_bytes(pickle.dumps(annotations(20)))
    assert looked_at(pickled, views=("c04",)).people[0].xy[5, 2].tolist() == [25, 302]


def test_views_with_other_keypoints_are_looked_at_one_by_one(tmp_path):
    whole = several(3)
    whole["keypoints2d"][3] = [one[:, :17] for one in whole["keypoints2d"][3]]
    # A view without people has no number of keypoints.
    for part, wide in (("keypoints2d", (0, 133, 3)), ("bboxes", (0, 5))):
        whole[part][0] = [np.zeros(wide, np.float32)] * 3
    (tmp_path / "a.pkl").write_bytes(pickle.dumps(whole))
    told = "the same keypoints in each view, but got 133 in c02 and 17 in c04: type view=c02 or view=c04"
    with pytest.raises(ConfigError, match=told):
        looked_at(tmp_path / "a.pkl")
    assert len(looked_at(tmp_path / "a.pkl", views=("c01", "c04")).people[0].skeleton) == 17


@pytest.mark.parametrize("wild", [1e19, -1e39, 1e308, np.inf])
def test_numbers_that_are_too_large_to_be_drawn_are_missing(tmp_path, wild):
    data = np.ones((4, 17, 3))
    data[1, 2, 0] = wild
    np.save(tmp_path / "a.npy", data)
    found = looked_at(tmp_path / "a.npy")
    assert np.flatnonzero(~np.isfinite(found.people[0].xyz).all(axis=2)).tolist() == [19]
    assert "0.5% missing" in found.facts
    points = "".join(f"0,0,0,{name},{x},2\n" for name, x in (("nose", wild), ("left_eye", 3)))
    (tmp_path / "a.csv").write_text("frame,time,person,keypoint,x,y\n" + points)
    assert np.isfinite(looked_at(tmp_path / "a.csv").people[0].xy[0, :2, 0]).tolist() == [False, True]
    motion = {"smpl_poses": np.full((2, 72), wild), "smpl_trans": np.ones((2, 3))}
    (tmp_path / "a.pkl").write_bytes(pickle.dumps(motion))
    assert np.isnan(looked_at(tmp_path / "a.pkl").tables[1].values).all()


def test_points_in_space_of_a_pickle_are_metres_with_y_down(tmp_path):
    points = np.zeros((4, 17, 3))
    points[..., 1] = np.arange(17) * 10
    (tmp_path / "a.pkl").write_bytes(pickle.dumps({"keypoints3d": points * 2, "keypoints3d_optim": points}))
    assert looked_at(tmp_path / "a.pkl").people[0].xyz[0, 3].tolist() == pytest.approx([0, -0.3, 0])
    assert looked_at(tmp_path / "a.pkl", kind="plain").people[0].xyz[0, 3, 1] == pytest.approx(-0.6)


@pytest.mark.parametrize("shape", [(6, 24, 3), (6, 72)])
def test_motions_are_tables_of_places_and_turns(tmp_path, shape):
    poses = np.zeros(shape)
    poses.reshape(6, -1)[:, 3:6] = [0, np.pi / 2, 0]
    known = {"smpl_poses": poses, "smpl_trans": np.ones((6, 3)), "smpl_scaling": np.array([94.0])}
    (tmp_path / "m.pkl").write_bytes(pickle.dumps(known))
    place, turns = looked_at(tmp_path / "m.pkl").tables
    assert place.values.tolist() == np.ones((6, 3)).tolist()
    assert turns.values[0, :3].tolist() == pytest.approx([0, 90, 0])


def written(times, names=1):
    """Return a file of ``writer=json`` whose frames have nothing in them."""
    frames = [{"timestamp_ms": time, "keypoints": []} for time in times]
    meta = {"width": 64, "height": 64}
    return json.dumps({"meta": meta, "keypoint_format": [f"k{n}" for n in range(names)], "frames": frames}).encode()


class Hostile:
    def __reduce__(self):
        return os.system, ("touch hacked",)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.pkl", pickle.dumps(annotations(3) | {"timestamps": Hostile()}), "it asks for posix.system"),
        ("a.pkl", pickle.dumps(annotations(3))[:400], "exhausted before end of frame"),
        ("a.pkl", pickle.dumps({"other": 1}), "but it has other"),
        ("a.pkl", pickle.dumps([1]), "no values by name"),
        ("a.npy", b"nothing", "a .npy that can be read"),
        ("a.npz", b"nothing", "is damaged or not an npz"),
        ("a.json", b"[1]", "lacks meta, keypoint_format or frames"),
        ("a.json", b"{", "a .json that can be read"),
        ("a.json", json.dumps({"meta": {}, "keypoint_format": ["a"], "frames": [{}]}).encode(), "can be read"),
        ("a.csv", b"a,b\n1,2\n", "to be what writer=csv writes, but it lacks"),
        ("a.csv", b"frame,time,person,keypoint,x,y\nx,0,0,nose,1,2\n", "a .csv that can be read"),
        ("a.csv", b"frame,time,person,keypoint,x,y\n0,nan,0,nose,1,2\n", "some of their times are no numbers"),
        ("a.csv", b"frame,time,person,keypoint,x,y\n0,0,0,nose,1," + bytes(200_000), "a .csv that can be read"),
        ("a.csv", b"frame,time,person,keypoint,x,y\n", "rows to look at, but .* has none"),
        ("a.json", written([float("nan")]), "some of their times are no numbers"),
        ("a.json", written([]), "rows to look at, but .* has none"),
        ("a.json", written(range(9000), 9000), "would take 5.2 GB of memory"),
        ("a.pkl", pickle.dumps(annotations(3) | {"keypoints2d": np.float32(1)}), r"the shape \(\), not"),
        ("a.pkl", pickle.dumps(annotations(0)), "rows to look at, but .* has none"),
        ("a.pkl", pickle.dumps(several(3) | {"timestamps": [np.float64(1)] * 9}), r"and \(\) timestamps"),
        (
            "a.pkl",
            pickle.dumps(several(3) | {"timestamps": [[10**400] * 3] * 9}),
            "other things than arrays of numbers",
        ),
        ("a.pkl", pickle.dumps(several(3) | {"keypoints2d": np.zeros(9, np.uint8)}), "a number where a list"),
        ("a.pkl", pickle.dumps({"smpl_poses": np.zeros((2, 72)), "smpl_trans": np.zeros(2)}), "places of the shape"),
        ("a.mp4", b"", "ends in .npy, .npz, .json, .csv, .pkl"),
        ("a b.mp4", b"", "for pictures of a film, type posecfg '.*a b.mp4' 'writer=.npy,preview.'"),
    ],
)
def test_what_cannot_be_read_is_a_sentence_and_nothing_in_it_runs(tmp_path, monkeypatch, name, content, told):
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).write_bytes(content)
    with pytest.raises(PosecfgError, match=told):
        looked_at(tmp_path / name)
    assert not (tmp_path / "hacked").exists()


@pytest.mark.parametrize(
    ("data", "more", "told"),
    [
        (np.array(["a"]), {}, "an array of numbers"),
        (np.array(3.0), {}, "an array with rows"),
        (np.zeros((0, 3)), {}, "an array with rows"),
        (np.zeros((4, 17, 3)), {"skeleton": "blazepose33"}, "the 33 keypoints of blazepose33, but 'a' has 17"),
        (np.zeros((4, 17, 3)), {"skeleton": "coco18"}, "Did you mean"),
        (np.zeros((2, 10_001), np.uint8), {}, "at most 10,000 columns"),
        (np.zeros((4, 17, 3)), {"views": ("c01",)}, "Expected view= with keypoints2d"),
    ],
)
def test_arrays_that_say_nothing_are_refused(tmp_path, data, more, told):
    np.save(tmp_path / "a.npy", data)
    with pytest.raises((ConfigError, ClipError), match=told):
        looked_at(tmp_path / "a.npy", **more)
