from __future__ import annotations

import io
import re
from dataclasses import replace

import numpy as np
import pytest
from samples import SIZE, extraction, track

from posecfg import skeletons
from posecfg.errors import ConfigError, Dropped
from posecfg.writers.csv import Csv
from posecfg.writers.npy import Npy
from posecfg.writers.npz import Npz


@pytest.fixture
def array(written):
    def one(source, **arguments):
        (data,) = written(Npy(**arguments), source).data.values()
        return np.load(io.BytesIO(data), allow_pickle=False)

    return one


def test_pixels_and_score_by_default(array):
    source = track(3, missing=[1])
    data = array(extraction(source))
    assert data.shape == (3, 17, 3)
    assert data.dtype == np.float32
    np.testing.assert_array_equal(data[..., :2], source.xy)
    np.testing.assert_array_equal(data[..., 2], source.scores)


def test_world_landmarks_and_score_by_default_in_3d(array):
    source = track(3, "blazepose33", xyz=True)
    data = array(extraction(source))
    np.testing.assert_array_equal(data[..., :3], source.xyz)
    np.testing.assert_array_equal(data[..., 3], source.scores)


def test_a_face_in_the_picture_alone_makes_all_of_it_pixels_unless_metres_are_asked_for(array):
    source = track(3, "holistic543", xyz=True, depth=True)
    data = array(extraction(source))
    np.testing.assert_array_equal(data[..., :2], source.xy)
    assert data.shape == (3, 543, 3)
    np.testing.assert_array_equal(array(extraction(source), space="xyz")[..., :3], source.xyz)
    body = array(extraction(source), keypoints="holistic75")
    np.testing.assert_array_equal(body[..., :3], np.delete(source.xyz, range(33, 501), axis=1))
    with pytest.raises(ConfigError, match=r"'z' is not in this data.*depth"):
        Npy(channels=["x", "y", "z"]).check(source.skeleton, ("xyz", "depth"))
    Npy(channels=["x", "y", "z"], keypoints="holistic75").check(source.skeleton, ("xyz", "depth"))


def test_the_totalcapture_contract(written):
    source = extraction(track(5, "blazepose33", missing=[2], xyz=True), clip_id="S1/acting1/S1_acting1_cam1")
    writer = Npy(path="{folder}/blaze_{name}", channels=["x", "y", "z", "visibility"], missing="zero")
    files = written(writer, source)
    data = np.load(io.BytesIO(files.data["S1/acting1/blaze_S1_acting1_cam1.npy"]))
    assert data.shape == (5, 33, 4)
    assert data.dtype == np.float32
    assert np.all(data == 0, axis=(1, 2)).tolist() == [False, False, True, False, False]
    about = files.about["S1/acting1/blaze_S1_acting1_cam1.npy"]
    assert about["shape"] == [5, 33, 4]
    assert about["missing"] == "zero"
    assert about["space"] == "metres, origin mid-hip, y down"
    assert about["keypoints"] == list(skeletons.load("blazepose33").keypoints)


def test_missing_is_nan_or_zero(array):
    source = track(3, missing=[1])
    source.xy[2, 4] = np.nan
    source = extraction(source)
    nan, zero = array(source), array(source, missing="zero")
    assert np.isnan(nan[1]).all()
    assert np.isnan(nan[2, 4, :2]).all()
    np.testing.assert_array_equal(zero, np.where(np.isnan(nan), 0, nan))


def test_a_row_that_was_not_found_is_missing_whatever_it_holds(array):
    source = track(2)
    source.valid[1] = False
    assert np.isnan(array(extraction(source))[1]).all()


def test_made_up_rows_are_written_and_can_be_told(array):
    source = replace(track(2), made=np.array([False, True]))
    source.valid[1] = False
    data = array(extraction(source), channels=["x", "made"])
    assert data[1, 3].tolist() == [4, 1]
    assert data[0, 3].tolist() == [3, 0]


@pytest.mark.parametrize("writer", [Npy(), Npz(), Csv()])
def test_the_record_counts_made_up_rows(written, writer):
    source = replace(track(3), made=np.array([False, True, True]))
    (about,) = written(writer, extraction(source)).about.values()
    assert about["made"] == 2


def test_channels_come_in_the_order_asked_for(array):
    source = track(2, "wholebody133", depth=True)
    data = array(extraction(source), channels=["depth", "score", "y"])
    np.testing.assert_array_equal(data[..., 0], source.depth)
    np.testing.assert_array_equal(data[..., 2], source.xy[..., 1])


def test_space_xy_of_a_3d_track_is_pixels(array):
    source = track(2, "blazepose33", xyz=True)
    np.testing.assert_array_equal(array(extraction(source), space="xy")[..., :2], source.xy)


