"""Tell others how far a run is, and hear from them: a thread writes its state file and looks for a request to stop."""

from __future__ import annotations

import itertools
import logging
import os
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from posecfg.config.compose import Job
from posecfg.errors import PosecfgError
from posecfg.executors.protocol import Event
from posecfg.interruption import interrupt
from posecfg.pipeline.work import Work
from posecfg.runs.configuration import WORDS
from posecfg.runs.pace import Flight, Pace
from posecfg.runs.report import STOPPED, Report
from posecfg.runs.screen import Screen
from posecfg.store import state_file
from posecfg.store.process import Process
from posecfg.store.run_directory import RunDirectory
from posecfg.store.state_file import BEGINS, ENDS, NAMED, OVER, WORKS, ClipInWork, Pen, RunState
from posecfg.store.stop_request import DROP, StopRequest, name_of
from posecfg.text import sentence

log = logging.getLogger("posecfg.state")
# Seconds that a run waits at its end for a file system that does not answer.
PATIENCE = 5.0
# With more clips in work than this nothing is reckoned from each of them.
MANY = 1000


class State:
    """The state of one run: its events come in, and a thread writes it down once a beat.

    ``executor`` is as it was typed. Nothing that fails here stops a run.
    """

    def __init__(self, job: Job, directory: RunDirectory, report: Report, screen: Screen, executor: str) -> None:
        self._report, self._screen, self._executor = report, screen, executor
        self._token, self._process = secrets.token_hex(8), Process.own()
        self._command = tuple(job.command[:WORDS]) if len(job.command) <= WORDS else ()
        self._started, self._began = time.time(), time.monotonic()
        self._cwd = os.getcwd()
        self._phase, self._beat, self._frames = BEGINS, 0, 0
        self._pace = Pace()
        # Events come from one thread, the state is written by another.
        self._lock, self._wake, self._is_over = threading.Lock(), threading.Event(), False
        self._finish: Callable[[], None] | None = None
        self._asked: StopRequest | None = None
        self._deaf = False
        self._request = name_of(directory.part)
        self._pen = Pen(directory.home, directory.part, self._token, self._request)
        self._thread = threading.Thread(target=self._go_on, name="posecfg-state", daemon=True)
        self._write()
        self._thread.start()

    def begin(self, works: Sequence[Work]) -> None:
        """Take in what there is to do."""
        with self._lock:
            self._pace, self._phase = Pace(works), WORKS
        self._wake.set()

    def event(self, event: Event) -> None:
        """Take in one event."""
        with self._lock:
            self._pace.event(event)

    def end_work(self) -> None:
        """Say that all clips have their outcome, and files over all clips are made."""
        self._phase = ENDS

    def deafen(self) -> None:
        """Heed no request any more: the run has come to its end."""
        with self._lock:
            self._deaf = True

    @contextmanager
    def finishing_by(self, finish: Callable[[], None]) -> Iterator[None]:
        """Let a request to stop call ``finish`` inside the block, from another thread; it interrupts elsewhere."""
        with self._lock:
            self._finish, asked = finish, self._asked
        if asked is not None:
            finish()
        try:
            yield
        finally:
            with self._lock:
                self._finish = None

    def close(self, error: BaseException | None) -> None:
        """Write how the run ended; ``error`` is what its report does not tell."""
        self._is_over = True
        self._wake.set()
        self._thread.join(PATIENCE)
        if self._thread.is_alive():
            return
        self._phase = OVER
        self._write(**_ending(self._report, error))
        self._pen.remove(self._request)
        self._pen.close()

    def _go_on(self) -> None:
        while not self._is_over:
            self._wake.wait(state_file.EVERY)
            self._wake.clear()
            if not self._is_over:
                self._write()
                self._look()

    def _write(self, **ending: Any) -> None:
        try:
            self._pen.write(self._now(**ending))
        except Exception as error:
            log.debug("state", exc_info=error)

    def _now(self, **ending: Any) -> RunState:
        report, asked = self._report, self._asked
        self._beat += 1
        with self._lock:
            pace, now = self._pace, time.monotonic()
            clips = tuple(_clip(name, one, now) for name, one in itertools.islice(pace.flight.items(), NAMED))
            placed = pace.placed
            return RunState(
                self._process,
                token=self._token,
                beat=self._beat,
                phase=self._phase,
                started=round(self._started, 3),
                seconds=round(now - self._began, 3),
                command=self._command,
                folder=self._cwd,
                executor=self._executor,
                engine=placed.engine,
                workers=report.workers,
                ready=placed.workers if placed.engine else None,
                waiting=placed.waiting,
                clips=report.total,
                to_do=report.to_do,
                already=report.already,
                done=report.done,
                dropped=len(report.skipped),
                failed=len(report.failed),
                left=report.left,
                frames=pace.frames,
                frames_per_second=round(pace.rate(), 1),
                time_left=_rounded(pace.left()) if self._phase == WORKS and len(pace.flight) <= MANY else None,
                in_work=len(pace.flight),
                clips_in_work=clips,
                stop="" if asked is None else asked.how,
                stop_host="" if asked is None else asked.host,
                **ending,
            )

    def _look(self) -> None:
        """Look for a request to stop; one that names another run is an old one."""
        data = self._pen.take(self._request)
        request = None if data is None else StopRequest.of(data)
        if request is None or request.token != self._token:
            return
        with self._lock:
            if self._deaf or (self._asked is not None and request.how in ("", self._asked.how)):
                return
            self._asked, finish = request, self._finish
        try:
            self._heed(request, finish)
        except Exception as error:
            log.warning("a request to stop", exc_info=error)
        self._write()

    def _heed(self, request: StopRequest, finish: Callable[[], None] | None) -> None:
        """Do what Ctrl-C does: let clips in work finish, or drop them, also where all but clips is done."""
        drops = request.how == DROP
        self._screen.say(f"'posecfg stop{' --now' if drops else ''}' was typed on {request.host}.")
        if finish is not None and not drops:
            if not self._report.stopped:
                finish()
            return
        if finish is not None:
            self._report.stopped = True
        with self._lock:
            if not self._deaf and not interrupt() and finish is not None:
                finish()


def _clip(name: str, one: Flight, now: float) -> ClipInWork:
    return ClipInWork(name, one.where, round(now - one.began, 1), one.frames, one.of)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def _ending(report: Report, error: BaseException | None) -> dict[str, Any]:
    """Return how a run ended."""
    if error is None:
        told = report.ending, report.error, report.exit_code
    elif isinstance(error, KeyboardInterrupt):
        told = "stopped", None, STOPPED
    else:
        told = "error", sentence(error), error.exit_code if isinstance(error, PosecfgError) else 1
    return {**dict(zip(("ended", "error", "exit_code"), told, strict=True)), "ended_at": round(time.time(), 3)}


@contextmanager
def told(job: Job, directory: RunDirectory, report: Report, screen: Screen, executor: str) -> Iterator[State]:
    """Keep the state of a run inside the block, and write at its end how it ended."""
    state = State(job, directory, report, screen, executor)
    try:
        yield state
    except BaseException as error:
        state.close(error)
        raise
    state.close(None)
