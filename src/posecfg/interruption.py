"""End tidily on a signal: Ctrl-C, SIGTERM and SIGHUP raise KeyboardInterrupt, and leave what is tidied undisturbed."""

from __future__ import annotations

import atexit
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import FrameType

Handler = Callable[[int, FrameType | None], None]
# Seconds within which further signals belong to the same end: a closed terminal sends SIGHUP twice, a user may hammer.
TOGETHER = 2.0
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class _State:
    """When the last signal raised, how many blocks must not be disturbed, and whether one waits for their end.

    ``led`` says that signals of a terminal are for another process, which asks this one to end; ``asked`` that it did.
    ``minded`` are the signals that end this process tidily now.
    """

    raised = float("-inf")
    held = 0
    waits = False
    led = False
    asked = False
    minded: tuple[int, ...] = ()


def stop(number: int, frame: FrameType | None) -> None:
    """Handle a signal that ends the program; one that follows soon must not cut the tidying short."""
    if time.monotonic() - _State.raised < TOGETHER:
        return
    _State.raised = time.monotonic()
    if _State.held:
        _State.waits = True
        return
    raise KeyboardInterrupt


def came() -> bool:
    """Tell whether a signal raised; the error that arrives in the end may be another, from code that it interrupted."""
    return _State.raised > float("-inf")


def be_led() -> None:
    """Leave Ctrl-C and a hangup, which a terminal sends to all processes, to the one that started this one."""
    _State.led = True


def ask() -> None:
    """Ask this process, which is led, to end as after Ctrl-C; call it from any thread."""
    _State.asked = True
    os.kill(os.getpid(), signal.SIGINT)


def interrupt() -> bool:
    """Raise KeyboardInterrupt in the main thread, from any thread; False where no signal is minded now.

    A shell lets what it puts into the background ignore Ctrl-C, which TERM is not.
    """
    number = next((one for one in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT) if one in _State.minded), None)
    if number is None:
        return False
    _State.asked = _State.asked or number == signal.SIGINT
    signal.pthread_kill(threading.main_thread().ident or 0, number)
    return True


@contextmanager
def undisturbed() -> Iterator[None]:
    """Put a signal off until the block ends."""
    _State.held += 1
    try:
        yield
    finally:
        _State.held -= 1
        if _State.waits and not _State.held:
            _State.waits = False
            raise KeyboardInterrupt


def end_at_once(code: int) -> None:
    """Let further signals end the program with ``code``, as all is said and tidied: Python takes its time to end."""

    def leave(number: int, frame: FrameType | None) -> None:
        os._exit(code)

    for number in _heeded():
        signal.signal(number, leave)
    atexit.register(_ignore)


def _ignore() -> None:
    """Ignore further signals: Python is about to hand them back to the system, which would change the exit code."""
    for number in ENDING:
        signal.signal(number, signal.SIG_IGN)


def _heeded() -> list[signal.Signals]:
    return [number for number in ENDING if signal.getsignal(number) != signal.SIG_IGN]


def _led(handler: Handler) -> Handler:
    def heed(number: int, frame: FrameType | None) -> None:
        if number == signal.SIGTERM or _State.asked:
            _State.asked = False
            handler(number, frame)

    return heed


@contextmanager
def heeding(handlers: Mapping[int, Handler] | None = None) -> Iterator[None]:
    """Handle signals inside the block, by ``stop`` unless ``handlers`` says otherwise; ignored ones stay ignored.

    Outside the main thread signals belong to others, and nothing is changed.
    """
    wanted = dict.fromkeys(ENDING, stop) | dict(handlers or {})
    try:
        ours = {number: _led(wanted[number]) if _State.led else wanted[number] for number in _heeded()}
        before = {number: signal.signal(number, handler) for number, handler in ours.items()}
    except ValueError:
        yield
        return
    outside, _State.minded = _State.minded, tuple(ours)
    try:
        yield
    finally:
        _State.minded = outside
        for number, handler in before.items():
            # What was set inside the block for the time after it stays.
            if signal.getsignal(number) == ours[number]:
                signal.signal(number, handler)
