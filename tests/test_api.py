"""``posecfg.extract``: the same extraction in memory, with Python's values for those of the command line."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
from whole_runs import go

import posecfg
from posecfg import api
from posecfg.errors import ClipError, ConfigError, PosecfgError
from posecfg.types import Extraction


def test_a_film_gives_what_a_run_stores(film, tmp_path):
    found = posecfg.extract(film, detector="synthetic", bbox_thr=0.5)
    go(tmp_path / "out", "dataset=folder", f"dataset.path={film}", "detector=synthetic", "bbox_thr=0.5", "writer=[npz]")
    (path,) = (tmp_path / "out").glob("*.npz")
    stored = posecfg.load(path)
    assert found.clip.id == stored.clip.id == "four"
    assert len(found.clock) == 4
    np.testing.assert_array_equal(found.tracks[0].xy, stored.tracks[0].xy)


@pytest.mark.parametrize("together", [False, True])
def test_a_folder_gives_its_clips_by_id(folder, tmp_path, together):
    folder(*(("a.mp4", "b.mp4") if together else ("a.mp4",)))
    found = posecfg.extract(tmp_path / "films", detector="synthetic")
    assert list(found) == (["a", "b"] if together else ["a"])


@pytest.mark.parametrize(
    ("overrides", "rows"),
    [
        ({"limit": None}, 4),
        ({"strict": True}, 4),
        ({"dataset.extensions": ["mp4", "mov"]}, 4),
        ({"sampler": "uniform", "sampler.count": 2}, 2),
        ({"video.end": 0.15}, 2),
        ({"dataset": "folder"}, 4),
    ],
)
def test_values_are_pythons_own(film, overrides, rows):
    assert len(posecfg.extract(film, detector="synthetic", **overrides).clock) == rows


def test_a_pattern_gives_a_dictionary_also_of_one_film(film):
    assert list(posecfg.extract(film.parent / "*.mp4", detector="synthetic")) == ["four"]


def test_a_film_whose_name_looks_like_a_pattern_is_a_film(film, tmp_path):
    other = shutil.copy(film, tmp_path / "film [1].mp4")
    assert isinstance(posecfg.extract(other, detector="synthetic"), Extraction)


def test_a_film_that_the_policy_drops_is_an_error(film):
    with pytest.raises(ClipError, match="'four' was set aside: more than one person"):
        posecfg.extract(film, detector="synthetic", persons="only", **{"detector.people": 2})


def test_a_key_that_is_not_there_is_an_error(film):
    with pytest.raises(ConfigError, match="detektor"):
        posecfg.extract(film, detektor="synthetic")


@pytest.mark.parametrize("text", ["plain", "null", "True", "nan", "a b", "", "it's", "[x]", "été"])
def test_texts_arrive_as_texts(text):
    from hydra.core.override_parser.overrides_parser import OverridesParser

    value = OverridesParser.create().parse_override(f"key={api._word(text)}").value()
    assert getattr(value, "text", value) == text


@pytest.mark.parametrize("path", [["a.mp4"], ("a.mp4", "b.mp4"), None, 3], ids=repr)
def test_several_films_in_a_list_are_refused_with_what_to_type(path):
    with pytest.raises(PosecfgError, match=r"Expected one film, .* but got .*: type extract\('films/\*\.mp4'\)"):
        posecfg.extract(path)
