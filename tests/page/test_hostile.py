"""Records and files that were made to do harm, and sizes that nobody expects: a note, bounded memory, text as text."""

from __future__ import annotations

import dataclasses
import json
import shutil
import zipfile

import numpy as np
import pytest
from unpacked import unpack
from whole_runs import go

from posecfg import skeletons
from posecfg.layout import HOME
from posecfg.page import clip_data as clips
from posecfg.page import poses
from posecfg.page.clip_data import BUDGET, ClipRun, clip_data
from posecfg.page.pictures import Pictures
from posecfg.page.poses import ClipPoses
from posecfg.store import record_files
from posecfg.viewing.subject import person

CLIP = "synthetic_0000"
FEW = ("dataset=synthetic", "dataset.frames=8", "dataset.size=[64,48]", "dataset.clips=1")
MARKUP = "</script><img src=x onerror=alert(1)>\u202e'\"&"


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    out = tmp_path_factory.mktemp("run") / "out"
    go(out, *FEW, "writer=[npz]")
    return out


@pytest.fixture
def out(whole, tmp_path):
    return shutil.copytree(whole, tmp_path / "out")


def text_of(out, record=None, wanted=None):
    """Return the JSON of the clip, which is always some."""
    record = record or record_files.read_clip(out, CLIP)
    found = clip_data(CLIP, [ClipRun(0, out, record, MARKUP)], [], out, wanted or Pictures(2)).data
    return json.loads(json.dumps(found, allow_nan=False))


def rewritten(out, change):
    """Change the values of the record, as a program that is no posecfg may; None where it is no record any more."""
    path = out / HOME / "clips" / f"{CLIP}.json"
    data = json.loads(path.read_text())
    change(data)
    path.write_text(json.dumps(data))
    return record_files.read_clip(out, CLIP)


def set_in(*keys, value):
    def change(data):
        for key in keys[:-1]:
            data = data[key]
        data[keys[-1]] = value

    return change


@pytest.mark.parametrize(
    "change",
    [
        set_in("clock", "size", value=[0, -5]),
        set_in("clock", "size", value="wide"),
        set_in("clock", "size", value=[1 << 40, 1 << 40]),
        set_in("clock", "fps", value=1e308),
        set_in("clock", "fps", value=[]),
        set_in("clock", "codec", value=MARKUP),
        set_in("notes", value={"pictures": ["../../etc/passwd"]}),
        set_in("notes", value={"people_above_threshold": MARKUP}),
        set_in("facts", "listed", value=MARKUP),
        set_in("facts", "independent", value=MARKUP),
        set_in("input", "path", value="/etc/passwd"),
        set_in("input", "path", value="\0"),
        set_in("input", "path", value="/dev/zero"),
        set_in("input", "path", value="https://example.org/film.mp4"),
        set_in("configurations", value=["../../../etc/passwd", MARKUP, 7]),
        set_in("status", value="skipped"),
        set_in("reason", value=MARKUP),
        set_in("people", value=0),
        set_in(
            "writers", "npz", "files", 0, "about", value={"kind": "npy", "channels": ["x", "y"], "keypoints": ["a"]}
        ),
        set_in("writers", "npz", "files", 0, "about", value={"kind": MARKUP}),
    ],
)
@pytest.mark.parametrize("blur", [False, True])
def test_a_record_with_any_values_makes_a_clip(out, change, blur):
    record = rewritten(out, change)
    if record is not None:
        found = text_of(out, record, Pictures(2, blur=blur))
        assert found["id"] == CLIP
        assert set(found["runs"]) == {"0"}


def name_all(out, name):
    """Write the native file again, with keypoints of another name; return their names."""
    names = [f"{name}{k}" for k in range(17)]
    with zipfile.ZipFile(out / f"{CLIP}.npz") as old:
        members = {member: old.read(member) for member in old.namelist()}
    header = json.loads(members["header.json"])
    header["skeleton"] |= {"name": name, "keypoints": names, "bones": [[names[0], names[1]]]}
    header["meaning"]["xyz"] = MARKUP
    with zipfile.ZipFile(out / f"{CLIP}.npz", "w") as new:
        for member, data in (members | {"header.json": json.dumps(header).encode()}).items():
            new.writestr(member, data)
    return names


def test_names_are_passed_on_as_text(out):
    names = name_all(out, MARKUP.replace("\u202e", ""))
    table = []
    found = clip_data(CLIP, [ClipRun(0, out, record_files.read_clip(out, CLIP), MARKUP)], table)
    assert table[0]["keypoints"] == names
    assert found.data["runs"]["0"]["command"] == MARKUP


