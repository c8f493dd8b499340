"""What a folder of results says of its clips: how each ended, and of how many rows nobody is known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from posecfg import loading
from posecfg.errors import PosecfgError
from posecfg.layout import HOME
from posecfg.runs.scope import known
from posecfg.store import record_files
from posecfg.store.ledger_row import Row, from_record
from posecfg.store.run_directory import RunDirectory
from posecfg.text import count

MOST = 48
"""The most clips of one page."""
# Of these the most that have no result, where others have one.
_WITHOUT = 12
# Folders of runs that are named where a folder is none itself.
_DEPTH = 2


@dataclass(frozen=True)
class Result:
    """A clip of a folder: ``status`` is done, skipped or failed, ``missing`` of its ``rows`` show nobody.

    ``file`` is its native npz where no record tells more.
    """

    id: str
    status: str
    reason: str = ""
    rows: int = 0
    missing: int = 0
    file: Path | None = None

    @property
    def share(self) -> float:
        """The share of rows without anybody."""
        return self.missing / self.rows if self.rows else 0.0


def of_run(root: Path) -> list[Result] | None:
    """Return the clips of a folder with records, None where there are no records."""
    if not (root / HOME).is_dir():
        return None
    rows = known(RunDirectory(root))
    named = {record_files.relative(clip_id) for clip_id in rows}
    for name, stamp in record_files.walk(root):
        record = None if name in named else record_files.read(root / HOME / "clips" / name)
        if record is not None:
            rows[record.id] = from_record(record, (stamp.size, stamp.mtime_ns))
    return [_result(row) for row in rows.values()] or None


def _result(row: Row) -> Result:
    missing = row.facts.get("rows_missing", 0)
    return Result(row.id, row.status, row.reason, row.frames, missing if isinstance(missing, int) else 0)


def of_files(root: Path) -> list[Result]:
    """Return the clips of the first native npz in a folder without records, or one level down."""
    found: list[Result] = []
    for path in sorted([*root.glob("*.npz"), *root.glob("*/*.npz")]):
        if len(found) == MOST:
            break
        try:
            if loading.read_header(path) is None:
                continue
            whole = loading.load(path)
        except PosecfgError:
            continue
        for one in whole.values() if isinstance(whole, dict) else (whole,):
            there = sum(
                any(track.valid[row] or track.made[row] for track in one.tracks) for row in range(len(one.clock))
            )
            found.append(Result(one.clip.id, "done", "", len(one.clock), len(one.clock) - there, path))
    return found


def worst(clips: Sequence[Result], most: int = MOST) -> list[Result]:
    """Return at most ``most`` clips: those with results by the share of rows that show nobody, then the others."""
    done = sorted((one for one in clips if one.status == "done"), key=lambda one: (-one.share, one.id))
    others = sorted((one for one in clips if one.status != "done"), key=lambda one: (one.status, one.reason, one.id))
    kept = others[: max(min(_WITHOUT, most // 4), most - len(done))]
    return [*done[: most - len(kept)], *kept]


def summary(clips: Sequence[Result], shown: int) -> tuple[str, ...]:
    """Say in a few parts what the clips are, and which of them are shown."""
    number = Counter(one.status for one in clips)
    parts = [count(len(clips), "clip")]
    parts += [f"{number[status]:,} {status}" for status in ("done", "skipped", "failed") if number[status]]
    rows, missing = sum(one.rows for one in clips), sum(one.missing for one in clips)
    parts.append(f"{missing / rows:.1%} of {count(rows, 'row')} without anybody" if rows else "no rows")
    if shown < len(clips):
        parts.append(f"the {shown} worst")
    elif number["done"] > 1:
        parts.append("most missing first")
    return tuple(parts)


def size_of(root: Path, clip: Result) -> tuple[int, int] | None:
    """Return (width, height) px of a clip's pictures, None where that is not known."""
    if clip.file is not None:
        header = loading.read_header(clip.file) or {}
        size = header.get("clock", {}).get("size")
    else:
        record = record_files.read_clip(root, clip.id)
        size = record.made.get("clock", {}).get("size") if record else None
    known = isinstance(size, (list, tuple)) and len(size) == 2 and all(isinstance(one, int) and one > 0 for one in size)
    return (size[0], size[1]) if size is not None and known else None


def runs_below(root: Path) -> list[Path]:
    """Return the folders of runs below one that is none itself, a few levels down."""
    found = [home.parent for depth in range(1, _DEPTH + 1) for home in root.glob(f"{'*/' * depth}{HOME}")]
    return sorted(one for one in found if (one / HOME / "clips").is_dir())
