import threading
import time

import pytest

from posecfg.pipeline.prefetch import Prefetch
from posecfg.pipeline.room import Room, weight


class Block:
    """An item of so many bytes."""

    def __init__(self, nbytes):
        self.nbytes = nbytes


def settled(taken):
    """Wait until no more items are taken, and return how many were."""
    before = -1
    while before != len(taken):
        before = len(taken)
        time.sleep(0.02)
    return before


def takes(room, size):
    """Tell whether there is a place at once."""
    thread = threading.Thread(target=room.take, args=(size,), daemon=True)
    thread.start()
    # What has to wait is still there after this; what has not is done long before.
    thread.join(0.2)
    return not thread.is_alive()


def test_items_and_bytes_are_both_bounded():
    room = Room(3, budget=100)
    assert [takes(room, 40), takes(room, 40), takes(room, 40)] == [True, True, False]
    room.open()


def test_the_number_is_bounded_where_items_are_small():
    room = Room(2, budget=100)
    assert [takes(room, 1), takes(room, 1)] == [True, True]
    room.give(1)
    assert [takes(room, 1), takes(room, 1)] == [True, False]
    room.open()


def test_one_item_has_a_place_however_large():
    room = Room(3, budget=100)
    assert takes(room, 1000)
    assert not takes(room, 1)
    room.open()


def test_what_does_not_tell_its_bytes_has_none():
    assert (weight(Block(7)), weight("text")) == (7, 0)


@pytest.mark.parametrize(("budget", "ahead"), [(1000, 3), (20, 2), (10, 1), (1, 1)])
def test_fewer_large_items_are_computed_ahead(budget, ahead):
    made = []
    prefetch = Prefetch((made.append(number) or Block(10) for number in range(10)), 3, budget=budget)
    # The size of the first is not known before it is there, so that a second may follow.
    assert settled(made) <= max(2, ahead)
    taken = []
    for item in prefetch:
        taken.append(item)
        if len(taken) > 2:
            assert settled(made) - len(taken) <= ahead
    assert len(taken) == 10
    prefetch.close()
