"""Lines on the way through long clips."""

from pathlib import Path

import pytest

from posecfg.executors.protocol import Progress, Started
from posecfg.pipeline.work import Work
from posecfg.runs import pace
from posecfg.terminal.quarters import Quarters
from posecfg.types import Clip


@pytest.fixture
def now(monkeypatch):
    found = [50.0]
    monkeypatch.setattr(pace.time, "monotonic", lambda: found[0])
    return found


def told(now, of, each, steps, number=10, lasts=None):
    run, quarters, lines = pace.Pace([Work(Clip("a", Path("film")), ("npy",))]), Quarters(), []
    run.event(Started("a"))
    for _ in range(number):
        now[0] += each
        event = Progress("a", steps, of, lasts)
        run.event(event)
        lines.append(quarters.passed(event, run))
    return [line for line in lines if line]


def test_a_long_film_is_told_of_at_each_quarter(now):
    assert told(now, 2000, 1, 200) == [
        "a: 25 %, 600 of about 2,000 frames, about 7.0 s left for all",
        "a: 50 %, 1,000 of about 2,000 frames, about 5.0 s left for all",
        "a: 75 %, 1,600 of about 2,000 frames, about 2.0 s left for all",
    ]


def test_a_short_film_that_takes_long_is_told_of_too(now):
    assert [line[:7] for line in told(now, 100, 10, 10)] == ["a: 25 %", "a: 50 %", "a: 75 %"]


def test_a_short_film_is_not(now):
    assert told(now, 100, 0.1, 10) == []


def test_nor_is_one_whose_length_is_unknown(now):
    assert told(now, None, 10, 1000) == []


@pytest.mark.parametrize(("lasts", "times"), [(59, 0), (61, 3)])
def test_a_minute_of_film_is_long_whatever_its_rate(now, lasts, times):
    assert len(told(now, 100, 0.1, 10, lasts=lasts)) == times
