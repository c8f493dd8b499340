"""Messages that a worker sends beside events: ready, not built, cannot go on, free for the next clip."""

from __future__ import annotations

from dataclasses import dataclass

from posecfg.executors.protocol import Finished, Progress, Warned


@dataclass(frozen=True)
class Ready:
    """The worker is built and waits for clips."""


@dataclass(frozen=True)
class Unbuilt:
    """The worker could not be built; ``is_ours`` tells that the text is a sentence for the user as it stands."""

    text: str
    is_ours: bool


@dataclass(frozen=True)
class Broken:
    """Nothing can be written any more, by any worker; ``altered`` are names under which edited outputs are kept."""

    text: str
    altered: tuple[str, ...] = ()


@dataclass(frozen=True)
class Free:
    """A clip is extracted and about to be written: another may come."""

    clip_id: str


Message = Ready | Unbuilt | Broken | Free | Progress | Warned | Finished
