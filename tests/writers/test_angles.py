"""Angles: poses whose angles are known by construction, in the picture and in space, and files that others can read."""

from __future__ import annotations

import csv
import math
from dataclasses import replace

import numpy as np
import pytest
from samples import extraction, track

from posecfg import skeletons
from posecfg.errors import ClipError, ConfigError, Dropped
from posecfg.types import Meaning
from posecfg.writers.angles import Angles
from posecfg.writers.joint_angles import ANGLES, available, in_picture, in_space

HALPE = skeletons.load("halpe26")
SPACE = Meaning(xyz="metres, origin mid-hip, x to the right, y down, z away")


def body(**bent):
    """Return a person (26, 3) who stands and looks along x, z being away from the viewer: the right side is near.

    ``bent`` are degrees: of thigh, knee, ankle, trunk, arm and elbow, each forwards or flexed.
    """
    points = np.full((26, 3), np.nan)
    at = HALPE.index
    down = np.array([0.0, 1.0])

    def turned(degrees):
        """Turn what points down forwards, in the plane of x and y."""
        angle = math.radians(degrees)
        return np.array([math.sin(angle), math.cos(angle)])

    def put(name, flat, z):
        points[at[name]] = [*flat, z]

    trunk = -turned(-bent.get("trunk", 0)) * 0.5
    for side, z in (("right", -0.2), ("left", 0.2)):
        hip = np.array([0.0, 1.0])
        thigh = bent.get("hip", 0)
        shank = thigh - bent.get("knee", 0)
        knee = hip + turned(thigh) * 0.4
        ankle = knee + turned(shank) * 0.4
        foot = turned(90 + shank + bent.get("ankle", 0))
        shoulder = hip + trunk
        elbow = shoulder + turned(bent.get("shoulder", 0)) * 0.3
        wrist = elbow + turned(bent.get("shoulder", 0) + bent.get("elbow", 0)) * 0.3
        heel = ankle + down * 0.05
        for name, flat in {
            "hip": hip,
            "knee": knee,
            "ankle": ankle,
            "heel": heel,
            "big_toe": heel + foot * 0.2,
            "shoulder": shoulder,
            "elbow": elbow,
            "wrist": wrist,
        }.items():
            put(f"{side}_{name}", flat, z)
    put("mid_hip", [0.0, 1.0], 0)
    put("neck", np.array([0.0, 1.0]) + trunk, 0)
    put("head", np.array([0.0, 1.0]) + trunk * 1.5, 0)
    return points


CASES = [
    (
        {},
        {"knee": 0, "hip": 0, "ankle": 0, "elbow": 0, "shoulder": 0, "foot": 0, "shank": -90, "thigh": -90, "arm": -90},
    ),
    ({"knee": 60}, {"knee": 60, "hip": 0, "shank": -150, "thigh": -90}),
    ({"hip": 40}, {"hip": 40, "knee": 0, "thigh": -50}),
    ({"hip": -25}, {"hip": -25, "thigh": -115}),
    ({"hip": 90, "knee": 90}, {"hip": 90, "knee": 90, "thigh": 0, "shank": -90, "ankle": 0}),
    ({"ankle": 15}, {"ankle": 15, "foot": 15}),
    ({"ankle": -30}, {"ankle": -30, "foot": -30}),
    ({"shoulder": 70, "elbow": 50}, {"shoulder": 70, "elbow": 50, "arm": -20, "forearm": 30}),
    ({"shoulder": -35}, {"shoulder": -35, "arm": -125}),
]
TRUNKS = [({}, 90), ({"trunk": 20}, 70), ({"trunk": -10}, 100)]


@pytest.mark.parametrize(("bent", "wanted"), CASES)
@pytest.mark.parametrize("side", ["right", "left"])
def test_known_poses_have_their_angles(bent, wanted, side):
    points = body(**bent)
    away = points * [-1, 1, -1]
    turned = np.stack([[c, 0, s], [0, 1, 0], [-s, 0, c]]) if (c := math.cos(0.7)) and (s := math.sin(0.7)) else None
    told = [
        in_picture(points[None, :, :2], HALPE, "right"),
        in_picture(points[None, :, :2], HALPE, "auto"),
        # The person looks the other way: the left side is near.
        in_picture(away[None, :, :2], HALPE, "left"),
        in_picture(away[None, :, :2], HALPE, "auto"),
        in_space(points[None], HALPE),
        in_space(away[None], HALPE),
        in_space(points[None] @ turned.T, HALPE),
    ]
    for angles in told:
        got = {name: float(angles[f"{side}_{name}"][0]) for name in wanted}
        assert got == pytest.approx(wanted, abs=1e-6)


