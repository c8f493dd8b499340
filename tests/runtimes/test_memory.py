import logging

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from posecfg.errors import ClipError
from posecfg.runtimes.memory import OutOfMemory, Portions, is_out_of_memory


class Graph:
    """Doubles its rows, at most ``room`` of them."""

    def __init__(self, room):
        self.room, self.sizes = room, []

    def __call__(self, rows):
        self.sizes.append(len(rows))
        if len(rows) > self.room:
            raise OutOfMemory("no room")
        return [rows * 2]


@given(st.integers(0, 40), st.integers(1, 12), st.integers(1, 12))
def test_every_row_is_done_once_and_in_order_whatever_fits(count, limit, room):
    graph = Graph(room)
    portions = Portions(graph, limit, "net")
    given = list(portions(np.arange(count, dtype=np.float32)))
    assert np.array_equal(np.concatenate([out[0] for _, out in given] or [[]]), 2 * np.arange(count))
    assert [part for part, _ in given] == [
        slice(a, b) for a, b in zip([0, *(p.stop for p, _ in given)], [p.stop for p, _ in given], strict=False)
    ]
    assert portions.limit <= limit
    assert bool(portions.notes) == (portions.limit < limit)


def test_memory_that_runs_out_halves_the_batch_for_good_and_says_so(caplog):
    graph = Graph(3)
    portions = Portions(graph, 8, "net")
    with caplog.at_level(logging.WARNING, "posecfg"):
        list(portions(np.zeros(10, np.float32)))
        list(portions(np.zeros(4, np.float32)))
    assert graph.sizes == [8, 4, 2, 2, 2, 2, 2, 2, 2]
    assert portions.notes == {"net_batch": 2}
    assert [record.getMessage() for record in caplog.records] == [
        "net ran out of memory with 8 pictures at once and goes on with 4: a smaller batch saves the attempt",
        "net ran out of memory with 4 pictures at once and goes on with 2: a smaller batch saves the attempt",
    ]


def test_no_memory_for_one_picture_fails_the_clip():
    with pytest.raises(ClipError, match=r"'net' ran out of memory with a single picture \(no room\): use a smaller"):
        list(Portions(Graph(0), 2, "net")(np.zeros(2, np.float32)))


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("CUDA failure 2: out of memory ; GPU=0"),
        RuntimeError("BFCArena::AllocateRawInternal Failed to allocate memory for requested buffer of size 123"),
        RuntimeError("CUBLAS failure 3: CUBLAS_STATUS_ALLOC_FAILED"),
        RuntimeError("std::bad_alloc"),
        MemoryError(),
    ],
)
def test_errors_about_memory_are_known_by_their_words(error):
    assert is_out_of_memory(error)


@pytest.mark.parametrize("text", ["Got invalid dimensions for input", "memory layout is not contiguous"])
def test_other_errors_are_not_about_memory(text):
    assert not is_out_of_memory(RuntimeError(text))
