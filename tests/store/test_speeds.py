"""What runs measured of themselves: kept in a small file that no run depends on."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, replace

import pytest

from posecfg import process
from posecfg.store import speeds
from posecfg.store.speeds import Speed, add, place, read

ONE = Speed(
    speeds.machine(), "model", "blazepose", "sampler", "data", 2, 4, 100, 1.5, 10.0, bytes={"npy": 1000}, at=1.0
)


def test_what_is_added_is_read_back_the_latest_last(tmp_path):
    for number in range(3):
        add(tmp_path / "s.json", replace(ONE, at=float(number)))
    assert [one.at for one in read(tmp_path / "s.json")] == [0.0, 1.0, 2.0]
    assert read(tmp_path / "s.json")[0].took == 11.5
    assert os.listdir(tmp_path) == ["s.json"]


def test_only_the_latest_runs_are_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(speeds, "MOST", 3)
    for number in range(5):
        add(tmp_path / "s.json", replace(ONE, at=float(number)))
    assert [one.at for one in read(tmp_path / "s.json")] == [2.0, 3.0, 4.0]


def test_another_machine_on_the_same_disk_has_speeds_of_its_own(tmp_path, monkeypatch):
    add(tmp_path / "s.json", replace(ONE, machine="64 x another"))
    add(tmp_path / "s.json", ONE)
    assert [one.machine for one in read(tmp_path / "s.json")] == [ONE.machine]
    assert len(json.loads((tmp_path / "s.json").read_text())["runs"]) == 2


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "{",
            "[]",
            "null",
            '{"schema": 1}',
            '{"schema": 2, "runs": [{}]}',
            '{"schema": 1, "runs": [5, null, {}]}',
        ),
        "[" * 100_000,
        *(
            json.dumps({"schema": 1, "runs": [asdict(ONE) | {key: value}]})
            for key, value in [
                *(("frames", 0), ("frames", "many"), ("seconds", -1), ("seconds", float("nan")), ("bytes", 5)),
                *(("bytes", {"npy": "x"}), ("estimated", "soon"), ("workers", None), ("model", 7), ("more", 1)),
            ]
        ),
    ],
)
def test_a_file_of_no_use_is_no_obstacle(tmp_path, text):
    path = tmp_path / "s.json"
    path.write_text(text)
    assert read(path) == []
    add(path, ONE)
    assert read(path) == [ONE]


def test_a_pipe_in_its_place_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "s.json")
    assert read(tmp_path / "s.json") == []


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path):
    add(tmp_path / "none" / "s.json", ONE)
    assert read(tmp_path / "none" / "s.json") == []


def test_a_link_in_its_place_is_replaced_and_what_it_points_at_stays(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    (tmp_path / "s.json").symlink_to(tmp_path / "mine.txt")
    add(tmp_path / "s.json", ONE)
    assert (tmp_path / "mine.txt").read_text() == "mine"
    assert read(tmp_path / "s.json") == [ONE]


def test_it_lies_below_the_output_root(tmp_path):
    assert place(tmp_path / "outputs" / "a-b-c", None) == tmp_path / "outputs" / ".posecfg-speeds.json"
    assert place(tmp_path / "out", str(tmp_path / "out")) == tmp_path / "out" / ".posecfg" / "speeds.json"


def test_a_link_in_the_place_of_the_file_aside_is_not_followed(tmp_path):
    (tmp_path / "mine").write_text("precious")
    (tmp_path / f"s.json-{process.unique()}").symlink_to(tmp_path / "mine")
    add(tmp_path / "s.json", ONE)
    assert (tmp_path / "mine").read_text() == "precious"
