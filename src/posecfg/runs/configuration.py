"""What a run keeps so that it can be compared and repeated: its configuration, where it was typed, and with what."""

from __future__ import annotations

import os
import sys
from typing import Any

from posecfg.components.identity import digest
from posecfg.config.compose import Job
from posecfg.config.quoting import brief
from posecfg.config.recorded import recorded
from posecfg.pipeline.provenance import versions
from posecfg.store import configurations
from posecfg.store.made_with import MadeWith
from posecfg.store.run_directory import RunDirectory

SCHEMA = 1
WORDS = 100
"""The most words of a command line that are kept: a shell may have put thousands of names into it."""


def keep(job: Job, directory: RunDirectory, made: MadeWith, is_work: bool) -> str:
    """Keep the configuration of a run, unless it has nothing to do and another one kept it; return its name, or ""."""
    if not is_work and _is_known(job, directory):
        return ""
    return configurations.keep(directory.root, directory.aside, _data(job, made))


def _is_known(job: Job, directory: RunDirectory) -> bool:
    """Tell whether a folder has what makes its results again; an earlier version kept nothing."""
    writers = {name: digest(node) for name, node in job.writers().items()}.items()
    every = (configurations.read(directory.root, name) for name in reversed(configurations.names(directory.root)))
    return any(one and one.get("identity") == job.hash and writers <= _pairs(one.get("writers")) for one in every)


def _pairs(found: Any) -> set[tuple[str, Any]]:
    known = found.items() if isinstance(found, dict) else ()
    return {(name, value) for name, value in known if isinstance(value, str)}


def _data(job: Job, made: MadeWith) -> dict[str, Any]:
    more = len(job.command) - WORDS
    return {
        "schema": SCHEMA,
        "identity": job.hash,
        "writers": {name: digest(node) for name, node in job.writers().items()},
        "command": [*job.command[:WORDS], *([f"... {more:,} more"] if more > 0 else [])],
        "overrides": [brief(word) for word in job.overrides],
        "folder": os.getcwd(),
        **recorded(job),
        "weights": dict(made.weights),
        "versions": versions(job.config),
        "host": host(),
    }


def host() -> dict[str, Any]:
    """Return what is kept of this machine: its name, system and processor, and the Python that runs."""
    about = os.uname()
    return {
        "name": about.nodename,
        "system": f"{about.sysname} {about.release}",
        "machine": about.machine,
        "cores": os.cpu_count(),
        "python": sys.executable,
    }
