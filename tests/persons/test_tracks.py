from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from samples import DOT, METRES, poses

from posecfg.persons import tracks as module
from posecfg.persons.tracks import NOBODY, Tracks
from posecfg.types import Meaning


def finish(tracks, rows=None, single=True, meaning=None):
    rows = np.arange(tracks.frames) if rows is None else np.array(rows)
    return tracks.finish(DOT, meaning or Meaning(), rows, single)


def test_rows_lie_where_their_frames_were():
    tracks = Tracks()
    tracks.add(poses((0, 1, 10, 10)), [(0, 0)])
    tracks.add(poses(), [])
    tracks.add(poses((0, 0, 1, 1), (5, 6, 9, 9), scores=[0.4, 0.7]), [(0, 1)])
    (track,) = finish(tracks)
    assert track.valid.tolist() == [True, False, True]
    assert not track.made.any()
    np.testing.assert_array_equal(track.xy[:, 0], np.array([[0, 1], [np.nan, np.nan], [5, 6]], np.float32))
    np.testing.assert_array_equal(track.box_scores, np.array([0.9, np.nan, 0.7], np.float32))
    assert track.xyz is None
    assert track.depth is None
    assert {a.dtype for a in (track.xy, track.scores, track.boxes, track.box_scores)} == {np.dtype("float32")}


def test_frames_fill_as_many_rows_as_the_sampler_said():
    tracks = Tracks()
    for x in range(3):
        tracks.add(poses((x, 0, 9, 9)), [(0, 0)])
    (track,) = finish(tracks, rows=[0, 0, 1, 2, 2, 2])
    assert track.xy[:, 0, 0].tolist() == [0, 0, 1, 2, 2, 2]


def test_rows_that_nobody_looked_at_are_missing():
    tracks = Tracks()
    for x in range(3):
        tracks.add(poses((x, 0, 9, 9), xyz=True, depth=True), [(0, 0)])
    (track,) = finish(tracks, rows=[-1, 0, -1, -1, 1, 2, -1])
    assert track.valid.tolist() == [False, True, False, False, True, True, False]
    assert not track.made.any()
    for values in (track.xy, track.scores, track.boxes, track.box_scores, track.xyz, track.depth):
        assert np.isnan(values[~track.valid]).all()
        assert np.isfinite(values[track.valid]).all()
    assert track.xy[track.valid, 0, 0].tolist() == [0, 1, 2]


def test_rows_without_anybody_who_looked_are_a_track_of_nothing():
    (track,) = finish(Tracks(), rows=[-1, -1])
    assert track.valid.tolist() == [False, False]
    assert track.xy.shape == (2, 1, 2)


def test_tracks_come_in_order_of_their_ids():
    tracks = Tracks()
    tracks.add(poses((0, 0, 1, 1), (5, 0, 6, 1)), [(7, 0), (3, 1)])
    tracks.add(poses((1, 0, 2, 1)), [(7, 0)])
    third, seventh = finish(tracks, single=False)
    assert (third.id, seventh.id) == (3, 7)
    assert third.valid.tolist() == [True, False]
    assert seventh.xy[:, 0, 0].tolist() == [0, 1]


def test_a_single_policy_has_its_track_even_when_nobody_was_found():
    tracks = Tracks()
    tracks.add(poses(), [])
    (track,) = finish(tracks, meaning=METRES)
    assert track.id == 0
    assert not track.valid.any()
    assert track.xyz.shape == (1, 1, 3)
    assert finish(tracks, single=False) == ()


def test_no_frames():
    (track,) = finish(Tracks())
    assert len(track) == 0


def test_depth_and_3d_survive_frames_without_them():
    tracks = Tracks()
    tracks.add(poses((0, 0, 1, 1)), [(0, 0)])
    tracks.add(poses((0, 0, 1, 1), xyz=True, depth=True), [(0, 0)])
    (track,) = finish(tracks)
    assert np.isnan(track.xyz[0]).all()
    assert np.isnan(track.depth[0]).all()
    assert track.xyz[1, 0].tolist() == [0.25] * 3
    assert track.depth[1, 0] == 2.5


@pytest.mark.parametrize("rows", [[0, 1], [0], [-1]])
def test_rows_of_other_frames_are_refused(rows):
    tracks = Tracks()
    for _ in range(3):
        tracks.add(poses(), [])
    with pytest.raises(ValueError, match=f"filled by 3 frames, but got rows of {max(rows) + 1}"):
        finish(tracks, rows=rows)


def test_many_frames_cross_the_chunks_in_little_memory(monkeypatch):
    monkeypatch.setattr(module, "CHUNK", 64)
    frames = 1000
    tracks = Tracks()
    tracemalloc.start()
    for t in range(frames):
        tracks.add(poses((t, 0, t + 1, 1)), [(0, 0)])
    (track,) = finish(tracks)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert track.xy[:, 0, 0].tolist() == list(range(frames))
    assert peak < 1_000_000


def test_everybody_is_kept_frame_by_frame_with_the_track_of_each():
    tracks = Tracks(everybody=True)
    tracks.add(poses((0, 0, 1, 1), (5, 0, 6, 1), (7, 0, 8, 1)), [(4, 2), (2, 0)])
    tracks.add(poses(), [])
    tracks.add(poses((1, 0, 2, 1), xyz=True), [])
    seen = tracks.detections(DOT, Meaning(), np.array([0, -1, 2]))
    assert seen.tracks.tolist() == [2, NOBODY, 4, NOBODY]
    assert seen.boxes[:, 0].tolist() == [0, 5, 7, 1]
    assert [len(one) for one in seen] == [3, 0, 1]
    assert [len(seen.of_row(row)) for row in range(3)] == [3, 0, 1]
    assert np.isnan(seen.xyz[:3]).all()
    assert seen.of_row(2).xyz.tolist() == [[[0.25] * 3]]
    second, fourth = finish(tracks, single=False)
    assert (second.id, fourth.id) == (2, 4)
    assert second.valid.tolist() == [True, False, False]


def test_a_person_of_two_tracks_is_one_of_the_detections():
    tracks = Tracks(everybody=True)
    tracks.add(poses((0, 0, 1, 1), (5, 0, 6, 1)), [(0, 1), (1, 1)])
    assert tracks.detections(DOT, Meaning(), np.array([0])).tracks.tolist() == [NOBODY, 0]
    assert [track.xy[0, 0, 0] for track in finish(tracks, single=False)] == [5, 5]


def test_a_track_is_the_same_whether_the_others_are_kept_or_not():
    both = [Tracks(), Tracks(everybody=True)]
    for tracks in both:
        for x in range(5):
            tracks.add(poses((x, 0, 9, 9), (x + 1, 0, 9, 9), depth=x > 2), [(0, x % 2)])
    (one,), (other,) = (finish(tracks) for tracks in both)
    for name in ("xy", "scores", "boxes", "box_scores", "depth", "valid", "made"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


def test_a_clip_without_a_frame_has_no_detections():
    seen = Tracks(everybody=True).detections(DOT, METRES, np.array([-1, -1]))
    assert (len(seen), seen.offsets.tolist(), seen.xyz.shape) == (0, [0], (0, 1, 3))
    assert len(seen.of_row(1)) == 0
