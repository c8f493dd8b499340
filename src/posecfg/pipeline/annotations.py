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
from posecfg.types.annotations import files_of, told_of

POSES = ""
"""Stands for the poses themselves beside the names of products."""
FACT = "annotations"
METRIC = "metric."
"""Before the name of a metric where it is one of the products of a run."""
_ABSENT = [-1, -1]


class UsedAnnotations:
    """Which parts of a configuration read annotations, and whether those of a clip are what a record was made of.

    A record keeps, for ``POSES`` and each product that reads them, a list: what the annotations tell of themselves,
    then of each of their files the numbers of its ``Stamp`` and its hash. It is empty where a clip has none, or only
    such as depend on nothing.
    """

    def __init__(self, config: Mapping[str, Any]) -> None:
        chain: list[Part] = [top(config, group) for group in ("sampler", "persons", "lifter")]
        chain += [*parts(config["detector"], "detector"), *listed(config, "refine").values()]
        self.users = {POSES} if any(part.facts.annotated for part in chain) else set[str]()
        self.users |= {name for name, part in listed(config, "writer").items() if part.facts.annotated}
        self._last: tuple[Clip, list[Any]] | None = None
        self.users |= {f"{METRIC}{name}" for name, part in listed(config, "metric").items() if not part.facts.truthless}

    def record(self, clip: Clip) -> list[Any] | None:
        """Return what a record keeps of the clip's annotations, None where nothing reads them."""
        if not self.users:
            return None
        told, *files = self._seen(clip, fresh=True) or [None]
        return [] if told is None else [told, *([*now, _hash(path)] if now else _ABSENT for path, now in files)]

    def outdated(self, clip: Clip, facts: Mapping[str, Any], names: Collection[str]) -> set[str]:
        """Return which of ``names`` were made of other annotations than the clip has now."""
        known = facts.get(FACT, {})
        return {name for name in self.users.intersection(names) if self._still(clip, known.get(name, [])) is None}

    def renewed(self, clip: Clip, facts: Mapping[str, Any]) -> dict[str, Any]:
        """Return what a record keeps, with the present stamps of files whose content is the same."""
        known = facts.get(FACT, {})
        return {name: self._still(clip, one) or one if name in self.users else one for name, one in known.items()}

    def added(self, facts: Mapping[str, Any], known: list[Any] | None, names: Collection[str]) -> dict[str, Any]:
        """Return what a record keeps once ``names`` were made of the annotations ``known``; others stay."""
        made = {name: known for name in sorted(self.users.intersection(names)) if known}
        return {**{name: one for name, one in facts.get(FACT, {}).items() if name not in names}, **made}

    def refuse_change(self, clip: Clip, known: list[Any] | None) -> None:
        """Refuse a clip whose annotations are not what they were before they were read."""
        if known is not None:
            self._seen(clip, fresh=True)
            if self._still(clip, known) is None:
                raise ClipError(f"The annotations of '{clip.id}' were changed meanwhile: type the same command again.")

    def _seen(self, clip: Clip, fresh: bool = False) -> list[Any]:
        """Return what the annotations tell of themselves, then their files with their stamps; of the last clip once.

        It is empty where a clip has none that can change: a plain function, or nothing.
        """
        if fresh or self._last is None or self._last[0] is not clip:
            files = _files(clip) if clip.truth is not None else ()
            told = "" if clip.truth is None else told_of(clip.truth)
            found = [told, *((path, _stamp(path)) for path in files)] if files or told else []
            self._last = clip, found
        return self._last[1]

    def _still(self, clip: Clip, known: Any) -> list[Any] | None:
        """Return what to keep of the clip's annotations if they are the ``known`` ones by content, else None."""
        if not isinstance(known, list):
            return None
        seen = self._seen(clip)
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
    return list(dict.fromkeys(str(path) for clip in clips if clip.truth is not None for path in _files(clip)))


def _files(clip: Clip) -> tuple[Path, ...]:
    return called("dataset: the annotations of a clip", files_of, clip.truth)


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
