"""Verify the files in a folder of results, with or without sidecars of posecfg."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from posecfg.errors import UsageError
from posecfg.layout import HOME, PAGE, TABLE
from posecfg.review.arrays import Ranges, Shapes, guessed
from posecfg.review.contents import KINDS, look
from posecfg.review.inputs import look_at_inputs, problems
from posecfg.review.records import Records
from posecfg.review.shared import Shared
from posecfg.review.tree import Folders, heading
from posecfg.runs.inputs import Tick
from posecfg.store import real_files


def verify(words: Sequence[str], inputs: Tick | None = None) -> dict[str, Any]:
    """Check the folder that ``words`` name; ``problems`` are sentences, empty if all is well.

    With ``inputs``, which hears of the progress, the inputs are read too and compared with the records.
    """
    if len(words) != 1:
        settings = [word for word in words if "=" in word]
        extra = f", and no setting such as {settings[0]}" if settings else ""
        raise UsageError(f"verify takes one folder{extra}: python run.py verify outputs/latest")
    root = Path(words[0])
    if not root.is_dir():
        raise UsageError(f"Expected a folder of results, but {_absent(root)}")
    return Check(root, inputs).run()


def _absent(path: Path) -> str:
    """Say what is in the place of a folder, and which one may be meant."""
    if path.exists():
        return f"'{path}' is a file: type verify and the folder that a run named, such as outputs/latest."
    try:
        names = [one.name for one in path.parent.iterdir() if one.is_dir()]
    except OSError:
        names = []
    near = difflib.get_close_matches(path.name, names, n=1)
    hint = f" Did you mean '{path.parent / near[0]}'?" if near else ""
    return f"there is no '{path}'.{hint}"


class Check:
    """One check of a folder and all runs below it; it never writes."""

    def __init__(self, root: Path, inputs: Tick | None = None) -> None:
        self.root, self._inputs = root, inputs
        self.inputs: list[dict[str, Any]] = []
        self.problems: list[str] = []
        self.notes: list[str] = []
        self.folders = Folders()
        self.clips = {"done": 0, "skipped": 0, "failed": 0}
        self.seen: set[str] = set()
        self.taken: set[str] = set()

    def run(self) -> dict[str, Any]:
        """Return all findings as JSON values."""
        found = sorted(self.root.rglob("*"))
        files = [path for path in found if path.is_file()]
        strange = {path.parent for path in found if path.name == HOME and self._strange(path.parent)}
        # What links and special files stand for is not known, so nothing there is held against its record.
        runs = sorted(_runs(files) - strange)
        for folder in runs:
            self._run(folder)
        self._unrecorded(files, runs)
        if not self.folders.all.files and not self.problems and not any(self.clips.values()):
            self.problems.append(f"'{self.root}' holds no result that can be checked ({', '.join(KINDS)}).")
        return {
            "folder": str(self.root),
            "recorded": bool(runs),
            "clips": self.clips,
            "files": self.folders.all.files,
            "bytes": self.folders.all.bytes,
            "rows": self.folders.all.rows,
            "missing_rows": self.folders.all.missing,
            "nan": self.folders.all.nans,
            "tree": self.folders.data(),
            **({"inputs": self.inputs} if self._inputs is not None else {}),
            "notes": self.notes,
            "problems": self.problems,
        }

    def _strange(self, folder: Path) -> bool:
        """Tell whether links or special files are among the records below ``folder``, each a problem."""
        found = [str(error) for error in real_files.strange(folder)]
        self.problems += found
        return bool(found)

    def _run(self, folder: Path) -> None:
        prefix = "" if folder == self.root else f"{folder.relative_to(self.root).as_posix()}/"
        records = Records(folder, self.folders, prefix)
        records.check()
        if self._inputs is not None:
            seen = look_at_inputs(folder, self._inputs)
            self.inputs.append({"folder": str(folder), **seen.data()})
            self.problems += [f"{prefix}{text}" for text in problems(seen)]
            self.notes += [
                f"{heading(prefix)}{text}" for text in seen.notes() if not text.startswith(tuple(seen.unknown))
            ]
        shared = Shared(folder, self.folders, prefix)
        shared.check()
        self.problems += [*records.problems, *shared.problems]
        self.notes += [*records.notes, *shared.notes]
        self.seen |= {f"{prefix}{name}" for name in (*records.seen, *shared.seen)}
        self.taken |= {f"{prefix}{name}" for name in records.taken}
        for status, number in records.clips.items():
            self.clips[status] += number

    def _unrecorded(self, files: Sequence[Path], runs: Sequence[Path]) -> None:
        """Check the files that no sidecar lists."""
        shapes, ranges = Shapes(), Ranges("x, y and score, if the arrays hold shares of the image")
        for path in files:
            name = path.relative_to(self.root)
            hidden = any(part.startswith(".") for part in name.parts)  # records of posecfg, and Hydra's logs
            if hidden or path.suffix not in KINDS or name.name in (PAGE, TABLE) or name.as_posix() in self.seen:
                continue
            if any(folder in path.parents for folder in runs):
                self._foreign(name.as_posix(), path)
                continue
            content = look(path)
            self.folders.add(name.as_posix(), path.stat().st_size, content)
            if content.error:
                self.problems.append(f"{name.as_posix()}: {content.error}")
            elif path.suffix == ".npy":
                shapes.add(name.as_posix(), content)
                if content.infinite:
                    self.notes.append(f"{name.as_posix()} holds infinite numbers ({content.infinite:,})")
                if places := guessed(content):
                    ranges.add(content, places)
        if text := shapes.problem():
            self.problems.append(f"the arrays differ: {text}")
        if text := ranges.note():
            self.notes.append(text)

    def _foreign(self, name: str, path: Path) -> None:
        """Check a file among the results that posecfg did not write; damage counts if it is in the way of a clip."""
        content = look(path)
        if content.error and name in self.taken:
            self.problems.append(f"{name}, which posecfg did not write: {content.error}")
        else:
            shape = f" ({'x'.join(map(str, content.shape))})" if path.suffix == ".npy" and not content.error else ""
            self.notes.append(f"{name}{shape} was not written by posecfg")


def _runs(files: Sequence[Path]) -> set[Path]:
    """Return the folders that hold records of a run; a folder with logs alone is none."""
    found = set()
    for path in files:
        for home in path.parents:
            if home.name == HOME:
                first = path.relative_to(home).parts[0]
                if first in ("run.json", "clips") or first.startswith("ledger"):
                    found.add(home.parent)
                break
    return found
