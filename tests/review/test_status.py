"""What a tree of AIST++ has of what it should have, by split and view."""

from __future__ import annotations

import json
import os
import pickle

import pytest
from aisttree import FIRST, SECOND, THIRD, annotations, rest, tree
from films import shorten, write
from whole_runs import job_of

from posecfg.commands.program import main
from posecfg.datasets.aist import Aist
from posecfg.errors import ConfigError
from posecfg.review.plan import plan
from posecfg.review.status import JPEG, status
from posecfg.terminal.stock import show

FILMS = ["gBR_sBM_c01_d04_mBR1_ch01", "gBR_sBM_c02_d04_mBR1_ch01", "gHO_sFM_c01_d20_mHO5_ch13"]
SPLITS = {"pose_val": [FIRST, THIRD, "no sequence"], "pose_test": [SECOND]}


@pytest.fixture
def place(tmp_path):
    film = write(tmp_path / "film.mp4", range(30), fps=60, size=(32, 32))
    return rest(tree(tmp_path / "aist", film, FILMS, SPLITS, ignored=[SECOND]), sequences=(FIRST, SECOND))


def rows(place, read=False, **arguments):
    return {(row.split, row.view): row for row in Aist(str(place), **arguments).status(read).rows}


def test_what_is_there_and_what_is_missing_is_counted(place):
    found = rows(place, views=["c01", "c02"])
    assert list(found) == [("pose_test", "c01"), ("pose_test", "c02"), ("pose_val", "c01"), ("pose_val", "c02")]
    val, test = found["pose_val", "c01"], found["pose_test", "c01"]
    assert (val.sequences, val.ignored, val.films, val.ready) == (2, 0, 1, 1)
    assert val.kinds == {"2D": 2, "3D": 1, "motion": 1, "camera": 1}
    assert (test.sequences, test.ignored, test.films, test.ready, test.frames) == (1, 1, 1, 0, 0)
    assert found["pose_test", "c02"].films == 0
    assert abs(val.frames - 30) <= 2, "from the size of the file"
    assert rows(place, ignore=False)["pose_test", "c01"].ready == 1
    assert list(rows(place, split="pose_val")) == [("pose_val", "c01")]


def test_films_of_another_length_and_broken_files_are_named_where_they_are_read(place):
    assert rows(place, True)["pose_val", "c01"].unequal == {}
    known = annotations(28)
    known["keypoints2d"][0, :7] = float("nan")
    (place / "keypoints2d" / f"{FIRST}.pkl").write_bytes(pickle.dumps(known))
    (place / "keypoints2d" / f"{SECOND}.pkl").write_bytes(b"no pickle")
    found = rows(place, True, ignore=False)
    val = found["pose_val", "c01"]
    assert val.unequal == {FILMS[0]: "30 frames of 1/60 s, annotations for 28"}
    assert (val.frames, val.without) == (28, 0.25)
    assert "to be keypoints2d of AIST++" in found["pose_test", "c01"].unreadable[FILMS[2]]


@pytest.mark.parametrize("kind", ["fifo", "dangling", "big"])
def test_a_pickle_that_cannot_be_read_is_one_line_and_stops_nothing(place, kind):
    path = place / "keypoints2d" / f"{FIRST}.pkl"
    path.unlink()
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "dangling":
        path.symlink_to(place / "nowhere")
    else:
        path.write_bytes(pickle.dumps(annotations(1) | {"timestamps": [10**400]}))
    for read in (True, False) if kind != "big" else (True,):
        found = rows(place, read, ignore=False)
        assert f"'{path}' to be keypoints2d" in found["pose_val", "c01"].unreadable[FILMS[0]]
        assert found["pose_test", "c01"].unreadable == {}


@pytest.mark.parametrize("kind", ["fifo", "/dev/zero"])
def test_a_list_that_is_no_file_is_a_sentence(place, kind):
    path = place / "splits" / "other.txt"
    os.mkfifo(path) if kind == "fifo" else path.symlink_to(kind)
    for asks in (lambda aist: aist.status(False), lambda aist: aist.downloads()):
        with pytest.raises(ConfigError, match="it is no regular file"):
            asks(Aist(str(place)))


def test_a_film_that_breaks_off_is_shorter_than_it_declares(place):
    film = write(place / "whole.mp4", range(30), fps=60, size=(32, 32), gop=5, options={"movflags": "faststart"})
    shorten(film, place / "videos" / f"{FILMS[0]}.mp4", 0.8)
    (told,) = rows(place, True)["pose_val", "c01"].unequal.values()
    words = "truncated: {0} frames of 1/60 s, annotations for 30, {1} annotations without a frame"
    number = int(told.split()[1])
    assert 10 < number < 30
    assert told == words.format(number, 30 - number)
    assert rows(place, True)["pose_val", "c01"].frames == number


