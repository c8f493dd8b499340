"""The contract of yards: they hire workers for a crew, listen to them, and dismiss them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from posecfg.executors.messages import Message
from posecfg.executors.protocol import Event
from posecfg.pipeline.work import Setup, Work


@dataclass(frozen=True)
class End:
    """Why a worker is no more.

    It ``blames`` a clip where that may be the cause, and not the machine that the worker was on. ``is_limit`` tells
    that the time was over which the machine was lent for.
    """

    cause: str
    blames: bool = True
    is_limit: bool = False


class Worker(Protocol):
    """One worker, seen from the driver."""

    @property
    def where(self) -> str:
        """The machine that it is on; empty for this one."""

    def give(self, work: Work) -> bool:
        """Send one clip to the worker; False when it cannot be reached."""

    def messages(self) -> Iterator[Message]:
        """Yield what the worker has sent and was not read yet."""

    def end(self) -> End | None:
        """Tell why the worker is no more, None while it works: after that it is not heard any more."""

    def kill(self) -> None:
        """End the worker by force; ``end`` tells when it is gone."""

    def remark(self) -> str:
        """Return what the user must know about the worker, once each time."""


class Yard(Protocol):
    """Where workers come from: processes of this machine, or of others."""

    publishes: bool
    """Whether workers publish their files; otherwise the crew does, and a worker that was given up cannot."""

    def open(self, setup: Setup, count: int) -> None:
        """Ask for ``count`` workers, which build themselves from ``setup``; they join when they can."""

    def joined(self) -> Iterable[Worker]:
        """Return the workers that joined since the last call."""

    def expects(self) -> int:
        """Return how many workers may still join."""

    def nothing_left(self) -> str:
        """Say, where no worker is left and none will come, why that is."""

    def replace(self, worker: Worker) -> None:
        """Ask for another worker in the place of one that is no more."""

    def news(self) -> Iterable[Event]:
        """Return what there is to tell about workers that did not join."""

    def wait(self, workers: Sequence[Worker], seconds: float) -> None:
        """Return when one of ``workers`` has something to say, when one joins, at ``wake``, or after ``seconds``."""

    def wake(self) -> None:
        """End a ``wait``; this may be called from any thread."""

    def dismiss(self, workers: Sequence[tuple[Worker, bool]]) -> None:
        """End some workers: those that are idle, as the second value tells, at once, the others by force.

        None of them publishes anything any more after that.
        """

    def close(self) -> None:
        """End what was asked for and did not join."""
