"""The scores of all clips together: partials of metrics that say how clips combine, means of the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from posecfg.components.build import build
from posecfg.components.calls import called
from posecfg.components.parts import listed
from posecfg.metrics.quality import Quality
from posecfg.protocols import Combining
from posecfg.store.clip_facts import are_numbers

QUALITY = "quality"


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

    ``combined`` are the metrics chosen now that say how clips combine, by the names that records know them by;
    ``single`` the scores of each clip, for the others and for clips of earlier versions, whose partials are not known.
    """

    combined: dict[str, Combined] = field(default_factory=dict)
    single: dict[str, list[float]] = field(default_factory=dict)

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> Scores:
        """Return the scores of a run before its first clip."""
        chosen = {f"metric.{name}": part for name, part in listed(config, "metric").items() if part.facts.combines}
        return cls({name: Combined(name, build(config["metric"][name.partition(".")[2]], name)) for name in chosen})

    def add(self, facts: Mapping[str, Any]) -> None:
        """Take in what the record of a clip knows of its scores."""
        for name, value in facts.get("scores", {}).items():
            self.single.setdefault(name, []).append(value)
        for name, partial in facts.get("score_sums", {}).items():
            if name in self.combined:
                self.combined[name].add(partial)

    def values(self) -> dict[str, tuple[float, str]]:
        """Return each score with the words that say of what it is."""
        found = {name: (sum(each) / len(each), f"mean of {_clips(len(each))}") for name, each in self.single.items()}
        for one in self.combined.values():
            for name, value in one.scores.items():
                found[name] = (value, f"over {speaks_of(one.clips, len(self.single.get(name, ())))}")
        return found


def speaks_of(clips: int, of: int) -> str:
    """Say of how many clips a number speaks: the others are of an earlier version, which did not record it."""
    return f"{clips:,} of {_clips(of)}" if clips < of else _clips(clips)


def _clips(number: int) -> str:
    return "1 clip" if number == 1 else f"{number:,} clips"
