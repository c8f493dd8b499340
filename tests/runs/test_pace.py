"""How long a run will take, as its events tell it."""

from pathlib import Path

import pytest

from posecfg.executors.protocol import Finished, Progress, Started
from posecfg.pipeline.work import Outcome, Work
from posecfg.runs import pace
from posecfg.store.ledger_row import Row
from posecfg.types import Clip


@pytest.fixture
def now(monkeypatch):
    found = [50.0]
    monkeypatch.setattr(pace.time, "monotonic", lambda: found[0])
    return found


def works(*lengths):
    return [
        Work(Clip(str(number), Path("film"), start=None if end is None else 5.0, end=end and 5.0 + end), ("npy",))
        for number, end in enumerate(lengths)
    ]


def test_nothing_is_promised_before_anything_is_known(now):
    found = pace.Pace(works(None, None))
    assert found.left() is None
    found.event(Started("0"))
    now[0] += 5
    found.event(Progress("0", 50))
    assert found.left() is None
    assert found.landing() is None
    assert found.share == 0


def test_clips_that_wait_count_as_those_that_were_seen(now):
    found = pace.Pace(works(None, None, None))
    found.event(Started("0"))
    now[0] += 5
    found.event(Progress("0", 50, 100))
    assert found.share == 0.5
    assert found.landing() == pytest.approx(5)
    assert found.left() == pytest.approx(25)


def test_segments_count_by_their_seconds(now):
    found = pace.Pace(works(1.0, 3.0))
    found.event(Started("0"))
    now[0] += 2
    found.event(Progress("0", 10, 20))
    found.event(Finished("0", Outcome(Row("0", "done", frames=20))))
    assert found.left() == pytest.approx(6)


def test_a_clip_for_which_nothing_was_made_says_nothing_of_others(now):
    found = pace.Pace(works(None, None))
    found.event(Started("0"))
    now[0] += 1
    found.event(Finished("0", Outcome(Row("0", "done", frames=1000), fresh=False)))
    assert found.finished == 1
    assert found.left() is None


def test_the_start_of_workers_does_not_count(now):
    found = pace.Pace(works(None))
    now[0] += 30
    found.event(Started("0"))
    now[0] += 5
    found.event(Progress("0", 50, 100))
    assert found.rate() == pytest.approx(10)
    assert found.spent == pytest.approx(35)


def test_the_first_frames_promise_nothing(now):
    found = pace.Pace(works(None))
    found.event(Started("0"))
    now[0] += 1.5
    found.event(Progress("0", 1, 400))
    assert found.left() is None
    now[0] += 1.5
    found.event(Progress("0", 19, 400))
    assert found.left() == pytest.approx(57)


def test_no_clip_is_said_to_be_finished_where_none_is_in_work(now):
    found = pace.Pace(works(None))
    assert found.stopping() == "Stopping: no clip is in work; press Ctrl-C again to end at once."
    found.event(Started("0"))
    assert "the clip in work is finished first" in found.stopping()


def test_a_clip_that_has_outgrown_the_others_is_not_said_to_end_now(now):
    found = pace.Pace(works(None, None))
    for name in "01":
        found.event(Started(name))
    now[0] += 5
    found.event(Finished("0", Outcome(Row("0", "done", frames=50))))
    found.event(Progress("1", 30))
    assert found.left() == pytest.approx(20 / 16)
    found.event(Progress("1", 30))
    assert found.left() is None
    assert found.stopping() == "Stopping: the clip in work is finished first; press Ctrl-C again to drop it."
