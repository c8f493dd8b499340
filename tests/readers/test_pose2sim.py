"""OpenPose's files and TRC as Pose2Sim reads them: people found again in four views, and points in space."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from samples import extraction, track
from two_people import two_people

from posecfg import skeletons
from posecfg.detectors.blazepose import MEANING
from posecfg.writers.openpose import Openpose
from posecfg.writers.trc import Trc, turned

pytest.importorskip("Pose2Sim", reason="Pose2Sim is not installed: make test-readers")
pytestmark = pytest.mark.filterwarnings("ignore")
ROWS, SIZE, FOCAL = 12, (1280, 720), 1000.0
NAMES = skeletons.load("coco17").keypoints


def settings(root: Path, rate: float) -> dict:
    """Return Pose2Sim's own settings of one person for the folder of a trial, where it looks for them too."""
    import Pose2Sim
    import toml

    found = toml.load(Path(Pose2Sim.__file__).parent / "Demo_SinglePerson" / "Config.toml")
    found["project"].update(project_dir=str(root), session_dir=str(root), frame_rate=rate, multi_person=False)
    found["pose"]["pose_model"] = "BODY_25"
    found["triangulation"].update(make_c3d=False, min_chunk_size=1)
    (root / "Config.toml").write_text(toml.dumps(found))
    return found


@pytest.fixture
def triangulated(monkeypatch):
    """Let Pose2Sim find the person in all views of a trial, and return its markers as it reads them."""

    def run(root: Path, rate: float, calibrates: bool = False):
        from Pose2Sim.calibration import calibrate_cams_all
        from Pose2Sim.common import read_trc
        from Pose2Sim.personAssociation import associate_all
        from Pose2Sim.triangulation import triangulate_all

        monkeypatch.setenv("MPLBACKEND", "Agg")
        told = settings(root, rate)
        monkeypatch.chdir(root)
        if calibrates:
            calibrate_cams_all(told)
        associate_all(told)
        triangulate_all(told)
        (path,) = (root / "pose-3d").glob("*.trc")
        return read_trc(str(path))

    return run


def cameras() -> list[tuple[np.ndarray, np.ndarray]]:
    """Return turns (3, 3) and shifts (3,) of four cameras around the origin, 4 m away and level (z is up)."""
    found = []
    for angle in np.radians([20, 110, 200, 290]):
        ahead = -np.array([np.cos(angle), np.sin(angle), 0])
        turn = np.stack([np.cross(ahead, [0, 0, 1]), [0, 0, -1], ahead])
        found.append((turn, -turn @ (-4 * ahead + [0, 0, 1])))
    return found


def moving() -> np.ndarray:
    """Return points in space (T, 17, 3) of a person who sways, in metres."""
    dice = np.random.default_rng(0)
    rest = dice.uniform([-0.4, -0.2, 0.1], [0.4, 0.2, 1.8], (17, 3))
    return rest + 0.1 * np.sin(np.arange(ROWS) / 3)[:, None, None]


def calibration(root: Path) -> None:
    import cv2
    import toml

    matrix = [[FOCAL, 0.0, SIZE[0] / 2], [0.0, FOCAL, SIZE[1] / 2], [0.0, 0.0, 1.0]]
    told = {}
    for number, (turn, shift) in enumerate(cameras(), 1):
        own = {"name": f"cam{number:02}", "size": [float(n) for n in SIZE], "matrix": matrix, "distortions": [0.0] * 4}
        own |= {"rotation": cv2.Rodrigues(turn)[0].ravel().tolist(), "translation": shift.tolist(), "fisheye": False}
        told[f"cam{number:02}"] = own
    (root / "calibration").mkdir()
    (root / "calibration" / "Calib.toml").write_text(toml.dumps(told))


def test_points_of_four_views_meet_where_they_were(tmp_path, saved, triangulated):
    calibration(tmp_path)
    truth, views = moving(), []
    for number, (turn, shift) in enumerate(cameras(), 1):
        seen = truth @ turn.T + shift
        xy = FOCAL * seen[..., :2] / seen[..., 2:] + np.array(SIZE) / 2
        mine = track(ROWS, person=3)
        mine = replace(mine, xy=xy.astype(np.float32), scores=np.full_like(mine.scores, 0.9))
        views.append(extraction(mine, clip_id=f"cam{number:02}"))
    saved(Openpose(path="pose/{id}_json"), *views)
    table, _, _, markers, _ = triangulated(tmp_path, 30.0)
    found = table.to_numpy().reshape(len(table), -1, 3)
    for theirs, ours in {"RWrist": "right_wrist", "Nose": "nose", "LAnkle": "left_ankle"}.items():
        # Pose2Sim turns y up: x, y, z of its files are our y, z, x.
        due = truth[: len(table), NAMES.index(ours)][:, [1, 2, 0]]
        np.testing.assert_allclose(found[:, markers.index(theirs)], due, atol=2e-3)