def test_names_that_turn_the_text_around_them_are_damage(out):
    name_all(out, MARKUP)
    assert "no printable texts" in text_of(out)["runs"]["0"]["note"]


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("skeleton", "name"), 7),
        (("skeleton", "keypoints", 0), 7),
        (("tracks", 0, "id"), MARKUP),
        (("tracks", 0, "id"), True),
        (("tracks", 0, "meaning", "xyz"), 7),
        (("tracks", 0, "breaks"), [3, 3]),
        (("clock", "size"), [0, 0]),
        (("clock", "size"), ["64", "48"]),
    ],
)
def test_a_header_with_other_kinds_of_values_is_damage(out, place, value):
    path = out / f"{CLIP}.npz"
    with zipfile.ZipFile(path) as old:
        members = {name: old.read(name) for name in old.namelist()}
    header = part = json.loads(members["header.json"])
    for key in place[:-1]:
        part = part[key]
    part[place[-1]] = value
    with zipfile.ZipFile(path, "w") as new:
        for name, data in (members | {"header.json": json.dumps(header).encode()}).items():
            new.writestr(name, data)
    run = text_of(out)["runs"]["0"]
    assert run["people"] == []
    assert run["note"]


@pytest.mark.parametrize("times", [[0.0] * 8, [-1e300] * 4 + [1e300] * 4, [5.0, 4.0, 3.0, 2.0, 1.0, 0.0, 9.0, 8.0]])
def test_times_that_no_film_has_make_a_clip(out, times):
    path = out / f"{CLIP}.npz"
    with np.load(path) as old:
        arrays = {name: old[name] for name in old.files if not name.endswith(".json")}
    with zipfile.ZipFile(path) as old:
        header = old.read("header.json")
    np.savez(path, **{**arrays, "times": np.array(times)})
    with zipfile.ZipFile(path, "a") as new:
        new.writestr("header.json", header)
    found = text_of(out)
    assert found["runs"]["0"]["rows"] == 8


def shown(monkeypatch, seen, budget=BUDGET):
    monkeypatch.setattr(poses, "of_clip", lambda root, record: seen)
    record = dataclasses.make_dataclass("R", ["made", "files"])({"clock": {}}, ())
    monkeypatch.setattr(clips, "scene_of", lambda root, record: None)
    return clip_data("a", [ClipRun(0, None, record)], [], None, None, budget).data["runs"]["0"]


def test_twenty_people_of_133_keypoints_fit(monkeypatch):
    skeleton = skeletons.load("wholebody133")
    rng = np.random.default_rng(4)
    xy = np.cumsum(rng.normal(0, 2, (20, 100, 133, 2)), axis=1) + 500
    people = tuple(
        person(n, skeleton, one, rng.random((100, 133)), np.dstack([one, one[..., :1]]) / 500)
        for n, one in enumerate(xy)
    )
    people = tuple(
        dataclasses.replace(one, xy=points.astype(np.float32)) for one, points in zip(people, xy, strict=True)
    )
    run = shown(monkeypatch, ClipPoses(people, np.arange(100) / 30, np.arange(100), (1920, 1080)))
    letters = sum(len(one[name]["data"]) for one in run["people"] for name in ("xy", "score", "xyz"))
    assert 0 < letters <= BUDGET
    assert run["every"] > 1
    assert "only one in" in run["note"]
    assert np.allclose(unpack(run["people"][7]["xy"]), xy[7][:: run["every"]], atol=0.15)


def test_nothing_but_missing_values(monkeypatch):
    nan = np.full((30, 17, 2), np.nan)
    one = person(0, skeletons.load("coco17"), nan)
    run = shown(monkeypatch, ClipPoses((one,), np.arange(30) / 30, None, (64, 48)))
    assert run["people"] == [{"id": 0, "state": "." * 30, "xy": None, "score": None, "xyz": None, "breaks": []}]


def test_no_rows_and_no_people(monkeypatch):
    assert shown(monkeypatch, ClipPoses((), np.zeros(0)))["rows"] == 0
    none = person(0, skeletons.load("coco17"), np.zeros((0, 17, 2)))
    assert (
        shown(monkeypatch, ClipPoses((none,), np.zeros(0), np.zeros(0, np.int64), (9, 9)))["people"][0]["state"] == ""
    )


def test_points_far_away_do_not_blur_the_others(monkeypatch):
    xy = np.random.default_rng(1).uniform(0, 640, (30, 17, 2))
    xy[3, 4] = 1e17
    xy[4, 5] = (np.inf, 7)
    run = shown(monkeypatch, ClipPoses((person(0, skeletons.load("coco17"), xy),), np.arange(30.0), None, (640, 480)))
    back = unpack(run["people"][0]["xy"])
    assert np.isnan(back[3, 4]).all()
    near = np.isfinite(back).all(axis=2)
    assert near.sum() == 30 * 17 - 2
    assert np.abs(back - xy)[near].max() < 0.05


def test_a_budget_that_nothing_fits_ends(monkeypatch):
    one = person(0, skeletons.load("coco17"), np.random.default_rng(1).uniform(0, 640, (50, 17, 2)))
    run = shown(monkeypatch, ClipPoses((one,), np.arange(50.0), None, (640, 480)), budget=1)
    assert (run["every"], run["rows"]) == (50, 1)
