"""Several paths on a command line, and lists of paths."""

from __future__ import annotations

import time

import pytest
from awkward_names import AWKWARD

from posecfg.config.quoting import brief


def test_several_paths_of_any_name_are_a_list_in_the_job(typed, swept):
    names = [f"./{name}" for name in AWKWARD] + ["./caf\udce9.mp4", "./a\nb.mp4"]
    assert typed(*names).config["dataset"]["path"] == names
    assert typed("seed=1", names[0], "workers=2", names[1]).config["dataset"]["path"] == names[:2]
    jobs = swept("-m", *names, "seed=1,2")
    assert [job.config["dataset"]["path"] for job in jobs] == [names] * 2


@pytest.mark.parametrize(
    ("word", "paths"),
    [
        ("[a.mp4,b/c.mov]", ["a.mp4", "b/c.mov"]),
        ("['a, b.mp4', \"it's.mp4\",~/c.mp4]", ["a, b.mp4", "it's.mp4", "/home/me/c.mp4"]),
        ('["a","b"]', ["a", "b"]),
        ("[0-9]", "[0-9]"),
        ("[a,b]*.mp4", "[a,b]*.mp4"),
    ],
)
def test_a_typed_list_of_paths_is_one_and_a_pattern_is_none(typed, monkeypatch, word, paths):
    monkeypatch.setenv("HOME", "/home/me")
    assert typed(f"dataset.path={word}").config["dataset"]["path"] == paths


def test_lists_of_paths_can_be_swept_over(swept):
    jobs = swept("-m", "dataset.path=[a.mp4,b.mp4],[c.mp4]")
    assert [job.config["dataset"]["path"] for job in jobs] == [["a.mp4", "b.mp4"], ["c.mp4"]]


def test_a_file_that_is_called_like_a_list_is_a_file(typed, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / '["a","b"]').touch()
    assert typed('["a","b"]').config["dataset"]["path"] == '["a","b"]'
    assert typed('dataset.path=["a","b"]').config["dataset"]["path"] == '["a","b"]'


def test_data_sets_of_one_path_refuse_several(refused):
    (sentence,), code = refused("a.csv", "b.csv", "c.csv", "d.csv", "dataset=manifest")
    assert code == 1
    assert sentence == (
        "dataset=manifest takes one path, but got 4 ('a.csv', 'b.csv', 'c.csv', ...): name one, or type dataset=folder "
        "for films."
    )


def test_many_paths_are_read_quickly(typed):
    """Hydra's grammar would take a second for each thousand of a list, several times."""
    names = [f"films/clip {number}.mp4" for number in range(4000)]
    began = time.process_time()
    assert len(typed(*names).config["dataset"]["path"]) == 4000
    assert time.process_time() - began < 4


def test_of_many_paths_the_first_are_shown(typed):
    job = typed("it's.mp4", "b.mp4", "c.mp4", "d.mp4", "e.mp4")
    assert [brief(word) for word in job.overrides] == [
        "dataset=folder",
        "dataset.path=[it's.mp4,b.mp4,c.mp4,... 2 more]",
    ]
    assert brief("++seed=1") == "seed=1"
