"""Compare two folders of results, two clips, or two configurations: settings, outcomes, files, and poses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from posecfg.errors import PosecfgError, UsageError
from posecfg.review import settings_apart
from posecfg.review.compared_clip import Made
from posecfg.review.compared_files import data
from posecfg.review.distances import Apart, apart
from posecfg.review.sides import CLIP, COMPARED, CONFIGURATION, NAMES, Side, side
from posecfg.runs.inputs import Tick
from posecfg.store.ledger_row import STATUSES
from posecfg.text import count

USAGE = "diff A B"
NOT_COMPARED = "poses are not compared"


def diff(words: Sequence[str], tick: Tick = lambda done, total: None) -> dict[str, Any]:
    """Compare what two words name, and return what differs as JSON values; a PosecfgError says what cannot be.

    ``tick`` hears of how many clips of how many the poses were compared.
    """
    if len(words) != 2:
        raise UsageError(f"Expected two things to compare, {COMPARED}, but got {len(words)}. Type: {USAGE}")
    a, b = map(side, words)
    if a.kind != b.kind:
        raise PosecfgError(
            f"'{a.typed}' is {NAMES[a.kind]}, and '{b.typed}' is {NAMES[b.kind]}: what can be compared is {COMPARED}."
        )
    if a.kind == CLIP:
        _alike(a, b)
    settings = settings_apart.apart(a, b)
    found: dict[str, Any] = {"a": a.typed, "b": b.typed, "kind": a.kind, "settings": settings}
    differs = settings_apart.counts(settings, a.kind)
    notes = [*a.notes, *b.notes]
    if a.kind != CONFIGURATION:
        clips = Clips(a, b, tick)
        found |= {"clips": clips.data(), "poses": clips.poses()}
        differs |= clips.differ
        notes += clips.notes
    return {**found, "notes": notes, "same": not differs, "exit_code": 1 if differs else 0}


class Clips:
    """The clips of two sides: those of one alone, those that are identical, and how the others differ."""

    def __init__(self, a: Side, b: Side, tick: Tick) -> None:
        self.notes: list[str] = []
        self._a, self._b = a, b
        self._both = sorted(a.clips.keys() & b.clips.keys())
        if not self._both:
            raise PosecfgError(
                f"'{a.typed}' ({_places(a)}) and '{b.typed}' ({_places(b)}) have no clip of the same name: what can be "
                "compared is results of one data set, or two of its clips by their records."
            )
        self._only = [sorted(one.clips.keys() - other.clips.keys()) for one, other in ((a, b), (b, a))]
        self._pairs = [(a.clips[name], b.clips[name]) for name in self._both]
        self._lines = [line for line in map(_outcome, self._pairs) if line]
        self._others = [pair for pair in self._pairs if not _is_identical(*pair)]
        self._apart = list(self._compared(tick))
        if gone := sum(one.gone for pair in self._pairs for one in pair):
            self.notes.append(f"{count(gone, 'file')} of records gone or unreadable: posecfg verify names them")

    @property
    def differ(self) -> bool:
        """Whether anything differs."""
        return bool(self._others or self._lines or any(self._only))

    def data(self) -> dict[str, Any]:
        """Return the outcomes as JSON values."""
        ends = [Counter(clip.status for clip in side.clips.values()) for side in (self._a, self._b)]
        numbers = [{"clips": one.total(), **{status: one[status] for status in STATUSES}} for one in ends]
        return {
            "a": numbers[0],
            "b": numbers[1],
            "both": len(self._both),
            "identical": len(self._pairs) - len(self._others),
            "other_bytes": [a.id for a, _ in self._others],
            "only_a": self._only[0],
            "only_b": self._only[1],
            "differ": self._lines,
        }

    def poses(self) -> dict[str, Any]:
        """Return how far poses are apart as JSON values, clips that are furthest first."""
        ranked = sorted(self._apart, key=lambda one: one[1].rank, reverse=True)
        return {
            "compared": len(ranked),
            "same": sum(one.is_none for _, one in ranked),
            "differ": [{"clip": name, **data(one)} for name, one in ranked if not one.is_none],
        }

    def _compared(self, tick: Tick) -> Iterator[tuple[str, Apart]]:
        """Compare the poses of clips that are done on both sides and not identical; say of how many that cannot be."""
        why: Counter[str] = Counter()
        for number, (a, b) in enumerate(self._others):
            tick(number, len(self._others))
            if a.status != "done" or b.status != "done":
                continue
            found = _apart(a, b)
            why.update(found.notes or ([found.why] if found.why else []))
            if found.why and self._a.kind == CLIP and not found.why.startswith(NOT_COMPARED):
                told = (
                    f"The poses of '{self._a.typed}' and '{self._b.typed}' cannot be compared: {found.why.rstrip('.')}"
                )
                raise PosecfgError(f"{told}; what can be is two results of one clip, in the same format.")
            if not found.why:
                yield a.id, found
        self.notes += [f"{count(number, 'clip')}: {text}" for text, number in sorted(why.items())]


def _apart(a: Made, b: Made) -> Apart:
    kind = next((kind for kind in a.kinds() if kind in b.kinds()), None)
    if kind is None:
        has = [" and ".join(one.kinds()) or "neither npz nor npy" for one in (a, b)]
        return Apart(why=f"{NOT_COMPARED}, as one has {has[0]}, and the other {has[1]}")
    try:
        seen = a.seen(kind), b.seen(kind)
    except PosecfgError as error:
        return Apart(why=str(error))
    if seen[0] is None or seen[1] is None:
        return Apart(why=f"{NOT_COMPARED}, as the files of {kind} do not tell what their numbers are")
    return apart(seen[0], seen[1])


def _alike(a: Side, b: Side) -> None:
    """Where one file is named on one side, take the same of a clip that the other side names; refuse another format."""
    clips = [one.clips[""] for one in (a, b)]
    if not any(one.is_one_file for one in clips):
        return
    kinds = [one.kinds() for one in clips]
    kind = next((kind for kind in kinds[0] if kind in kinds[1]), None)
    if kind is None:
        has = [" and ".join(one) or "neither npz nor npy" for one in kinds]
        raise PosecfgError(
            f"'{a.typed}' has {has[0]}, and '{b.typed}' has {has[1]}: what can be compared is two files of one format, "
            "or the records of both clips."
        )
    for one, clip in zip((a, b), clips, strict=True):
        one.clips[""] = clip if clip.is_one_file else clip.first(kind)


def _is_identical(a: Made, b: Made) -> bool:
    """Tell whether a clip ended in the same way on both sides, with the same bytes in all its files."""
    return (a.status, a.reason) == (b.status, b.reason) and a.named == b.named and all(a.files.values())


def _outcome(pair: tuple[Made, Made]) -> dict[str, Any]:
    """Return in what the outcomes of a clip differ, as JSON values: nothing where they do not."""
    a, b = pair
    found: dict[str, Any] = {}
    for key in ("status", "reason", "rows", "people", "missing"):
        old, new = getattr(a, key), getattr(b, key)
        if old != new and None not in (old, new):
            found[key] = [old, new]
    clock = {key: [a.clock.get(key), b.clock.get(key)] for key in {*a.clock, *b.clock} if a.clock and b.clock}
    if changed := {key: values for key, values in sorted(clock.items()) if values[0] != values[1]}:
        found["clock"] = changed
    if a.content != b.content and a.content and b.content:
        found["input"] = [a.content, b.content]
    return {"clip": a.id, **found} if found else {}


def _places(one: Side) -> str:
    return " and ".join(one.places) or count(len(one.clips), "clip")
