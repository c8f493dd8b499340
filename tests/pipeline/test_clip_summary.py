"""What is warned of in a clip's record."""

from dataclasses import replace

import films
import numpy as np
import pytest
from samples import extraction, track
from whole_runs import go, sidecar_of

from posecfg.pipeline.chain import describe
from posecfg.pipeline.clip_summary import Extracted, Written, summarise
from posecfg.pipeline.work import Destination, Work
from posecfg.store.clip_record import InputRecord
from posecfg.types import Clock


@pytest.mark.parametrize("name", ["one.png", "one.JPG"])
def test_a_picture_is_not_told_that_it_has_no_time_stamps(tmp_path, name):
    films.pictures(tmp_path, [name])
    report = go(tmp_path / "out", "dataset=folder", f"dataset.path={tmp_path / name}")
    assert (report.done, report.warned) == (1, {})
    assert sidecar_of(tmp_path / "out", "one")["warnings"] == []


@pytest.mark.parametrize(("frames", "told"), [(1, "1 frame"), (1200, "1,200 frames")])
def test_frames_without_the_person_followed_are_counted_in_plain_words(tmp_path, frames, told):
    found = replace(extraction(track(10)), notes={"frames_unmatched": frames})
    done = Extracted(Work(found.clip, ()), InputRecord(0, 0), 0.0, extraction=found)
    record = summarise(Destination(tmp_path, "", tmp_path, "", {}), done, Written())
    where = f"the person followed is missing in {told} that show other people"
    assert record.warnings == (f"{where}: persons.follow=false chooses anew in each frame",)


def test_a_film_without_time_stamps_is(tmp_path):
    path = films.write(tmp_path / "raw.h264", range(4), container="h264")
    go(tmp_path / "out", "dataset=folder", f"dataset.path={path}")
    told = sidecar_of(tmp_path / "out", "raw")["warnings"]
    assert told == ["the file has no time stamps: times follow its nominal rate"]


def test_a_film_that_is_turned_by_no_quarter_is_warned_of(tmp_path):
    path = films.write(tmp_path / "askew.mp4", range(4), rotation=45, size=(64, 96))
    assert go(tmp_path / "out", "dataset=folder", f"dataset.path={path}").done == 1
    assert sidecar_of(tmp_path / "out", "askew")["warnings"] == [
        "it is said to be turned by 45 degrees, which is no quarter turn: its pictures are turned by 0"
    ]


def test_a_film_whose_matrix_turns_no_picture_is_warned_of(tmp_path):
    path = films.write(tmp_path / "zero.mp4", range(4), size=(64, 96))
    data = bytearray(path.read_bytes())
    at = data.index(b"tkhd") + 44
    data[at : at + 36] = bytes(36)
    path.write_bytes(data)
    assert go(tmp_path / "out", "dataset=folder", f"dataset.path={path}").done == 1
    assert sidecar_of(tmp_path / "out", "zero")["warnings"] == [
        "how it is said to be turned turns no picture: its pictures are not turned"
    ]


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"status": "truncated", "duration": 3.6}, "59 frames, 2.0 s of the 3.6 s that it declares"),
        ({"status": "truncated", "duration": None}, "59 frames"),
        ({"status": "truncated", "duration": 1.5}, "59 frames"),
        ({"status": "truncated", "duration": 3.6, "declared": 108}, "59 frames of 108 declared, 2.0 s of the 3.6"),
        ({"status": "truncated", "duration": 9.0, "vfr": True}, "59 frames, 1.4 s of the 9.0 s that it declares"),
        ({"status": "corrupt", "duration": 3.6, "damaged": 2}, "59 frames, 2 damaged"),
    ],
)
def test_of_a_film_that_is_cut_short_both_lengths_are_told(how, said):
    times = np.array([0.1, 1.4])
    clock = Clock(indices=np.array([3, 40]), times=times, fps=30.0, size=(96, 64), decoded=59, **how)
    assert describe(clock).startswith(said)
    assert ("declares" in describe(clock)) == (" s of the " in said)