def test_a_tree_without_lists_is_one_split(place):
    for path in (place / "splits").iterdir():
        path.unlink()
    assert rows(place)["all", "c01"].sequences == 3
    with pytest.raises(ConfigError, match="none of its sequences"):
        Aist(str(place / "splits")).status(False)


def test_plan_and_status_tell_the_same_with_the_disk_that_frames_take(place, tmp_path, capsys):
    job = job_of(tmp_path / "out", "dataset=aist", f"dataset.path={place}")
    found = status(job, read=True)
    assert plan(job, probe=True)["stock"] | {"free": found["free"]} == found
    assert found["rows"][1]["bytes"] == round(30 * 1920 * 1080 * JPEG)
    show(found)
    told = capsys.readouterr().out
    assert "pose_val" in told
    assert "1/2" in told
    assert f"{THIRD.replace('cAll', 'c01')}: no film" in told
    assert "as JPEG" in told
    assert "pose_val about 10.0 MB; " in " ".join(told.split())
    show(found | {"free": 5})
    assert "which is not enough for pose_val" in " ".join(capsys.readouterr().out.split())
    with pytest.raises(ConfigError, match="dataset=synthetic has no list of what should be there"):
        status(job_of(tmp_path / "out"), read=False)


def test_the_verb_prints_json_and_says_what_cannot_be_read(place, capsys):
    words = ["status", "dataset=aist", f"dataset.path={place}", "--stats", "--json"]
    assert main(words) == 0
    told = json.loads(capsys.readouterr().out)
    assert [row["split"] for row in told["rows"]] == ["pose_test", "pose_val"]
    assert told["problems"] == [f"{THIRD.replace('cAll', 'c01')}: no film"]
    (place / "keypoints2d" / f"{FIRST}.pkl").write_bytes(b"no pickle")
    assert main(words) == 1


def test_each_film_that_is_not_there_is_named_and_tables_fit_a_terminal(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    film = write(tmp_path / "film.mp4", range(3), fps=60, size=(32, 32))
    place = tree(tmp_path / "aist", film, FILMS, {"crossmodal_train": [FIRST, SECOND]}, ignored=[SECOND], frames=3)
    found = status(job_of(tmp_path / "out", "dataset=aist", f"dataset.path={place}", "dataset.views=all"), read=True)
    lacking = [FIRST.replace("cAll", f"c0{view}") for view in range(3, 10)]
    assert found["problems"] == [f"{name}: no film" for name in lacking], "none of an ignored sequence"
    crowd = [*found["rows"], *({**found["rows"][0], "missing": [f"film {n}" for n in range(9)], "view": "c10"},)]
    show(found | {"rows": [{**row, "sequences": 980, "films": 868, "frames": 1234567} for row in crowd]})
    told = capsys.readouterr().out
    assert "868/980" in told
    assert "1,234,567" in told
    assert "…" not in told
    assert told.count(": no film") == 10
    assert "and 6 more films are not there: --json names them all" in told


def test_a_folder_of_films_that_is_not_there_is_named_with_what_it_counts_from(place, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    said = "there is no folder '.*videos': type dataset.videos='.*aist/videos'; a relative one counts from the current"
    for ask in (lambda one: one.status(False), lambda one: one.scan()):
        with pytest.raises(ConfigError, match=said):
            ask(Aist(str(place), videos="videos"))
    with pytest.raises(ConfigError, match="there is no folder '/no/films': name one that is there"):
        Aist(str(place), videos="/no/films").status(False)
    assert Aist(str(place), videos="aist/videos").scan().clips


def test_several_splits_are_taken_as_one(place):
    both = ["pose_test", "pose_val"]
    assert [row.split for row in Aist(str(place), split=both).status(False).rows] == both
    clips = Aist(str(place), split=both, ignore=False).scan().clips
    assert [(clip.id, clip.meta["split"]) for clip in clips] == [(FILMS[0], "val"), (FILMS[2], "test")]
    with pytest.raises(ConfigError, match="Expected one split to download films of, but got pose_test, pose_val"):
        Aist(str(place), split=both).downloads()
    with pytest.raises(ConfigError, match=r"Expected dataset\.split to be all, or lists"):
        Aist(split=["all", "pose_val"])


def test_a_folder_of_results_is_to_be_typed_alone(tmp_path):
    (tmp_path / "out" / ".posecfg").mkdir(parents=True)
    (tmp_path / "out" / ".posecfg" / "run.json").write_text("{}")
    job = job_of(tmp_path / "x", "dataset=folder", f"dataset.path={tmp_path / 'out'}")
    with pytest.raises(
        ConfigError, match=f"'{tmp_path}/out' holds the results of a run: type posecfg status {tmp_path}/out alone"
    ):
        status(job, False)
