"""Draw the head of a log: detector, dataset, settings, weights and output folder of a run."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

from posecfg.config import floors
from posecfg.config.compose import Job
from posecfg.config.options import LISTS
from posecfg.config.quoting import brief
from posecfg.config.schema import THRESHOLDS, TOLD
from posecfg.review import plan
from posecfg.runs import placement
from posecfg.runs.report import Report
from posecfg.text import size
from posecfg.version import __version__

# Keys that have their own line, or that tell nothing about this run.
UNTOLD = ("_target_", "device", "threads", "extensions")
SHORT = 8
DIGITS = 12


def configuration(job: Job, report: Report) -> Iterator[str]:
    """Yield a title, the settings under their names on the command line, and the weights."""
    yield f"=== posecfg {__version__}: {_option(job, 'detector')} on {_option(job, 'dataset')} ==="
    yield ""
    yield "Configuration:"
    for name, text in _settings(job, report):
        yield f"  {name}: {text}"
    yield ""
    if report.to_do:
        yield from _weights(job, report)
    yield "Building processing tasks..."


def _settings(job: Job, report: Report) -> Iterator[tuple[str, str]]:
    """Yield settings by their names on the command line, in the order of the pipeline."""
    config = job.config
    yield "started", time.strftime("%Y-%m-%d %H:%M:%S")
    # posecfg tells the jobs of a sweep of each other's floors; the user did not type them.
    words = [brief(word) for word in job.overrides if not floors.is_override(word)]
    yield "overrides", " ".join(words) or "none"
    for step in plan.chain(job):
        role, skeleton = step["role"], step["skeleton"]
        if role in LISTS:
            for name, node in config[role].items():
                yield role, _component(job, name, node)
        elif step["option"] != "none":
            node = config[role]
            yield role, _component(job, _option(job, role), node, skeleton)
            for name, inner in node.items():
                if isinstance(inner, dict) and "_target_" in inner:
                    yield f"{role}.{name}", _component(job, _option(job, f"{role}/{name}", inner), inner)
    yield "thresholds", ", ".join(f"{key}={_value(config[key])}" for key in THRESHOLDS)
    video = {key: value for key, value in config["video"].items() if value not in (None, "cpu", "auto")}
    if video.keys() - {"tolerance"}:
        yield "video", _told(video)
    device = config["device"]
    yield "device", ", ".join([str(device["name"]), str(device["precision"]), f"threads={device['threads']}"])
    if report.to_do:
        more = placement.where(report.workers, report.gpus) if report.workers else " (this process)"
        yield "workers", f"{report.workers}{more}"
    chosen = [f"{key}={_value(config[key])}" for key in TOLD if config[key] not in (None, False, "continue")]
    if chosen:
        yield "also", ", ".join(chosen)
    yield "output_dir", report.output_dir


def _option(job: Job, group: str, node: Mapping[str, Any] | None = None) -> str:
    """Return the name of the option that was chosen; without one, the class."""
    node = job.config[group] if node is None else node
    return job.choices.get(group) or str(node["_target_"]).rpartition(".")[2]


def _component(job: Job, option: str, node: Mapping[str, Any], skeleton: str | None = None) -> str:
    """Return an option with its arguments, except those on other lines."""
    told = {key: value for key, value in node.items() if key not in THRESHOLDS or value != job.config[key]}
    name = f"{option} ({skeleton})" if skeleton else option
    return ", ".join(filter(None, [name, _told({key: v for key, v in told.items() if v != option})]))


def _told(node: Mapping[str, Any]) -> str:
    """Return the plain values of a node; ``batch`` is included even if models choose it."""
    values = {key: "auto" if key == "batch" and value is None else value for key, value in node.items()}
    return ", ".join(
        f"{key}={_value(value)}"
        for key, value in values.items()
        if key not in UNTOLD and value is not None and not isinstance(value, dict) and _is_short(value)
    )


def _is_short(value: Any) -> bool:
    return not isinstance(value, list) or len(value) <= SHORT


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:.10g}"
    return f"[{', '.join(map(_value, value))}]" if isinstance(value, list) else str(value)


def _weights(job: Job, report: Report) -> Iterator[str]:
    """Yield the files that models will be loaded from; each worker loads them later."""
    rows = {row["name"]: row for row in plan.weights(job)}
    if not rows:
        return
    yield "Models that each worker loads:" if report.workers else "Models that are loaded:"
    for name, row in rows.items():
        if row["state"] == "present":
            yield f"✓ {name} found: {row['path']} ({size(row['bytes'])}, sha256 {row['found'][:DIGITS]})"
        else:
            yield f"- {name} is {row['state']}: {'it is fetched first' if row['state'] == 'missing' else row['advice']}"
    yield ""
