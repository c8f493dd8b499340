from __future__ import annotations

import pytest

from posecfg.errors import ClipError, ConfigError
from posecfg.writers.names import Names


@pytest.mark.parametrize(
    ("path", "clip", "person", "name"),
    [
        ("{id}", "film", 0, "film.npy"),
        ("{id}", "S1/a/film", 0, "S1/a/film.npy"),
        ("{id}", "film", 3, "film.person3.npy"),
        ("{folder}/blaze_{name}", "S1/acting1/S1_acting1_cam1", 0, "S1/acting1/blaze_S1_acting1_cam1.npy"),
        ("{folder}/blaze_{name}", "film", 0, "blaze_film.npy"),
        ("poses/{folder}/{name}", "film", 1, "poses/film.person1.npy"),
        ("{id}/{person}", "film", 0, "film/0.npy"),
        ("{id}/{person}", "film", 2, "film/2.npy"),
        ("{id}.npy", "film", 0, "film.npy"),
        ("{{{name}}}", "film", 0, "{film}.npy"),
        ("ü [{name}] #1", "a/été (1)", 0, "ü [été (1)] #1.npy"),
        ("{id}", "{person}", 0, "{person}.npy"),
        ("{id}", r"new\nline", 0, r"new\nline.npy"),
        ("{id}", "back\\slash\\", 0, "back\\slash\\.npy"),
    ],
)
def test_names(path, clip, person, name):
    assert Names(path, ".npy")(clip, person, several=person > 0) == name


@pytest.mark.parametrize(
    "clip", ["../film", "a/../../film", "/film", "a//film", "", "..\\film", "a\\..\\film", "a/./b", "a\0b"]
)
def test_a_clip_id_cannot_leave_the_output_folder(clip):
    with pytest.raises(ClipError, match="inside the output folder"):
        Names("{id}", "")(clip)


def test_a_plain_name_will_do_for_one_clip_where_that_is_allowed():
    names = Names("out/poses.json", ".json", fixed=True)
    assert names("any/clip") == "out/poses.json"
    assert names("any/clip", 2, several=True) == "out/poses.person2.json"


@pytest.mark.parametrize("path", ["out", "out.mp4", "/out.json", "../out.json", ".json", ""])
def test_a_plain_name_must_be_one_of_a_file_inside_the_output_folder(path):
    with pytest.raises(ConfigError, match="Expected path to"):
        Names(path, ".json", fixed=True)


@pytest.mark.parametrize("path", [".posecfg/{id}", ".POSECFG/logs/{id}.json", ".posecfg/run.json"])
def test_the_runs_own_folder_is_refused_before_any_clip(path):
    with pytest.raises(ConfigError, match=r"to stay out of \.posecfg, which is the run's own, but got"):
        Names(path, ".json", fixed=True)


def test_a_plain_name_is_refused_where_every_clip_has_its_own_file():
    with pytest.raises(ConfigError, match=r"or all clips share a file, but got 'out\.json'\.$"):
        Names("out.json", ".json")
    with pytest.raises(ConfigError, match=r"got 'out' \(for one clip alone, it may be a name that ends in \.json\)"):
        Names("out", ".json", fixed=True)
