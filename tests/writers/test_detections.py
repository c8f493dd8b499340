"""Everybody in each frame: against the numbers that went in, and against the schema that the package carries."""

from __future__ import annotations

import io
import json
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from samples import clock, everybody, extraction, extractions, poses, track

import posecfg
from posecfg.errors import ClipError, ConfigError
from posecfg.writers.detections import Detections

SCHEMA = Path(posecfg.__file__).parent / "assets" / "detections.schema.json"


@pytest.fixture
def crowd():
    """Three rows: two people, of whom the second is tracked; a row that no detector looked at; nobody."""
    frames = [poses((0, 1, 9, 9), (5, 6, 9, 9), (2, 2, 3, 3), scores=[0.4, 0.8, 0.2], xyz=True), poses()]
    frames[0].xy[0, 0] = np.nan
    seen = everybody(frames, [[(7, 1)], []], [0, -1, 1])
    return replace(extraction(track(3)), detections=seen, clock=replace(clock(3), indices=np.array([4, 5, 8])))


class Memory:
    """Files in memory, for tests that cannot use a fixture."""

    def __init__(self):
        self.data = {}

    @contextmanager
    def open(self, name, about=None):
        stream = self.data[name] = io.BytesIO()
        yield stream


def read(written, source, **arguments):
    return {name: json.loads(data) for name, data in written(Detections(**arguments), source).data.items()}


def valid(document):
    jsonschema = pytest.importorskip("jsonschema", reason="pip install jsonschema")
    schema = json.loads(SCHEMA.read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema).is_valid(document)


def test_everybody_above_the_threshold_is_in_the_frame_they_were_seen_in(written, crowd):
    found = read(written, crowd)
    assert list(found) == [f"folder/film/frame_{n:04d}_keypoints.json" for n in (1, 2, 3)]
    first, second, third = found.values()
    assert (first["frame"], first["frame_index"], first["width"], first["height"]) == (1, 4, 200, 100)
    assert first["keypoint_names"] == ["nose"]
    kept, other = first["people"]
    assert kept == {
        "box": [5, 6, 9, 9],
        "box_score": 0.8,
        "person": 7,
        "keypoints": [[5, 6, 0.5]],
        "keypoints_3d": [[0.25, 0.25, 0.25]],
    }
    assert (other["person"], other["box_score"], other["keypoints"]) == (None, 0.4, [[None, None, 0.5]])
    assert (second["people"], third["people"]) == (None, [])
    assert len(next(iter(read(written, crowd, bbox_thr=0.1).values()))["people"]) == 3
    assert len(next(iter(read(written, crowd, bbox_thr=0.4).values()))["people"]) == 1


def test_files_fit_the_schema_and_harm_does_not(written, crowd):
    for frame in read(written, crowd).values():
        assert valid(frame)
    frame = next(iter(read(written, crowd).values()))
    assert not valid(frame | {"people": "none"})
    assert not valid(frame | {"more": 1})
    del frame["people"][0]["box"]
    assert not valid(frame)


@given(extractions())
def test_awkward_numbers_are_json_that_fits_the_schema(source):
    if source.detections is None:
        return
    files = Memory()
    Detections(bbox_thr=0).write(source, files)
    assert len(files.data) == len(source.clock)
    for stream in files.data.values():
        frame = json.loads(stream.getvalue(), parse_constant=pytest.fail)
        # The least of integers has no absolute value.
        if (source.clock.indices >= 0).all():
            assert valid(frame)


def test_a_folder_without_fields_is_for_one_clip(written, crowd):
    assert next(iter(read(written, crowd, path="detectron_output/"))) == "detectron_output/frame_0001_keypoints.json"
    assert next(iter(read(written, crowd, path="{name}/seen"))) == "film/seen/frame_0001_keypoints.json"
    with pytest.raises(ConfigError, match="stay inside the output folder"):
        Detections("../here/")


def test_poses_without_the_others_are_refused(written):
    with pytest.raises(ClipError, match="not kept with these poses"):
        written(Detections(), extraction(track(1)))
    with pytest.raises(ConfigError, match="Expected bbox_thr to be from 0 to 1, but got 7"):
        Detections(bbox_thr=7)
