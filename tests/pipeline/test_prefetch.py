import threading
import time

import pytest

from posecfg.pipeline.prefetch import Prefetch
from posecfg.timing import WAIT, Laps, measured


class Source:
    """Counts what was taken from it and whether it was closed."""

    def __init__(self, items, error=None, at_end=None):
        self.items, self.error, self.at_end = items, error, at_end
        self.taken, self.closed = 0, False

    def __iter__(self):
        try:
            for item in self.items:
                self.taken += 1
                yield item
            if self.error:
                raise self.error
        finally:
            self.closed = True
            if self.at_end:
                raise self.at_end


def threads():
    return [t for t in threading.enumerate() if t.name == "posecfg-decode"]


def consume(ahead, act):
    for item in ahead:
        act(item)


@pytest.fixture(autouse=True)
def _no_thread_stays():
    yield
    assert threads() == []


def settled(source):
    """Wait until the thread has done all it may."""
    before = -1
    while before != source.taken:
        before = source.taken
        time.sleep(0.03)
    return source.taken


@pytest.mark.parametrize("depth", [1, 2, 7])
def test_items_come_in_order(depth):
    ahead = Prefetch(range(200), depth)
    assert list(ahead) == list(range(200))
    ahead.close()


@pytest.mark.parametrize("depth", [1, 3])
def test_never_more_than_depth_ahead(depth):
    source = Source(range(100))
    ahead = Prefetch(source, depth)
    assert settled(source) == depth
    for taken, _ in enumerate(ahead, 1):
        if taken in (1, 2, 5):
            assert settled(source) == depth + taken
        if taken == 5:
            break
    ahead.close()
    assert source.closed


def test_an_error_crosses_after_the_items_before_it():
    source = Source([1, 2, 3], error=ValueError("torn"))
    ahead, seen = Prefetch(source), []
    with pytest.raises(ValueError, match="torn"):
        consume(ahead, seen.append)
    assert seen == [1, 2, 3]
    with pytest.raises(ValueError, match="torn"):
        next(iter(ahead))
    ahead.close()
    assert source.closed


def test_an_error_while_opening_crosses():
    class Closed:
        def __iter__(self):
            raise OSError("not there")

    ahead = Prefetch(Closed())
    with pytest.raises(OSError, match="not there"):
        list(ahead)
    ahead.close()


def test_an_error_while_closing_crosses_instead_of_hanging():
    ahead = Prefetch(Source([1], at_end=ValueError("stuck")))
    with pytest.raises(ValueError, match="stuck"):
        list(ahead)
    ahead.close()


def test_closing_early_stops_the_thread_and_closes_the_generator():
    source = Source(iter(int, 1))
    ahead = Prefetch(source, 2)
    assert next(iter(ahead)) == 0
    ahead.close()
    assert source.closed
    assert source.taken <= 3
    assert list(ahead) == [0] * (source.taken - 1)


def test_an_error_of_the_consumer_lets_the_thread_go():
    def stumble(item):
        raise RuntimeError("consumer")

    source = Source(range(1000))
    ahead = Prefetch(source, 2)
    with pytest.raises(RuntimeError):
        consume(ahead, stumble)
    ahead.close()
    assert source.closed


def test_work_and_waiting_are_measured_in_both_threads():
    def slow():
        for item in range(3):
            time.sleep(0.05)
            yield [item] * 2

    with measured(Laps("use")) as laps:
        ahead = Prefetch(slow())
        list(ahead)
        ahead.close()
    assert 0.1 < laps.stages[WAIT].total < 1.0
    assert ahead.laps.stages["decode"].count == 6
    assert 0.15 < ahead.laps.stages["decode"].total < 1.0
    account = ahead.laps.account()
    assert account["busy"] + account["wait"] == pytest.approx(account["wall"], rel=0.25)


def test_waiting_for_a_slow_consumer_is_no_work():
    ahead = Prefetch(range(4), 1)
    for _ in ahead:
        time.sleep(0.05)
    ahead.close()
    assert ahead.laps.stages[WAIT].total > 0.1
    assert ahead.laps.stages["decode"].total < 0.1
