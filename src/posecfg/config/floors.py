"""How low a detector looks for people, so that all jobs of a sweep are served by what it finds once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from posecfg.components import identity as ids
from posecfg.components.own_weights import located
from posecfg.config.checks import resolved

KNOB = "cache_floors"
_DIGITS = 12


def name(identity: Mapping[str, Any]) -> str:
    """Return the short name of a job's detector, whatever its threshold."""
    return f"d{ids.digest(identity.get('detector'))[:_DIGITS]}"


def lowered(knobs: Any, identity: Mapping[str, Any], plain: Mapping[str, Any], config_dir: str | None) -> Any:
    """Return the floor of a job's detector, and the detector with it, None where the floor is the job's own."""
    own, known = plain["score_floor"], plain[KNOB] or {}
    least = known.get(name(identity), own) if isinstance(known, dict) else own
    if not least < own:
        return own, None
    from omegaconf import OmegaConf

    below = OmegaConf.unsafe_merge(knobs, {"score_floor": least})
    # Of the configuration behind the identity only the thresholds are taken: its threads are not the job's.
    return least, _put(plain["detector"], located(resolved(below, config_dir))["detector"], own, least)


def is_override(word: str) -> bool:
    """Tell whether a word of a job is what ``override`` gave it, not what the user typed."""
    return word.startswith(f"{KNOB}=")


def lowest(jobs: Any) -> dict[str, float]:
    """Return the lowest floor that the jobs of a sweep ask for, by the names of their detectors."""
    least: dict[str, float] = {}
    for job in jobs:
        detector, floor = name(job.identity), job.config["score_floor"]
        least[detector] = min(floor, least.get(detector, floor))
    return least


def override(jobs: Any) -> list[str]:
    """Return what tells each job of a sweep the lowest floor that jobs with its detector ask for, if they differ."""
    least = lowest(jobs)
    if all(least[name(job.identity)] == job.config["score_floor"] for job in jobs):
        return []
    return [f"{KNOB}={{{','.join(f'{detector}:{floor!r}' for detector, floor in least.items())}}}"]


def lent(jobs: Any) -> list[Any]:
    """Return the jobs of a sweep, each with the detector that ``lowered`` would find."""
    lenders: dict[str, Any] = {}
    for job in jobs:
        other = lenders.setdefault(name(job.identity), job)
        if job.config["score_floor"] < other.config["score_floor"]:
            lenders[name(job.identity)] = job
    return [_with_that_of(job, lenders[name(job.identity)]) for job in jobs]


def _with_that_of(job: Any, other: Any) -> Any:
    own, low = job.config["score_floor"], other.config["score_floor"]
    if own == low:
        return job
    return replace(job, floor=low, detector=_put(job.config["detector"], other.config["detector"], own, low))


def _put(node: Any, other: Any, own: float, low: float) -> Any:
    """Return ``node`` with ``low`` wherever it has ``own`` and ``other`` has ``low``: the thresholds that follow it."""
    if isinstance(node, dict) and isinstance(other, dict):
        return {key: _put(value, other.get(key), own, low) for key, value in node.items()}
    follows = isinstance(node, float) and isinstance(other, float) and (node, other) == (own, low)
    return low if follows else node
