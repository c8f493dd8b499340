"""Small tracks, poses and extractions with known numbers, and a hypothesis strategy that draws awkward ones."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from posecfg import skeletons
from posecfg.persons.tracks import Tracks
from posecfg.skeletons.skeleton import Skeleton
from posecfg.timing import Laps
from posecfg.types import Boxes, Clip, Clock, Detections, Extraction, Meaning, Poses, PoseTrack

DOT = Skeleton("dot", ("nose",))
METRES = Meaning("visibility", xyz="metres, origin mid-hip, y down")
SIZE = (200, 100)


def clock(rows: int, fps: float = 30.0) -> Clock:
    return Clock(indices=np.arange(rows), times=np.arange(rows) / fps, fps=fps, size=SIZE, decoded=rows, inside=rows)


def poses(*boxes, scores=None, skeleton=DOT, xyz=False, depth=False) -> Poses:
    """One frame: a person for each box, whose keypoints all lie at its upper left corner."""
    xyxy = np.array(boxes, np.float32).reshape(-1, 4)
    people, points = len(xyxy), len(skeleton)
    return Poses(
        skeleton=skeleton,
        meaning=Meaning(),
        xy=np.repeat(xyxy[:, None, :2], points, axis=1),
        scores=np.full((people, points), 0.5, np.float32),
        boxes=Boxes(xyxy, np.array([0.9] * people if scores is None else scores, np.float32)),
        xyz=np.full((people, points, 3), 0.25, np.float32) if xyz else None,
        depth=np.full((people, points), 2.5, np.float32) if depth else None,
    )


def track(rows, skeleton="coco17", missing=(), person=0, xyz=False, depth=False, meaning=None) -> PoseTrack:
    """Keypoint k of row t lies at (t + k, 2 t) px with score 0.5 + k / 1000; 3D is (t, k, 1) and depth k."""
    if isinstance(skeleton, str):
        skeleton = skeletons.load(skeleton)
    points = len(skeleton)
    t, k = np.meshgrid(np.arange(rows), np.arange(points), indexing="ij")
    arrays = {
        "xy": np.stack([t + k, 2 * t], axis=-1),
        "scores": 0.5 + k / 1000,
        "boxes": np.tile([0, 0, 10, 20], (rows, 1)) + np.arange(rows)[:, None],
        "box_scores": np.full(rows, 0.9),
    }
    if xyz:
        arrays["xyz"] = np.stack([t, k, np.ones_like(t)], axis=-1)
    if depth:
        arrays["depth"] = k
    arrays = {name: values.astype(np.float32) for name, values in arrays.items()}
    valid = np.ones(rows, bool)
    valid[list(missing)] = False
    for values in arrays.values():
        values[~valid] = np.nan
    meaning = meaning or (METRES if xyz else Meaning())
    return PoseTrack(person, skeleton, meaning, valid=valid, made=np.zeros(rows, bool), **arrays)


def everybody(frames, picks, rows) -> Detections:
    """Collect the poses of ``frames`` as the chain does, with the picks of each and the frame that fills each row."""
    tracks = Tracks(everybody=True)
    for one, picked in zip(frames, picks, strict=True):
        tracks.add(one, picked)
    return tracks.detections(frames[0].skeleton, frames[0].meaning, np.array(rows, int))


def with_everybody(source: Extraction) -> Extraction:
    """Return an extraction whose detector saw exactly those who are in its tracks."""
    tracks = source.tracks
    frames, picks = [], []
    for row in range(len(source.clock)):
        there = [one for one in tracks if one.valid[row]]
        extra = {n for n in ("xyz", "depth") if there and all(getattr(one, n) is not None for one in there)}
        names = ("xy", "scores", *extra)
        shapes = {"xy": (2,), "scores": (), "xyz": (3,), "depth": ()}
        points = len(source.skeleton)
        arrays = {n: np.array([getattr(t, n)[row] for t in there], np.float32) for n in names}
        arrays = {n: array.reshape(len(there), points, *shapes[n]) for n, array in arrays.items()}
        boxes = np.array([one.boxes[row] for one in there], np.float32).reshape(-1, 4)
        scores = np.array([one.box_scores[row] for one in there], np.float32)
        frames.append(Poses(source.skeleton, source.meaning, boxes=Boxes(boxes, scores), **arrays))
        picks.append([(one.id, number) for number, one in enumerate(there)])
    if not frames:
        frames, picks = [Poses(source.skeleton, source.meaning, *_nobody(len(source.skeleton)))], [[]]
    return replace(source, detections=everybody(frames, picks, range(len(source.clock))))


def _nobody(points: int):
    none = np.zeros((0, points), np.float32)
    return np.zeros((0, points, 2), np.float32), none, Boxes(np.zeros((0, 4), np.float32), np.zeros(0, np.float32))


def extraction(*tracks: PoseTrack, clip_id="folder/film", rows=None, skeleton="coco17") -> Extraction:
    rows = (len(tracks[0]) if tracks else 0) if rows is None else rows
    return Extraction(
        clip=Clip(clip_id, Path("/data") / clip_id, source=f"{clip_id}.mp4", start=0.5, meta={"subject": "S1"}),
        clock=clock(rows),
        skeleton=tracks[0].skeleton if tracks else skeletons.load(skeleton),
        meaning=tracks[0].meaning if tracks else Meaning(),
        tracks=tracks,
        notes={"frames": rows},
        timings={"detect": Laps("postprocess")},
        about={"identity": "abc"},
        several=len(tracks) > 1,
    )


FLOATS = st.floats(width=32, allow_nan=True, allow_infinity=True)


@st.composite
def tracks(draw, rows: int, skeleton: Skeleton, person: int) -> PoseTrack:
    points = len(skeleton)
    meaning = Meaning(draw(st.sampled_from(["probability", "logit"])), draw(st.none() | st.just("metres")))

    def floats(*shape):
        return draw(hnp.arrays(np.float32, (rows, *shape), elements=FLOATS))

    def booleans():
        return draw(hnp.arrays(np.bool_, rows))

    return PoseTrack(
        id=person,
        skeleton=skeleton,
        meaning=meaning,
        breaks=tuple(sorted(draw(st.sets(st.integers(1, rows - 1))))) if rows > 1 else (),
        xy=floats(points, 2),
        scores=floats(points),
        boxes=floats(4),
        box_scores=floats(),
        valid=booleans(),
        made=booleans(),
        xyz=floats(points, 3) if draw(st.booleans()) else None,
        depth=floats(points) if draw(st.booleans()) else None,
    )


@st.composite
def detections(draw, rows: int, skeleton: Skeleton) -> Detections:
    counts = draw(st.lists(st.integers(0, 3), max_size=4))
    people, points = sum(counts), len(skeleton)

    def floats(*shape):
        return draw(hnp.arrays(np.float32, (people, *shape), elements=FLOATS))

    return Detections(
        skeleton=skeleton,
        meaning=Meaning(draw(st.sampled_from(["probability", "logit"]))),
        rows=draw(hnp.arrays(np.int64, rows, elements=st.integers(-1, len(counts) - 1))),
        offsets=np.cumsum([0, *counts]),
        tracks=draw(hnp.arrays(np.int64, people, elements=st.integers(-1, 9))),
        boxes=floats(4),
        box_scores=floats(),
        xy=floats(points, 2),
        scores=floats(points),
        xyz=floats(points, 3) if draw(st.booleans()) else None,
        depth=floats(points) if draw(st.booleans()) else None,
    )


@st.composite
def lifted(draw, rows: int, skeleton: Skeleton, person: int) -> PoseTrack:
    """Draw a track with the one that it was lifted from."""
    above = draw(tracks(rows, skeleton, person))
    dot = replace(draw(tracks(rows, DOT, person)), alone=False, breaks=above.breaks)
    return replace(above, source=dot, alone=False)


@st.composite
def extractions(draw) -> Extraction:
    rows = draw(st.integers(0, 4))
    skeleton = Skeleton("stick", ("left_end", "right_end"), (("left_end", "right_end"),), {"mid": ("left_end",)})
    ids = draw(st.lists(st.integers(0, 99), unique=True, max_size=3))
    kind = draw(st.sampled_from([tracks, lifted]))
    return Extraction(
        clip=Clip("a/é [1]", Path("é [1].mkv"), "é [1].mkv", end=2.5, group="g", meta={"sentence": 'say "ü"', "n": 1}),
        clock=Clock(
            indices=draw(hnp.arrays(np.int64, rows)),
            times=draw(hnp.arrays(np.float64, rows, elements=st.floats(0, 1e6))),
            fps=29.97,
            size=(64, 48),
            rotation=90,
            status="truncated",
        ),
        skeleton=skeleton,
        meaning=Meaning("logit", depth="m"),
        tracks=tuple(draw(kind(rows, skeleton, i)) for i in ids),
        detections=draw(st.none() | detections(rows, skeleton)),
        notes={"reselected": 2, "why": ["ä", None]},
        about={"weights": {"net": "00ff"}},
        several=len(ids) > 1 or draw(st.booleans()),
    )
