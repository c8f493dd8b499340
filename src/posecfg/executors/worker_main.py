"""The loop of a worker process: do clips, writing one while the next is extracted."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from multiprocessing.connection import Connection

from posecfg.errors import ComponentFailed, NotBuilt, OutputError, PosecfgError, Unseen
from posecfg.executors.line import Line
from posecfg.executors.messages import Blind, Broken, Free, Made, Order, Ready
from posecfg.executors.protocol import Finished, Progress
from posecfg.pipeline.chain import Chain
from posecfg.pipeline.clip_summary import Extracted
from posecfg.pipeline.clip_task import extract, finish, stage
from posecfg.pipeline.work import Destination, Setup, Work, failed
from posecfg.store.disk import lasting
from posecfg.text import sentence

log = logging.getLogger("posecfg.worker")
EVERY = 0.2


def serve(wire: Connection, line: Line, chain: Chain, setup: Setup) -> bool:
    """Do clips until the parent says that the run is over or is dead; tell whether another run may follow."""
    line.send(Ready())
    destination, end = setup.destination, _write if setup.publishes else _stage
    with ThreadPoolExecutor(1, "posecfg-write") as pen:
        writing: Future[None] | None = None
        while True:
            try:
                work: Work | Order = wire.recv()
            except EOFError:
                return False
            if isinstance(work, Order):
                return work is Order.REST
            began = time.time()
            try:
                held = extract(chain, destination, work, ProgressTeller(line, work.clip.id))
            except NotBuilt as error:
                if writing is not None:
                    writing.result()
                line.refuse(error, destination.root)
                return False
            except Exception as error:
                _report(line, destination, work, error, began)
                continue
            if writing is not None:
                writing.result()
            # Sent before the writing starts, so that the parent never gets the outcome first.
            line.send(Free(work.clip.id))
            writing = pen.submit(end, line, chain, destination, held)


def _write(line: Line, chain: Chain, destination: Destination, held: Extracted) -> None:
    altered: list[str] = []
    try:
        line.send(Finished(held.work.clip.id, finish(chain, destination, held, altered)))
    except Exception as error:
        _report(line, destination, held.work, error, held.began, altered)


def _stage(line: Line, chain: Chain, destination: Destination, held: Extracted) -> None:
    try:
        line.send(Made(held.work.clip.id, stage(chain, destination, held).sent()))
    except Exception as error:
        _report(line, destination, held.work, error, held.began)


def _report(
    line: Line, destination: Destination, work: Work, error: Exception, began: float, altered: Sequence[str] = ()
) -> None:
    error = lasting(error, destination.root) or error
    if not isinstance(error, PosecfgError) or isinstance(error, ComponentFailed):
        log.error("clip %s", ascii(work.clip.id), exc_info=error)
    if isinstance(error, OutputError):
        line.send(Broken(sentence(error), tuple(altered)))
    elif isinstance(error, Unseen):
        line.send(Blind(work.clip.id, failed(work, error, began, altered)))
    else:
        line.send(Finished(work.clip.id, failed(work, error, began, altered)))


class ProgressTeller:
    """Count frames, and report them to the parent a few times a second."""

    def __init__(self, line: Line, clip_id: str) -> None:
        self._line, self._id = line, clip_id
        self._count, self._last = 0, time.monotonic()

    def __call__(self, frames: int, expected: int | None = None, lasts: float | None = None) -> None:
        """Count ``frames`` more, of about ``expected`` in all, which last about so many seconds."""
        self._count += frames
        now = time.monotonic()
        if now - self._last >= EVERY:
            self._line.send(Progress(self._id, self._count, expected, lasts))
            self._count, self._last = 0, now
