from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from samples import everybody, extraction, poses, track

from posecfg.errors import ConfigError
from posecfg.writers.npz import Npz


def data_of(written, source, **arguments):
    (data,) = written(Npz(**arguments), source).data.values()
    return data


def test_numpy_reads_stacked_arrays(written):
    first, second = track(3, xyz=True), track(3, person=2, missing=[0], xyz=True)
    with np.load(io.BytesIO(data_of(written, extraction(first, second))), allow_pickle=False) as arrays:
        np.testing.assert_array_equal(arrays["xy"], np.stack([first.xy, second.xy]))
        np.testing.assert_array_equal(arrays["xyz"], np.stack([first.xyz, second.xyz]))
        assert arrays["valid"].tolist() == [[True] * 3, [False, True, True]]
        assert arrays["ids"].tolist() == [0, 2]
        assert arrays["keypoints"][9] == "left_wrist"
        assert arrays["times"].dtype == np.float64
        assert "depth" not in arrays
        assert not [name for name in arrays if name.startswith(("source_", "detections_"))]
        assert json.loads(arrays["header.json"])["schema"] == 2


def test_members_carry_no_time_and_no_machine(written):
    with zipfile.ZipFile(io.BytesIO(data_of(written, extraction(track(2))))) as archive:
        assert {m.date_time for m in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {m.create_system for m in archive.infolist()} == {3}


def test_compression_is_a_choice(written):
    source = extraction(track(200, missing=range(20, 200)))
    assert len(data_of(written, source)) < len(data_of(written, source, compress=False)) / 4
    with pytest.raises(ConfigError, match="Expected compress to be true or false"):
        Npz(compress="deflate")


def test_numbers_that_json_lacks_become_null(written):
    source = extraction(track(1))
    source.notes["rate"] = float("nan")
    source.notes["count"] = np.int64(3)
    with zipfile.ZipFile(io.BytesIO(data_of(written, source))) as archive:
        notes = json.loads(archive.read("header.json"))["notes"]
    assert notes == {"frames": 1, "rate": None, "count": 3}


def test_numpy_reads_everybody_and_what_was_lifted(written):
    """Two people in the first frame, of whom one was kept; nobody in the second; the third row repeats the first."""
    low, lifted = track(3, missing=[1]), track(3, "h36m17", missing=[1], xyz=True)
    seen = everybody([poses((0, 1, 9, 9), (5, 6, 9, 9), scores=[0.4, 0.8]), poses()], [[(0, 1)], []], [0, 1, 0])
    source = replace(extraction(replace(lifted, source=low)), detections=seen)
    with np.load(io.BytesIO(data_of(written, source)), allow_pickle=False) as arrays:
        np.testing.assert_array_equal(arrays["source_xy"], low.xy[None])
        assert arrays["xyz"].shape == (1, 3, 17, 3)
        assert arrays["source_keypoints"][9] == "left_wrist"
        assert arrays["detections_offsets"].tolist() == [0, 2, 2]
        assert arrays["detections_rows"].tolist() == [0, 1, 0]
        assert arrays["detections_tracks"].tolist() == [-1, 0]
        assert arrays["detections_boxes"].tolist() == [[0, 1, 9, 9], [5, 6, 9, 9]]
        np.testing.assert_array_equal(arrays["detections_box_scores"], np.array([0.4, 0.8], np.float32))
    smaller = data_of(written, source, detections=False)
    with np.load(io.BytesIO(smaller), allow_pickle=False) as arrays:
        assert not [name for name in arrays if name.startswith("detections_")]
    with pytest.raises(ConfigError, match="Expected detections to be true or false"):
        Npz(detections=1)


def test_tracks_lifted_from_several_skeletons_are_refused(written):
    one = replace(track(2, "h36m17", xyz=True), source=track(2))
    other = replace(track(2, "h36m17", person=1, xyz=True), source=track(2, "blazepose33"))
    with pytest.raises(ValueError, match="lifted from tracks of one skeleton"):
        written(Npz(), extraction(one, other))
    with pytest.raises(ValueError, match="lifted from tracks of one skeleton"):
        written(Npz(), extraction(one, replace(other, source=None)))