def test_normalised_are_shares_of_the_image(array):
    source = track(2, "blazepose33", xyz=True)
    data = array(extraction(source), normalise=True)
    np.testing.assert_allclose(data[..., :2], source.xy / np.array(SIZE), rtol=1e-6)


@pytest.mark.parametrize("names", [["nose", "right_wrist"], [0, 10]])
def test_keypoints_by_name_or_index(array, names):
    source = track(2)
    np.testing.assert_array_equal(array(extraction(source), keypoints=names)[..., :2], source.xy[:, [0, 10]])


def test_keypoints_of_another_skeleton(array):
    assert array(extraction(track(2)), keypoints="h36m17").shape == (2, 17, 3)
    assert array(extraction(track(2, "wholebody133")), keypoints="wholebody85").shape == (2, 85, 3)


def test_mask_removes_low_scores_only_when_asked(array):
    source = extraction(track(2))
    assert np.isfinite(array(source, kpt_thr=0.51)).all()
    data = array(source, kpt_thr=float(np.float32(0.51)), mask=True)
    assert np.isnan(data[:, :10]).all()
    assert np.isfinite(data[:, 10:]).all()


def test_the_threshold_of_the_mask_changes_the_file(array):
    source = extraction(track(2, "wholebody133", depth=True))
    wanted = {"keypoints": "wholebody85", "channels": ["x", "y", "depth"], "mask": True, "missing": "zero"}
    low, high = array(source, kpt_thr=0.2, **wanted), array(source, kpt_thr=0.6, **wanted)
    assert low.shape == high.shape == (2, 85, 3)
    scores = array(source, keypoints="wholebody85", channels=["score"])[..., 0]
    gone = scores < np.float32(0.6)
    assert gone.any()
    assert not gone.all()
    assert (high[gone] == 0).all()
    np.testing.assert_array_equal(high[~gone], low[~gone])
    assert (low[gone] != 0).any()


def test_eighty_five_points_with_depth_and_score(array):
    source = track(3, "wholebody133", depth=True, missing=[1])
    wanted = {"keypoints": "wholebody85", "normalise": True, "missing": "zero"}
    data = array(extraction(source), channels=["x", "y", "depth", "visibility"], **wanted)
    assert (data.shape, data.dtype) == ((3, 85, 4), np.float32)
    assert np.all(data == 0, axis=(1, 2)).tolist() == [False, True, False]
    assert array(extraction(source), channels=["x", "y", "depth"], **wanted).shape == (3, 85, 3)


def test_a_clip_without_people_has_no_file_where_that_is_asked_for(written):
    nobody = extraction(track(3, missing=[0, 1, 2]))
    assert list(written(Npy(), nobody).data) == ["folder/film.npy"]
    for source in (nobody, extraction(rows=3)):
        with pytest.raises(Dropped, match=r"^no person was found: 3 frames were looked at$"):
            written(Npy(empty="skip"), source)
    assert list(written(Npy(empty="skip"), extraction(track(3, missing=[0, 2]))).data) == ["folder/film.npy"]


def test_a_person_whose_points_are_all_masked_was_found_all_the_same(written):
    writer = Npy(empty="skip", mask=True, kpt_thr=0.9)
    assert list(written(writer, extraction(track(3))).data) == ["folder/film.npy"]


def test_the_record_says_which_numbers_are_to_lie_within_0_and_1(written):
    source = extraction(track(2, "wholebody133", depth=True))
    chosen = ["x", "depth", "visibility"]
    for arguments, bounded in (({}, []), ({"normalise": True}, ["x", "visibility"])):
        (about,) = written(Npy(channels=chosen, **arguments), source).about.values()
        assert about["bounded"] == bounded


def test_several_tracks_have_numbered_files_and_a_single_one_the_plain_name(written):
    both = written(Npy(), extraction(track(2, person=0), track(2, person=3))).data
    assert list(both) == ["folder/film.person0.npy", "folder/film.person3.npy"]
    assert list(written(Npy(), extraction(track(2, person=3))).data) == ["folder/film.npy"]


