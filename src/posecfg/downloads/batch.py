"""Get many films, several at once, with attempts again after what passes."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from posecfg.downloads.faults import Busy, Gone, Passing, Refused, Stopped
from posecfg.downloads.film import Bounds, get
from posecfg.downloads.part import reached
from posecfg.downloads.request import Manners
from posecfg.types import Downloads, Wanted

MANNERS = Manners()
# Bytes of progress after which attempts are counted anew.
_GAIN = 1_000_000
# Films in a row that failed without an answer, after which the server is given up.
_IN_A_ROW = 5
# Seconds that films in flight have to stop in.
_LEAVING = 2.0


@dataclass(frozen=True)
class Film:
    """What came of one film: ``state`` is downloaded, other (another view was taken), elsewhere or failed.

    ``reason`` says why it is not downloaded; elsewhere means that another process is getting it. ``file`` is where it
    is now, ``bytes`` its size, ``earlier`` those of them that came in an earlier start. Another view that was there
    already has no ``bytes``.
    """

    name: str
    state: str
    reason: str = ""
    file: Path | None = None
    bytes: int = 0
    earlier: int = 0


class Flight:
    """Bytes that have come of each film in flight, and in all."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._films: dict[str, int] = {}
        self.bytes = 0

    def add(self, name: str, count: int) -> None:
        """Add what came of a film."""
        with self._lock:
            self._films[name] = self._films.get(name, 0) + count
            self.bytes += count

    def end(self, name: str) -> int:
        """Forget a film that is in flight no more, and return what came of it."""
        with self._lock:
            return self._films.pop(name, 0)

    def films(self) -> dict[str, int]:
        """Return the bytes of each film in flight."""
        with self._lock:
            return dict(self._films)


class Batch:
    """Films of ``plan`` that are not here, got by ``workers`` threads; with ``others``, another view where one is gone.

    ``flight`` tells what is under way.
    """

    def __init__(self, plan: Downloads, base: str, workers: int, others: bool) -> None:
        self._plan, self._base, self._others = plan, base, others
        self._waiting = queue.SimpleQueue[Wanted]()
        self._done = queue.SimpleQueue[Film | Exception]()
        self._stop = threading.Event()
        self._silent = 0
        self._workers = workers
        self.flight = Flight()

    def __call__(self, films: Sequence[Wanted]) -> Iterator[Film]:
        """Yield what came of each of ``films``, as it is known."""
        for film in films:
            self._waiting.put(film)
        # Threads of which one waits for a server must not keep the program from ending.
        crew = [threading.Thread(target=self._work, daemon=True) for _ in range(min(self._workers, len(films)))]
        for thread in crew:
            thread.start()
        try:
            for _ in films:
                found = self._next()
                if isinstance(found, Exception):
                    raise found
                yield found
        finally:
            self._stop.set()
            for thread in crew:
                thread.join(_LEAVING / len(crew))

    def _next(self) -> Film | Exception:
        """Wait for the next outcome; a signal is heeded now and then."""
        while True:
            try:
                return self._done.get(timeout=0.5)
            except queue.Empty:
                continue

    def _work(self) -> None:
        try:
            while not self._stop.is_set():
                try:
                    film = self._waiting.get_nowait()
                except queue.Empty:
                    return
                self._done.put(self._one(film))
        except Stopped:
            return
        except Exception as error:
            self._done.put(error)

    def _one(self, film: Wanted) -> Film:
        if self._silent >= _IN_A_ROW:
            return Film(film.name, "failed", f"not tried: {_IN_A_ROW} films before it got no answer from the server")
        try:
            return self._tried(film.name, film.name, "downloaded")
        except Gone as gone:
            reason = str(gone)
        except Busy as busy:
            return Film(film.name, "elsewhere", str(busy))
        except (Refused, Passing) as error:
            return Film(film.name, "failed", str(error))
        for other in film.others if self._others else ():
            if other in self._plan.here:
                return Film(film.name, "other", reason, self._plan.here[other])
            try:
                return self._tried(film.name, other, "other", reason)
            except (Refused, Passing):
                continue
        return Film(film.name, "failed", reason)

    def _tried(self, name: str, source: str, state: str, reason: str = "") -> Film:
        """Get the film ``source`` under its own name, with attempts again."""
        target, address = self._plan.folder / source, self._base + quote(source)
        bounds = Bounds(self._plan.least, self._plan.most)
        tries, pause, best = 0, MANNERS.pause, reached(target)
        while True:
            try:
                size = get(address, target, bounds, MANNERS, lambda count: self.flight.add(source, count), self._stop)
            except Passing as passing:
                tries, pause = (1, MANNERS.pause) if reached(target) >= best + _GAIN else (tries + 1, pause)
                best = max(best, reached(target))
                if tries >= MANNERS.tries:
                    self._silent = 0 if self.flight.end(source) else self._silent + 1
                    raise
                if self._stop.wait(passing.seconds or pause):
                    raise Stopped from None
                pause *= 2
            except Refused:
                self._silent = 0
                self.flight.end(source)
                raise
            else:
                self._silent = 0
                came = self.flight.end(source)
                return Film(name, state, reason, target, size, max(size - came, 0))
