"""Messages that a worker sends beside events: ready, not built, cannot go on, free for a clip or for another run."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from posecfg.executors.protocol import Finished, Progress, Warned
from posecfg.pipeline.clip_publishing import Staged
from posecfg.pipeline.work import Outcome


class Order(Enum):
    """What a parent tells a worker instead of sending a clip."""

    END = "end"
    REST = "rest"


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
class Resting:
    """The worker has ended its run, and waits for another one."""


@dataclass(frozen=True)
class Free:
    """A clip is extracted and about to be written: another may come."""

    clip_id: str


@dataclass(frozen=True)
class Made:
    """The files of a clip lie aside, for the parent to publish."""

    clip_id: str
    staged: Staged


@dataclass(frozen=True)
class Blind:
    """The input of a clip is not there, or may not be read; the ``outcome`` holds where no machine is to blame."""

    clip_id: str
    outcome: Outcome


Message = Ready | Unbuilt | Broken | Resting | Free | Made | Blind | Progress | Warned | Finished
