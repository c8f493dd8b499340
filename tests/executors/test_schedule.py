from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posecfg.executors.schedule import Queue
from posecfg.pipeline.work import Work
from posecfg.types import Clip


def works(lengths):
    return [
        Work(Clip(f"clip{number}", Path("film.mp4"), start=5.0, end=5.0 + length), ("npy",))
        for number, length in enumerate(lengths)
    ]


def names(queue):
    return [queue.take().clip.id for _ in range(len(queue))]


def ends(lengths, workers):
    """Return when each worker would be done, and the order in which clips were begun."""
    queue, free, order = Queue(works(lengths), workers), [0.0] * workers, []
    while queue:
        work = queue.take()
        order.append(work.clip.id)
        free[free.index(min(free))] += work.clip.end - work.clip.start
    return free, order


lengths = st.lists(st.floats(0.01, 1000), min_size=1, max_size=60)


@given(lengths, st.integers(2, 8))
def test_every_clip_goes_once(seconds, workers):
    assert sorted(ends(seconds, workers)[1]) == sorted(f"clip{n}" for n in range(len(seconds)))


def test_one_worker_keeps_the_order():
    assert names(Queue(works([1, 9, 3]), 1)) == ["clip0", "clip1", "clip2"]


def test_neighbours_stay_neighbours_until_the_end_is_near():
    order = ends([1.0, 2.0] * 500, 2)[1]
    assert order[:900] == [f"clip{number}" for number in range(900)]
    tail = [int(name.removeprefix("clip")) % 2 for name in order[-20:]]
    assert tail == sorted(tail, reverse=True)


def test_a_very_long_clip_goes_before_it_would_keep_a_worker_after_the_others():
    free, order = ends([1.0] * 99 + [60.0], 2)
    assert order[0] == "clip99"
    assert max(free) == 80


@pytest.mark.parametrize("seconds", [[30] * 9 + [100], [10] * 9 + [50], [1] * 400 + [5, 5, 5, 60]])
def test_segments_of_unequal_length_end_together(seconds):
    inorder = [0.0, 0.0]
    for length in seconds:
        inorder[inorder.index(min(inorder))] += length
    shortest_possible = sum(seconds) / 2
    assert max(inorder) > 1.05 * shortest_possible
    assert max(ends(seconds, 2)[0]) <= 1.03 * shortest_possible


def test_a_clip_that_came_back_goes_next():
    queue = Queue(works([1, 2, 3]), 2)
    first, second = queue.take(), queue.take()
    queue.put_back(first)
    assert (queue.first(), len(queue)) == (first, 2)
    assert queue.take() is first
    assert queue.take() not in (first, second)
    assert not queue


def test_whole_films_go_by_the_sizes_of_their_files(tmp_path):
    clips = []
    for name, size in (("a", 10), ("b", 30), ("missing", None), ("c", 20)):
        path = tmp_path / f"{name}.mp4"
        if size is not None:
            path.write_bytes(bytes(size))
        clips.append(Work(Clip(name, path), ("npy",)))
    assert names(Queue(clips, 2)) == ["b", "c", "a", "missing"]


@pytest.mark.parametrize("odd", [Clip("odd", Path("film.mp4")), Clip("odd", Path("film.mp4"), start=3.0)])
def test_the_order_is_kept_where_lengths_cannot_be_compared(odd):
    mixed = [*works([1, 9]), Work(odd, ("npy",))]
    assert names(Queue(mixed, 2)) == ["clip0", "clip1", "odd"]
