"""The verb ``view``: draw a file of poses or numbers, or the clips of a folder of results, as one picture."""

from __future__ import annotations

import itertools
import os
import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from posecfg.commands.command import Command
from posecfg.commands.output import print_json
from posecfg.commands.view_page import open_page
from posecfg.datasets.aist_keypoints3d import KINDS
from posecfg.datasets.aist_names import VIEWS
from posecfg.errors import ConfigError, OutputError, UsageError
from posecfg.layout import RUN
from posecfg.suggestions import hint
from posecfg.text import count, printable, size

USAGE = (
    "view FILE [--out view.png] [rows=0,120] [view=c03] [kpt_thr=0.3] [skeleton=h36m17] [array=NAME] [fps=60] "
    "[keypoints3d=plain], or view FOLDER of results [--out view.png] [kpt_thr=0.3]"
)
OUT = "view.png"
MOST_ROWS = 12
# Settings that are of a file alone, the least score that is drawn on a page of clips, and notes that are told.
OF_FILES = ("rows", "view", "skeleton", "array", "fps", "keypoints3d")
KPT_THR, NOTES = 0.3, 5


@dataclass
class Wishes:
    """What the words of the command say."""

    file: str = ""
    rows: tuple[int, ...] = ()
    view: tuple[str, ...] | None = None
    kpt_thr: float | None = None
    skeleton: str | None = None
    array: str | None = None
    fps: float | None = None
    keypoints3d: str = "optimised"


def run(command: Command) -> int:
    """Draw the file or folder, and say where the picture is; a file that is there is never replaced."""
    wishes, out = parse(command.words), Path(os.path.expanduser(command.out or _free(OUT)))
    if out.suffix.lower() != ".png":
        raise UsageError(f"Expected --out to end in .png, but got '{out}'.")
    from posecfg.drawing.png import encode
    from posecfg.viewing.reading import check, read
    from posecfg.viewing.sheet import draw

    file = Path(os.path.expanduser(wishes.file))
    if file.is_dir() and command.out is None and wishes == Wishes(wishes.file) and _is_of_runs(file):
        return open_page(wishes.file, command)
    if file.is_dir() and (code := _folder(file, wishes, out, command.json)) is not None:
        return code
    check(file)
    _refuse_taken(out)
    subject = read(
        file,
        wishes.view,
        wishes.keypoints3d,
        wishes.array,
        wishes.skeleton,
        wishes.fps,
    )
    rows = len(subject.times)
    if len(wishes.rows) > MOST_ROWS:
        raise ConfigError(f"Expected rows= to name at most {MOST_ROWS} rows, but got {len(wishes.rows)}.")
    if wrong := [row for row in wishes.rows if not 0 <= row < rows]:
        raise ConfigError(f"Expected rows= from 0 to {rows - 1}, but got {wrong[0]}.")
    picture = draw(subject, wishes.rows, wishes.kpt_thr or 0.0)
    data = encode(picture)
    _write(out, data)
    told = {"file": wishes.file, "picture": str(out), "width": picture.shape[1], "height": picture.shape[0]}
    if command.json:
        print_json({**told, "title": subject.title, "facts": list(subject.facts), "exit_code": 0})
    else:
        print(f"{subject.title}: {', '.join(subject.facts)}")
        print(f"{out} ({picture.shape[1]} x {picture.shape[0]}, {size(len(data))})")
    return 0


def _is_of_runs(folder: Path) -> bool:
    """Tell whether a folder is that of a run, of several, or of a sweep."""
    from posecfg.page.sources import is_sweep
    from posecfg.viewing import results

    return is_sweep(folder) or results.of_run(folder) is not None or bool(results.runs_below(folder))


