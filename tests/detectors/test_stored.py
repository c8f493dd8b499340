from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np
import pytest
from samples import SIZE, extraction, track
from told import facts
from whole_runs import go, published

from posecfg.detectors.stored import Stored
from posecfg.errors import ClipError, ConfigError
from posecfg.persons.all import All
from posecfg.persons.tracks import Tracks
from posecfg.types import Clip
from posecfg.writers.npz import Npz


@dataclass
class Blind:
    """Frames that cannot be looked at."""

    indices: np.ndarray
    size: tuple[int, int] = SIZE
    moments: np.ndarray | None = None

    @property
    def fills(self):
        return np.ones(len(self.indices), np.int64)

    def __len__(self):
        return len(self.indices)


class Folder:
    def __init__(self, root):
        self.root = root

    @contextmanager
    def open(self, name, about=None):
        (self.root / name).parent.mkdir(parents=True, exist_ok=True)
        with (self.root / name).open("wb") as stream:
            yield stream


def store(root, source, path="{id}"):
    Npz(path).write(source, Folder(root))
    return root / Npz(path).target(source.clip.id)


def batches(*indices, size=SIZE):
    half = len(indices) // 2
    return [Blind(np.array(part, int), size) for part in (indices[:half], indices[half:])]


@pytest.fixture
def source():
    return extraction(track(4, missing=[1], xyz=True), track(4, person=3, missing=[0, 1], xyz=True))


def test_it_replays_the_people_of_each_frame(tmp_path, source):
    store(tmp_path, source)
    detector = Stored(str(tmp_path))
    got = list(detector(batches(0, 1, 2, 3), source.clip))
    assert [len(poses) for poses in got] == [1, 0, 2, 2]
    np.testing.assert_array_equal(got[3].xy, np.stack([t.xy[3] for t in source.tracks]))
    np.testing.assert_array_equal(got[3].xyz, np.stack([t.xyz[3] for t in source.tracks]))
    assert got[1].xyz.shape == (0, 17, 3)
    assert got[0].meaning == source.meaning


def test_the_same_policy_gives_the_same_tracks_again(tmp_path):
    source = extraction(track(6, missing=[2]))
    store(tmp_path, source)
    follow, tracks = All().begin(SIZE), Tracks()
    for poses in Stored(str(tmp_path))(batches(*range(6)), source.clip):
        tracks.add(poses, follow(poses))
    (again,) = tracks.finish(source.skeleton, source.meaning, np.arange(6), False)
    for name in ("xy", "scores", "boxes", "box_scores", "valid"):
        np.testing.assert_array_equal(getattr(again, name), getattr(source.tracks[0], name))


def test_frames_are_found_by_their_index_in_the_film(tmp_path, source):
    source = replace(source, clock=replace(source.clock, indices=np.array([10, 10, 20, 30])))
    store(tmp_path, source)
    got = list(Stored(str(tmp_path))(batches(30, 10), source.clip))
    np.testing.assert_array_equal(got[0].xy[0], source.tracks[0].xy[3])
    np.testing.assert_array_equal(got[1].xy[0], source.tracks[0].xy[0])


def test_made_up_rows_are_not_detections(tmp_path, source):
    source.tracks[0].made[1] = True
    store(tmp_path, source)
    assert len(next(Stored(str(tmp_path))(batches(1), source.clip))) == 0


def test_a_clip_without_anybody(tmp_path):
    nobody = extraction(rows=2)
    store(tmp_path, nobody)
    assert [len(poses) for poses in Stored(str(tmp_path))(batches(0, 1), nobody.clip)] == [0, 0]


def test_a_clip_is_found_under_any_template(tmp_path, source):
    path = store(tmp_path, source, "poses/all_{name}")
    assert len(list(Stored(str(tmp_path))(batches(0), source.clip))) == 1
    assert len(list(Stored(str(path))(batches(0), source.clip))) == 1


def test_a_frame_that_is_not_covered_is_an_error(tmp_path, source):
    store(tmp_path, source)
    with pytest.raises(ClipError, match="does not cover frame 4"):
        list(Stored(str(tmp_path))(batches(3, 4), source.clip))


def test_frames_of_another_size_are_an_error(tmp_path, source):
    store(tmp_path, source)
    with pytest.raises(ClipError, match=r"frames of 200x100, but those of 'folder/film' are 64x48: make it again"):
        list(Stored(str(tmp_path))(batches(0, size=(64, 48)), source.clip))


def test_a_clip_that_was_not_stored_is_an_error(tmp_path, source):
    store(tmp_path, source)
    with pytest.raises(ClipError, match="no native npz of clip 'other'"):
        list(Stored(str(tmp_path))(batches(0), Clip("other", tmp_path)))


