"""The annotations that results depend on: of the poses where sampler or detector read them, else of single products."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from posecfg.components.calls import called
from posecfg.components.parts import Part, listed, parts, top
from posecfg.errors import ClipError, is_of_machine
from posecfg.store.absence import cannot_read
from posecfg.store.fingerprint import Stamp
from posecfg.store.replacing import known_content
from posecfg.types import Clip
from posecfg.types.annotations import files_of, flat_of, told_of

POSES = ""
"""Stands for the poses themselves beside the names of products."""
FACT = "annotations"
METRIC = "metric."
"""Before the name of a metric where it is one of the products of a run."""
_ABSENT = [-1, -1]
Known = Mapping[bool, list[Any]]
"""What a record keeps of a clip's annotations: of all, and of those without points in space (True)."""


class UsedAnnotations:
    """Which parts of a configuration read annotations, and whether those of a clip are what a record was made of.

    A record keeps, for ``POSES`` and each product that reads them, a list: what the annotations tell of themselves,
    then of each of their files the numbers of its ``Stamp`` and its hash. It is empty where a clip has none, or only
    such as depend on nothing. What reads no points in space does not depend on these.
    """

    def __init__(self, config: Mapping[str, Any]) -> None:
        chain: list[Part] = [top(config, group) for group in ("sampler", "persons", "lifter")]
        chain += [*parts(config["detector"], "detector"), *listed(config, "refine").values()]
        readers = [(POSES, part.facts) for part in chain if part.facts.annotated]
        readers += [(name, part.facts) for name, part in listed(config, "writer").items() if part.facts.annotated]
        metrics = {f"{METRIC}{name}": part.facts for name, part in listed(config, "metric").items()}
        readers += [(name, facts) for name, facts in metrics.items() if not facts.truthless]
        self.users = {name for name, _ in readers}
        self._flat = self.users - {name for name, facts in readers if not facts.flat}
        self._last: dict[bool, tuple[Clip, list[Any]]] = {}

    def record(self, clip: Clip) -> Known | None:
        """Return what a record keeps of the clip's annotations, None where nothing reads them."""
        self._last = {}
        hashes: dict[Path, str] = {}
        found = {}
        for flat in sorted({name in self._flat for name in self.users}):
            told, *files = self._seen(clip, flat) or [None]
            hashes |= {path: _hash(path) for path, now in files if now and path not in hashes}
            each = ([*now, hashes[path]] if now else _ABSENT for path, now in files)
            found[flat] = [] if told is None else [told, *each]
        return found or None

    def outdated(self, clip: Clip, facts: Mapping[str, Any], names: Collection[str]) -> set[str]:
        """Return which of ``names`` were made of other annotations than the clip has now."""
        known = facts.get(FACT, {})
        return {name for name in self.users.intersection(names) if self._now(clip, name, known.get(name, [])) is None}

    def renewed(self, clip: Clip, facts: Mapping[str, Any]) -> dict[str, Any]:
        """Return what a record keeps, with the present stamps of files whose content is the same."""
        known = facts.get(FACT, {})
        return {name: self._now(clip, name, one) or one if name in self.users else one for name, one in known.items()}

    def added(self, facts: Mapping[str, Any], known: Known | None, names: Collection[str]) -> dict[str, Any]:
        """Return what a record keeps once ``names`` were made of the annotations ``known``; others stay."""
        made = {name: (known or {}).get(name in self._flat) for name in sorted(self.users.intersection(names))}
        rest = {name: one for name, one in facts.get(FACT, {}).items() if name not in names}
        return rest | {name: one for name, one in made.items() if one}

    def refuse_change(self, clip: Clip, known: Known | None) -> None:
        """Refuse a clip whose annotations are not what they were before they were read."""
        self._last = {}
        if any(self._still(clip, one, flat) is None for flat, one in (known or {}).items()):
            raise ClipError(f"The annotations of '{clip.id}' were changed meanwhile: type the same command again.")

    def _now(self, clip: Clip, name: str, known: Any) -> list[Any] | None:
        return self._still(clip, known, name in self._flat)

    def _seen(self, clip: Clip, flat: bool) -> list[Any]:
        """Return what the annotations tell of themselves, then their files with their stamps; of the last clip once.

        It is empty where a clip has none that can change: a plain function, or nothing. ``flat`` ones are those
        without points in space.
        """
        last = self._last.get(flat)
        if last is None or last[0] is not clip:
            truth = flat_of(clip.truth) if flat else clip.truth
            files = _files(truth) if truth is not None else ()
            told = "" if truth is None else told_of(truth)
            last = clip, [told, *((path, _stamp(path)) for path in files)] if files or told else []
            self._last[flat] = last
        return last[1]

    def _still(self, clip: Clip, known: Any, flat: bool) -> list[Any] | None:
        """Return what to keep of the clip's annotations if they are the ``known`` ones by content, else None."""
        if not isinstance(known, list):
            return None
        seen = self._seen(clip, flat)
        if len(known) != len(seen) or known[:1] != seen[:1]:
            return None
        found = known[:1]
        for (path, now), one in zip(seen[1:], known[1:], strict=True):
            if not isinstance(one, list) or not one or (one == _ABSENT) != (not now):
                return None
            if now and one[:-1] != now and _hash(path) != one[-1]:
                return None
            found.append([*now, one[-1]] if now else one)
        return found


def annotation_files(clips: Collection[Clip]) -> list[str]:
    """Return the files that the annotations of clips are in: inputs too."""
    return list(dict.fromkeys(str(path) for clip in clips if clip.truth is not None for path in _files(clip.truth)))


def _files(truth: Any) -> tuple[Path, ...]:
    return called("dataset: the annotations of a clip", files_of, truth)


def _hash(path: Path) -> str:
    """Return the hash of a file, "" if it cannot be read: reading it says why."""
    content = known_content(path)
    return "" if content is None else content[1]


def _stamp(path: Path) -> list[int]:
    """Return the numbers of a file's stamp; none where there is no file."""
    try:
        return [*Stamp.of(os.stat(path))]
    except OSError as error:
        if is_of_machine(error):
            raise cannot_read(path, error) from error
        return []
