"""The default folder of a data set that is seen under another path, as on another machine."""

import json
import shutil

import pytest

from posecfg.runs.places import root_of
from posecfg.runs.run import run
from posecfg.terminal.progress import Quiet

WORDS = ("detector=synthetic", "workers=0")


@pytest.fixture
def first(folder, typed, tmp_path, monkeypatch):
    """Results in the default folder of ``films``, of two films."""
    folder("a.mp4", "deep/b.mp4")
    monkeypatch.chdir(tmp_path)
    job = typed(str(tmp_path / "films"), *WORDS)
    assert run(job, Quiet()).done == 2
    return root_of(job, False)


def mounted(tmp_path, name="films"):
    (tmp_path / "elsewhere").mkdir()
    return (tmp_path / "films").rename(tmp_path / "elsewhere" / name)


def test_the_results_of_the_same_films_are_found_from_another_path(first, typed, tmp_path):
    there = mounted(tmp_path)
    job = typed(str(there), *WORDS)
    assert root_of(job, False) == first
    report = run(job, Quiet())
    assert (report.already, report.done) == (2, 0)
    assert [one.name for one in (tmp_path / "outputs").iterdir() if one.is_dir()].count(first.name) == 1
    known = json.loads((first / ".posecfg" / "run.json").read_text())["data_sets"]
    assert [one["location"] for one in known] == [str(there)]
    shutil.move(there, tmp_path / "films")
    assert root_of(typed(str(tmp_path / "films"), *WORDS), False) == first


def test_a_pattern_finds_them_too(first, typed, tmp_path):
    shutil.rmtree(first)
    assert run(typed("films/*.mp4", *WORDS), Quiet()).done == 1
    there = mounted(tmp_path)
    assert run(typed(f"{there}/*.mp4", *WORDS), Quiet()).already == 1


def test_what_is_at_both_places_is_two_data_sets(first, typed, tmp_path):
    shutil.copytree(tmp_path / "films", tmp_path / "elsewhere" / "films")
    assert root_of(typed(str(tmp_path / "elsewhere" / "films"), *WORDS), False) != first


def test_a_link_to_the_same_place_is_the_same_place(first, typed, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "films").symlink_to(tmp_path / "films")
    assert root_of(typed(str(tmp_path / "elsewhere" / "films"), *WORDS), False) == first


@pytest.mark.parametrize("harm", ["content", "size", "gone", "record", "settings", "damaged", "another name"])
def test_other_films_or_settings_have_a_folder_of_their_own(first, typed, tmp_path, harm):
    there = mounted(tmp_path, "others" if harm == "another name" else "films")
    words = WORDS
    if harm == "content":
        for film in there.rglob("*.mp4"):
            data = bytearray(film.read_bytes())
            data[len(data) // 2] ^= 1
            film.write_bytes(data)
    elif harm == "size":
        with (there / "deep" / "b.mp4").open("ab") as stream:
            stream.write(b"more")
    elif harm == "gone":
        (there / "a.mp4").unlink()
    elif harm == "record":
        shutil.rmtree(first / ".posecfg" / "clips")
    elif harm == "settings":
        words = (*WORDS, "bbox_thr=0.9")
    elif harm == "damaged":
        (first / ".posecfg" / "run.json").write_text("{")
    assert root_of(typed(str(there), *words), False) != first
