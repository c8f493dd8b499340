"""posecfg as a library: extract in memory, without files and without worker processes."""

from __future__ import annotations

import os
from typing import Any

from posecfg.config.compose import compose
from posecfg.config.quoting import quote_path
from posecfg.errors import ClipError, Dropped, PosecfgError
from posecfg.models.settings import Settings, using
from posecfg.runs import preflight
from posecfg.text import shown
from posecfg.types import Extraction

# Words that Hydra's grammar does not read as text.
WORDS = ("null", "true", "false", "nan", "inf")


def extract(path: str | os.PathLike[str], **overrides: Any) -> Extraction | dict[str, Extraction]:
    """Extract poses from a film and return them; a folder, a glob or another dataset gives a dict by clip id.

    ``overrides`` are those of the command line: ``extract("film.mp4", detector="blazepose", bbox_thr=0.5)``; dotted
    keys go in a dict: ``extract("film.mp4", sampler="fps", **{"sampler.rate": 24})``. Nothing is written, so writers,
    workers and the output folder do not matter. The first clip that fails or is dropped raises its error.
    """
    if not isinstance(path, str | os.PathLike):
        raise PosecfgError(
            f"Expected one film, a folder or a pattern, but got {shown(path)}: type extract('films/*.mp4'), or call "
            "extract for each film."
        )
    from posecfg.runs.scope import scope

    words = [f"dataset.path={quote_path(os.fspath(path))}", *(f"{k}={_word(v)}" for k, v in overrides.items())]
    if "dataset" not in overrides and "experiment" not in overrides:
        words.insert(0, "dataset=folder")
    (job,) = compose(words)
    with using(Settings.of(job.config)):
        for error in preflight.problems(job):
            raise error
        clips = scope(job).clips

        from posecfg.pipeline.chain import Chain

        chain = Chain({**job.config, "writer": {}, "metric": {}})
        found = {}
        for clip in clips:
            try:
                found[clip.id] = chain.extract(clip, {"identity": job.hash})
            except Dropped as drop:
                raise ClipError(f"'{clip.id}' was set aside: {drop}.") from drop
    # How many films are there must not change what comes back.
    alone = job.choices["dataset"] == "folder" and not os.path.isdir(path) and os.path.lexists(path)
    return next(iter(found.values())) if alone and len(found) == 1 else found


def _word(value: Any) -> str:
    """Write a Python value in Hydra's grammar."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(_word(v) for v in value) + "]"
    if isinstance(value, (str, os.PathLike)):
        text = os.fspath(value)
        plain = text.isascii() and text.isidentifier() and text.lower() not in WORDS
        return text if plain else quote_path(text)
    return str(value)
