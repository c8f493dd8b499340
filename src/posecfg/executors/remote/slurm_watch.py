"""The states of SLURM's tasks, asked for by a thread: its controller may take long to answer, or start again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable

from posecfg.errors import ConfigError
from posecfg.executors.remote import slurm_states
from posecfg.executors.remote.slurm_states import ENDED, State

ASK_SECONDS, HURRY_SECONDS = 5.0, 0.5
"""How long after an answer SLURM is asked again: while nothing happens, and when a task was lost."""
END_SECONDS = 10.0


class SlurmWatch:
    """Asks SLURM about tasks until it is closed, and calls ``answered`` from its thread after each answer."""

    def __init__(self, answered: Callable[[], None]) -> None:
        self._answered = answered
        self._lock, self._wake = threading.Lock(), threading.Event()
        self._states: dict[str, State] = {}
        self._asked, self._silent = float("-inf"), 0.0
        self._closed = False
        self._thread = threading.Thread(target=self._watch, name="posecfg-slurm", daemon=True)

    def add(self, names: Iterable[str]) -> None:
        """Ask about some tasks too, which were just submitted."""
        with self._lock:
            self._states |= dict.fromkeys(names, State("PENDING"))
        if self._thread.ident is None:
            self._thread.start()
        self.hurry()

    @property
    def states(self) -> dict[str, State]:
        """What is known of each task."""
        with self._lock:
            return dict(self._states)

    def since(self, moment: float) -> dict[str, State] | None:
        """Return the states of tasks as they were at ``moment`` (monotonic) or later, None until they are known."""
        with self._lock:
            if self._asked >= moment:
                return dict(self._states)
        self.hurry()
        return None

    def silence(self) -> float:
        """Return for how many seconds SLURM has not answered."""
        silent = self._silent
        return time.monotonic() - silent if silent else 0.0

    def hurry(self) -> None:
        """Ask again soon."""
        self._wake.set()

    def close(self) -> None:
        """Ask no more."""
        self._closed = True
        self.hurry()
        if self._thread.ident is not None:
            self._thread.join(END_SECONDS)

    def _watch(self) -> None:
        while not self._closed:
            self._wake.clear()
            asked = time.monotonic()
            try:
                self._ask(asked)
                self._answered()
                self._silent = 0.0
            except ConfigError:
                self._silent = self._silent or asked
            self._wake.wait(ASK_SECONDS)
            time.sleep(max(0.0, asked + HURRY_SECONDS - time.monotonic()))

    def _ask(self, asked: float) -> None:
        known = self.states
        found = slurm_states.ask(list(dict.fromkeys(name.partition("_")[0] for name in known)))
        with self._lock:
            for name, state in known.items():
                now = found.get(name)
                # One that has ended stays as it was when it is forgotten.
                self._states[name] = now or (state if state.name in ENDED else State("FORGOTTEN"))
            self._asked = asked