@pytest.mark.parametrize("rows", [0, 1])
def test_few_rows(array, rows):
    assert array(extraction(track(rows))).shape == (rows, 17, 3)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_dtype(array, dtype):
    assert array(extraction(track(2)), dtype=dtype).dtype == dtype


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"missing": "zeros"}, "Did you mean 'zero'"),
        ({"empty": "none"}, "Expected empty to be one of write, skip"),
        ({"dtype": "int8"}, "Expected dtype to be one of float32"),
        ({"space": "3d"}, "Expected space to be one of auto"),
        ({"channels": ["x", "scores"]}, "Did you mean 'score'"),
        ({"channels": []}, "Expected channels to list"),
        ({"channels": ["x", "x"]}, "Expected channels to list"),
        ({"normalise": True, "space": "xyz"}, "Expected space=xy"),
        ({"keypoints": "coco71"}, "Did you mean 'coco17'"),
        ({"keypoints": []}, "Expected keypoints to list each"),
        ({"keypoints": [1, 1]}, "Expected keypoints to list each"),
        ({"keypoints": [0, "nose"]}, "all names or all indices"),
        ({"keypoints": [-1]}, "all names or all indices"),
        ({"kpt_thr": "low"}, "Expected kpt_thr to be a number"),
    ],
)
def test_wrong_arguments_are_refused_at_once(wrong, sentence):
    with pytest.raises(ConfigError, match=sentence):
        Npy(**wrong)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"keypoints": ["left_wirst"]}, "Did you mean 'left_wrist'"),
        ({"keypoints": [17]}, "indices below 17"),
        ({"keypoints": "wholebody85"}, "cannot be made from coco17, which lacks .* and 74 more: type keypoints=null"),
    ],
)
def test_keypoints_that_the_skeleton_lacks_can_be_found_before_a_run(arguments, sentence):
    with pytest.raises(ConfigError, match=sentence):
        Npy(**arguments).check(skeletons.load("coco17"))


@pytest.mark.parametrize(
    ("source", "target", "typed"),
    [
        ("holistic543", "holistic85", "holistic543 has, or detector.face=irises."),
        ("holistic75", "holistic85", "holistic75 has, or detector.face=irises."),
        ("holistic75", "holistic203", "holistic75 has, or detector.face=mesh."),
        ("blazepose33", "holistic85", "choose a detector that finds more."),
    ],
)
def test_a_face_that_holistic_was_told_to_leave_out_is_named(source, target, typed):
    with pytest.raises(ConfigError, match=f"{re.escape(typed)}$"):
        Npy(keypoints=target).check(skeletons.load(source))


@pytest.mark.parametrize("channel", ["z", "depth"])
def test_a_channel_that_is_not_there_says_what_is(written, channel):
    with pytest.raises(ConfigError, match=f"'{channel}' is not in this data: .*x and y"):
        written(Npy(channels=["x", channel]), extraction(track(1)))


@pytest.mark.parametrize(
    ("arguments", "given", "typed"),
    [
        ({"channels": ["x", "y", "z", "visibility"]}, ["depth"], r"type channels=\[x,y,depth,visibility\]"),
        ({"channels": ["x", "y", "z"], "normalise": True}, ["depth"], r"type channels=\[x,y,depth\]"),
        (
            {"channels": ["x", "y", "z"], "normalise": True},
            ["depth", "xyz"],
            r"space=xyz \(with normalise=false\), depth",
        ),
        ({"channels": ["x", "y", "depth"]}, [], r"type channels=\[x,y\]"),
        ({"channels": ["depth"]}, [], "leave channels null"),
        ({"space": "xyz"}, [], "type space=auto"),
        ({"channels": ["x"], "space": "xyz"}, ["depth"], "type space=auto"),
    ],
)
def test_channels_that_a_chain_cannot_give_are_found_before_a_run(arguments, given, typed):
    with pytest.raises(ConfigError, match=f"is not in this data: .*{typed}"):
        Npy(**arguments).check(skeletons.load("coco17"), given)


@pytest.mark.parametrize(
    ("arguments", "given"),
    [
        ({}, []),
        ({}, None),
        ({"channels": ["z"]}, None),
        ({"channels": ["x", "y", "z", "made"]}, ["xyz"]),
        ({"channels": ["x", "y", "depth"], "normalise": True}, ["depth"]),
        ({"space": "xyz"}, ["xyz"]),
    ],
)
def test_channels_that_may_be_there_are_not_refused(arguments, given):
    Npy(**arguments).check(skeletons.load("coco17"), given)


def test_numbers_outside_are_clipped_and_counted(written):
    source = track(3, depth=True, missing=[1])
    source.xy[2, 4] = (-20, 150)
    source.scores[0, 3] = 1.7
    made = written(Npy(normalise=True, clip=True, channels=["x", "y", "depth", "visibility"]), extraction(source))
    ((name, data),) = made.data.items()
    array = np.load(io.BytesIO(data), allow_pickle=False)
    assert made.about[name]["clipped"] == 3
    np.testing.assert_array_equal(array[2, 4, :2], [0, 1])
    assert array[0, 3, 3] == 1
    np.testing.assert_array_equal(array[0, :, 2], source.depth[0])
    assert np.isnan(array[1]).all()
    plain = np.load(io.BytesIO(written(Npy(normalise=True), extraction(source)).data[name]), allow_pickle=False)
    np.testing.assert_array_equal(plain[2, 4, :2], np.float32([-0.1, 1.5]))


def test_only_shares_can_be_clipped():
    with pytest.raises(ConfigError, match="Expected normalise=true beside clip=true"):
        Npy(clip=True)
