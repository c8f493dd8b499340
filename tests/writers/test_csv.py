from __future__ import annotations

import csv
import io

import numpy as np
import pytest
from samples import extraction, track

from posecfg import skeletons
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
