"""posecfg as a library: extract in memory, without files and without worker processes."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from posecfg.config.compose import Job, compose
from posecfg.config.hydra_errors import foreign
from posecfg.config.pages import leaves_open
from posecfg.config.quoting import quote_path, quote_paths
from posecfg.errors import ClipError, ConfigError, Dropped, PosecfgError
from posecfg.models.settings import Settings, using
from posecfg.runs import preflight
from posecfg.text import shown
from posecfg.types import Clip, Extraction

# Words that Hydra's grammar does not read as text.
WORDS = ("null", "true", "false", "nan", "inf")
# What speaks of files, of which none is written.
WRITTEN = ("output_dir", "writer", "metric", "overwrite", "redo", "append", "shard")
Place = str | os.PathLike[str]


def extract(
    path: Place | Sequence[Place], *, progress: bool | None = None, **overrides: Any
) -> Extraction | dict[str, Extraction]:
    """Extract poses from a film and return them; a folder, a glob, a list or another dataset gives a dict by clip id.

    ``overrides`` are those of the command line: ``extract("film.mp4", detector="blazepose", bbox_thr=0.5)``; dotted
    keys go in a dict: ``extract("film.mp4", sampler="fps", **{"sampler.rate": 24})``. Nothing is written, so what
    speaks of files is refused. ``progress`` None shows a bar on a terminal and in a notebook. The first clip that fails
    or is dropped raises its error.
    """
    paths: Sequence[Any] = path if isinstance(path, (list, tuple)) else [path]
    alone = paths is not path
    if not paths or not all(isinstance(one, str | os.PathLike) and isinstance(os.fspath(one), str) for one in paths):
        raise PosecfgError(
            f"Expected a film, a folder, a pattern such as 'films/*.mp4', or a list of them, but got {shown(path)}."
        )
    for key in overrides:
        if key.partition(".")[0] in WRITTEN:
            raise PosecfgError(
                f"{key}: posecfg.extract returns poses and writes no files: leave it out, or type the command "
                f"posecfg {os.fspath(paths[0])} {key}=... in a terminal."
            )
        if isinstance(overrides[key], Mapping):
            raise PosecfgError(
                f"{key}: expected a text, a number, true, false, None or a list, but got {shown(overrides[key])}: keys "
                f"with a dot go in a dict of their own, **{{'{key}.{next(iter(overrides[key]), 'KEY')}': ...}}."
            )
    where = [os.fspath(one) for one in paths]
    words = [f"dataset.path={quote_path(where[0]) if alone else quote_paths(where)}"]
    words += [f"{key}={_word(value)}" for key, value in overrides.items()]
    chosen = str(overrides.get("experiment") or "")
    if "dataset" not in overrides and (not chosen or leaves_open("dataset", chosen)):
        words.insert(0, "dataset=folder")
    job = _composed(words)
    found = _extracted(job, progress)
    # How many films are there must not change what comes back.
    is_film = alone and job.choices["dataset"] == "folder" and os.path.lexists(where[0]) and not os.path.isdir(where[0])
    return next(iter(found.values())) if is_film and len(found) == 1 else found


def _composed(words: Sequence[str]) -> Job:
    """Return the job that the words ask for; what Hydra said of a wrong one is not shown above the sentence on it."""
    try:
        (job,) = compose(words)
    except ConfigError as error:
        if isinstance(error.__cause__ or error.__context__, foreign()):
            raise error from None
        raise
    return job


def _extracted(job: Job, progress: bool | None) -> dict[str, Extraction]:
    """Return the extraction of each clip of a job."""
    from posecfg.executors.protocol import Finished, Progress, Started
    from posecfg.pipeline.work import Outcome, Work
    from posecfg.runs.remembering import AUTO, OFF, remembering
    from posecfg.runs.scope import scope
    from posecfg.runtimes.native_logs import kept_off
    from posecfg.store.ledger_row import Row
    from posecfg.terminal.waiting import shown as waiting

    found: dict[str, Extraction] = {}
    with using(Settings.of(job.config)):
        for error in preflight.problems(job):
            raise error
        clips: Sequence[Clip] = scope(job).clips

        from posecfg.pipeline.chain import Chain
        from posecfg.pipeline.clip_task import recalled

        with kept_off() as stream, waiting([Work(clip, ()) for clip in clips], stream, progress) as tell:
            # Nothing is written, except into a memory that was asked for by its name.
            named = job.config["cache"] not in (AUTO, OFF)
            chain = Chain({**job.config, "writer": {}, "metric": {}}, remembering(job) if named else None)
            for clip in clips:
                tell(Started(clip.id))

                def tick(frames: int, expected: int | None, lasts: float | None, name: str = clip.id) -> None:
                    tell(Progress(name, frames, expected, lasts))

                try:
                    found[clip.id] = recalled(chain, clip, {"identity": job.hash}, tick)
                except Dropped as drop:
                    raise ClipError(f"'{clip.id}' was set aside: {drop}.") from drop
                tell(Finished(clip.id, Outcome(Row(clip.id, "done", frames=len(found[clip.id].clock)))))
    return found


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
