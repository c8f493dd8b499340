"""The annotations of AIST++ as known poses: 2D and its scores, several people, points in space, cameras."""

from __future__ import annotations

import json
import os
import pickle
from dataclasses import replace

import numpy as np
import pytest
from aisttree import FIRST, annotations, cameras, rest, several, space
from samples import clock

from posecfg.datasets import aist_cameras, aist_keypoints2d, aist_keypoints3d
from posecfg.datasets.aist_truth import AistTruth
from posecfg.errors import ClipError
from posecfg.skeletons.wholebody133 import SKELETON as WHOLEBODY


def stored(root, known, **arguments):
    """Return the truth of a tree whose pickle of 2D holds ``known``."""
    (root / "keypoints2d").mkdir(exist_ok=True)
    (root / "keypoints2d" / f"{FIRST}.pkl").write_bytes(pickle.dumps(known))
    return AistTruth(root, FIRST, **{"view": 0, "setting": "setting1"} | arguments)


def test_the_truth_of_a_row_is_that_of_its_sixtieth_of_a_second(tmp_path):
    truth = stored(tmp_path, annotations(30), view=1)
    for fps, expected in ((60, [0, 1, 2, 3]), (30, [0, 2, 4, 6]), (60000 / 1001, [0, 1, 2, 3])):
        found = truth(clock(4, fps))
        assert found.xy.shape == (1, 4, 17, 2)
        np.testing.assert_array_equal(found.xy[0, :, 3, 0], [30 + n for n in expected])
        np.testing.assert_array_equal(found.xy[0, :, 3, 1], [103] * 4)
        assert found.rows.tolist() == expected


def test_scores_of_keypoints_and_people_go_with_the_poses(tmp_path):
    known = annotations(6)
    known["keypoints2d"][0, 2] = np.nan
    known["keypoints2d"][0, 3, 5, 2] = 0.25
    known["det_scores"][0, 2] = 0
    found = stored(tmp_path, known)(clock(6, 60))
    assert np.isnan(found.scores[0, 2]).all()
    assert found.scores[0, 3, 5] == 0.25
    assert found.box_scores[0].tolist() == pytest.approx([0.95, 0.95, 0, 0.95, 0.95, 0.95])
    assert (found.boxes, found.areas, found.ids, found.visible) == (None, None, None, None)
    assert "detector" in found.found_by


def test_slots_without_annotations_and_times_beyond_them_have_no_truth(tmp_path):
    found = stored(tmp_path, annotations(6, drop=[2]))(clock(8, 60))
    assert np.isnan(found.xy[0, :, 0, 0]).tolist() == [False, False, True, False, False, False, True, True]
    assert found.xy[0, 3, 0, 0] == 3
    assert found.rows.tolist() == [0, 1, -1, 2, 3, 4, -1, -1]


def test_rows_of_one_frame_have_the_annotations_of_their_own_moments(tmp_path):
    """A film of 30 fps of which each frame is taken twice, as for its two annotations."""
    rows = np.repeat(np.arange(4), 2)
    twice = replace(clock(4, 30), indices=rows, times=rows / 30, moments=np.arange(8) / 60)
    assert stored(tmp_path, annotations(8))(twice).rows.tolist() == list(range(8))
    gaps = stored(tmp_path, annotations(8, drop=[2, 5]))
    assert gaps(twice).rows.tolist() == [0, 1, -1, 2, 3, -1, 4, 5]


@pytest.mark.parametrize("kind", ["array", "list", "numpy list"])
def test_timestamps_are_read_in_every_form(tmp_path, kind):
    known = annotations(5)
    forms = {"array": lambda t: t, "list": lambda t: t.tolist(), "numpy list": list}
    known["timestamps"] = forms[kind](known["timestamps"])
    assert stored(tmp_path, known).slots().numbers.tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("as_objects", [False, True])
