"""What an executor reports is held against the run: a wrong event ends it with a sentence, and is not recorded."""

from contextlib import contextmanager

import pytest
from whole_runs import go, job_of

from posecfg.executors.local import Local
from posecfg.executors.protocol import Finished, Placed, Progress, Started, Warned
from posecfg.pipeline.work import Outcome
from posecfg.runs.scope import known, scope
from posecfg.store.ledger import Row
from posecfg.timing import Spread

FIRST = "synthetic_0000"


class Liar:
    """Runs clips in this process, and puts in events of its own."""

    workers = 0

    def __init__(self, before=(), after=lambda event: [event]):
        self._local, self._before, self._after = Local(0), before, after
        self.closed = False

    @contextmanager
    def prepare(self, config, clips=None):
        yield

    def run(self, setup, works, mend):
        try:
            yield from self._before
            for event in self._local.run(setup, works, mend):
                yield from self._after(event)
        finally:
            self.closed = True

    def stop(self):
        self._local.stop()


def done(clip_id=FIRST, **values):
    return Finished(clip_id, Outcome(Row(clip_id, **({"status": "done"} | values))))


WRONG = {
    "done without a record": (done(), f"it reports '{FIRST}' as done, but the clip has no record"),
    "done with another record": (done(sidecar=(1, 2)), "no record, or another one"),
    "a foreign outcome": (done("other"), "expected events of the clips that it was given, but got Finished of 'other'"),
    "a foreign start": (Started("other"), "but got Started of 'other'"),
    "an id that is no text": (Started(5), "but got Started of 5"),
    "an unknown status": (done(status="great"), "to end with its Outcome, done, skipped, failed, but got"),
    "no outcome": (Finished(FIRST, None), "to end with its Outcome"),
    "the row of another clip": (Finished(FIRST, Outcome(Row("synthetic_0001", "failed"))), "to end with its Outcome"),
    "frames that are no number": (done(status="failed", frames="x"), "to end with its Outcome"),
    "seconds that are none": (Finished(FIRST, Outcome(Row(FIRST, "failed"), seconds=float("nan"))), "to end with its"),
    "files that are none": (Finished(FIRST, Outcome(Row(FIRST, "failed"), written=(5,))), "to end with its Outcome"),
    "bytes that are none": (Finished(FIRST, Outcome(Row(FIRST, "failed"), bytes=-1)), "to end with its Outcome"),
    "facts that are none": (done(status="failed", facts={"scores": 5}), "to end with its Outcome"),
    "stages that are none": (
        Finished(FIRST, Outcome(Row(FIRST, "failed"), stages={"decode": 5})),
        "to end with its Outcome",
    ),
    "a warning without text": (Warned(None), "expected Warned with a text"),
    "a place of no name": (Started(FIRST, None), "expected Started with a name of a worker"),
    "workers that are no number": (Placed("local", -1), "expected Placed with a name, a number of workers and texts"),
    "what waits as one text": (Placed("local", 1, "all of them"), "expected Placed with a name"),
    "an engine of no name": (Placed(5), "expected Placed with a name"),
    "frames below zero": (Progress(FIRST, -5), "expected a number of frames, but got -5"),
    "frames as a text": (Progress(FIRST, "many"), "expected a number of frames, but got 'many'"),
    "a film of no length": (Progress(FIRST, 5, 9, float("nan")), "expected seconds of film, but got nan"),
    "a text": ("hello", "expected Started, Progress, Warned, Placed or Finished, but got 'hello'"),
    "nothing": (None, "expected Started, Progress, Warned, Placed or Finished, but got None"),
}


@pytest.mark.parametrize(("event", "told"), WRONG.values(), ids=WRONG)
def test_a_wrong_event_ends_the_run_and_is_not_recorded(tmp_path, event, told):
    liar = Liar(before=[event])
    went = go(tmp_path, executor=liar)
    assert went.exit_code == 1
    assert went.error.startswith("executor=local is at fault: ")
    assert told in went.error
    assert (went.done, went.failed, went.left, liar.closed) == (0, {}, 3, True)
    assert known(scope(job_of(tmp_path)).directory) == {}


def test_a_clip_that_ends_twice_does_not_hide_one_that_was_not_done(tmp_path):
    went = go(tmp_path, executor=Liar(after=lambda event: [event] * (1 + isinstance(event, Finished))))
    assert (went.exit_code, went.done, went.left) == (1, 1, 2)
    assert "expected one outcome for each clip, but got Finished of 'synthetic_0000' after its outcome" in went.error
    assert list(known(scope(job_of(tmp_path)).directory)) == [FIRST]


def test_right_events_pass(tmp_path):
    right = [
        Started(FIRST),
        Progress(FIRST, 0),
        Warned("slow"),
        Started(FIRST, "node7"),
        Placed("grid", 2, ("1 of 3 tasks waits",)),
    ]
    went = go(tmp_path, executor=Liar(before=right))
    assert (went.exit_code, went.done, went.left, went.error) == (0, 3, 0, None)
    assert went.screen.said == ["slow"]


def test_a_clip_can_end_failed_without_a_record(tmp_path):
    end = Finished(FIRST, Outcome(Row(FIRST, "failed", "why"), stages={"decode": Spread()}))
    went = go(tmp_path, executor=Liar(after=lambda event: [end] if isinstance(event, Finished) else [], before=[]))
    assert went.error is not None  # the second time for the same clip
    assert went.failed == {FIRST: "why"}


def test_an_executor_that_forgets_a_clip_is_named(tmp_path):
    went = go(tmp_path, executor=Liar(after=lambda event: [] if getattr(event, "clip_id", "") == FIRST else [event]))
    assert went.error.endswith(f"is at fault: it ended without an outcome of 1 clip, the first is '{FIRST}'.")
    assert (went.exit_code, went.done) == (1, 2)