def test_a_damaged_file_costs_its_clip_only(tmp_path, source):
    store(tmp_path, source).write_bytes(b"PK")
    with pytest.raises(ClipError, match="damaged"):
        list(Stored(str(tmp_path))(batches(0), source.clip))


def test_its_skeleton_is_known_before_it_is_built(tmp_path, source):
    assert facts(Stored, path=str(tmp_path)).skeleton is None
    path = store(tmp_path, source)
    assert facts(Stored, path=str(tmp_path), device="auto").skeleton == "coco17"
    assert facts(Stored, path=str(path)).skeleton == "coco17"
    assert facts(Stored, path=str(tmp_path / "none")).skeleton is None


def test_a_path_that_is_not_there_is_refused_at_once(tmp_path):
    with pytest.raises(ConfigError, match="there is no"):
        Stored(str(tmp_path / "none"))


def test_another_policy_gets_everybody_whom_the_detector_saw(tmp_path):
    """What persons=largest left out comes back: with persons=all, as if the model had run again."""
    words = ("dataset=synthetic", "dataset.clips=1", "dataset.frames=4", "dataset.people=3", "detector.people=3")
    assert go(tmp_path / "one", *words, "persons=largest", "writer=[npz]").done == 1
    assert go(tmp_path / "all", *words, "persons=all", "writer=[csv]").done == 1
    again = ("detector=stored", f"detector.path={tmp_path / 'one'}")
    assert go(tmp_path / "seen", *words[:-1], *again, "detector.people=seen", "persons=all", "writer=[csv]").done == 1
    assert go(tmp_path / "kept", *words[:-1], *again, "persons=all", "writer=[csv]").done == 1
    seen, kept = (published(tmp_path / name) for name in ("seen", "kept"))
    assert seen == published(tmp_path / "all")
    assert len(*kept.values()) < len(*seen.values()) / 2


def test_everybody_cannot_be_asked_of_a_file_without_them(tmp_path, source):
    path = store(tmp_path, source)
    with pytest.raises(ClipError, match=r"no people beside those that were kept: .* detector\.people=kept"):
        list(Stored(str(path), people="seen")(batches(0, 1), source.clip))
    assert len(list(Stored(str(path), people="kept")(batches(0, 1), source.clip))) == 2
    with pytest.raises(ConfigError, match="Expected people to be kept, lifted or seen, but got 'all'"):
        facts(Stored, path=str(path), people="all")


def test_people_who_were_lifted_are_replayed_as_the_detector_saw_them_or_as_they_were_lifted(tmp_path):
    flat = track(4, missing=[1])
    one = replace(track(4, "h36m17", missing=[1], xyz=True), source=flat)
    path = store(tmp_path, extraction(one))
    clip = extraction(one).clip
    assert (
        facts(Stored, path=str(tmp_path)).skeleton == facts(Stored, path=str(path), people="kept").skeleton == "coco17"
    )
    assert facts(Stored, path=str(path), people="lifted").skeleton == "h36m17"
    kept = list(Stored(str(path))(batches(0, 1), clip))
    assert ([len(poses) for poses in kept], kept[0].skeleton.name, kept[0].xyz) == ([1, 0], "coco17", None)
    assert kept[0].meaning == flat.meaning
    np.testing.assert_array_equal(kept[0].xy[0], flat.xy[0])
    lifted = list(Stored(str(path), people="lifted")(batches(0, 1), clip))
    assert ([len(poses) for poses in lifted], lifted[0].skeleton.name) == ([1, 0], "h36m17")
    np.testing.assert_array_equal(lifted[0].xyz[0], one.xyz[0])


def test_people_whom_no_lifter_made_cannot_be_asked_for_as_lifted(tmp_path, source):
    path = store(tmp_path, source)
    with pytest.raises(ClipError, match=r"holds no people whom a lifter made: type detector\.people=kept"):
        list(Stored(str(path), people="lifted")(batches(0, 1), source.clip))


def test_a_film_without_anybody_beside_lifted_ones_has_their_skeleton(tmp_path):
    one = replace(track(2, "h36m17", xyz=True), source=track(2))
    store(tmp_path, extraction(one, clip_id="b"))
    empty = extraction(rows=2, clip_id="a")
    store(tmp_path, empty)
    assert facts(Stored, path=str(tmp_path), people="lifted").skeleton == "h36m17"
    found = list(Stored(str(tmp_path), people="lifted")(batches(0, 1), empty.clip))
    assert [(len(poses), poses.skeleton.name, poses.meaning) for poses in found] == [(0, "h36m17", one.meaning)] * 2
