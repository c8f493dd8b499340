"""The program of a worker process: build the chain, then do clips, writing one while the next is extracted."""

from __future__ import annotations

import faulthandler
import logging
import os
import signal
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from multiprocessing.connection import Connection
from pathlib import Path

from posecfg.errors import OutputError, PosecfgError
from posecfg.executors.messages import Broken, Free, Message, Ready, Unbuilt
from posecfg.executors.protocol import Finished, Progress, Warned
from posecfg.executors.warnings import warnings_to
from posecfg.layout import HOME
from posecfg.models.settings import using
from posecfg.pipeline.chain import Chain, built
from posecfg.pipeline.clip_summary import Extracted
from posecfg.pipeline.clip_task import extract, finish
from posecfg.pipeline.work import Destination, Setup, Work, failed
from posecfg.store import real_files, worker_lock
from posecfg.text import sentence

log = logging.getLogger("posecfg.worker")
EVERY = 0.2


def main(wire: Connection, setup: Setup, number: int) -> None:
    """Do clips until the parent says stop or is dead."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    line = Line(wire)
    with using(setup.models), warnings_to(lambda text: line.send(Warned(text))):
        try:
            worker_lock.show_alive(setup.destination.root / HOME, setup.destination.part)
            _redirect(setup.logs, number)
            chain = built(setup)
        except (Exception, SystemExit) as error:
            log.exception("cannot be built")
            line.send(Unbuilt(sentence(error), isinstance(error, PosecfgError)))
            return
        line.send(Ready())
        _serve(wire, line, chain, setup.destination)


def _serve(wire: Connection, line: Line, chain: Chain, destination: Destination) -> None:
    with ThreadPoolExecutor(1, "posecfg-write") as pen:
        writing: Future[None] | None = None
        while True:
            try:
                work: Work | None = wire.recv()
            except EOFError:
                return
            if work is None:
                return
            began = time.time()
            try:
                held = extract(chain, destination, work, ProgressTeller(line, work.clip.id))
            except Exception as error:
                _report(line, work, error, began)
                continue
            if writing is not None:
                writing.result()
            # Sent before the writing starts, so that the parent never gets the outcome first.
            line.send(Free(work.clip.id))
            writing = pen.submit(_write, line, chain, destination, held)


def _write(line: Line, chain: Chain, destination: Destination, held: Extracted) -> None:
    try:
        line.send(Finished(held.work.clip.id, finish(chain, destination, held)))
    except Exception as error:
        _report(line, held.work, error, held.began)


def _report(line: Line, work: Work, error: Exception, began: float) -> None:
    if not isinstance(error, PosecfgError):
        log.error("clip %s", ascii(work.clip.id), exc_info=error)
    if isinstance(error, OutputError):
        line.send(Broken(sentence(error)))
    else:
        line.send(Finished(work.clip.id, failed(work, error, began)))


class Line:
    """The pipe to the parent, shared by the extracting and the writing thread."""

    def __init__(self, wire: Connection) -> None:
        self._wire, self._lock = wire, threading.Lock()

    def send(self, message: Message) -> None:
        """Send one message; a worker whose parent is dead exits."""
        with self._lock:
            try:
                self._wire.send(message)
            except OSError:
                os._exit(1)


class ProgressTeller:
    """Count frames, and report them to the parent a few times a second."""

    def __init__(self, line: Line, clip_id: str) -> None:
        self._line, self._id = line, clip_id
        self._count, self._last = 0, time.monotonic()

    def __call__(self, frames: int) -> None:
        """Count ``frames`` more."""
        self._count += frames
        now = time.monotonic()
        if now - self._last >= EVERY:
            self._line.send(Progress(self._id, self._count))
            self._count, self._last = 0, now


def _redirect(logs: Path | None, number: int) -> None:
    """Send what native libraries print on file descriptor 2 to a file of this worker."""
    if logs is None:
        return
    descriptor = real_files.open_file(logs / f"worker-{number}.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(descriptor, 2)
    os.close(descriptor)
    faulthandler.enable()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s: %(message)s", force=True)
