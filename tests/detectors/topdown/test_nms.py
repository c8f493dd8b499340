import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from posecfg.detectors.topdown.nms import distinct

EDGES = st.integers(0, 12)
BOXES = st.lists(st.tuples(EDGES, EDGES, st.integers(1, 8), st.integers(1, 8), st.integers(0, 5)), max_size=14)


def arrays(boxes):
    rows = np.array(boxes, np.float32).reshape(-1, 5)
    return np.concatenate([rows[:, :2], rows[:, :2] + rows[:, 2:4]], axis=1), rows[:, 4] / 5


def overlap(one, other):
    cells = [{(x, y) for x in range(int(b[0]), int(b[2])) for y in range(int(b[1]), int(b[3]))} for b in (one, other)]
    return len(cells[0] & cells[1]), len(cells[0] | cells[1])


def by_counting(xyxy, scores, limit):
    """Keep greedily; overlaps are counted px by px."""
    kept = []
    for row in sorted(range(len(xyxy)), key=lambda row: (-scores[row], row)):
        pairs = [overlap(xyxy[row], xyxy[better]) for better in kept]
        if all(common <= limit * union for common, union in pairs):
            kept.append(row)
    return kept


@given(BOXES, st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0]))
def test_the_same_boxes_are_kept_as_by_counting_px(boxes, limit):
    xyxy, scores = arrays(boxes)
    assert distinct(xyxy, scores, limit).tolist() == by_counting(xyxy, scores, limit)


@given(BOXES, st.floats(0, 1))
def test_what_is_kept_is_sorted_and_stays_when_done_again(boxes, limit):
    xyxy, scores = arrays(boxes)
    kept = distinct(xyxy, scores, limit)
    assert (np.diff(scores[kept]) <= 0).all()
    assert distinct(xyxy[kept], scores[kept], limit).tolist() == list(range(len(kept)))


def test_an_overlap_of_just_the_limit_is_allowed():
    xyxy = np.array([[0, 0, 10, 10], [0, 0, 10, 5]], np.float32)
    scores = np.array([0.5, 0.9], np.float32)
    assert distinct(xyxy, scores, 0.5).tolist() == [1, 0]
    assert distinct(xyxy, scores, 0.49).tolist() == [1]


def test_nothing_is_nothing():
    kept = distinct(np.empty((0, 4), np.float32), np.empty(0, np.float32), 0.5)
    assert (len(kept), kept.dtype) == (0, np.int64)
