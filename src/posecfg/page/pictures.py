"""A few pictures of a clip's film as JPEG texts: of which frames, and without faces where that is wanted."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import starmap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from posecfg import loading
from posecfg.errors import PosecfgError
from posecfg.page import faces, letters
from posecfg.page.frames import Wanted, frames
from posecfg.page.poses import ClipPoses
from posecfg.page.scenes import is_computed
from posecfg.store import fingerprint
from posecfg.store.clip_record import ClipRecord
from posecfg.text import count, shortened
from posecfg.types import Clip

if TYPE_CHECKING:
    from posecfg.arrays import U8, Bools

_TOLD = 300
Taken = tuple[list[dict[str, Any]], str]
"""Pictures as JSON values, and why there are none, or what to know of them."""


@dataclass(frozen=True)
class Pictures:
    """What is wanted: how many pictures, px of their longer side, the ``quality`` of JPEG, faces made unknown."""

    number: int = 8
    longest: int = 480
    quality: int = 75
    blur: bool = False


@dataclass(frozen=True)
class Shown:
    """A clip in a run: its record, its poses, and the clip with the ``scene`` that computes it where one does."""

    record: ClipRecord
    poses: ClipPoses
    scene: Clip | None = None


def prepare() -> None:
    """Import what is imported late, before threads begin: Python 3.11 fails at times where several compile modules."""
    import simplejpeg  # noqa: F401


def pictures(shown: Sequence[Shown], wanted: Pictures) -> Taken:
    """Return pictures of the first run's film that is there, and why there are none, or what to know of them."""
    notes: list[str] = []
    for number, one in enumerate(shown):
        try:
            clip = film_of(one)
            found, note = _of_film(clip, one, [other for other in shown if is_of(one, other)], wanted)
        except PosecfgError as error:
            found, note = [], str(error)
        except (*loading.DAMAGE, MemoryError) as error:
            found, note = [], f"its film cannot be read ({error})"
        if found:
            others = [other for other in shown[number + 1 :] if not is_of(one, other)]
            said = "some runs are of another film, whose pictures are not shown" if others else ""
            return found, shortened("; ".join(part for part in (note, said) if part), _TOLD)
        notes.append(note)
    return [], shortened(next(filter(None, notes), "no picture of it can be shown"), _TOLD)


def is_of(one: Shown, other: Shown) -> bool:
    """Tell whether two runs are of the same film."""
    return one is other or one.record.input.content == other.record.input.content


def film_of(shown: Shown) -> Clip:
    """Return the film, pictures or scene that a record is of; a PosecfgError says why it cannot be shown."""
    record = shown.record
    source, facts = record.input.path, record.facts
    if is_computed(record):
        if shown.scene is None:
            raise PosecfgError("it is computed, and what computes it is not kept")
        return shown.scene
    path = Path(source)
    if not source or not path.is_absolute():
        raise PosecfgError("no record names its film")
    if not path.exists():
        raise PosecfgError(f"its film is not at '{source}' any more")
    names = record.made.get("notes", {}).get("pictures") if facts.get("listed") else None
    listed = tuple(map(str, names)) if isinstance(names, list) else ()
    if any(Path(name).is_absolute() or ".." in Path(name).parts for name in listed):
        raise PosecfgError("its record names pictures elsewhere")
    clip = Clip(record.id, path, independent=bool(facts.get("independent")), pictures=listed)
    if fingerprint.stamp(clip) != fingerprint.stamp_of(record.input) and not fingerprint.is_same(clip, record.input):
        raise PosecfgError(f"'{source}' is another film by now")
    return clip