def _folder(root: Path, wishes: Wishes, out: Path, as_json: bool) -> int | None:
    """Draw a page of the clips of a folder of results, and say where it is; None where the folder is none."""
    from posecfg.drawing.png import encode
    from posecfg.viewing import contact, results, still

    clips = results.of_run(root) or results.of_files(root)
    if not clips:
        if runs := results.runs_below(root):
            first = shlex.quote(str(runs[0]))
            raise ConfigError(f"'{root}' is no folder of one run, but has {len(runs)} below it: type view {first}.")
        if (root / RUN).is_file():
            raise ConfigError(f"Expected results in '{root}', but its run has made none yet: type its command again.")
        return None
    if typed := [key for key in OF_FILES if getattr(wishes, key) != getattr(Wishes(), key)]:
        raise UsageError(f"{typed[0]}= belongs to a file, but '{root}' is a folder of results: leave it out.")
    _refuse_taken(out)
    kpt_thr = KPT_THR if wishes.kpt_thr is None else wishes.kpt_thr
    chosen = results.worst(clips)
    facts = results.summary(clips, len(chosen))
    grid = contact.Grid.of(len(chosen), [pair for one in chosen if (pair := results.size_of(root, one))])
    seen = {one.id: still.still(root, one, grid.room, kpt_thr) for one in chosen}
    picture = contact.draw(root.resolve().name, facts, chosen, grid, lambda one: seen[one.id], kpt_thr)
    data = encode(picture)
    _write(out, data)
    lacking: dict[str, list[str]] = {}
    for one in seen.values():
        if one.picture is None and one.note:
            lacking.setdefault(re.sub(r"'[^']*'", "", one.note), []).append(one.note)
    told = {"file": wishes.file, "picture": str(out), "width": picture.shape[1], "height": picture.shape[0]}
    if as_json:
        rows = [{**vars(one), "file": None, "shown": seen[one.id].row, "note": seen[one.id].note} for one in chosen]
        print_json({**told, "facts": list(facts), "clips": rows, "exit_code": 0})
        return 0
    print(f"{root}: {', '.join(facts)}")
    for notes in list(lacking.values())[:NOTES]:
        first = "" if len(notes) == 1 else " (the first)"
        print(f"{count(len(notes), 'clip')} without a picture of the film: {printable(notes[0])}{first}")
    print(f"{out} ({picture.shape[1]} x {picture.shape[0]}, {size(len(data))})")
    return 0


def parse(words: Sequence[str]) -> Wishes:
    """Return what ``words`` say; a UsageError says what is wrong with them."""
    found, files = Wishes(), []
    for word in words:
        key, equals, value = word.partition("=")
        if not equals or os.path.lexists(os.path.expanduser(word)):
            files.append(word)
        elif key in vars(found) and key != "file":
            setattr(found, key, _value(key, value))
        else:
            raise UsageError(f"view has no '{key}='.{hint(key, vars(found))} Type: {USAGE}")
    if len(files) > 1:
        one, two = (shlex.quote(file) for file in files[:2])
        raise UsageError(
            f"Expected one file to look at, but got {len(files)}: type view {one}, then view {two} --out second.png."
        )
    if not files:
        raise UsageError(f"Expected one file to look at, but got {len(files)}. Type: {USAGE}")
    found.file = files[0]
    return found


def _value(key: str, value: str) -> Any:
    """Return a value as it is meant."""
    if key == "view":
        wrong = [one for one in _parts(value) if one not in VIEWS]
        if wrong or not value:
            raise ConfigError(f"Expected view= among {', '.join(VIEWS)}, but got '{value}'.")
        return _parts(value)
    if key == "keypoints3d" and value not in KINDS:
        raise ConfigError(f"Expected keypoints3d= to be one of {', '.join(KINDS)}, but got '{value}'.")
    try:
        if key == "rows":
            return tuple(int(one) for one in _parts(value))
        if key == "fps":
            return _positive(float(value))
        return float(value) if key == "kpt_thr" else value
    except ValueError:
        what = "whole numbers with commas" if key == "rows" else "a number"
        raise ConfigError(f"Expected {key}= to be {what}, but got '{value}'.") from None


def _positive(value: float) -> float:
    if not 0 < value < 1e6:
        raise ValueError
    return value


def _parts(value: str) -> tuple[str, ...]:
    return tuple(value.strip("[]").replace(" ", "").split(","))


def _free(name: str) -> str:
    """Return a name that no file has: ``name``, or one with the first number that is free."""
    stem, suffix = os.path.splitext(name)
    names = (f"{stem}-{number}{suffix}" for number in itertools.count(2))
    return next(one for one in itertools.chain([name], names) if not os.path.lexists(one))


def _refuse_taken(out: Path) -> None:
    if os.path.lexists(out):
        raise OutputError(f"'{out}' is there already, and is not replaced: type --out with another name.")
    if not out.absolute().parent.is_dir():
        raise OutputError(f"Expected --out in a folder that is there, but there is no '{out.absolute().parent}'.")


def _write(out: Path, data: bytes) -> None:
    """Write the picture whole, unless a file has got its name meanwhile."""
    try:
        with out.open("xb") as stream:
            stream.write(data)
    except FileExistsError:
        _refuse_taken(out)
    except OSError as error:
        out.unlink(missing_ok=True)
        raise OutputError(f"Expected to write '{out}', but got: {error.strerror or error}.") from error
