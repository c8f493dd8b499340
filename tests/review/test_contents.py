from __future__ import annotations

import json
from contextlib import contextmanager

import numpy as np
import pytest
from samples import extraction, track

from posecfg.review.contents import look
from posecfg.review.records import against
from posecfg.writers.json import Json


@pytest.mark.parametrize("content", [b"no array", b"\x93NUMPY ?", b""])
def test_what_is_no_array_is_not_to_be_loaded_in_some_unsafe_way(tmp_path, content):
    (tmp_path / "a.npy").write_bytes(content)
    error = look(tmp_path / "a.npy").error
    assert error.startswith("cannot be read (")
    assert "pickle" not in error


def test_a_header_that_speaks_of_more_than_any_machine_holds_is_damage(tmp_path):
    np.save(tmp_path / "a.npy", np.zeros((11, 33, 4), np.float32))
    whole = (tmp_path / "a.npy").read_bytes()
    (tmp_path / "a.npy").write_bytes(whole.replace(b"(11, 33, 4), }" + b" " * 11, b"(" + b"9" * 13 + b", 33, 4), }"))
    assert look(tmp_path / "a.npy").error.startswith("cannot be read (")


def test_python_objects_are_refused_in_our_words(tmp_path):
    np.save(tmp_path / "a.npy", np.array([{}], object), allow_pickle=True)
    assert "Python objects" in look(tmp_path / "a.npy").error


@pytest.fixture
def frames(tmp_path):
    """Return a JSON file of two people, what its record says, and a way to harm it."""
    facts = {}

    class Folder:
        @contextmanager
        def open(self, name, about=None):
            facts.update(about)
            with (tmp_path / "a.json").open("wb") as stream:
                yield stream

    def write(*tracks, harm=lambda document: None):
        Json().write(extraction(*tracks), Folder())
        document = json.loads((tmp_path / "a.json").read_text())
        harm(document)
        (tmp_path / "a.json").write_text(json.dumps(document))
        return look(tmp_path / "a.json"), facts

    return write


@pytest.mark.parametrize("tracks", [(track(3),), (track(3), track(3, missing=[0], person=2)), (track(0),)])
def test_frames_are_what_their_record_says(frames, tracks):
    content, about = frames(*tracks)
    assert (content.shape, content.dtype, content.error) == ((len(tracks[0]), 17), "json", "")
    assert against(content, about, {}) == []


@pytest.mark.parametrize(
    ("harm", "text"),
    [
        (lambda d: d["frames"][1]["keypoints"].pop(), "entry 1 of frames lists other keypoints"),
        (lambda d: d["frames"][2]["keypoints"].reverse(), "entry 2 of frames lists other keypoints"),
        (lambda d: d["keypoint_format"].append("tail"), "entry 0 of frames lists other keypoints"),
        (lambda d: d["frames"][0].pop("keypoints"), "frames.schema.json"),
        (lambda d: d.update(frames=5), "frames.schema.json"),
        (lambda d: d.update(frames=[5]), "frames.schema.json"),
        (lambda d: d["frames"][0].update(pose_score=float("nan")), "NaN is no JSON value"),
        (lambda d: d["frames"].pop(), "expected 3 frames of 17 keypoints, but got 2 of 17"),
        (lambda d: d.pop("frames"), "expected 3 frames of 17 keypoints, but got something else"),
    ],
)
def test_harmed_frames_are_told(frames, harm, text):
    content, about = frames(track(3), harm=harm)
    (problem,) = against(content, about, {})
    assert text in problem


def test_other_json_is_only_parsed(tmp_path):
    (tmp_path / "a.json").write_text('{"version": 1.3, "people": []}')
    assert look(tmp_path / "a.json").error == ""


def test_rows_of_a_native_file_are_counted_and_those_without_a_person(tmp_path):
    first, second = track(6, missing=[0, 3]), track(6, missing=[0, 1], person=1)
    arrays = {"xy": np.stack([first.xy, second.xy]), "valid": np.stack([first.valid, second.valid])}
    np.savez(tmp_path / "a.npz", **arrays)
    content = look(tmp_path / "a.npz")
    assert (content.rows, content.missing, content.shape) == (6, 1, (2, 6, 17, 2))
