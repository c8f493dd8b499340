from __future__ import annotations

import csv
import io
from dataclasses import replace

import numpy as np
import pytest
from samples import extraction, track

from posecfg import skeletons
from posecfg.errors import ConfigError
from posecfg.types import Meaning
from posecfg.writers.csv import Csv

COLUMNS = ["frame", "time", "person", "keypoint", "x", "y", "z", "score", "made"]


@pytest.fixture
def table(written):
    def read(source, **arguments):
        (data,) = written(Csv(**arguments), source).data.values()
        assert b"nan" not in data.lower()
        assert b"\r" not in data
        return list(csv.DictReader(io.StringIO(data.decode(), newline="")))

    return read


def test_the_standard_library_reads_the_numbers_back(table):
    source = track(3, xyz=True)
    rows = table(extraction(source))
    assert list(rows[0]) == COLUMNS
    assert len(rows) == 3 * 17
    xyz = np.array([[r[c] for c in "xyz"] for r in rows], np.float32).reshape(3, 17, 3)
    np.testing.assert_array_equal(xyz, source.xyz)
    scores = np.array([r["score"] for r in rows], np.float32).reshape(3, 17)
    np.testing.assert_array_equal(scores, source.scores)
    assert [r["keypoint"] for r in rows[:17]] == list(skeletons.load("coco17").keypoints)
    assert (rows[17]["frame"], rows[17]["time"], rows[17]["person"]) == ("1", "0.033333", "0")


def test_pixels_have_no_z(table):
    rows = table(extraction(track(1)))
    assert rows[2]["x"] == "2.0"
    assert {r["z"] for r in rows} == {""}


def test_depth_has_a_column_where_there_is_depth(table):
    rows = table(extraction(track(1, depth=True)))
    assert list(rows[0]) == [*COLUMNS[:-1], "depth", "made"]
    assert rows[3]["depth"] == "3.0"
    assert rows[3]["z"] == ""


def test_missing_lines_are_left_out_or_kept_empty(table):
    source = extraction(track(3, missing=[1]))
    assert [r["frame"] for r in table(source)] == ["0"] * 17 + ["2"] * 17
    kept = table(source, missing="empty")
    assert len(kept) == 3 * 17
    assert {r["x"] + r["y"] + r["score"] for r in kept if r["frame"] == "1"} == {""}


def test_people_stand_side_by_side_in_each_row(table):
    rows = table(extraction(track(2), track(2, person=4)), keypoints=["nose"])
    assert [(r["frame"], r["person"]) for r in rows] == [("0", "0"), ("0", "4"), ("1", "0"), ("1", "4")]


def test_made_up_rows_are_told(table):
    source = track(2)
    source.valid[1] = False
    source.made[1] = True
    assert [r["made"] for r in table(extraction(source), keypoints=["nose"])] == ["0", "1"]


def test_nobody_is_a_table_without_lines(table):
    assert table(extraction(rows=3)) == []
    assert table(extraction(track(0))) == []


def test_a_clip_without_people_has_the_columns_of_the_others(table, written):
    meaning = Meaning(depth="metres from the hips")
    full, empty = extraction(track(2, depth=True, meaning=meaning)), replace(extraction(rows=3), meaning=meaning)
    heads = [next(iter(written(Csv(), one).data.values())).split(b"\n")[0] for one in (full, empty)]
    assert heads[0] == heads[1]
    assert b"depth" in heads[0]


def test_the_columns_of_sleap_io_have_pixels_and_every_keypoint_of_who_is_there(written):
    person, other = track(3, xyz=True), track(3, missing=[1], person=4, xyz=True)
    person.xy[0, 2] = np.nan
    source = extraction(person, other, clip_id="a,b")
    (data,) = written(Csv(layout="sleap"), source).data.values()
    rows = list(csv.DictReader(io.StringIO(data.decode(), newline="")))
    assert list(rows[0]) == ["frame_idx", "time", "track", "node", "x", "y", "score", "instance_score", "video_path"]
    assert len(rows) == 17 * 5
    assert [r["track"] for r in rows[::17]] == ["person_0", "person_4", "person_0", "person_0", "person_4"]
    assert (rows[2]["x"], rows[2]["y"], rows[2]["node"]) == ("", "", "right_eye")
    assert (rows[1]["x"], rows[1]["score"], rows[1]["instance_score"]) == ("1.0", "0.501", "0.9")
    assert {r["video_path"] for r in rows} == {"a,b.mp4"}
    (data,) = written(Csv(layout="sleap", missing="empty"), source).data.values()
    assert data.count(b"\n") == 1 + 17 * 6


@pytest.mark.parametrize("wrong", [{"space": "xyz"}, {"normalise": True}])
def test_the_columns_of_sleap_io_hold_nothing_but_pixels(wrong):
    with pytest.raises(ConfigError, match="Expected pixels beside layout=sleap"):
        Csv(layout="sleap", **wrong)
