"""The joints of TotalCapture, read from files in the published formats, and seen through its cameras."""

from __future__ import annotations

from dataclasses import replace

import films
import numpy as np
import pytest
from samples import clock
from whole_runs import go

from posecfg.datasets import totalcapture_files
from posecfg.datasets.totalcapture import TotalCapture
from posecfg.datasets.totalcapture_truth import MarkerTruth
from posecfg.errors import ClipError, ConfigError
from posecfg.types import Camera
from posecfg.types.annotations import files_of, told_of
from posecfg.types.projection import project

SPINE = ("Hips", "Spine", "Spine1", "Spine2", "Spine3", "Neck", "Head")
ARMS = tuple(f"{side}{part}" for side in ("Right", "Left") for part in ("Shoulder", "Arm", "ForeArm", "Hand"))
LEGS = tuple(f"{side}{part}" for side in ("Right", "Left") for part in ("UpLeg", "Leg", "Foot"))
JOINTS = (*SPINE, *ARMS, *LEGS)
CAMERA = """0 479 0 639
600 610 319.5 239.5
1.4e-02
1 0 0\x20
0 -1 0
0 0 -1
0.1 1.0 4.0
"""


def inches(rows=6):
    """Return joints (rows, 21, 3) in inches: a figure of about 1.7 m that moves to the side."""
    chance = np.random.default_rng(2)
    return chance.uniform([-10, 2, -8], [10, 66, 8], (1, 21, 3)) + np.arange(rows)[:, None, None] * [0.5, 0, 0]


def take(root, name="S1/acting1", rows=6, cameras=2):
    folder = root / name
    folder.mkdir(parents=True, exist_ok=True)
    lines = ["\t".join([*JOINTS, ""])]
    lines += ["\t".join([*(" ".join(f"{v:.6f}" for v in joint) for joint in row), ""]) for row in inches(rows)]
    (folder / "gt_skel_gbl_pos.txt").write_text("\n".join(lines) + "\n")
    (root / "calibration.cal").write_bytes((f"{cameras} 1\n" + CAMERA * cameras).replace("\n", "\r\n").encode())
    return folder / "gt_skel_gbl_pos.txt"


def filmed(size, rows=2, fps=60.0):
    return replace(clock(rows, fps), size=size)


def test_positions_are_metres_under_our_names_where_there_is_one(tmp_path):
    known = totalcapture_files.positions(take(tmp_path))
    assert known.xyz == pytest.approx(inches() * 0.0254, abs=1e-7)
    assert known.keypoints[:2] == ("pelvis", "Spine")
    assert known.keypoints[JOINTS.index("RightArm")] == "right_shoulder"
    assert known.keypoints[JOINTS.index("LeftFoot")] == "left_ankle"
    assert len(set(known.keypoints)) == 21


def test_cameras_are_read_with_the_ends_of_lines_of_windows(tmp_path):
    take(tmp_path, cameras=8)
    listed = totalcapture_files.cameras(tmp_path / "calibration.cal")
    assert len(listed) == 8
    one = listed[0]
    assert (one.size, one.distortion.tolist()) == ((640, 480), [0.014, 0, 0, 0, 0])
    assert one.matrix.tolist() == [[600, 0, 319.5], [0, 610, 239.5], [0, 0, 1]]
    assert one.rotation.tolist() == np.diag([1, -1, -1]).tolist()
    assert one.translation.tolist() == [0.1, 1, 4]


def test_a_point_lies_where_the_formula_puts_it_and_where_opencv_does(tmp_path):
    take(tmp_path)
    camera = totalcapture_files.cameras(tmp_path / "calibration.cal")[0]
    points = inches()[0] * 0.0254
    places = project(points, camera)
    x, y, z = points[3] * [1, -1, -1] + [0.1, 1, 4]
    bend = 1 + 0.014 * ((x / z) ** 2 + (y / z) ** 2)
    assert places[3] == pytest.approx([600 * x / z * bend + 319.5, 610 * y / z * bend + 239.5])
    assert np.isnan(project(np.array([[0, 0, 9.0], [0, 0, 4.0], [30, 0, 0], [np.nan] * 3]), camera)).all()
    cv2 = pytest.importorskip("cv2", reason="OpenCV is not installed")
    lens = Camera(
        camera.matrix, camera.rotation, camera.translation, np.array([0.1, -0.05, 0.01, 0.02, 0.03]), (9999,) * 2
    )
    turn, _ = cv2.Rodrigues(lens.rotation)
    theirs, _ = cv2.projectPoints(points, turn, lens.translation, lens.matrix, lens.distortion)
    assert project(points, lens) == pytest.approx(theirs[:, 0], abs=1e-9)


