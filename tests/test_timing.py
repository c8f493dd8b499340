"""Where the time goes: stages, waits, quantiles."""

import threading
import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posecfg import timing
from posecfg.timing import WAIT, Laps, Spread, measured, stage


@given(st.lists(st.floats(1e-6, 100), min_size=1, max_size=200), st.floats(0.01, 1))
def test_quantiles_are_within_one_percent(values, share):
    spread = Spread()
    for value in values:
        spread.add(value)
    ordered = sorted(values)
    true = ordered[min(len(ordered) - 1, max(0, -int(-share * len(ordered) // 1) - 1))]
    found = spread.quantile(share)
    assert any(found == pytest.approx(value, rel=0.006) for value in ordered)
    assert found == pytest.approx(true, rel=0.006) or share * len(ordered) % 1 < 1e-9
    assert spread.total == pytest.approx(sum(values))


@given(st.lists(st.floats(1e-6, 1), max_size=20), st.lists(st.floats(1e-6, 1), max_size=20))
def test_two_spreads_merge_into_what_one_would_have_held(one, other):
    a, b, both = Spread(), Spread(), Spread()
    for value in one:
        a.add(value)
        both.add(value)
    for value in other:
        b.add(value)
        both.add(value)
    a.merge(b)
    assert (a.count, a.buckets) == (both.count, both.buckets)
    assert a.total == pytest.approx(both.total)


def test_nothing_took_no_time():
    assert Spread().quantile(0.5) == 0.0
    assert timing.table({}) == {}


@pytest.fixture
def clock(monkeypatch):
    """A clock that moves only when it is told to."""
    now = [100.0]
    monkeypatch.setattr(time, "perf_counter", lambda: now[0])

    def move(seconds):
        now[0] += seconds

    return move


def test_every_moment_belongs_to_the_innermost_stage(clock):
    with measured(Laps("other")) as laps:
        clock(1)
        with stage("inference"):
            clock(2)
            with stage(WAIT):
                clock(4)
            clock(8)
        assert timing.frames_done() == 11
    assert {name: spread.total for name, spread in laps.stages.items()} == {"other": 1, "inference": 10, WAIT: 4}
    assert laps.account() == {"wall": 15, "busy": 11, "wait": 4}


def test_frames_done_together_take_equal_parts(clock):
    with measured(Laps("decode")) as laps:
        clock(8)
        laps.frames(4)
    assert laps.stages["decode"].count == 4
    assert laps.stages["decode"].quantile(0.5) == pytest.approx(2, rel=0.006)


def test_what_is_left_at_the_end_counts_but_is_no_frame(clock):
    with measured(Laps("inference")) as laps:
        clock(1)
        laps.frames()
        clock(3)
        with stage("lift"):
            clock(10)
        timing.closed(5)
        clock(50)
    assert (laps.stages["inference"].total, laps.stages["inference"].count) == (4, 1)
    assert laps.wall == 14
    found = timing.stages({"detect": laps})
    assert (found["lift"].total, found["lift"].count) == (10, 5)
    assert found["lift"].quantile(0.5) == pytest.approx(2, rel=0.006)
    assert (found["inference"].total, found["inference"].count) == (4, 1)


def test_what_another_thread_did_in_the_lump_is_no_sample(clock):
    with measured(Laps("decode")) as frames:
        for _ in range(3):
            clock(1)
            frames.frames()
    with measured(Laps("write")) as once:
        with stage("decode"):
            clock(30)
        timing.closed(3)
    found = timing.stages({"decode": frames, "write": once})
    assert found["decode"].count == 3
    assert found["decode"].total == 33
    assert found["decode"].quantile(0.95) == pytest.approx(1, rel=0.006)


def test_a_stage_ends_by_an_error_too(clock):
    with measured(Laps("a")) as laps:
        with suppress(ValueError), stage("b"):
            clock(1)
            raise ValueError
        clock(2)
    assert {name: spread.total for name, spread in laps.stages.items()} == {"a": 2, "b": 1}


def test_where_nobody_measures_nothing_happens():
    with stage("decode"):
        assert timing.frames_done() != timing.frames_done()


def test_each_thread_has_its_own_stages():
    laps = Laps("main")

    def other():
        with stage("decode"):
            time.sleep(0.01)

    with measured(laps):
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    assert set(laps.stages) == {"main"}


def test_shares_add_up_and_stages_stand_in_the_order_of_the_work():
    spreads = {"write": Spread(1.0, 1, {0: 1}), "decode": Spread(3.0, 1, {0: 1})}
    table = timing.table(spreads)
    assert list(table) == ["decode", "write"]
    assert [row["share"] for row in table.values()] == [0.75, 0.25]
