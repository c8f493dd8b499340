"""AIST++ as it is published: films by name, splits, the ignore list, and keypoints that metrics compare with."""

from __future__ import annotations

from dataclasses import replace

import pytest
from aisttree import FIRST, SECOND, THIRD, tree
from samples import clock
from whole_runs import go

from posecfg.datasets.aist import Aist
from posecfg.datasets.aist_names import Take, parse
from posecfg.errors import ConfigError

FILMS = ["gBR_sBM_c01_d04_mBR1_ch01", "gBR_sBM_c02_d04_mBR1_ch01", "gHO_sFM_c01_d20_mHO5_ch13"]
SPLITS = {"pose_val": [FIRST], "pose_test": [SECOND, THIRD]}


@pytest.fixture
def place(tmp_path, film):
    return tree(tmp_path / "aist", film, FILMS, SPLITS)


def ids(place, **arguments):
    return [clip.id for clip in Aist(str(place), **arguments).scan().clips]


def reasons(place, **arguments):
    return {one.name: one.reason for one in Aist(str(place), **arguments).scan().excluded}


def test_names_say_what_is_danced():
    take = parse("gHO_sFM_c03_d20_mHO5_ch13")
    assert take == Take("gHO_sFM_cAll_d20_mHO5_ch13", "c03")
    assert (take.index, take.film) == (2, "gHO_sFM_c03_d20_mHO5_ch13")
    said = {"genre": "HO", "situation": "FM", "dancer": "20", "music": "HO5", "choreography": "13", "bpm": 135}
    assert take.meta == {"sequence": take.sequence, **said}
    assert parse("gBR_sBM_c01_d04_mBR3_ch01").meta["bpm"] == 110
    for name in ("gBR_sBM_c10_d04_mBR1_ch01", "gXX_sBM_c01_d04_mBR1_ch01", "film", FIRST + "x"):
        assert parse(name) is None


def test_one_view_is_taken_unless_others_are_asked_for(place):
    assert ids(place) == [FILMS[0], FILMS[2]]
    assert ids(place, views="all") == FILMS
    assert ids(place, views=["c02"]) == [FILMS[1]]
    assert reasons(place)[FILMS[1]] == "another view: dataset.views=all takes it"
    (clip, _) = Aist(str(place)).scan().clips
    assert (clip.group, clip.view, clip.camera, clip.meta["dancer"]) == (FIRST, "0", "c01", "04")
    with pytest.raises(ConfigError, match=r"Expected dataset.views among c01, .*, but got 'c10'"):
        Aist(str(place), views=["c10"])


def test_a_split_is_a_list_of_sequences(place):
    assert ids(place, split="pose_val") == [FILMS[0]]
    found = reasons(place, split="pose_test")
    assert ids(place, split="pose_test") == [FILMS[2]]
    assert found == {"gJB_sBM_c01_d07_mJB3_ch05": "no film"}
    with pytest.raises(ConfigError, match=r"a list in splits \(pose_test, pose_val\), but got 'pose_vl'. Did you mean"):
        Aist(str(place), split="pose_vl").scan()
    with pytest.raises(ConfigError, match="a list in splits"):
        Aist(str(place), split="../pose_val").scan()


def test_ignored_sequences_are_left_out_and_can_be_taken(tmp_path, film):
    place = tree(tmp_path / "aist", film, FILMS, SPLITS, ignored=[SECOND])
    assert ids(place) == [FILMS[0]]
    assert reasons(place)[SECOND] == "on ignore_list.txt: dataset.ignore=false takes it"
    assert ids(place, ignore=False) == [FILMS[0], FILMS[2]]


def test_films_may_lie_in_folders_of_splits_which_go_first(tmp_path, film):
    names = [f"pose_train/{FILMS[0]}", f"pose_val/{FILMS[0]}", "pose_val/other"]
    place = tree(tmp_path / "aist", film, names, SPLITS)
    (clip,) = Aist(str(place), split="pose_val").scan().clips
    assert clip.path == place / "videos/pose_val" / f"{FILMS[0]}.mp4"
    found = reasons(place, split="pose_val")
    assert found[f"pose_train/{FILMS[0]}.mp4"] == f"the same film as 'pose_val/{FILMS[0]}.mp4'"
    assert found["pose_val/other.mp4"] == "its name is none of AIST++"


def test_a_film_of_all_cameras_needs_one(tmp_path, film):
    place = tree(tmp_path / "aist", film, [FIRST, FILMS[2]])
    assert ids(place) == [FILMS[2]]
    assert reasons(place)[f"{FIRST}.mp4"] == "its name says no camera: type dataset.call_view=c01 if it is c01's"
    assert ids(place, call_view="c01") == [FILMS[0], FILMS[2]]


def test_films_that_are_known_not_to_fit_are_left_out(tmp_path, film):
    place = tree(tmp_path / "aist", film, [f"gJB_sBM_c0{n}_d07_mJB3_ch05" for n in (6, 7)])
    assert ids(place, views="all") == ["gJB_sBM_c06_d07_mJB3_ch05"]
    assert "640x480" in reasons(place, views="all")["gJB_sBM_c07_d07_mJB3_ch05"]


def test_a_folder_that_is_none_of_aist_is_one_sentence(tmp_path):
    with pytest.raises(ConfigError, match=r"the folder of AIST\+\+, with films in videos, but got"):
        Aist(str(tmp_path)).scan()


def test_a_run_is_held_against_the_annotations(place, tmp_path):
    """The stored 2D of the view itself would score 1; the synthetic figure is elsewhere."""
    words = ("dataset=aist", f"dataset.path={place}", "dataset.split=pose_val", "detector=synthetic", "metric=[pck]")
    report = go(tmp_path / "out", *words)
    assert (report.exit_code, report.done) == (0, 1)
    score, _ = report.report.scores.values()["pck"]
    assert 0 <= score < 1


def test_the_known_poses_themselves_score_one(place):
    from samples import extraction, track

    from posecfg.metrics.pck import Pck

    truth = Aist(str(place)).scan().clips[0].truth
    known = truth(clock(5, 60))
    right = replace(extraction(replace(track(5), xy=known.xy[0])), clock=clock(5, 60))
    assert Pck()(right, known) == {"pck": 1.0}
