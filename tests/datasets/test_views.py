"""Views of calibrated cameras: films of one moment belong together, and what is wrong stops no other group."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace

import manyviews
import numpy as np
import pytest

from posecfg.datasets.views import Views
from posecfg.errors import ConfigError


def test_views_are_grouped_by_what_their_names_say_of_cameras(tmp_path):
    words = manyviews.run_of(tmp_path, name="walk_{}")
    manyviews.run_of(tmp_path, name="S1/jump-{}_b")
    times = np.arange(3) / 30
    manyviews.written(tmp_path / "run", manyviews.result(manyviews.ring()["cam01"], times, "alone_cam01"))
    manyviews.written(tmp_path / "run", manyviews.result(manyviews.ring()["cam01"], times, "portrait"))
    found = Views(**words).scan()
    assert [clip.id for clip in found.clips] == ["S1/jump-b", "walk"]
    assert [view.name for view in found.clips[0].scene.views] == ["cam01", "cam02", "cam03"]
    assert [(one.name, one.reason) for one in found.excluded] == [
        ("alone_cam01", "one camera alone saw it"),
        ("portrait", "its name tells no camera (dataset.pattern)"),
    ]
    other = Views(**words, pattern=r"jump-cam0(?P<camera>\d)", cameras=["cam03", "cam02", "cam01"]).scan()
    assert [view.name for view in other.clips[0].scene.views] == ["cam03", "cam02", "cam01"]


@pytest.mark.parametrize(
    ("names", "group"),
    [
        (("gBR_sBM_c01_d04", "gBR_sBM_c02_d04"), "gBR_sBM_d04"),
        (("walkCam1", "walkCam2"), "walk"),
        (("s1/view-1/music01", "s1/view-2/music01"), "s1/music01"),
        (("camera_1", "camera_2"), "views"),
        (("a.cam10", "a.cam9"), "a"),
    ],
)
def test_names_of_many_habits_are_understood(tmp_path, names, group):
    cameras = manyviews.ring(2)
    for name, camera in zip(names, cameras.values(), strict=True):
        manyviews.written(tmp_path / "run", manyviews.result(camera, np.arange(3) / 30, name))
    calibration = manyviews.toml(tmp_path / "a.toml", cameras)
    (clip,) = Views(str(tmp_path / "run"), calibration).scan().clips
    assert clip.id == group
    # Views count by their numbers, and cameras of other names by their order.
    assert [view.clip for view in clip.scene.views] == sorted(names, key=lambda name: (len(name), name))
    assert [view.name for view in clip.scene.views] == ["cam01", "cam02"]


def test_the_content_of_views_is_the_clip_wherever_it_lies(tmp_path):
    one, two = (Views(**manyviews.run_of(tmp_path / name)).scan().clips[0] for name in "ab")
    assert repr(one.scene) == repr(two.scene)
    times = np.arange(6) / 30
    manyviews.written(tmp_path / "b" / "run", manyviews.result(manyviews.ring(3)["cam02"], times, "walk_cam02", 0.8))
    words = {"path": str(tmp_path / "b/run"), "calibration": str(tmp_path / "b/Calib.toml")}
    assert repr(Views(**words).scan().clips[0].scene) != repr(one.scene)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"path": "none"}, "Expected dataset.path to be the folder of a run"),
        ({"cameras": ["cam01", "cam09", "cam02"]}, "has no camera 'cam09': it has cam01, cam02, cam03"),
        ({"cameras": ["cam01"]}, "to name a camera for each of the 3 views .cam01, cam02, cam03., but got 1"),
        ({"pattern": "("}, "Expected dataset.pattern to be a regular expression"),
        ({"pattern": "cam"}, "Expected dataset.pattern to have .*P<camera>"),
        ({"tolerance": -1}, "Expected dataset.tolerance to be seconds"),
        ({"unit": "inch"}, "Expected dataset.unit to be m, cm, mm or null"),
        ({"up": "north"}, "Expected dataset.up to be x, y, z"),
    ],
)
def test_a_wrong_setting_is_one_sentence(tmp_path, change, says):
    words = manyviews.run_of(tmp_path) | change
    with pytest.raises(ConfigError, match=says):
        Views(**words).scan()


def test_clips_of_which_no_camera_is_known_or_one_alone_are_refused(tmp_path):
    words = manyviews.run_of(tmp_path, count=2, name="walk_{}")
    (tmp_path / "run/walk_cam02.npz").unlink()
    with pytest.raises(ConfigError, match=r"all are left out: walk_cam01, one camera alone saw it\.$"):
        Views(**words).scan()
    (tmp_path / "run/walk_cam01.npz").unlink()
    for name in ("book", "milk"):
        manyviews.written(tmp_path / "run", manyviews.result(manyviews.ring()["cam01"], np.arange(3) / 30, name))
    with pytest.raises(
        ConfigError,
        match=r"all are left out: book, its name tells no camera .*; milk, .*\. Type dataset\.pattern=.*P<camera>",
    ):
        Views(**words).scan()


def test_two_films_of_one_camera_are_refused(tmp_path):
    words = manyviews.run_of(tmp_path)
    manyviews.written(tmp_path / "run", manyviews.result(manyviews.ring()["cam01"], np.arange(3) / 30, "walk__cam01"))
    with pytest.raises(ConfigError, match=r"has two clips of cam01 in the group 'walk', .*: type dataset.pattern="):
        Views(**words).scan()


def test_what_is_damaged_or_lacks_a_view_stops_no_other_group(tmp_path):
    words = manyviews.run_of(tmp_path, name="walk_{}")
    manyviews.run_of(tmp_path, name="jump_v{}")
    (tmp_path / "run/jump_vcam02.npz").write_bytes((tmp_path / "run/jump_vcam02.npz").read_bytes()[:-300])
    np.savez(tmp_path / "run/other.npz", a=1)
    found = Views(**words).scan()
    assert {clip.id: [view.name for view in clip.scene.views] for clip in found.clips} == {
        "jump_v": ["cam01", "cam03"],
        "walk": ["cam01", "cam02", "cam03"],
    }
    assert [(one.name, one.reason) for one in found.excluded] == [
        ("jump_vcam02.npz", "it is damaged: redo it in its run")
    ]


def headed(path, change):
    """Change the header of a native file."""
    with zipfile.ZipFile(path) as opened:
        members = {name: opened.read(name) for name in opened.namelist()}
    header = json.loads(members["header.json"])
    change(header)
    with zipfile.ZipFile(path, "w") as opened:
        for name, data in (members | {"header.json": json.dumps(header).encode()}).items():
            opened.writestr(name, data)


def test_a_film_that_has_no_rate_is_left_out_with_the_reason(tmp_path):
    words = manyviews.run_of(tmp_path, name="walk_{}")
    for path in (tmp_path / "run").glob("*.npz"):
        headed(path, lambda header: header["clock"].update(fps=0))
    found = Views(**words).scan()
    assert not found.clips
    assert [one.name for one in found.excluded] == ["walk"]
    assert "0 frames a second" in found.excluded[0].reason


@pytest.mark.parametrize("group", ["../../out", "/tmp/out", ".posecfg/x", "a\x1b[31m", ""])
def test_a_group_that_leads_out_of_the_folder_is_left_out_and_stops_no_other(tmp_path, group):
    words = manyviews.run_of(tmp_path, name="walk_{}")
    manyviews.run_of(tmp_path, name="jump_{}")
    for number in (1, 2, 3):
        told = {"group": group, "view": f"cam0{number}"}
        headed(tmp_path / f"run/jump_cam0{number}.npz", lambda header, told=told: header["clip"].update(told))
    found = Views(**words).scan()
    assert [clip.id for clip in found.clips] == ["walk"]
    assert [one.name for one in found.excluded] == ["jump_cam01", "jump_cam02", "jump_cam03"]
    assert all(one.reason.startswith("Expected a clip id such as") for one in found.excluded)


def test_an_id_that_is_no_text_is_told(tmp_path):
    words = manyviews.run_of(tmp_path, name="walk_{}")
    headed(tmp_path / "run/walk_cam01.npz", lambda header: header["clip"].update(id=["jump_cam01"]))
    excluded = Views(**words).scan().excluded
    assert [one.reason for one in excluded] == ["one camera alone saw it"]


def test_films_of_another_size_are_refused(tmp_path):
    words = manyviews.run_of(tmp_path)
    wide = replace(manyviews.ring(3)["cam02"], size=(1280, 960))
    manyviews.written(tmp_path / "run", manyviews.result(wide, np.arange(6) / 30, "walk_cam02"))
    with pytest.raises(
        ConfigError, match=r"cam02 was calibrated for pictures of 640x480 px, but 'walk_cam02' has 1280x9"
    ):
        Views(**words).scan()