def test_the_newer_files_hold_several_people(tmp_path, as_objects):
    truth = stored(tmp_path, several(4, as_objects=as_objects), view=2)
    found = truth(clock(5, 60))
    assert found.keypoints == WHOLEBODY.keypoints
    assert found.xy.shape == (2, 5, 133, 2)
    assert found.xy[1, 2, 7].tolist() == [9, 201]
    assert np.isnan(found.xy[:, 1]).all(), "nobody was found there"
    assert np.isnan(found.xy[:, 4]).all(), "there is no such annotation"
    assert found.boxes[1, 3].tolist() == [1, 2, 3, 4]
    assert found.box_scores[0, [0, 2, 3]].tolist() == [0.75] * 3
    assert np.isnan(found.box_scores[0, 1])
    assert found.scores[1, 2, 7] == 0.5


def test_points_in_space_are_metres_of_the_kind_that_is_asked_for(tmp_path):
    rest(tmp_path, frames=4)
    for kind, far in (("optimised", 2), ("plain", 1)):
        found = stored(tmp_path, annotations(6), keypoints3d=kind)(clock(6, 60))
        assert found.space == "world"
        np.testing.assert_allclose(found.xyz[0, 3, 5], [0.03, 0.05, far], rtol=1e-6)
        assert np.isnan(found.xyz[0, 4:]).all(), "the file is shorter than that of 2D"
    found = stored(tmp_path, annotations(6), keypoints3d="none")(clock(6, 60))
    assert (found.xyz, found.space) == (None, None)
    (tmp_path / "keypoints3d" / f"{FIRST}.pkl").unlink()
    assert stored(tmp_path, annotations(6))(clock(6, 60)).xyz is None


def test_the_camera_is_that_of_the_view_in_the_setting_of_the_sequence(tmp_path):
    rest(tmp_path)
    camera = stored(tmp_path, annotations(3), view=4)(clock(3, 60)).camera
    assert camera.translation.tolist() == [0, 0, 5]
    assert camera.size == (1920, 1080)
    turned = [[np.cos(0.5), 0, np.sin(0.5)], [0, 1, 0], [-np.sin(0.5), 0, np.cos(0.5)]]
    np.testing.assert_allclose(camera.rotation, turned, atol=1e-12)
    assert camera.distortion.tolist() == [0.1, 0.01, 0, 0, 0.001]
    for setting in (None, "setting2"):
        assert stored(tmp_path, annotations(3), setting=setting)(clock(3, 60)).camera is None
    (tmp_path / "cameras" / "setting1.json").write_text(json.dumps(cameras()[::-1]))
    first, *_ = aist_cameras.load(tmp_path / "cameras" / "setting1.json")
    assert first.translation.tolist() == [0, 0, 1], "names tell which is which"
    assert aist_cameras.settings(tmp_path / "cameras")[FIRST] == "setting1"
    (tmp_path / "cameras" / "mapping.txt").write_text("one setting1\ntwo ../setting2\nthree\n")
    assert aist_cameras.settings(tmp_path / "cameras") == {"one": "setting1"}


@pytest.mark.parametrize("vector", [[0, 0, 0], [0.3, -1.2, 2.0], [np.pi, 0, 0], [1e-9, 0, 0]])
def test_a_turn_is_that_of_its_vector(vector):
    """The matrix exponential of the cross product is the definition."""
    x, y, z = vector
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    expected, term = np.eye(3), np.eye(3)
    for power in range(1, 60):
        term = term @ cross / power
        expected = expected + term
    np.testing.assert_allclose(aist_cameras.turned(np.array(vector, float)), expected, atol=1e-9)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[", "cameras of a setting"),
        (json.dumps(cameras()[:8]), "8 cameras, not 9"),
        (json.dumps([one | {"rotation": [0, 1]} for one in cameras()]), r"shape \(2,\)"),
        (json.dumps([one | {"matrix": [[1]]} for one in cameras()]), "matrix"),
        (json.dumps({"name": 1}), "is not"),
    ],
)
def test_other_cameras_are_refused_in_words(tmp_path, text, told):
    (tmp_path / "setting1.json").write_text(text)
    with pytest.raises(ClipError, match=told):
        aist_cameras.load(tmp_path / "setting1.json")


def test_what_annotations_depend_on_is_told(tmp_path):
    rest(tmp_path)
    truth = stored(tmp_path, annotations(3), view=3)
    names = [path.relative_to(tmp_path).as_posix() for path in truth.files()]
    assert names == [f"keypoints2d/{FIRST}.pkl", f"keypoints3d/{FIRST}.pkl", "cameras/setting1.json"]
    assert truth.told() == "c04, optimised, setting1"
    assert len(replace(truth, keypoints3d="none").files()) == 2


