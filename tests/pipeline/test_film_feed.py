"""Films are fed behind the detector's back, in order, and a fault there ends the clip."""

import threading
import time
from contextlib import contextmanager

import pytest

from posecfg.pipeline.film_feed import BEHIND, Batch, feeding
from posecfg.timing import WAIT


class Film:
    """Notes what it is given, and how it ended."""

    def __init__(self, act=lambda frames: None):
        self.seen, self.threads, self.outcome = [], set(), ""
        self._act = act

    @contextmanager
    def begin(self):
        try:
            yield self
        except BaseException as error:
            self.outcome = f"dropped: {error}"
            raise
        self.outcome = f"finished after {self.seen[-1]}"

    def end(self):
        self.seen.append("end")
        self.threads.add(threading.current_thread())

    def __call__(self, frames, people, seconds):
        self.seen.append(frames)
        self.threads.add(threading.current_thread())
        self._act(frames)


def batches(count):
    return [Batch(number, [[]], [0.1]) for number in range(count)]


def test_every_film_gets_every_batch_in_order_in_one_other_thread():
    films = [Film(), Film()]
    with feeding([film.begin() for film in films]) as feeder:
        for batch in batches(20):
            feeder.give(batch)
    for film in films:
        assert film.seen == [*range(20), "end"]
        assert film.outcome == "finished after end"
    assert len(films[0].threads | films[1].threads) == 1
    assert threading.current_thread() not in films[0].threads


def test_without_films_there_is_no_thread():
    before = threading.active_count()
    with feeding([]) as feeder:
        assert feeder is None
        assert threading.active_count() == before


def test_only_a_few_batches_wait():
    gate, given = threading.Event(), []
    film = Film(lambda frames: gate.wait(10))

    def give():
        with feeding([film.begin()]) as feeder:
            for batch in batches(20):
                feeder.give(batch)
                given.append(batch)

    thread = threading.Thread(target=give)
    thread.start()
    time.sleep(0.3)
    assert len(given) <= BEHIND + 1
    gate.set()
    thread.join(10)
    assert film.seen == [*range(20), "end"]


def fail(frames):
    if frames == 3:
        raise ValueError("no ink")


def test_a_pen_that_fails_ends_the_clip_and_drops_every_film():
    films = [Film(), Film(fail)]
    before = threading.active_count()

    def give():
        with feeding([film.begin() for film in films]) as feeder:
            for batch in batches(100):
                feeder.give(batch)

    with pytest.raises(ValueError, match="no ink"):
        give()
    assert [film.outcome for film in films] == ["dropped: no ink"] * 2
    assert films[1].seen == [0, 1, 2, 3]
    assert threading.active_count() == before


def test_a_pen_that_fails_at_the_last_batch_is_heard_too():
    film = Film(fail)
    with pytest.raises(ValueError, match="no ink"), feeding([film.begin()]) as feeder:  # noqa: PT012
        for batch in batches(4):
            feeder.give(batch)
    assert film.outcome == "dropped: no ink"


def test_an_error_of_the_detector_drops_the_films():
    film = Film(lambda frames: time.sleep(0.01))
    with pytest.raises(KeyError), feeding([film.begin()]) as feeder:  # noqa: PT012
        feeder.give(batches(1)[0])
        raise KeyError
    assert film.outcome.startswith("dropped")


def test_drawing_and_waiting_are_measured():
    film = Film(lambda frames: time.sleep(0.02))
    with feeding([film.begin()]) as feeder:
        for batch in batches(5):
            time.sleep(0.04)
            feeder.give(batch)
    assert feeder.laps.stages["draw"].total > 0.1
    assert feeder.laps.stages[WAIT].total > 0.05


def test_nobody_closes_a_film_that_is_written_to():
    inside, closed = threading.Event(), []

    class Slow(Film):
        def __call__(self, frames, people, seconds):
            inside.set()
            time.sleep(0.3)
            self.seen.append(frames)

        @contextmanager
        def begin(self):
            try:
                yield self
            except BaseException:
                closed.append(len(self.seen))
                raise

    film = Slow()
    with pytest.raises(KeyboardInterrupt), feeding([film.begin()]) as feeder:  # noqa: PT012
        feeder.give(batches(1)[0])
        inside.wait(5)
        raise KeyboardInterrupt
    assert closed == [1]
    assert film.seen == [0]


def test_ctrl_c_while_the_last_frames_are_drawn_waits_for_the_pen(monkeypatch):
    film = Film(lambda frames: time.sleep(0.1))
    join, pressed = threading.Thread.join, []

    def interrupted(self, timeout=None):
        if not pressed:
            pressed.append(True)
            raise KeyboardInterrupt
        join(self, timeout)

    monkeypatch.setattr(threading.Thread, "join", interrupted)
    with pytest.raises(KeyboardInterrupt), feeding([film.begin()]) as feeder:  # noqa: PT012
        for batch in batches(3):
            feeder.give(batch)
    assert film.outcome.startswith("dropped")
    before = list(film.seen)
    time.sleep(0.3)
    assert film.seen == before
