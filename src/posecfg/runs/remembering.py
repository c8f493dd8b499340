"""Whether and where a run remembers detections, and what these depend on."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from posecfg.components.identity import normal, slim
from posecfg.components.parts import Part, listed, models, parts, top
from posecfg.config.compose import Job
from posecfg.layout import HOME
from posecfg.pipeline.provenance import versions_of, weights_of
from posecfg.pipeline.remembering import Remembering
from posecfg.runs.code import OWN, code_of
from posecfg.runs.elsewhere import is_elsewhere, lacking_packages

OFF, AUTO = "off", "auto"
DEFAULT = Path("outputs", ".memory")
_FORMAT = 1
# The argument that leaves out people at the end; whatever else follows the floor changes whom a detector finds.
_THRESHOLD = "score_thr"
_GIGABYTE = 10**9
# Parts of a run's identity that detections depend on; the detector is told apart.
_FROM = ("sampler", "device", "video", "seed")
_ACCELERATORS = ("/dev/nvidiactl", "/dev/kfd", "/dev/dri")
_SHOWN = ("CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES")
_NONE = ("", "-1", "none", "nodevfiles")


def folder(job: Job) -> Path | None:
    """Return where the detections of a job are remembered, None for nowhere."""
    typed, output = job.config["cache"], job.config["output_dir"]
    if typed == OFF or not job.config["cache_size"]:
        return None
    if typed != AUTO:
        return Path(os.path.realpath(os.path.expanduser(typed)))
    return Path(os.path.abspath(DEFAULT if output is None else Path(os.path.expanduser(output), HOME, "memory")))


def spares(job: Job) -> bool:
    """Tell whether what is remembered may stand in for the models of a run: a lifter's is needed in any case."""
    lifters = [part for part in models(job.config) if part.where.startswith("lifter")]
    return _remembers(job) and not any(part.facts.is_heavy for part in lifters)


def _remembers(job: Job) -> bool:
    """Tell whether detections are remembered: poses that are read from files are there already."""
    facts = top(job.config, "detector").facts
    return folder(job) is not None and facts.reads is None and not facts.annotated and not facts.by_row


def remembering(job: Job) -> Remembering | None:
    """Return what workers must know to remember detections, None where nothing is remembered."""
    where, detector = folder(job), top(job.config, "detector")
    facts = detector.facts
    if where is None or not _remembers(job) or _is_unknown(job):
        return None
    own, floor = job.config["score_floor"], job.config["score_floor"] if job.floor is None else job.floor
    heeding = _heeding(job)
    shares = facts.shares and heeding == ([_THRESHOLD] if own else [])
    key = _key(job, detector, {"floor": own} if not shares and heeding else {})
    foreign = not all(map(_is_ours, [*parts(job.config["detector"], "detector"), top(job.config, "sampler")]))
    return Remembering(
        folder=str(where),
        limit=int(job.config["cache_size"] * _GIGABYTE),
        key=key,
        detector=job.detector if shares and job.detector is not None else job.config["detector"],
        floor=floor if shares else 0.0,
        cut=own if shares else None,
        boxes=_boxes(key, job, detector) if facts.reuses else None,
        extends=not facts.stateful,
        reads=job.config["redo"] is False,
        named=facts.named or foreign,
        annotated=top(job.config, "sampler").facts.annotated,
        name=job.choices.get("detector", ""),
    )


def _is_unknown(job: Job) -> bool:
    """Tell whether a package computes on other machines of which this one does not know the version."""
    return is_elsewhere(job.config) and bool(lacking_packages(job.config))


def _heeding(job: Job) -> list[str]:
    """Name the arguments of the detector that follow the floor: those of the identity are 0 there, or by default."""
    own = normal(job.config["score_floor"])
    found = _differing(normal(slim(job.config["detector"], "detector")), job.identity.get("detector"))
    return [name for name, here, there in found if {here, there} <= {own, 0.0, None}]


def _differing(one: Any, other: Any, name: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Yield the name of each value that is not the same in both, with both; None is one that is left out."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted({*one, *other}):
            yield from _differing(one.get(key), other.get(key), key)
    elif one != other:
        here, there = (str(value) if isinstance(value, (dict, list)) else value for value in (one, other))
        yield name, here, there


def _key(job: Job, detector: Part, more: Mapping[str, Any]) -> dict[str, Any]:
    """Return what all detections of a job depend on beside their clip."""
    known = {name: job.identity[name] for name in _FROM if name in job.identity}
    fills = top(job.config, "sampler").facts.fillable and any(
        part.facts.fills for part in listed(job.config, "refine").values()
    )
    return {
        **known,
        **_model(job, list(parts(job.config["detector"], "detector"))),
        "detector": job.identity.get("detector"),
        "format": _FORMAT,
        "filled": fills,
        "platform": [sys.platform, os.uname().machine if hasattr(os, "uname") else ""],
        # Other machines have their own, so that what they find is no find of this one.
        "accelerators": ["elsewhere"] if is_elsewhere(job.config) else _accelerators(),
        **more,
    }


def _accelerators() -> list[str]:
    """Return what tells which device ``auto`` is, without a package of models: drivers, and who hides their devices."""
    there = [name for name in _ACCELERATORS if os.path.exists(name)]
    first = {name: os.environ[name].partition(",")[0].strip().lower() for name in _SHOWN if name in os.environ}
    return [*there, *(f"{name}=" for name, value in first.items() if value in _NONE)]


def _model(job: Job, chosen: list[Part]) -> dict[str, Any]:
    """Return what models are: weights by hash, versions of packages, and the code of components."""
    sampler = list(parts(job.config["sampler"], "sampler"))
    packages = {package for part in chosen for package in part.facts.packages}
    names = [name for part in chosen for name in part.facts.weights]
    components = [part.component for part in (*chosen, *sampler)]
    versions = versions_of(packages, [one.__module__ for one in components])
    return {"weights": weights_of(names), "versions": versions, "code": code_of(components)}


def _boxes(key: Mapping[str, Any], job: Job, detector: Part) -> dict[str, Any]:
    """Return what the boxes of a top-down detector depend on: not on its pose head."""
    without = detector.facts.reuses
    kept = [part for part in parts(job.config["detector"], "detector") if not _is_below(part, without)]
    node = {name: value for name, value in key["detector"].items() if name != without}
    return {**key, **_model(job, kept), "detector": node}


def _is_below(part: Part, name: str) -> bool:
    return f"{part.where}.".startswith(f"detector.{name}.")


def _is_ours(part: Part) -> bool:
    return part.component.__module__.partition(".")[0] == OWN