@pytest.mark.parametrize(("bent", "wanted"), TRUNKS)
def test_the_trunk_leans(bent, wanted):
    points = body(**bent)[None]
    assert in_picture(points[..., :2], HALPE, "auto")["trunk"][0] == pytest.approx(wanted)
    assert in_space(points, HALPE)["trunk"][0] == pytest.approx(wanted)
    assert in_space(points, HALPE)["head"][0] == pytest.approx(wanted)


@pytest.mark.parametrize("aside", [0, 30, 60])
@pytest.mark.parametrize("side", ["right", "left"])
def test_a_limb_that_is_lifted_sideways_swings_forwards_and_back_without_a_jump(side, aside):
    """Turns about the axis through both hips keep what points along it: the angle is the turn, whatever that is."""
    swings = np.arange(-40.0, 41.0, 5.0)
    points = np.stack([body(shoulder=swing, hip=swing) for swing in swings])
    out = math.tan(math.radians(aside)) * (1 if side == "left" else -1)
    for joint, end, length in (("shoulder", "elbow", 0.3), ("hip", "knee", 0.4)):
        points[:, HALPE.index[f"{side}_{end}"], 2] += out * length
        angles = in_space(points, HALPE)
        assert angles[f"{side}_{joint}"] == pytest.approx(swings, abs=1e-6)


@pytest.mark.parametrize("tilt", [-20, 0, 35])
def test_a_pelvis_that_is_higher_on_one_side_rises(tilt):
    points = body()[None]
    at = HALPE.index
    points[0, at["left_hip"], 1] -= 0.4 * math.tan(math.radians(tilt))
    assert in_space(points, HALPE)["pelvis"][0] == pytest.approx(tilt)
    front = np.zeros((1, 26, 2))
    front[0, at["left_hip"]] = [math.cos(math.radians(tilt)), -math.sin(math.radians(tilt))]
    assert in_picture(front, HALPE, "right")["pelvis"][0] == pytest.approx(tilt)


def test_what_is_missing_is_missing_in_its_angles_alone():
    points = np.repeat(body(knee=30)[None], 3, axis=0)
    points[1, HALPE.index["right_ankle"]] = np.nan
    points[2, [HALPE.index["left_heel"], HALPE.index["right_heel"]]] = np.nan
    for angles in (in_picture(points[..., :2], HALPE, "auto"), in_space(points, HALPE)):
        assert np.isnan([angles[name][1] for name in ("right_ankle", "right_knee", "right_shank")]).all()
        assert angles["right_hip"][1] == pytest.approx(0, abs=1e-9)
        assert angles["right_knee"][2] == pytest.approx(30)
        assert np.isnan(angles["right_foot"][2])


@pytest.mark.parametrize(
    ("name", "has", "lacks"),
    [
        ("coco17", {"right_knee", "left_hip", "trunk", "pelvis", "left_elbow"}, {"left_ankle", "head", "right_wrist"}),
        ("halpe26", {"left_ankle", "right_foot", "head"}, {"right_hand"}),
        ("blazepose33", {"left_ankle", "right_wrist", "left_hand", "trunk"}, {"head"}),
        ("wholebody133", {"left_ankle", "right_wrist", "left_foot"}, {"head"}),
        ("body25", {"left_ankle", "right_foot", "trunk"}, {"right_wrist"}),
        ("synthpose52", {"left_ankle", "right_foot", "trunk"}, {"right_wrist"}),
    ],
)
def test_skeletons_have_the_angles_of_their_keypoints(name, has, lacks):
    found = set(available(skeletons.load(name)))
    assert has <= found <= set(ANGLES)
    assert not lacks & found


class Folder:
    def __init__(self, path):
        self.path, self.about = path, {}

    def open(self, name, about=None):
        self.about[name] = about
        return (self.path / name).open("wb")


