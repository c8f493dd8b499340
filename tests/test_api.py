"""The library: what comes back does not depend on how many films there are."""

from __future__ import annotations

import films
import pytest

import posecfg
from posecfg.errors import ClipError
from posecfg.types import Extraction

SYNTHETIC = {"detector": "synthetic"}


@pytest.fixture
def folder(tmp_path):
    films.make("one.mp4", tmp_path)
    return tmp_path


def test_a_film_gives_its_extraction(folder):
    found = posecfg.extract(folder / "one.mp4", **SYNTHETIC)
    assert isinstance(found, Extraction)
    assert len(found.clock) == 1


@pytest.mark.parametrize("name", [".", "*.mp4"])
def test_a_folder_or_a_pattern_gives_a_dictionary_also_of_one_film(folder, name):
    found = posecfg.extract(folder / name, **SYNTHETIC)
    assert list(found) == ["one"]


def test_a_film_whose_name_looks_like_a_pattern_is_a_film(folder):
    film = (folder / "one.mp4").rename(folder / "film [1].mp4")
    assert isinstance(posecfg.extract(film, **SYNTHETIC), Extraction)


def test_a_clip_that_is_dropped_is_named(folder):
    with pytest.raises(ClipError, match=r"'one' was set aside: more than one person"):
        posecfg.extract(folder / "one.mp4", persons="only", detector="synthetic", **{"detector.people": 2})