class Hostile:
    def __reduce__(self):
        return os.system, ("touch hacked",)


def crowd(array):
    """Return frames of which one has an array many times, and the first person is as it should be."""
    return [[[np.zeros((133, 3), np.float32), *[array] * 9], *[[]] * 4]] * 9


def test_an_array_that_would_take_more_than_a_file_may_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("posecfg.budgets.LOADED", 1_000_000)
    (tmp_path / "a.pkl").write_bytes(pickle.dumps({"keypoints3d_optim": np.zeros((9000, 17, 3), bool)}))
    with pytest.raises(ClipError, match=r"an array that takes 3\.7 MB of memory"):
        aist_keypoints3d.load(tmp_path / "a.pkl", "optimised")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda known: known | {"timestamps": Hostile()}, "it asks for posix.system"),
        (lambda known: known | {"keypoints2d": known["keypoints2d"][:8]}, r"shape \(8, 5, 17, 3\)"),
        (lambda known: known | {"timestamps": known["timestamps"][:-1]}, "5 frames and 4 timestamps"),
        (lambda known: known | {"timestamps": known["timestamps"][::-1]}, "not in order"),
        (lambda known: known | {"timestamps": known["timestamps"] + np.inf}, "no times"),
        (lambda known: known | {"det_scores": known["det_scores"][:, 1:]}, r"det_scores have the shape \(9, 4\)"),
        (lambda known: {name: known[name] for name in ("keypoints2d", "timestamps")}, "lacks bboxes"),
        (lambda known: [known], "lacks keypoints2d"),
        (lambda known: several(5) | {"bboxes": several(4)["bboxes"]}, "5 frames, 4 of boxes"),
        (lambda known: several(5) | {"bboxes": several(5, 3)["bboxes"]}, "2 people and 3 boxes"),
        (lambda known: several(5) | {"keypoints2d": several(5)["keypoints2d"][:7]}, "has 7, 9, 9 views, not 9"),
        (lambda known: several(5) | {"keypoints2d": [[[[1, 2]]] * 5] * 9}, "keypoints"),
        (
            lambda known: several(5) | {"keypoints2d": crowd(np.zeros(2000, bool))},
            r"the shape \(2000,\), not \(133, 3\)",
        ),
        (lambda known: several(5) | {"timestamps": [np.int64(1)] * 9}, r"5 of boxes and \(\) timestamps"),
        (lambda known: known | {"timestamps": [10**400] * 5}, "other things than arrays of numbers"),
        (lambda known: known | {"keypoints2d": np.float32(1)}, r"the shape \(\), not"),
    ],
)
def test_other_pickles_are_refused_and_nothing_in_them_runs(tmp_path, monkeypatch, change, told):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.pkl").write_bytes(pickle.dumps(change(annotations(5))))
    with pytest.raises(ClipError, match=told):
        aist_keypoints2d.load(tmp_path / "a.pkl", 0)
    assert not (tmp_path / "hacked").exists()


@pytest.mark.parametrize("content", [b"", pickle.dumps(annotations(5))[:500], pickle.dumps({"keypoints3d": [1]})])
def test_broken_files_are_one_sentence(tmp_path, content):
    (tmp_path / "a.pkl").write_bytes(content)
    for load in (lambda path: aist_keypoints2d.load(path, 0), lambda path: aist_keypoints3d.load(path, "plain")):
        with pytest.raises(ClipError, match=r"Expected '.*a.pkl' to be keypoints.d of AIST\+\+, but"):
            load(tmp_path / "a.pkl")
    with pytest.raises(ClipError, match="cannot be read"):
        aist_keypoints3d.load(tmp_path / "none.pkl", "plain")


def test_points_in_space_of_another_shape_are_refused(tmp_path):
    (tmp_path / "a.pkl").write_bytes(pickle.dumps({name: value[:, :16] for name, value in space(3).items()}))
    with pytest.raises(ClipError, match=r"keypoints3d_optim have the shape \(3, 16, 3\)"):
        aist_keypoints3d.load(tmp_path / "a.pkl", "optimised")
