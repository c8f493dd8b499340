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
    """Keep the configuration of a run that has work to do, or whose folder has none yet; return its name, or ""."""
    if not is_work and configurations.names(directory.root):
        return ""
    return configurations.keep(directory.root, directory.aside, _data(job, made))


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
