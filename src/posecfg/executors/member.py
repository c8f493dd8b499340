"""One worker of a crew: the clips that it holds, and for how long."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from posecfg.executors.protocol import Finished, Progress
from posecfg.executors.yard import Worker
from posecfg.pipeline.work import Work


@dataclass
class HeldClip:
    """A clip that a worker has, and since when (monotonic and wall clock)."""

    work: Work
    since: float = field(default_factory=time.monotonic)
    began: float = field(default_factory=time.time)


@dataclass(eq=False)
class Member:
    """A worker; ``active`` is the id of the clip that it extracts, the others in ``held`` are being written.

    ``late`` is the clip for which it was killed, ``done`` the number of those that it finished. ``sees`` tells that it
    could read one since the last one that it could not.
    """

    worker: Worker
    held: dict[str, HeldClip] = field(default_factory=dict)
    active: str | None = None
    ready: bool = False
    late: str | None = None
    done: int = 0
    sees: bool = False

    def give(self, work: Work) -> bool:
        """Send one clip to the worker; False when it cannot be reached."""
        if not self.worker.give(work):
            return False
        self.active = work.clip.id
        self.held[work.clip.id] = HeldClip(work)
        return True

    def free(self, clip_id: str) -> None:
        """Let the worker have another clip beside the one that it is about to write."""
        self.sees = True
        if self.active == clip_id:
            self.active = None

    def release(self, clip_id: str) -> HeldClip | None:
        """Remove a finished clip; the clock of the one that waited behind it starts again."""
        done = self.held.pop(clip_id, None)
        self.done += done is not None
        self.free(clip_id)
        for waiting in self.held.values():
            waiting.since = time.monotonic()
        return done

    def says_of_own(self, message: Progress | Finished) -> bool:
        """Tell whether a message is of a clip that the worker holds; one that is finished is held no longer."""
        if isinstance(message, Progress):
            return message.clip_id in self.held
        return self.release(message.clip_id) is not None

    def overdue(self, timeout: float | None) -> str | None:
        """Return the clip that has taken longer than ``timeout`` seconds; one that waits behind it does not count."""
        for clip_id, item in self.held.items():
            return clip_id if timeout is not None and time.monotonic() - item.since > timeout else None
        return None

    def excuse(self, seconds: float) -> None:
        """Let so many seconds not count against the clips in work."""
        for item in self.held.values():
            item.since += seconds