def moving(rows=4):
    """Return a person whose knee bends by ten degrees a row, in pixels and in space; the third row is missing."""
    points = np.stack([body(knee=10.0 * row) for row in range(rows)]).astype(np.float32)
    valid = np.array([row != 2 for row in range(rows)])
    points[~valid] = np.nan
    one = replace(track(rows, "halpe26", xyz=True, meaning=SPACE), xy=points[..., :2], xyz=points, valid=valid)
    return extraction(one, clip_id="clip")


@pytest.mark.parametrize("space", ["xy", "xyz", "auto"])
def test_a_table_is_read_back_by_pythons_own_reader(tmp_path, space):
    files = Folder(tmp_path)
    Angles(space=space, side="right").write(moving(), files)
    with (tmp_path / "clip_angles.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [float(row["right_knee"] or "nan") for row in rows] == pytest.approx(
        [0, 10, math.nan, 30], nan_ok=True, abs=1e-3
    )
    assert [row["frame"] for row in rows] == ["0", "1", "2", "3"]
    assert float(rows[3]["time"]) == pytest.approx(0.1)
    assert list(rows[0])[:2] == ["frame", "time"]
    assert set(rows[0]) - {"frame", "time"} == set(available(HALPE))
    (about,) = files.about.values()
    assert (about["rows"], about["unit"], about["space"]) == (4, "degrees", "xy" if space == "xy" else "xyz")


@pytest.mark.parametrize("space", ["xy", "xyz"])
def test_a_mask_tells_no_angle_of_joints_that_score_low(tmp_path, space):
    """A leg below the picture is guessed: its knee and ankle score next to nothing, its hip well."""
    found = moving()
    scores = np.full((4, 26), 0.9, np.float32)
    scores[:, [HALPE.index["right_knee"], HALPE.index["right_ankle"]]] = 0.04
    low = replace(found, tracks=(replace(found.tracks[0], scores=scores),))

    def told(**settings):
        Angles(space=space, side="right", **settings).write(low, Folder(tmp_path))
        with (tmp_path / "clip_angles.csv").open(newline="") as file:
            return [{name for name, value in row.items() if value} for row in csv.DictReader(file)]

    every, some, strict = told(), told(mask=True), told(mask=True, kpt_thr=0.01)
    hidden = {f"right_{name}" for name in ("ankle", "knee", "hip", "shank", "thigh")}
    assert hidden <= every[0] == strict[0]
    assert every[0] - some[0] == hidden
    assert every[2] == some[2] == {"frame", "time"}


def test_a_motion_has_opensims_header(tmp_path):
    Angles(format="mot").write(moving(), Folder(tmp_path))
    lines = (tmp_path / "clip_angles.mot").read_text().splitlines()
    end = lines.index("endheader")
    told = dict(line.split("=") for line in lines[1:end])
    assert told == {"version": "1", "nRows": "4", "nColumns": str(1 + len(available(HALPE))), "inDegrees": "yes"}
    names = lines[end + 1].split("\t")
    table = np.array([line.split("\t") for line in lines[end + 2 :]], float)
    assert (names[0], table.shape) == ("time", (4, len(names)))
    np.testing.assert_allclose(table[:, names.index("left_knee")], [0, 10, np.nan, 30], atol=1e-3)


def test_several_people_have_a_file_each_and_nobody_none(tmp_path):
    found = moving()
    two = replace(found, tracks=(found.tracks[0], replace(found.tracks[0], id=1)))
    files = Folder(tmp_path)
    Angles().write(two, files)
    assert len(files.about) == 2
    lost = replace(found.tracks[0], valid=np.zeros(4, bool))
    with pytest.raises(Dropped, match="no person was found"):
        Angles().write(replace(found, tracks=(lost,)), files)


def test_what_cannot_be_told_is_refused():
    with pytest.raises(ConfigError, match="Expected keypoints of arms, legs or trunk for angles, but dot has none"):
        Angles().check(skeletons.skeleton.Skeleton("dot", ("nose",)))
    with pytest.raises(ConfigError, match="Expected poses with points in space"):
        Angles(space="xyz").check(HALPE, ())
    with pytest.raises(ConfigError, match="format"):
        Angles(format="txt")
    units = replace(moving().tracks[0], meaning=Meaning(xyz="model units"))
    with pytest.raises(ClipError, match=r"Expected points in metres, .*their model says: model units"):
        Angles(space="xyz").write(replace(moving(), tracks=(units,)), None)
