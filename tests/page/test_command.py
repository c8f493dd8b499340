"""Commands of runs: as they are typed, without what was for some of its clips alone."""

import shlex

import pytest

from posecfg.config import quoting
from posecfg.page import command


def quote_override(paths):
    """Return the override that the command line makes of several paths."""
    return f"{quoting.SEVERAL}={quoting.quote_paths(paths)}"


def test_a_folder_of_films_is_typed_as_a_path():
    told = ["dataset=folder", "detector=yolox", "bbox_thr=0.5", "dataset.path='../a dance'"]
    assert shlex.split(command.of_job(told)) == ["posecfg", "../a dance", "detector=yolox", "bbox_thr=0.5"]


@pytest.mark.parametrize("path", ["films", "report"])
def test_a_path_that_may_be_a_verb_is_named(path):
    assert command.of_job(["dataset=folder", f"dataset.path='{path}'"]) == f"posecfg dataset.path={path}"


def test_several_paths_are_a_list():
    told = ["dataset=folder", quote_override(["../a dance/b.mp4", "c.mp4"]), "detector=yolox"]
    typed = command.of_job(told)
    assert shlex.split(typed)[1:] == ["dataset=folder", "dataset.path=[../a dance/b.mp4,c.mp4]", "detector=yolox"]
    assert quoting.tidy(shlex.split(typed)[2]) == told[1]


@pytest.mark.parametrize(
    "paths", [["a,b.mp4", "c.mp4"], ["it's", "c"], [" a", "b"], ["a[1]", "b"], ["\\", "b"], ["é$", "b"]]
)
def test_several_paths_with_other_letters_are_left_as_they_are(paths):
    told = quote_override(paths)
    assert shlex.split(command.of_job(["dataset=folder", told])) == ["posecfg", "dataset=folder", told]


@pytest.mark.parametrize("path", [r"dataset.path='it\'s'", "dataset.path='a$b'"])
def test_what_needs_its_quotes_keeps_them(path):
    assert shlex.split(command.of_job(["dataset=folder", path])) == ["posecfg", "dataset=folder", path]


def test_a_choice_of_clips_is_left_out():
    typed = shlex.join(["posecfg", "films/", "redo='a b'", "only=marked.txt", "workers=2"])
    assert command.whole(typed) == "posecfg films/ only=marked.txt workers=2"
    assert command.of_all(typed) == "posecfg films/ workers=2"
    assert command.of_all("posecfg -m seed=1,2") == "posecfg -m seed=1,2"
