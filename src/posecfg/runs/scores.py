"""The scores of all clips together: partials of metrics that say how clips combine, means of the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from posecfg.components.calls import called
from posecfg.metrics.quality import Quality
from posecfg.protocols import Combining
from posecfg.runs.measured import GROUPS, Measured
from posecfg.runs.standing import Standing
from posecfg.store.clip_facts import are_numbers, partials
from posecfg.store.ledger_row import Row

QUALITY = "quality"
NONE: Mapping[str, str] = MappingProxyType({})


@dataclass
class Combined:
    """The partials that clips have of one metric, made into one; ``scores`` are those of all of them together."""

    name: str
    metric: Combining
    clips: int = 0
    partial: Mapping[str, float] = field(default_factory=dict)
    scores: Mapping[str, float] = field(default_factory=dict)

    def add(self, partial: Mapping[str, float]) -> None:
        """Take in the partial of one more clip."""
        self.partial = called(self.name, self.metric.reduce, [self.partial, partial])
        scores = called(self.name, self.metric.scores, self.partial)
        self.scores = {name: value for name, value in scores.items() if are_numbers([value])}
        self.clips += 1


def quality() -> Combined:
    """Return the quality of no clip yet."""
    return Combined(QUALITY, Quality())


@dataclass
class Scores:
    """The scores that metrics gave to clips, in this run or an earlier one.

    ``combined`` are the metrics that say how clips combine, by the names that records know them by: those chosen now,
    and those of earlier runs; ``single`` the scores of each clip, for the others and for clips of earlier versions,
    whose partials are not known.
    """

    combined: dict[str, Measured] = field(default_factory=dict)
    single: dict[str, list[float]] = field(default_factory=dict)
    standing: Standing = field(default_factory=Standing)

    @classmethod
    def of(cls, standing: Standing) -> Scores:
        """Return the scores of a run before its first clip."""
        return cls(standing.metrics(), standing=standing)

    def take(self, row: Row) -> None:
        """Take in those scores of a clip's row that stand."""
        self.add(row.id, row.facts, self.standing.fallen(row))

    def add(self, clip_id: str, facts: Mapping[str, Any], fallen: Mapping[str, str] = NONE) -> None:
        """Take in what the record of a clip knows of its scores, without those of metrics that have ``fallen``."""
        gone: set[str] = set()
        for name, partial in partials(facts).items():
            if name in self.combined and name in fallen:
                gone |= self.combined[name].drop(partial, fallen[name])
            elif name in self.combined:
                self.combined[name].add(clip_id, partial, facts.get("scored", {}))
        for name, value in facts.get("scores", {}).items():
            if name not in gone:
                self.single.setdefault(name, []).append(value)

    def settle(self) -> None:
        """Compute the scores of all clips together; what the code of a metric raises is raised once."""
        for one in self.combined.values():
            one.settle()

    def values(self) -> dict[str, tuple[float, str]]:
        """Return each score with the words that say of what it is: first those of chosen metrics, in their order."""
        chosen, single, earlier = self._parted()
        return {**chosen, **single, **earlier}

    def earlier(self) -> list[str]:
        """Return the names of scores for which no metric was chosen now, as far as that is known."""
        _, single, earlier = self._parted()
        return [*(() if self.standing.chosen else single), *earlier]

    def _parted(self) -> tuple[dict[str, tuple[float, str]], ...]:
        """Return the scores of chosen metrics, those of which it is not known whose they are, and those of others."""
        self.settle()
        chosen: dict[str, tuple[float, str]] = {}
        earlier: dict[str, tuple[float, str]] = {}
        seen: set[str] = set()
        for one in self.combined.values():
            found = chosen if one.name in self.standing.chosen else earlier
            for name, value in one.scores.items():
                # Of two metrics of one kind, the second has its own name before those of its scores.
                key = f"{_word(one)}.{name}" if name in seen else name
                found[key] = (value, f"over {speaks_of(len(one.partials), len(self.single.get(name, ())))}")
            seen.update(one.scores)
        rest = {name: each for name, each in self.single.items() if name not in seen}
        single = {name: (sum(each) / len(each), f"mean of {_clips(len(each))}") for name, each in rest.items()}
        return chosen, single, earlier

    def remarks(self) -> list[tuple[str, str]]:
        """Return what must be known beside scores, each with a word before it: left out frames, whose truth it is."""
        found = []
        for one in self.combined.values():
            word, counts = _word(one), one.counts
            if counts.left_out:
                number = sum(counts.left_out.values())
                why = ", ".join(f"{reason} {count:,}" for reason, count in counts.left_out.items())
                found.append((word, f"{number:,} left out of {number + counts.compared:,} frames: {why}"))
            found += [(word, f"{count:,} true keypoints left out: {why}") for why, count in counts.unsure.items()]
            found += [(word, f"of {count:,} people: {what}") for what, count in counts.used.items()]
        detectors = sorted({name for one in self.combined.values() for name in one.found_by(one.partials)})
        if detectors:
            text = f"found by {', '.join(detectors)}: scores say how alike two detectors are, not how right one is"
            found.append(("truth", text))
        return found

    def data(self) -> dict[str, Any]:
        """Return, by metric, what scores are of: all of it as JSON values."""
        self.settle()
        found: dict[str, Any] = {}
        for one in self.combined.values():
            counts = one.counts
            found[_word(one)] = {
                "clips": len(one.partials),
                "compared": counts.compared,
                "left_out": dict(counts.left_out),
                "left_out_keypoints": dict(counts.unsure),
                "used": dict(counts.used),
                "truth_found_by": list(one.found_by(one.partials)),
                "scores": dict(one.scores),
                "joint": {joint: dict(scores) for joint, scores in one.joints.items()},
                **{by: {name: scores for name, (_, scores, _) in one.grouped(by).items()} for by in GROUPS},
            }
        return found


def _word(metric: Measured) -> str:
    return metric.name.partition(".")[2]


def speaks_of(clips: int, of: int) -> str:
    """Say of how many clips a number speaks: the others are of an earlier version, which did not record it."""
    return f"{clips:,} of {_clips(of)}" if clips < of else _clips(clips)


def _clips(number: int) -> str:
    return "1 clip" if number == 1 else f"{number:,} clips"
