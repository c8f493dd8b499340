"""A script handed to SLURM's queue, and what sbatch says of it."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from posecfg.errors import ConfigError
from posecfg.executors.remote import slurm_states
from posecfg.executors.remote.slurm_states import NoAnswer

_AWAY = re.compile(r"contact|connect failure|Connection refused|timed out|Zero Bytes|temporarily", re.IGNORECASE)
"""What sbatch says of a controller that is away."""


def submit(words: Sequence[str], options: Mapping[str, object], script: str) -> str:
    """Submit a script with ``options`` of the user; return the number of the job.

    A job that SLURM refuses is a ``ConfigError``, a controller that is away ``NoAnswer``.
    """
    fixed = ["--parsable", "--requeue", "--open-mode=append"]
    done = slurm_states.run(["sbatch", *fixed, *words, *_words_of(options)], script)
    if done.returncode:
        said = slurm_states.said(done)
        if _AWAY.search(said):
            raise NoAnswer(said)
        raise ConfigError(
            f"SLURM refused the job ({said}): change executor.partition, executor.time or what else it names."
        )
    # What a cluster tells its users may stand before it.
    numbers = re.findall(r"^(\d+)(?:;.*)?$", done.stdout, re.MULTILINE)
    if not numbers:
        raise ConfigError(f"Expected sbatch to tell the number of a job, but got '{done.stdout.strip()[:200]}'.")
    return str(numbers[-1])


def escaped(folder: Path) -> str:
    """Return a folder as sbatch reads it in the name of a log."""
    return os.path.abspath(folder).replace("%", "%%")


def _words_of(options: Mapping[str, object]) -> list[str]:
    """Return options of sbatch as words: null is the cluster's own choice, true an option without a value."""
    words = []
    for name, value in options.items():
        if value is None or value is False:
            continue
        words.append(f"--{name}" if value is True else f"--{name}={value}")
    return words
