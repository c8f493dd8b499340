"""Which recorded scores of clips still stand: of known metrics, with their present settings, of the present truth."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from posecfg.components.build import build
from posecfg.components.identity import TRUTH, digest
from posecfg.components.parts import listed
from posecfg.components.roles import misfit
from posecfg.config.compose import Job
from posecfg.errors import PosecfgError
from posecfg.pipeline.annotations import METRIC, UsedAnnotations
from posecfg.protocols import Combining
from posecfg.runs.measured import Measured
from posecfg.store.clip_facts import partials
from posecfg.store.ledger_row import Row
from posecfg.store.run_directory import RunDirectory
from posecfg.types import Clip

OTHER_SETTINGS, OTHER_TRUTH = "scored with other settings", "scored against other annotations"


@dataclass
class Standing:
    """The metrics whose scores are shown, and how to tell which scores in a record are theirs.

    They are those ``chosen`` now, in that order, and then those that the folder remembers of earlier runs. ``clips``
    are those whose annotations are known, by id; ``unknown`` are metrics that are remembered but not here any more.
    """

    config: Mapping[str, Any] = field(default_factory=lambda: {"metric": {}})
    wanted: Mapping[str, str] = field(default_factory=dict)
    annotations: UsedAnnotations | None = None
    clips: Mapping[str, Clip] = field(default_factory=dict)
    unknown: frozenset[str] = frozenset()
    chosen: frozenset[str] = frozenset()

    @classmethod
    def of(cls, job: Job, remembered: Mapping[str, Any], clips: Iterable[Clip] = ()) -> Standing:
        """Return the standing of scores for a job; ``remembered`` are identities of writers and metrics by name."""
        every, chosen = {**remembered, **job.writers()}, job.config["metric"]
        nodes = {name: node for name, node in every.items() if name.startswith(METRIC)}
        earlier = {name.removeprefix(METRIC): node for name, node in nodes.items()}
        whole = {name: _typed(node) for name, node in earlier.items() if name not in chosen}
        there = {name: node for name, node in whole.items() if _is_here(name, node)}
        config = {**job.config, "metric": {**chosen, **there}}
        return cls(
            config,
            {name: digest(node) for name, node in nodes.items()},
            UsedAnnotations(config) if config["metric"] else None,
            {clip.id: clip for clip in clips} if config["metric"] else {},
            frozenset(f"{METRIC}{name}" for name in whole.keys() - there.keys()),
            frozenset(f"{METRIC}{name}" for name in chosen),
        )

    def metrics(self) -> dict[str, Measured]:
        """Return the metrics that say how clips combine, before the first clip."""
        found = {}
        for name, part in listed(self.config, "metric").items():
            if part.facts.combines:
                where = f"{METRIC}{name}"
                found[where] = Measured(where, build(self.config["metric"][name], where), part.facts.jointed)
        return found

    def fallen(self, row: Row) -> dict[str, str]:
        """Return the metrics whose scores in a clip's row do not stand, and why."""
        found = [name for name in partials(row.facts) if name in self.wanted]
        other = {name: OTHER_SETTINGS for name in found if row.writers.get(name) != self.wanted[name]}
        clip = self.clips.get(row.id)
        if clip is None or self.annotations is None:
            return other
        return dict.fromkeys(self.annotations.outdated(clip, row.facts, found), OTHER_TRUTH) | other


def by_reason(fallen: Iterable[Mapping[str, str]]) -> dict[str, dict[str, int]]:
    """Return of how many clips the scores of a metric do not stand, by metric and reason."""
    found: dict[str, dict[str, int]] = {}
    for one in fallen:
        for name, why in one.items():
            counts = found.setdefault(name.removeprefix(METRIC), {})
            counts[why] = counts.get(why, 0) + 1
    return {name: dict(sorted(found[name].items())) for name in sorted(found)}


def remembered(job: Job, directory: RunDirectory) -> dict[str, Any]:
    """Return the identities of writers and metrics that results of this job were made by, in this run or earlier."""
    kept = directory.stored()
    return dict(kept["writers"]) if kept is not None and kept["identity"] == job.identity else {}


def _typed(node: Mapping[str, Any]) -> dict[str, Any]:
    """Return a metric as it would be typed: numbers of an identity are all fractions."""
    return {key: _whole(value) for key, value in node.items() if not key.startswith(TRUTH)}


def _whole(value: Any) -> Any:
    if isinstance(value, list):
        return [_whole(one) for one in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _is_here(name: str, node: Mapping[str, Any]) -> bool:
    """Tell whether a metric of an earlier run can be built."""
    try:
        part = listed({"metric": {name: node}}, "metric")[name]
        fits = misfit(part.component, "metric", Combining if part.facts.combines else None) is None
        if fits and part.facts.combines:
            build(node, f"{METRIC}{name}")
    except PosecfgError:
        return False
    return fits