def test_real_views_are_triangulated_within_centimetres(tmp_path, media, triangulated, saved):
    pytest.importorskip("mediapipe", reason="MediaPipe has no wheel for this Python")
    import posecfg

    films = [media(f"pose2sim_single_cam{number:02}.mp4") for number in (1, 2, 3, 4)]
    (tmp_path / "calibration").mkdir()
    calibrated = media("pose2sim_Calib.qca.txt").read_bytes()
    (tmp_path / "calibration" / "Calib.qca.txt").write_bytes(calibrated)
    found = posecfg.extract(films, detector="blazepose", progress=False, **{"video.end": 0.3})
    saved(Openpose(path="pose/{id}_json"), *found.values())
    table, _, times, markers, _ = triangulated(tmp_path, 60.0, calibrates=True)
    points = table.to_numpy().reshape(len(table), -1, 3)
    assert len(times) == len(next(iter(found.values())).clock)
    knee, hip, ankle = (points[:, markers.index(name)] for name in ("RKnee", "RHip", "RAnkle"))
    thigh, shank = np.linalg.norm(hip - knee, axis=1), np.linalg.norm(knee - ankle, axis=1)
    # Bones of an adult, in metres, that do not change from frame to frame.
    assert 0.3 < np.median(thigh) < 0.6
    assert 0.3 < np.median(shank) < 0.6
    assert np.std(thigh) < 0.05


@pytest.mark.parametrize("units", ["m", "px"])
def test_markers_names_and_times_of_trc_are_read_as_they_went_in(saved, units):
    from Pose2Sim.common import read_trc

    done = two_people(xyz=True)
    tracks = tuple(replace(one, meaning=MEANING) for one in done.tracks)
    times = np.arange(4) / 25 + 0.5
    done = replace(done, tracks=tracks, clock=replace(done.clock, times=times, fps=25.0))
    files = saved(Trc(units=units, markers="pose2sim"), done)
    assert len(files) == 2
    for path, one in zip(files, tracks, strict=True):
        table, _, found, markers, header = read_trc(str(path))
        assert markers[:4] == ["Nose", "LEye", "REye", "LEar"]
        assert header[2].split("\t")[4] == units
        np.testing.assert_allclose(found, times, atol=1e-6)
        due = turned(one.xyz) if units == "m" else np.concatenate([one.xy, 0 * one.xy[..., :1]], axis=-1)
        np.testing.assert_allclose(table.to_numpy().reshape(4, -1, 3), due, atol=1e-5)


def test_sports2d_computes_angles_from_pixels_of_ours(tmp_path, media, monkeypatch):
    pytest.importorskip("Sports2D", reason="Sports2D is not installed: make test-readers")
    pytest.importorskip("mediapipe", reason="MediaPipe has no wheel for this Python")
    import Sports2D
    import toml
    from Sports2D import Sports2D as program
    from whole_runs import go

    monkeypatch.setenv("MPLBACKEND", "Agg")
    monkeypatch.chdir(tmp_path)
    film = media("pose2sim_single_cam04.mp4")
    words = ["dataset=folder", f"dataset.path={film}", "detector=blazepose", "video.end=0.4", "writer=[trc]"]
    words += ["writer.trc.units=px", "writer.trc.markers=pose2sim", "writer.trc.keypoints=coco17"]
    assert go(tmp_path / "out", *words).exit_code == 0
    told = toml.load(Path(Sports2D.__file__).parent / "Demo" / "Config_demo.toml")
    told["base"].update(video_input=film.name, video_dir=str(film.parent), result_dir=str(tmp_path), time_range=[])
    told["base"].update(load_trc_px=str(tmp_path / "out" / f"{film.stem}_px.trc"), nb_persons_to_detect=1)
    told["base"].update(show_realtime_results=False, save_vid=False, save_img=False, first_person_height=1.7)
    told["pose"].update(pose_model="Body", backend="onnxruntime", device="cpu")
    told["kinematics"]["do_ik"] = False
    told["post-processing"].update(show_graphs=False, save_graphs=False)
    program.process(told)
    (angles,) = tmp_path.rglob("*_angles_person00.mot")
    lines = angles.read_text().splitlines()
    start = lines.index("endheader") + 1
    names = lines[start].split("\t")
    knee = [float(line.split("\t")[names.index("right knee")]) for line in lines[start + 1 :]]
    assert len(knee) == 24
    assert all(-20 < value < 160 for value in knee)
    assert os.path.getsize(film) == film.stat().st_size
