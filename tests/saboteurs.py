"""What goes wrong inside a worker process: each function stands for its entry, and breaks something first."""

import errno
import logging
import os
import signal
import sys
import time
from functools import wraps

from posecfg.executors import worker_start
from posecfg.executors.worker_start import _enter

BAD = "synthetic_0002"


def stillborn(wire, targets):
    """Die before anything is built."""
    os._exit(7)


def stillborn_twice(wire, targets):
    """Die before anything is built, but for the third."""
    good = worker_start._receive

    def receive(wire, targets):
        setup, number = good(wire, targets)
        return os._exit(7) if number < 3 else (setup, number)

    worker_start._receive = receive
    _enter(wire, targets)


def leave(wire, targets):
    """Ask to leave while the chain is built."""
    from posecfg.detectors.synthetic import Synthetic

    Synthetic.__init__ = wraps(Synthetic.__init__)(lambda self, **values: sys.exit("no licence"))
    _enter(wire, targets)


def _write(act):
    from posecfg.writers.csv import Csv

    good = Csv.write

    def write(self, extraction, files):
        act(extraction.clip.id)
        good(self, extraction, files)

    Csv.write = write


def slow_pen(wire, targets):
    """Take so long over writing that the next clip is always under way."""
    _write(lambda clip_id: time.sleep(0.2))
    _enter(wire, targets)


def deadly_pen(wire, targets):
    """Die while one clip is written, with the next one under way."""

    def die(clip_id):
        time.sleep(0.2)
        if clip_id == BAD:
            # Sent to this very thread: another one would let it write on for a while.
            signal.raise_signal(signal.SIGSEGV)

    _write(die)
    _enter(wire, targets)


def hanging_pen(wire, targets):
    """Never finish writing one clip."""
    _write(lambda clip_id: time.sleep(3600 if clip_id == BAD else 0))
    _enter(wire, targets)


def broken_pen(wire, targets):
    """Fail to write one clip, at great length."""

    def fail(clip_id):
        if clip_id == BAD:
            raise ValueError("word " * 200_000)

    _write(fail)
    _enter(wire, targets)


def full_disk(wire, targets):
    """Find the disk full at one clip."""

    def fill(clip_id):
        if clip_id == BAD:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    good = os.fsync
    _write(lambda clip_id: setattr(os, "fsync", lambda d: fill(clip_id) or good(d)))
    _enter(wire, targets)


def silent_death(wire, targets):
    """Die after a clip is committed, before the parent hears of it."""
    from posecfg.executors.protocol import Finished
    from posecfg.executors.worker_main import Line

    good = Line.send

    def send(self, message):
        if isinstance(message, Finished) and message.clip_id == BAD:
            os._exit(9)
        good(self, message)

    Line.send = send
    _enter(wire, targets)


def broken_encoder(wire, targets):
    """Fail in the middle of one clip's film."""
    import av

    from posecfg.video.encode import Encoder
    from posecfg.writers.film import Film

    good, call = Encoder._mux, Film.add

    def mux(self, packets):
        if self.frames == 7 and BAD in self.clip:
            raise av.error.ExternalError(542398533, "Generic error in an external library")
        good(self, packets)

    def add(self, *picture):
        self._encoder.clip = self._clip.id
        call(self, *picture)

    Encoder.clip, Encoder._mux, Film.add = "", mux, add
    _enter(wire, targets)


def warning(wire, targets):
    """Warn while the chain is built."""
    from posecfg.detectors.synthetic import Synthetic

    good = Synthetic.__init__

    @wraps(good)
    def warn(self, *values, **named):
        logging.getLogger("posecfg.runtimes").warning("memory ran out at %d", 8)
        good(self, *values, **named)

    Synthetic.__init__ = warn
    _enter(wire, targets)


def no_room(wire, targets):
    """Fail at each clip with the error of a disk that FULL has in the environment."""
    from posecfg.store import fingerprint

    def fill(clip):
        raise OSError(int(os.environ["FULL"]), "no room")

    fingerprint.record = fill
    _enter(wire, targets)


def no_lock(wire, targets):
    """Meet a disk that fails where the worker shows that it is alive."""
    from posecfg.store import worker_lock

    def fail(home, part):
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    worker_lock.show_alive = fail
    _enter(wire, targets)


def _no_record(error):
    """Let the record of one clip not be written."""
    from posecfg.store import commit

    good = commit.replace_bytes

    def fail(path, *rest):
        if path.stem == BAD:
            raise error
        return good(path, *rest)

    commit.replace_bytes = fail


def unrecorded(wire, targets):
    """Fail to write the record of one clip."""
    from posecfg.errors import ClipError

    _no_record(ClipError("no record"))
    _enter(wire, targets)


def unrecorded_for_good(wire, targets):
    """Find that nothing can be written any more where the record of one clip is due."""
    from posecfg.errors import OutputError

    _no_record(OutputError("no disk"))
    _enter(wire, targets)


def full_while_built(wire, targets):
    """Find the disk full while the chain is built, with the current folder gone where GONE is in the environment."""
    from posecfg.pipeline import chain

    def fill(setup):
        if gone := os.environ.get("GONE"):
            os.mkdir(gone)
            os.chdir(gone)
            os.rmdir(gone)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    chain.built = fill
    _enter(wire, targets)