def _of_film(clip: Clip, own: Shown, same: Sequence[Shown], wanted: Pictures) -> Taken:
    seen = own.poses
    if seen.indices is None or seen.size is None or not len(seen):
        return [], seen.note or "which frames its rows are is not known"
    if wanted.blur and any(_has_others(other) for other in same):
        return [], "people were seen whose poses are not kept, so that their faces cannot be found: add writer=npz"
    allowed = faces.sure(seen, [other.poses for other in same]) if wanted.blur else None
    known = faces.Faces([other.poses for other in same], seen.size, clip.independent) if wanted.blur else None
    rows = chosen(seen, wanted.number, allowed)
    asked = {int(seen.indices[row]): float(seen.times[row]) for row in rows}
    found, hidden = [], 0
    for one, picture in frames(
        clip, list(starmap(Wanted, asked.items())), seen.size, _fitted(seen.size, wanted.longest)
    ):
        if known is None or known.hide(picture, one.number):
            found.append(_picture(one, picture, wanted.quality))
        else:
            hidden += 1
    if not found and known is not None and (hidden or not asked):
        return [], "no picture is shown, as not all faces in it can be found"
    if not found:
        return [], "the film has no such frames, or of another size"
    return found, "; ".join(_notes(known, len(asked) - len(found) - hidden, hidden))


def _notes(known: faces.Faces | None, lost: int, hidden: int) -> Iterator[str]:
    """Yield what a reader must know of the pictures."""
    if lost:
        yield f"{count(lost, 'picture')} of it cannot be shown"
    if hidden:
        yield f"{count(hidden, 'picture')} left out, as not all faces in it can be found"
    if known is not None:
        yield "faces are hidden of all people who were found, others are not known"
    if known is not None and known.finds_one:
        yield "what is not near the person is coarse, as the detector may find one person only"


def _has_others(shown: Shown) -> bool:
    """Tell whether people were seen of whom no pose is kept."""
    seen, notes = shown.poses, shown.record.made.get("notes", {})
    if seen.everybody is not None:
        return False
    above = notes.get("people_above_threshold")
    kept = sum(int(track.valid.sum()) for track in seen.people)
    return not isinstance(above, int) or above > kept


def chosen(seen: ClipPoses, number: int, allowed: Bools | None = None) -> list[int]:
    """Return at most ``number`` rows in order: spread over those with people, with the worst one, and a gap's middle.

    With ``allowed`` (T,), other rows are none, and so are rows without people.
    """
    there = np.zeros(len(seen), bool)
    for track in seen.people:
        there |= track.valid | track.made
    rows = np.flatnonzero(there if allowed is None else there & allowed)
    picked: list[int] = []
    if allowed is None:
        picked += _gap(there)
    if len(rows):
        picked.append(int(rows[np.argmax(_trouble(seen)[rows])]))
    else:
        rows = np.arange(len(seen) if allowed is None else 0)
    rest = max(number - len(picked), 0)
    picked += [int(rows[(2 * n + 1) * len(rows) // (2 * rest)]) for n in range(rest if len(rows) else 0)]
    return sorted(dict.fromkeys(picked[:number]))


def _gap(there: Bools) -> list[int]:
    """Return the row in the middle of the longest time without anybody, none where people are never missing."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], ~there, [False]]).astype(np.int8)))
    begins, ends = edges[::2], edges[1::2]
    if not len(begins) or not there.any():
        return []
    longest = int(np.argmax(ends - begins))
    return [int(begins[longest] + ends[longest]) // 2]


def _trouble(seen: ClipPoses) -> Any:
    """Return how bad the poses of each row (T,) seem: by exchanged sides, jerks and low scores."""
    worst = np.zeros(len(seen))
    for track in seen.people:
        known = np.isfinite(track.scores)
        mean = np.where(known, track.scores, 0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
        low = np.where(known.any(axis=1), 1 - np.clip(mean, 0, 1), 0.5)
        own = low + 1.0 * letters.jerks(track, seen.times) + 2.0 * letters.swaps(track)
        worst = np.maximum(worst, np.where(track.valid | track.made, own, 0))
    return worst


def _fitted(size: tuple[int, int], longest: int) -> tuple[int, int]:
    scale = min(1.0, longest / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _picture(wanted: Wanted, picture: U8, quality: int) -> dict[str, Any]:
    import simplejpeg

    data = simplejpeg.encode_jpeg(np.ascontiguousarray(picture), quality=quality, colorsubsampling="420")
    source = "data:image/jpeg;base64," + base64.b64encode(data).decode("ascii")
    height, width = picture.shape[:2]
    return {"time": wanted.time, "index": wanted.number, "w": width, "h": height, "src": source}
