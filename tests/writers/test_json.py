from __future__ import annotations

import json
import tracemalloc
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from samples import extraction, extractions, track

import posecfg
from posecfg import skeletons
from posecfg.errors import ConfigError
from posecfg.writers.json import Json

SCHEMA = Path(posecfg.__file__).parent / "assets" / "frames.schema.json"
COCO = list(skeletons.load("coco17").keypoints)


class Buffer:
    """Files in memory, for tests that cannot use a fixture."""

    def __init__(self):
        self.parts = []

    @contextmanager
    def open(self, name, about=None):
        yield self

    def write(self, data):
        self.parts.append(data)


def text(source, **arguments):
    files = Buffer()
    Json(**arguments).write(source, files)
    return b"".join(files.parts).decode()


def refuse(name):
    raise AssertionError(f"{name} is no JSON")


def read(source, **arguments):
    return json.loads(text(source, **arguments), parse_constant=refuse)


def valid(document):
    jsonschema = pytest.importorskip("jsonschema", reason="pip install jsonschema")
    schema = json.loads(SCHEMA.read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema).is_valid(document)


def people(frame):
    return frame.get("people", [frame])


def harmed(document, change):
    document = json.loads(json.dumps(document))
    change(document)
    return document


def test_the_layout_is_that_of_the_contract():
    source = extraction(track(2))
    got = read(replace(source, clock=replace(source.clock, fps=30000 / 1001, decoded=9, inside=7)))
    assert list(got) == ["meta", "keypoint_format", "frames"]
    assert got["meta"] == {"fps": 29.97003, "width": 200, "height": 100, "frame_count": 7}
    assert list(got["meta"]) == ["fps", "width", "height", "frame_count"]
    assert got["keypoint_format"] == COCO
    assert [list(frame) for frame in got["frames"]] == [["frame_index", "timestamp_ms", "pose_score", "keypoints"]] * 2
    assert [list(point) for point in got["frames"][1]["keypoints"]] == [["name", "x", "y", "score"]] * 17
    assert got["frames"][1]["keypoints"][3] == {"name": "left_ear", "x": 4.0, "y": 2.0, "score": 0.503}
    assert got["frames"][1]["pose_score"] == 0.508


def test_there_is_one_frame_a_line():
    lines = text(extraction(track(3))).splitlines()
    assert lines[2] == '"frames": ['
    assert [json.loads(line.removesuffix(","))["frame_index"] for line in lines[3:-1]] == [0, 1, 2]
    assert lines[-1] == "]}"


def test_numbers_are_rounded_as_agreed():
    source = track(1)
    source.xy[0, 0], source.xy[0, 1] = (960.26, 210.84), (-0.04, 1e6 + 0.06)
    source.scores[0, :2] = 0.98766, 0.00004
    nose, eye = read(extraction(source))["frames"][0]["keypoints"][:2]
    assert nose == {"name": "nose", "x": 960.3, "y": 210.8, "score": 0.9877}
    assert eye == {"name": "left_eye", "x": 0.0, "y": 1000000.1, "score": 0.0}
    assert "-0.0" not in text(extraction(source))


def test_times_are_true_and_whole_ones_have_no_point():
    source = extraction(track(4))
    clock = replace(source.clock, indices=np.array([0, 2, 5, 9]), times=np.array([0, 0.2, 1 / 3, 2.0000004]))
    source = replace(source, clock=clock)
    frames = read(source)["frames"]
    assert [frame["frame_index"] for frame in frames] == [0, 2, 5, 9]
    assert [frame["timestamp_ms"] for frame in frames] == [0, 200, 333.333, 2000]
    assert '"timestamp_ms": 200, ' in text(source)


def test_low_scores_are_there_and_count():
    source = track(1)
    source.scores[0] = 0.01
    source.scores[0, 0] = 0.18
    (frame,) = read(extraction(source))["frames"]
    assert frame["pose_score"] == 0.02
    assert all(point["x"] is not None for point in frame["keypoints"])


def test_a_missing_keypoint_is_null_and_does_not_count():
    source = track(1)
    source.scores[0] = 0.5
    source.xy[0, 2, 1] = np.nan
    source.scores[0, 2] = 0.9
    source.scores[0, 3] = np.nan
    source.xy[0, 4] = np.inf
    (frame,) = read(extraction(source))["frames"]
    points = frame["keypoints"]
    assert [points[2][key] for key in ("x", "y", "score")] == [None] * 3
    assert [points[3][key] for key in ("x", "y", "score")] == [3.0, 0.0, None]
    assert [points[4][key] for key in ("x", "y", "score")] == [None] * 3
    assert frame["pose_score"] == 0.5


@pytest.mark.parametrize("source", [extraction(track(2, missing=[0, 1])), extraction(rows=2)])
def test_nobody_is_null(source):
    nobody = [{"name": name, "x": None, "y": None, "score": None} for name in COCO]
    for frame in read(source)["frames"]:
        assert (frame["pose_score"], frame["keypoints"]) == (None, nobody)


def test_what_was_made_up_says_so():
    source = track(3, missing=[2])
    source.valid[1], source.made[1] = False, True
    frames = read(extraction(source))["frames"]
    assert [frame.get("interpolated") for frame in frames] == [None, True, None]
    assert list(frames[1])[-1] == "interpolated"
    assert frames[1]["pose_score"] == 0.508


