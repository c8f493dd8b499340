"""What one metric says of many clips together, and of the keypoints, sequences and views in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from posecfg.components.calls import called
from posecfg.metrics import sums
from posecfg.protocols import Combining, Jointed
from posecfg.store import packed
from posecfg.store.clip_facts import are_numbers

GROUPS = ("sequence", "view")
"""What clips are grouped by, as ``Scored`` tells it."""


@dataclass(frozen=True)
class Counts:
    """How many frames, or people in them, were compared, and how many were not, by reason.

    ``used`` counts what stood in for something that annotations do not know, ``unsure`` the true keypoints that do not
    count as known, by reason.
    """

    compared: int = 0
    left_out: Mapping[str, int] = field(default_factory=dict)
    used: Mapping[str, int] = field(default_factory=dict)
    unsure: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, partial: Mapping[str, Any]) -> Counts:
        """Return the counts in a partial of a metric."""

        def named(start: str) -> dict[str, int]:
            found = {name.removeprefix(start): int(value) for name, value in partial.items() if name.startswith(start)}
            return dict(sorted(found.items()))

        return cls(int(partial.get(sums.FRAMES, 0)), named(sums.REST), named(sums.USED), named(sums.UNSURE))


@dataclass
class Measured:
    """A metric with the partials that clips have of it, by their ids; ``scores`` are those of all of them together.

    ``fallen`` counts clips whose partial does not stand, by reason. ``joint_counts`` are known where all clips tell
    them: those of earlier versions do not.
    """

    name: str
    metric: Combining
    jointed: bool = False
    partials: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    told: dict[str, Mapping[str, str]] = field(default_factory=dict)
    scores: Mapping[str, float] = field(default_factory=dict)
    joints: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    counts: Counts = field(default_factory=Counts)
    joint_counts: Mapping[str, Counts] = field(default_factory=dict)
    fallen: Counter[str] = field(default_factory=Counter)
    _settled: int = 0

    def add(self, clip_id: str, partial: Mapping[str, Any], told: Mapping[str, str]) -> None:
        """Take in what the record of a clip has of this metric; one that is damaged is as if it were not there."""
        read = _read(partial)
        if read is not None:
            self.partials[clip_id], self.told[clip_id] = read, told

    def drop(self, partial: Mapping[str, Any], why: str) -> set[str]:
        """Count a clip whose partial does not stand; return the names of its scores."""
        self.fallen[why] += 1
        read = _read(partial)
        return set() if read is None else set(called(self.name, self.metric.scores, read))

    def settle(self) -> None:
        """Compute the scores of all clips; what the metric's code raises is raised once."""
        if self._settled == len(self.partials):
            return
        self._settled = len(self.partials)
        whole = self.together(self.partials)
        self.scores = self._scores(whole)
        self.counts = Counts.of(whole)
        if self.jointed:
            found = called(self.name, cast(Jointed, self.metric).joints, whole)
            self.joints = {joint: _finite(scores) for joint, scores in found.items()}
            told = all(sums.of_joint(one) for one in self.partials.values() if one.get(sums.FRAMES))
            counts = sums.of_joint(whole) if told else {}
            self.joint_counts = {joint: Counts.of(one) for joint, one in counts.items()}

    def together(self, clips: Iterable[str]) -> Mapping[str, Any]:
        """Return the partial of some clips, in the order of their ids."""
        return called(self.name, self.metric.reduce, [self.partials[clip_id] for clip_id in sorted(clips)])

    def _scores(self, partial: Mapping[str, Any]) -> dict[str, float]:
        return _finite(called(self.name, self.metric.scores, partial))

    def grouped(self, by: str) -> dict[str, tuple[list[str], dict[str, float], Counts]]:
        """Return the clips, scores and counts of each sequence or view, or of each clip."""
        names: dict[str, list[str]] = {}
        for clip_id in sorted(self.partials):
            name = clip_id if by == "clip" else self.told[clip_id].get(by)
            if name is not None:
                names.setdefault(name, []).append(clip_id)
        found = {}
        for name in sorted(names):
            partial = self.together(names[name])
            found[name] = (names[name], self._scores(partial), Counts.of(partial))
        return found

    def found_by(self, clips: Iterable[str]) -> tuple[str, ...]:
        """Return the detectors whose results are the truth of some clips."""
        return tuple(sorted({self.told[clip_id].get("found_by", "") for clip_id in clips} - {""}))


def _read(partial: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return a partial as metrics know it; None for one that is damaged."""
    try:
        return {name: packed.unpack(one) if isinstance(one, dict) else one for name, one in partial.items()}
    except ValueError:
        return None


def _finite(scores: Mapping[str, float]) -> dict[str, float]:
    return {name: value for name, value in scores.items() if are_numbers([value])}