def test_rows_have_the_joints_of_their_moment_and_none_behind_the_end(tmp_path):
    truth = MarkerTruth(take(tmp_path), tmp_path / "calibration.cal", 2)
    at = filmed((640, 480), 4, 30.0)
    found = truth(at)
    assert found.rows.tolist() == [0, 2, 4, -1]
    assert found.xyz[0, 1] == pytest.approx(inches()[2] * 0.0254, abs=1e-6)
    assert np.isnan(found.xyz[0, 3]).all()
    assert (found.space, found.found_by, found.xy.dtype) == ("world", "", np.float32)
    assert files_of(truth) == (truth.positions, truth.calibration)
    assert told_of(truth) != told_of(MarkerTruth(truth.positions, truth.calibration, 1))
    assert np.isnan(MarkerTruth(truth.positions, None, 2)(at).xy).all()


def test_smaller_pictures_have_smaller_places_and_others_are_refused(tmp_path):
    truth = MarkerTruth(take(tmp_path), tmp_path / "calibration.cal", 1)
    whole, half = (truth(filmed(size)).xy for size in ((640, 480), (320, 240)))
    assert half == pytest.approx(whole / 2, nan_ok=True, rel=1e-5)
    with pytest.raises(ClipError, match="640x480, but they are 480x640"):
        truth(filmed((480, 640)))
    with pytest.raises(ClipError, match="cam3, but it has 2 cameras"):
        MarkerTruth(truth.positions, truth.calibration, 3)(filmed((640, 480)))


@pytest.mark.parametrize(
    "text",
    ["", "Hips\tSpine\n1 2 3\t4 5", "Hips\tHips\n1 2 3\t4 5 6", "a b\n1 2 3 4 5 6", "Hips\n1 2 x", "Hips\n1 2 3\n1"],
)
def test_damaged_positions_are_told_in_a_sentence(tmp_path, text):
    path = tmp_path / "gt_skel_gbl_pos.txt"
    path.write_text(text)
    with pytest.raises(ClipError, match=r"Expected '.*' to hold positions of joints of TotalCapture, but"):
        totalcapture_files.positions(path)


@pytest.mark.parametrize("text", ["", "8 1", "2 1\n1 2 3", "x y", "-1 1", "1 99999999", "1 1 " + "nan " * 21, "nan 1"])
def test_damaged_cameras_are_told_in_a_sentence(tmp_path, text):
    path = tmp_path / "calibration.cal"
    path.write_text(text)
    with pytest.raises(ClipError, match=r"Expected '.*' to hold cameras of TotalCapture, but"):
        totalcapture_files.cameras(path)


@pytest.mark.parametrize("place", ["s1/acting1", "S1/vicon/acting1", "vicon/s1/Acting1"])
def test_joints_are_found_in_all_layouts(tmp_path, place):
    take(tmp_path, place)
    for name in ("s1/acting1/TC_S1_acting1_cam2.mp4", "s1/acting2/TC_S1_acting2_cam1.mp4"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    first, second = TotalCapture(str(tmp_path)).scan().clips
    assert first.truth == MarkerTruth(tmp_path / place / "gt_skel_gbl_pos.txt", tmp_path / "calibration.cal", 2)
    assert second.truth is None


def test_annotations_can_lie_elsewhere(tmp_path):
    (tmp_path / "films").mkdir()
    (tmp_path / "films" / "TC_S1_acting1_cam1.mp4").touch()
    take(tmp_path / "vicon")
    words = {"path": str(tmp_path / "films")}
    assert TotalCapture(**words).scan().clips[0].truth is None
    (clip,) = TotalCapture(**words, annotations=str(tmp_path / "vicon")).scan().clips
    assert clip.truth.positions == tmp_path / "vicon/S1/acting1/gt_skel_gbl_pos.txt"
    with pytest.raises(ConfigError, match=r"dataset\.annotations"):
        TotalCapture(**words, annotations=str(tmp_path / "nowhere")).scan()


def test_a_run_is_scored_against_markers(tmp_path):
    (tmp_path / "tc/s1/acting1").mkdir(parents=True)
    film = tmp_path / "tc/s1/acting1/TC_S1_acting1_cam1.mp4"
    films.write(film, range(8), fps=60)
    take(tmp_path / "tc", "s1/acting1", rows=6)
    calibration = tmp_path / "tc/calibration.cal"
    wide, high = 96, 64
    calibration.write_text(f"1 1\n{CAMERA}".replace("0 479 0 639", f"0 {high - 1} 0 {wide - 1}"))
    words = ("dataset=totalcapture", f"dataset.path={tmp_path / 'tc'}", "detector.xyz=true", "metric=[mpjpe]")
    report = go(tmp_path / "out", *words)
    assert not report.failed
    told = report.data()["scored"]["mpjpe"]
    assert told["scores"]["mpjpe_mm"] > told["scores"]["p_mpjpe_mm"] > 0
    assert (told["compared"], told["left_out"]) == (6, {"not annotated": 2})
    assert set(told["sequence"]) == {"S1/acting1"}
    assert set(told["view"]) == {"cam1"}
    assert "left_wrist" in told["joint"]
