"""Ask a metric for the scores of one clip, and hold what it says against what a metric must say."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, SupportsFloat, cast

from posecfg.components.build import build
from posecfg.components.calls import blamed
from posecfg.components.parts import listed
from posecfg.errors import ClipError
from posecfg.facts import Facts
from posecfg.protocols import Combining, Metric
from posecfg.text import shown
from posecfg.types import Extraction, Truth

Numbers = dict[str, float]


@dataclass(frozen=True)
class Scorer:
    """A metric of a chain: its name, such as metric.pck, the component and its facts."""

    name: str
    metric: Metric
    facts: Facts

    def __call__(self, found: Extraction) -> tuple[Numbers, Numbers]:
        """Return the scores of a clip and the partial behind them; both are empty where it has no truth to compare."""
        if found.clip.truth is None and not self.facts.truthless:
            return {}, {}
        truth = cast(Truth, None) if self.facts.truthless else _truth(found)
        if not self.facts.combines:
            return self._numbers(blame(self.name, self.metric, found, truth)), {}
        combining = cast(Combining, self.metric)
        partial = self._numbers(blame(self.name, combining.partial, found, truth))
        return self._numbers(blame(self.name, combining.scores, partial)) if partial else {}, partial

    def _numbers(self, scores: Any) -> Numbers:
        """Return numbers by name as they are recorded; those that are not finite are left out."""
        if not isinstance(scores, Mapping) or not all(isinstance(value, SupportsFloat) for value in scores.values()):
            raise ClipError(f"{self.name}: expected scores by name to be returned, but got {shown(scores)}.")
        return {str(key): float(value) for key, value in scores.items() if math.isfinite(value)}


def scorers(config: Mapping[str, Any]) -> dict[str, Scorer]:
    """Build the metrics of a configuration, by the names that records know them by."""
    parts = listed(config, "metric")
    names = {name: f"metric.{name}" for name in parts}
    return {w: Scorer(w, build(config["metric"][name], w), parts[name].facts) for name, w in names.items()}


def blame(name: str, call: Any, *arguments: Any) -> Any:
    """Return what a metric's code returns, and name the metric in what it raises."""
    with blamed(name):
        return call(*arguments)


def _truth(found: Extraction) -> Truth:
    with blamed("dataset: the truth of the clip"):
        truth: Any = found.clip.truth(found.clock) if found.clip.truth is not None else None
    if not isinstance(truth, Truth):
        raise ClipError(f"dataset: expected the truth of the clip to be a Truth, but got {shown(truth)}.")
    return truth
