"""The calls of the official loader of AIST++ give what the files hold, array for array."""

from __future__ import annotations

import json
import os
import pickle

import films
import numpy as np
import pytest
from aisttree import FIRST, SECOND, annotations, cameras, rest, several, space, tree

from posecfg.datasets.aist_loader import AISTDataset
from posecfg.errors import ClipError, ConfigError


@pytest.fixture
def place(tmp_path):
    return rest(tree(tmp_path / "aist", None, [], frames=5), frames=5)


def same(found, expected):
    assert type(found) is type(expected)
    if isinstance(expected, np.ndarray) and expected.dtype != object:
        assert found.dtype == expected.dtype
        np.testing.assert_array_equal(found, expected)
    elif isinstance(expected, list | tuple | np.ndarray):
        assert len(found) == len(expected)
        for one, other in zip(found, expected, strict=True):
            same(one, other)
    else:
        assert found == expected


def test_names_are_changed_into_each_other():
    assert AISTDataset.get_video_name(FIRST, "c03") == "gBR_sBM_c03_d04_mBR1_ch01"
    assert AISTDataset.get_seq_name("gBR_sBM_c03_d04_mBR1_ch01") == (FIRST, "c03")
    assert AISTDataset.get_seq_name("gBR_c03_ch01") == ("gBR_cAll_ch01", "c03")
    assert AISTDataset.VIEWS[4] == "c05"
    with pytest.raises(ConfigError, match="name of a film"):
        AISTDataset.get_seq_name("film")


def test_every_call_gives_the_arrays_of_the_files(place):
    data = AISTDataset(str(place))
    assert data.mapping_seq2env[FIRST] == "setting1"
    assert SECOND in data.mapping_env2seq["setting1"]
    assert (data.filter_file, data.motion_dir) == (f"{place}/ignore_list.txt", f"{place}/motions/")
    known = annotations(5)
    expected = (known["keypoints2d"], known["det_scores"], known["timestamps"])
    same(AISTDataset.load_keypoint2d(data.keypoint2d_dir, FIRST), expected)
    same(AISTDataset.load_keypoint3d(data.keypoint3d_dir, FIRST), space(5)["keypoints3d"])
    same(AISTDataset.load_keypoint3d(data.keypoint3d_dir, FIRST, use_optim=True), space(5)["keypoints3d_optim"])
    poses, scaling, trans = AISTDataset.load_motion(data.motion_dir, FIRST)
    assert (poses.shape, scaling.tolist(), trans.shape) == ((5, 72), [90], (5, 3))
    poses += 1


@pytest.mark.parametrize("as_objects", [False, True])
def test_files_of_the_newer_kind_keep_their_form(place, as_objects):
    known = several(4, as_objects=as_objects)
    (place / "keypoints2d" / f"{FIRST}.pkl").write_bytes(pickle.dumps(known))
    found = AISTDataset.load_keypoint2d(place / "keypoints2d", FIRST)
    same(found, (known["keypoints2d"], known["bboxes"], known["timestamps"]))


def test_cameras_are_as_their_file_has_them(place):
    group = AISTDataset.load_camera_group(place / "cameras", "setting1")
    for camera, told in zip(group.cameras, cameras(), strict=True):
        assert (camera.get_name(), camera.get_size()) == (told["name"], told["size"])
        for found, name in (
            (camera.get_camera_matrix(), "matrix"),
            (camera.get_rotation(), "rotation"),
            (camera.get_translation(), "translation"),
            (camera.get_distortions(), "distortions"),
        ):
            assert found.tolist() == np.array(told[name], float).tolist()


def test_frames_are_those_at_an_exact_rate(tmp_path):
    film = films.write(tmp_path / "film.mp4", range(6), fps=30)
    frames = AISTDataset.load_frames(str(film), [4, 0, 5, 99])
    assert [films.read_code(frame) for frame in frames] == [2, 0, 2]
    assert len(AISTDataset.load_frames(film)) == 12
    assert AISTDataset.load_frames(tmp_path / "none.mp4") is None
    assert AISTDataset.load_frames(film, [99]) is None


class Hostile:
    def __reduce__(self):
        return os.system, ("touch hacked",)


def test_nothing_runs_and_what_is_missing_is_told(place, monkeypatch):
    monkeypatch.chdir(place)
    path = place / "motions" / f"{FIRST}.pkl"
    path.write_bytes(pickle.dumps({"smpl_poses": Hostile()}))
    with pytest.raises(ClipError, match=r"it asks for posix\.system"):
        AISTDataset.load_motion(place / "motions", FIRST)
    path.write_bytes(pickle.dumps({"smpl_poses": 1}))
    with pytest.raises(ClipError, match="to hold 'smpl_scaling'"):
        AISTDataset.load_motion(place / "motions", FIRST)
    with pytest.raises(ClipError, match="cannot be read"):
        AISTDataset.load_motion(place / "motions", "none")
    (place / "cameras" / "setting1.json").write_text(json.dumps([]))
    with pytest.raises(ClipError, match="0 cameras, not 9"):
        AISTDataset.load_camera_group(place / "cameras", "setting1")
    with pytest.raises(ConfigError, match="no 'nowhere'"):
        AISTDataset("nowhere")
    assert not (place / "hacked").exists()
