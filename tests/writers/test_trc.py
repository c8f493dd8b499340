"""TRC files, read by a reader that was written from the description of the format alone."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import films
import numpy as np
import pytest
from samples import clock, extraction, track
from whole_runs import go, job_of

from posecfg import skeletons
from posecfg.detectors.blazepose import MEANING
from posecfg.errors import ClipError, ConfigError, Dropped
from posecfg.review.contents import look
from posecfg.review.plan import plan
from posecfg.review.verify import verify
from posecfg.types import Clock, Meaning
from posecfg.writers.even_times import even
from posecfg.writers.trc import Trc, pose2sim

KEYS = ["DataRate", "CameraRate", "NumFrames", "NumMarkers", "Units", "OrigDataRate", "OrigDataStartFrame"]


def cells(line):
    """Split a line as OpenSim does: what stands behind the last tab is no cell if it is empty."""
    found = line.split("\t")
    return found[:-1] if found[-1] == "" else found


def read(data):
    """Return facts, marker names, times and (rows, markers, 3) of a file."""
    lines = data.decode("utf-8").split("\n")
    assert lines[0].split("\t")[:3] == ["PathFileType", "4", "(X/Y/Z)"]
    assert cells(lines[1]) == [*KEYS, "OrigNumFrames"]
    facts = dict(zip(cells(lines[1]), cells(lines[2]), strict=True)) | {"file": lines[0].split("\t")[3]}
    count = int(facts["NumMarkers"])
    head = cells(lines[3])
    assert head[:2] == ["Frame#", "Time"]
    names, blanks = head[2::3], head[3::3] + head[4::3]
    assert len(names) == count
    assert not any(blanks)
    assert cells(lines[4]) == ["", "", *(f"{axis}{k}" for k in range(1, count + 1) for axis in "XYZ")]
    assert lines[5] == ""
    assert lines[-1] == ""
    rows = [cells(line) for line in lines[6:-1]]
    assert {len(row) for row in rows} == {2 + 3 * count}
    assert [row[0] for row in rows] == [str(n) for n in range(1, int(facts["NumFrames"]) + 1)]
    points = [[float(cell) if cell else np.nan for cell in row[2:]] for row in rows]
    return facts, names, np.array([float(row[1]) for row in rows]), np.array(points).reshape(len(rows), count, 3)


def spatial(rows, **how):
    """Return a track with points in space: x, y, z of keypoint k in row t are t + k / 100, k / 10 and -t / 10."""
    found = track(rows, "blazepose33", xyz=True, **how)
    t, k = np.meshgrid(np.arange(rows), np.arange(33), indexing="ij")
    xyz = np.stack([t + k / 100, k / 10, -t / 10], axis=-1).astype(np.float32)
    return replace(found, xyz=np.where(np.isnan(found.xyz), np.nan, xyz).astype(np.float32), meaning=MEANING)


def at(times, fps=30.0, rows=None):
    times = np.asarray(times, float)
    return Clock(indices=np.arange(len(times)), times=times, fps=fps, size=(64, 48))


def test_markers_are_in_metres_with_y_up(written):
    given = spatial(4)
    files = written(Trc(), extraction(given))
    facts, names, times, points = read(files.data["folder/film.trc"])
    assert facts == {
        **{"DataRate": "30", "CameraRate": "30", "NumFrames": "4", "NumMarkers": "33", "Units": "m"},
        **{"OrigDataRate": "30", "OrigDataStartFrame": "1", "OrigNumFrames": "4", "file": "film.trc"},
    }
    assert names == list(skeletons.load("blazepose33").keypoints)
    np.testing.assert_allclose(times, np.arange(4) / 30, atol=1e-6)
    x, y, z = np.moveaxis(given.xyz, -1, 0)
    np.testing.assert_allclose(points, np.stack([z, -y, x], axis=-1), atol=1e-6)
    turn = np.array([[0, 0, 1], [0, -1, 0], [1, 0, 0]])
    assert np.linalg.det(turn) == pytest.approx(1), "a turn, no mirror"


def test_missing_rows_and_points_are_blank_cells(written):
    given = spatial(3, missing=[1])
    given.xyz[2, 5, 1] = np.nan
    given.xyz[2, 32] = np.nan
    data = written(Trc(), extraction(given)).data["folder/film.trc"]
    _, _, _, points = read(data)
    gone = np.isnan(points)
    assert gone[1].all()
    assert not gone[0].any()
    assert [k for k in range(33) if gone[2, k].any()] == [5, 32]
    assert gone[2, [5, 32]].all()
    lines = data.decode().split("\n")
    assert lines[7] == "2\t0.033333" + "\t" * 100
    assert b"nan" not in data.lower()


def test_a_table_reader_gets_the_same_numbers(written):
    """A reader of tables that takes line 5 for the head gets unnamed columns only where there are none."""
    given = spatial(3)
    lines = written(Trc(), extraction(given)).data["folder/film.trc"].decode().splitlines()
    head = lines[4].split("\t")
    rows = [line.split("\t") for line in lines[5:] if line]
    assert {len(row) for row in rows} == {len(head)}
    numbered = [place for place, name in enumerate(head) if name]
    table = np.array([[float(row[place]) for place in numbered] for row in rows])
    np.testing.assert_allclose(table[:, 0::3], given.xyz[..., 2], atol=1e-6)


@pytest.mark.parametrize(
    ("times", "rate"),
    [
        (np.arange(6) / 30, 30.0),
        (2.5 + np.arange(6) / 30, 30.0),
        (np.round(np.arange(90) / 30, 3), 30.0),
        (np.round(np.arange(90) * 1001 / 30000, 3), 30000 / 1001),
        (np.arange(6) / 12.5, 12.5),
        (np.arange(40) * 2 / 30, 15.0),
    ],
)
def test_even_times_stay_those_of_the_film(written, times, rate):
    source = replace(extraction(spatial(len(times))), clock=at(times, 30000 / 1001 if rate < 30 < rate + 1 else 30.0))
    facts, _, found, points = read(written(Trc(uneven="refuse"), source).data["folder/film.trc"])
    assert float(facts["DataRate"]) == pytest.approx(rate, rel=1e-6)
    assert np.abs(found - times).max() < 1e-3
    assert len({round(step, 5) for step in np.diff(found)}) <= 2
    np.testing.assert_allclose(points[:, 0, 2], np.arange(len(times)), atol=1e-5)


def test_uneven_times_become_even_and_the_record_says_so(written):
    times = np.array([0, 1, 2, 3, 5, 6, 8, 9, 10, 11]) / 30
    given = spatial(10)
    given.xyz[:, :, 0] = times[:, None] * 7
    files = written(Trc(), replace(extraction(given), clock=at(times)))
    facts, _, found, points = read(files.data["folder/film.trc"])
    np.testing.assert_allclose(found, np.arange(12) / 30, atol=1e-6)
    np.testing.assert_allclose(points[:, 3, 2], found * 7, atol=1e-5)
    assert (facts["NumFrames"], facts["OrigNumFrames"]) == ("12", "10")
    about = files.about["folder/film.trc"]
    assert about["resampled"] == 10
    assert "not at even times" in about["warning"]
    with pytest.raises(ClipError, match=r"uneven=resample"):
        written(Trc(uneven="refuse"), replace(extraction(given), clock=at(times)))


def test_a_long_hole_in_the_film_stays_empty(written):
    times = np.array([0, 1, 2, 3, 20, 21, 22, 23.5]) / 30
    source = replace(extraction(spatial(8, missing=[1])), clock=at(times))
    _, _, found, points = read(written(Trc(), source).data["folder/film.trc"])
    gone = np.isnan(points).all(axis=(1, 2))
    assert gone.tolist() == [n == 1 or 3 < n < 20 for n in range(len(found))]


@pytest.mark.parametrize("times", [[0.0], [0.2, 0.2], [0, 1 / 30, 1 / 30, 2 / 30]])
def test_one_frame_and_frames_that_fill_several_rows(written, times):
    source = replace(extraction(spatial(len(times))), clock=at(times))
    facts, _, found, _ = read(written(Trc(), source).data["folder/film.trc"])
    assert facts["DataRate"] == "30"
    np.testing.assert_allclose(found, sorted(set(times)), atol=1e-6)


@pytest.mark.parametrize("fps", [0.0, float("nan"), float("inf")])
def test_a_film_that_tells_no_rate(written, fps):
    source = replace(extraction(spatial(1)), clock=at([0.0], fps))
    assert read(written(Trc(), source).data["folder/film.trc"])[0]["DataRate"] == "30"


def test_a_step_that_tells_nothing_makes_no_millions_of_rows(written):
    times = np.concatenate([np.arange(20) / 1e6, np.arange(1, 10)])
    source = replace(extraction(spatial(29)), clock=at(times))
    assert len(read(written(Trc(), source).data["folder/film.trc"])[2]) < 60


def test_one_file_a_person_and_keypoints_by_name(written):
    source = extraction(spatial(2), spatial(2, missing=[0], person=3))
    files = written(Trc(keypoints=["right_knee", "nose"]), source)
    assert list(files.data) == ["folder/film.person0.trc", "folder/film.person3.trc"]
    facts, names, _, points = read(files.data["folder/film.person3.trc"])
    assert names == ["right_knee", "nose"]
    assert np.isnan(points[0]).all()
    assert facts["file"] == "film.person3.trc"


def test_nobody_is_a_reason(written):
    with pytest.raises(Dropped, match="no person was found: 3 frames"):
        written(Trc(), extraction(track(3, missing=range(3))))


def test_flat_poses_and_other_axes_are_refused(written, tmp_path):
    with pytest.raises(ClipError, match="those of this clip have none"):
        written(Trc(), extraction(track(3)))
    with pytest.raises(ClipError, match="says of them: furlongs"):
        written(Trc(), extraction(replace(spatial(3), meaning=Meaning(xyz="furlongs, y down"))))
    with pytest.raises(ConfigError, match="type lifter=videopose3d"):
        Trc().check(skeletons.load("coco17"), ())
    (problem,) = plan(job_of(tmp_path / "out", "writer=[trc]"))["problems"]
    assert problem.startswith(
        "writer.trc: Expected poses with points in space, but detector and lifter give none: type"
    )


def test_unrelated_pictures_have_no_times(tmp_path, written):
    films.pictures(tmp_path / "shots", ["0.png", "1.png"])
    words = ("dataset=folder", f"dataset.path={tmp_path / 'shots'}", "dataset.images=true", "dataset.independent=true")
    (problem,) = plan(job_of(tmp_path / "out", *words, "writer=[trc]", "detector.xyz=true"))["problems"]
    assert problem.startswith("writer=trc needs frames that follow each other, but the pictures of '")
    source = extraction(spatial(2))
    with pytest.raises(ClipError, match="unrelated"):
        written(Trc(), replace(source, clip=replace(source.clip, independent=True)))


def test_a_run_is_verified(tmp_path):
    words = ("writer=[npy,trc]", "writer.npy.channels=[x,y,z]", "detector.xyz=true", "detector.skeleton=blazepose33")
    assert go(tmp_path, *words).exit_code == 0
    name = "synthetic_0001"
    _, _, _, points = read((tmp_path / f"{name}.trc").read_bytes())
    x, y, z = np.moveaxis(np.load(tmp_path / f"{name}.npy"), -1, 0)
    np.testing.assert_allclose(points, np.stack([z, -y, x], axis=-1), atol=1e-6)
    assert look(tmp_path / f"{name}.trc").shape == (3, 33, 3)
    assert verify([str(tmp_path)])["problems"] == []
    place = tmp_path / ".posecfg" / "clips" / f"{name}.json"
    record = json.loads(place.read_text())
    record["writers"]["trc"]["files"][0]["about"]["shape"] = [3, 32, 3]
    place.write_text(json.dumps(record))
    assert any("expected shape [3, 32, 3], but got [3, 33, 3]" in text for text in verify([str(tmp_path)])["problems"])


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("PathFileType", "Path"),
        lambda text: text.rpartition("4\t")[0],
        lambda text: text[:-9] + "\n",
        lambda text: text.replace("NumFrames\t", "Frames\t"),
    ],
)
def test_a_damaged_file_is_seen(written, tmp_path, change):
    text = written(Trc(), extraction(spatial(4))).data["folder/film.trc"].decode()
    path = Path(tmp_path / "film.trc")
    path.write_text(text)
    assert look(path).error == ""
    path.write_text(change(text))
    assert look(path).error


def test_two_people_in_one_track_are_not_bridged_by_rows_between_them():
    moments = even(replace(clock(5), times=np.array([0, 1, 2, 4, 5]) / 30))
    values = np.arange(5, dtype=np.float32)
    assert not np.isnan(moments(values)).any()
    assert np.isnan(moments(values, (3,))).nonzero()[0].tolist() == [3]


@pytest.mark.parametrize("missing", [(), (1,)])
def test_zero_has_no_sign(written, missing):
    one = track(3, missing=missing, xyz=True)
    one.xyz[0], one.xyz[2] = (-1e-9, 0.0, -0.25), (-1e-6, 4e-7, -10.0)
    first, _, last = written(Trc(), extraction(one)).data["folder/film.trc"].decode().splitlines()[-3:]
    assert set(first.split("\t")[2:-1]) == {"-0.250000", "0.000000"}
    assert set(last.split("\t")[2:-1]) == {"-10.000000", "0.000000", "-0.000001"}


def test_pixels_of_flat_poses_have_names_of_their_own_kind(written):
    one, other = track(3, missing=[1]), track(3, person=5)
    files = written(Trc(units="px", markers="pose2sim"), extraction(one, other))
    assert list(files.data) == ["folder/film.person0_px.trc", "folder/film.person5_px.trc"]
    facts, names, _, points = read(files.data["folder/film.person0_px.trc"])
    assert facts["Units"] == "px"
    assert names[:6] == ["Nose", "LEye", "REye", "LEar", "REar", "LShoulder"]
    np.testing.assert_array_equal(points[[0, 2], :, :2], one.xy[[0, 2]])
    assert np.isnan(points[1]).all()
    assert not points[[0, 2], :, 2].any()
    Trc(units="px").check(skeletons.load("coco17"), ())
    with pytest.raises(Dropped):
        written(Trc(units="px"), extraction(rows=3))


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("left_big_toe", "LBigToe"),
        ("mid_hip", "Hip"),
        ("neck", "Neck"),
        ("right_heel", "RHeel"),
        ("left_foot_index", "LBigToe"),
    ],
)
def test_pose2sim_knows_markers_by_names_of_its_own(ours, theirs):
    assert pose2sim(ours) == theirs
