"""Ask a metric for the scores of one clip, and hold what it says against what a metric must say."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, SupportsFloat, cast

from posecfg.components.build import build
from posecfg.components.calls import blamed
from posecfg.components.parts import listed
from posecfg.errors import ClipError
from posecfg.facts import Facts
from posecfg.protocols import Combining, Metric
from posecfg.store import packed
from posecfg.text import shown
from posecfg.types import Extraction, Truth

Numbers = dict[str, float]


@dataclass(frozen=True)
class Scored:
    """A clip that metrics are asked of; its known poses are read once."""

    found: Extraction

    @cached_property
    def truth(self) -> Truth | None:
        """The known poses, None where the clip has none."""
        if self.found.clip.truth is None:
            return None
        with blamed("dataset: the truth of the clip"):
            truth: Any = self.found.clip.truth(self.found.clock)
        if not isinstance(truth, Truth):
            raise ClipError(f"dataset: expected the truth of the clip to be a Truth, but got {shown(truth)}.")
        return truth

    def told(self) -> dict[str, str]:
        """Return what reports need to know of scores beside them: the sequence, the view, what found the truth."""
        clip = self.found.clip
        known = {"sequence": clip.group, "view": clip.camera or clip.view}
        if "truth" in vars(self) and self.truth is not None:
            known["found_by"] = self.truth.found_by
        return {name: text for name, text in known.items() if text}


@dataclass(frozen=True)
class Scorer:
    """A metric of a chain: its name, such as metric.pck, the component and its facts."""

    name: str
    metric: Metric
    facts: Facts

    def __call__(self, clip: Scored) -> tuple[Numbers, dict[str, Any]]:
        """Return the scores of a clip and the partial behind them; both are empty where it has no truth to compare."""
        truth = None if self.facts.truthless else clip.truth
        if truth is None and not self.facts.truthless:
            return {}, {}
        known = cast(Truth, truth)
        if not self.facts.combines:
            return self._numbers(blame(self.name, self.metric, clip.found, known)), {}
        combining = cast(Combining, self.metric)
        whole = blame(self.name, combining.partial, clip.found, known)
        partial = self._partial(whole)
        return self._numbers(blame(self.name, combining.scores, whole)) if partial else {}, partial

    def _numbers(self, scores: Any, what: str = "scores by name") -> Numbers:
        """Return numbers by name as they are recorded; those that are not finite are left out."""
        if not isinstance(scores, Mapping) or not all(isinstance(value, SupportsFloat) for value in scores.values()):
            raise ClipError(f"{self.name}: expected {what} to be returned, but got {shown(scores)}.")
        return {str(key): float(value) for key, value in scores.items() if math.isfinite(value)}

    def _partial(self, partial: Any) -> dict[str, Any]:
        """Return numbers and arrays by name as they are recorded."""
        known = partial if isinstance(partial, Mapping) else {}
        arrays = {key: value for key, value in known.items() if hasattr(value, "dtype") and value.shape}
        rest = {key: value for key, value in known.items() if key not in arrays} if known else partial
        numbers = self._numbers(rest, "numbers and arrays by name")
        try:
            return numbers | {str(key): packed.pack(value) for key, value in arrays.items()}
        except ValueError as error:
            raise ClipError(f"{self.name}: {error}.") from error


def scorers(config: Mapping[str, Any]) -> dict[str, Scorer]:
    """Build the metrics of a configuration, by the names that records know them by."""
    parts = listed(config, "metric")
    names = {name: f"metric.{name}" for name in parts}
    return {w: Scorer(w, build(config["metric"][name], w), parts[name].facts) for name, w in names.items()}


def blame(name: str, call: Any, *arguments: Any) -> Any:
    """Return what a metric's code returns, and name the metric in what it raises."""
    with blamed(name):
        return call(*arguments)