def test_several_people_are_listed_by_id_where_they_are():
    filled = track(3, person=4, missing=[0, 1])
    filled.made[1] = True
    frames = read(extraction(track(3), filled))["frames"]
    assert [list(frame) for frame in frames] == [["frame_index", "timestamp_ms", "people"]] * 3
    assert [[p["id"] for p in frame["people"]] for frame in frames] == [[0], [0, 4], [0, 4]]
    assert [p.get("interpolated") for p in frames[1]["people"]] == [None, True]
    assert list(frames[0]["people"][0]) == ["id", "pose_score", "keypoints"]


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_policy_for_several_lists_people_however_many_came(number):
    tracks = [track(2, person=k) for k in range(number)]
    frames = read(replace(extraction(*tracks, rows=2), several=True))["frames"]
    assert [[person["id"] for person in frame["people"]] for frame in frames] == [list(range(number))] * 2


def test_keypoints_may_be_those_of_another_skeleton():
    source = track(2, "blazepose33")
    got = read(extraction(source), keypoints="coco17")
    assert got["keypoint_format"] == COCO
    assert got["frames"][1]["keypoints"][0]["x"] == 1.0
    with pytest.raises(ConfigError, match="wholebody133 cannot be made"):
        Json(keypoints="wholebody133").check(source.skeleton)


@pytest.mark.parametrize(
    ("path", "name"), [("out.json", "out.json"), ("{id}", "folder/film.json"), ("poses/{name}.json", "poses/film.json")]
)
def test_the_suffix_may_be_typed(written, path, name):
    assert list(written(Json(path=path), extraction(track(1))).data) == [name]
    assert Json(path=path).target("folder/film") == name


def test_the_record_tells_what_verify_asks(written):
    source = track(3)
    source.made[1] = True
    (about,) = written(Json(), extraction(source)).about.values()
    assert about == {"kind": "json", "rows": 3, "keypoints": COCO, "people": 1, "made": 1, "missing": "null"}


def test_names_of_any_script_are_plain_text():
    skeleton = skeletons.Skeleton("zwei", ("Näschen", 'say "x"'))
    written = text(extraction(track(1, skeleton)))
    assert "Näschen" in written
    assert json.loads(written)["keypoint_format"] == ["Näschen", 'say "x"']


@given(extractions())
def test_whatever_tracks_hold_can_be_read_back(source):
    got = read(source)
    names = list(source.skeleton.keypoints)
    assert got["keypoint_format"] == names
    assert len(got["frames"]) == len(source.clock)
    for row, frame in enumerate(got["frames"]):
        there = [t for t in source.tracks if t.valid[row] or t.made[row]]
        if source.several:
            assert [person["id"] for person in frame["people"]] == [t.id for t in there]
        listed = there if source.several else (there or [None])
        for person, known in zip(people(frame), listed, strict=True):
            assert [point["name"] for point in person["keypoints"]] == names
            numbers = np.array([[p["x"], p["y"], p["score"]] for p in person["keypoints"]], float)
            expected = np.full((len(names), 3), np.nan)
            if known is not None:
                expected = np.concatenate([known.xy[row], known.scores[row][:, None]], 1, dtype=float)
                expected[~np.isfinite(expected)] = np.nan
                expected[np.isnan(expected[:, :2]).any(axis=1)] = np.nan
            np.testing.assert_allclose(numbers[:, :2], expected[:, :2], rtol=1e-12, atol=0.0501)
            np.testing.assert_allclose(numbers[:, 2], expected[:, 2], rtol=1e-12, atol=0.0000501)
            assert (person["pose_score"] is None) == bool(np.isnan(expected[:, 2]).all())
            assert person.get("interpolated", False) == bool(known is not None and known.made[row])


@given(extractions())
def test_whatever_tracks_hold_fits_the_schema(source):
    rows = len(source.clock)
    assert valid(read(replace(source, clock=replace(source.clock, indices=np.arange(rows)))))


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.pop("meta"),
        lambda d: d.update(extra=1),
        lambda d: d["meta"].update(frame_count=1.5),
        lambda d: d["frames"][0].pop("timestamp_ms"),
        lambda d: d["frames"][0].update(people=[]),
        lambda d: d["frames"][0].update(interpolated=False),
        lambda d: d["frames"][0]["keypoints"][0].update(x=None),
        lambda d: d["frames"][0]["keypoints"][0].update(z=1),
        lambda d: d["frames"][0]["keypoints"][0].pop("score"),
    ],
)
def test_the_schema_refuses_what_is_not_so(change):
    document = read(extraction(track(1)))
    assert valid(document)
    assert not valid(harmed(document, change))


def test_frames_go_to_the_disk_one_by_one():
    """Four times the frames must not take more memory than one frame's text."""

    class Sink(Buffer):
        def write(self, data):
            self.parts[:] = [max(len(data), *(self.parts or [0]))]

    def peak(rows):
        source, files = extraction(track(rows)), Sink()
        tracemalloc.start()
        Json().write(source, files)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert files.parts[0] < 3000
        return most

    peak(10)
    assert peak(2000) < peak(500) + 200_000


def test_the_shape_of_pixels_is_told_where_they_are_not_square():
    source = extraction(track(2))
    document = read(replace(source, clock=replace(source.clock, pixel_aspect=(4, 3))))
    assert document["meta"]["pixel_aspect"] == [4, 3]
    assert valid(document)
    assert "pixel_aspect" not in read(source)["meta"]
    document["meta"]["pixel_aspect"] = [4]
    assert not valid(document)
