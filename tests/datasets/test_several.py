"""Several films, folders and patterns are one data set, below the folder that all have in common."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from earlier_records import record

from posecfg.datasets.folder import Folder
from posecfg.datasets.several import common_root
from posecfg.errors import ConfigError


@pytest.fixture
def place(tree, monkeypatch):
    """Return a function that makes files below the current folder, and returns that folder."""
    monkeypatch.chdir(tree())
    return tree


def ids(*paths, **arguments):
    return [clip.id for clip in Folder(list(paths), **arguments).scan().clips]


def reasons(*paths, **arguments):
    return {item.name: item.reason for item in Folder(list(paths), **arguments).scan().excluded}


def test_films_of_one_name_in_different_folders_do_not_clash(place):
    place("a/x.mp4", "b/x.mp4", "b/x.mov")
    assert ids("a/x.mp4", "b/x.mp4") == ["a/x", "b/x"]
    assert ids("b/x.mov", "b/x.mp4", "a/x.mp4") == ["a/x", "b/x.mov", "b/x.mp4"]


def test_clips_are_those_of_their_folder_whatever_the_order(place):
    root = place("day/a.mp4", "day/b.mov", "day/c.mkv")
    whole = Folder("day").scan()
    for names in (["day/a.mp4", "day/b.mov", "day/c.mkv"], ["day/c.mkv", "day/a.mp4", "./day/../day/b.mov"]):
        found = Folder(names).scan()
        assert found.clips == whole.clips
        assert found.root == Path("day")
    absolute = Folder([f"{root}/day/b.mov", "day/a.mp4"]).scan()
    assert [clip.id for clip in absolute.clips] == ["a", "b"]
    assert absolute.root == root / "day"


@pytest.mark.parametrize(
    ("paths", "root"),
    [
        (["a/x.mp4", "a/y.mp4"], "a"),
        (["a", "a/x.mp4"], "a"),
        (["a", "b"], "."),
        (["a/*.mp4", "a/deep/**"], "a"),
        (["x.mp4", "a/x.mp4"], "."),
        (["gone/x.mp4", "a/x.mp4"], "."),
        (["/proc/x.mp4", "a/x.mp4"], "/"),
    ],
)
def test_the_root_is_the_folder_that_all_have_in_common(place, paths, root):
    place("a/deep/z.mp4", "b/x.mp4")
    assert common_root(paths) == Path(root)


def test_a_folder_outside_of_the_current_one_is_absolute(place, monkeypatch):
    root = place("a/x.mp4", "here/y.mp4")
    monkeypatch.chdir(root / "here")
    found = Folder(["../a/x.mp4", "y.mp4"]).scan()
    assert found.root == root
    assert [(clip.id, clip.path) for clip in found.clips] == [
        ("a/x", root / "a/x.mp4"),
        ("here/y", root / "here/y.mp4"),
    ]


def test_a_folder_among_them_takes_its_films(place):
    place("one.mp4", "day/a.mp4", "day/deep/b.mov", "day/notes.txt")
    assert ids("one.mp4", "day") == ["day/a", "day/deep/b", "one"]
    assert reasons("one.mp4", "day") == {"1 file .txt": "not a video suffix"}
    assert ids("one.mp4", "day", recursive=False) == ["day/a", "one"]


def test_a_film_that_is_named_twice_is_one_clip(place):
    place("day/a.mp4", "day/b.mp4")
    assert ids("day/a.mp4", "day/a.mp4", "day", "day/*.mp4") == ["a", "b"]


def test_patterns_among_them_are_matched(place):
    place("a/x.mp4", "a/y.txt", "b/z.dat", "c.mp4")
    assert ids("a/*", "b/*.dat", "c.mp4") == ["a/x", "b/z", "c"]
    with pytest.raises(ConfigError, match=r"Expected 'a/\*\.mov' to match a film, but it matches nothing"):
        ids("a/*.mov", "c.mp4")


def test_what_an_unquoted_pattern_names_beside_films_is_left_out_and_told(place):
    place("a.mp4", "b.mp4", "notes.txt", "README", "table.csv")
    assert ids(*sorted(os.listdir())) == ["a", "b"]
    assert reasons(*sorted(os.listdir())) == {
        "1 file .csv": "not a video suffix",
        "1 file .txt": "not a video suffix",
        "1 file without a suffix": "not a video suffix",
    }


def test_films_of_odd_suffixes_are_taken_where_no_other_is_named(place):
    place("a.dat", "b.dump")
    assert ids("a.dat", "b.dump") == ["a", "b"]


def test_tables_are_no_films(place):
    place("a.csv", "b.csv")
    with pytest.raises(ConfigError, match=r"'a\.csv' is a table: .* type dataset=manifest"):
        ids("a.csv", "b.csv")


def test_what_an_earlier_run_wrote_is_left_out(place):
    root = place("a.mp4", "drawn.mp4")
    record(root, "a", "drawn.mp4")
    assert ids("a.mp4", "drawn.mp4") == ["a"]
    assert reasons("a.mp4", "drawn.mp4") == {"drawn.mp4": "written by an earlier run"}


def test_folders_of_pictures_among_them_are_clips_on_request(place):
    place("a.mp4", "walk/1.png", "walk/2.png")
    assert ids("a.mp4", "walk", images=True) == ["a", "walk"]
    assert ids("a.mp4", "walk") == ["a"]


@pytest.mark.parametrize(
    ("paths", "sentence"),
    [
        (["a.mp4", "b.mp4"], "Expected dataset.path to exist, but got 'b.mp4'"),
        (["x.mp4", "a.mp4", "y/z.mp4"], "Expected all 3 paths to exist, but 2 do not: 'x.mp4', 'y/z.mp4'; look"),
        (["a.mp4", *(f"{n}.mp4" for n in range(9))], "but 9 do not: '0.mp4', '1.mp4', '2.mp4' and 6 more; look"),
        (["a.mp4", "gone.mp4"], "'gone.mp4' is a broken link"),
        (["a.mp4", "pipe"], "Expected dataset.path to name folders and files, but 'pipe' is neither."),
        (["a.mp4", "https://x/y.mp4"], "fetch it first"),
        (["empty", "none"], "Expected the 2 paths to hold a film"),
        (["a.mp4", "tke1.mp4"], "Did you mean 'Take1.mp4'?"),
        ([], r"Expected dataset.path to name something, but got []."),
    ],
)
def test_what_cannot_be_taken_is_named(place, paths, sentence):
    root = place("a.mp4", "Take1.mp4", "empty/notes.txt")
    (root / "none").mkdir()
    (root / "gone.mp4").symlink_to("nowhere")
    os.mkfifo(root / "pipe")
    with pytest.raises(ConfigError) as caught:
        ids(*paths)
    assert sentence in str(caught.value)
