"""Is everything in a folder of results what it claims to be? Works with and without our sidecars."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from posecfg.engine import sidecar
from posecfg.engine.files import digest
from posecfg.engine.rundir import RunDirectory
from posecfg.errors import UsageError
from posecfg.review.contents import Content, look
from posecfg.review.tree import Folders

KINDS = (".npy", ".npz", ".csv", ".json")


def verify(words: Sequence[str]) -> dict[str, Any]:
    """Check the folder that ``words`` name; ``problems`` are sentences, empty when all is well."""
    if len(words) != 1:
        raise UsageError("verify takes one folder: python run.py verify outputs/demo/blazepose-1a2b3c4d")
    root = Path(words[0])
    if not root.is_dir():
        raise UsageError(f"Expected a folder of results at '{root}', but there is none.")
    return Check(root).run()


class Check:
    """One pass over a folder; it never writes."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.problems: list[str] = []
        self.notes: list[str] = []
        self.folders = Folders()
        self.clips = {"done": 0, "skipped": 0, "failed": 0}
        self.seen: set[str] = set()

    def run(self) -> dict[str, Any]:
        """Return everything that was found."""
        recorded = (self.root / sidecar.HOME).is_dir()
        if recorded:
            self._records()
            self._leftovers()
        self._unrecorded(recorded)
        if not self.folders.files and not self.problems:
            self.problems.append(f"'{self.root}' holds no result that can be checked ({', '.join(KINDS)}).")
        return {
            "folder": str(self.root),
            "recorded": recorded,
            "clips": self.clips,
            "files": self.folders.files,
            "bytes": self.folders.bytes,
            "rows": self.folders.rows,
            "missing_rows": self.folders.missing,
            "tree": self.folders.data(),
            "notes": self.notes,
            "problems": self.problems,
        }

    def _records(self) -> None:
        """Hold every sidecar against its files."""
        ids = set()
        for path, _ in sorted(sidecar.walk(self.root)):
            data = sidecar.read(path).data
            if data is None:
                self.problems.append(
                    f"the record '{path.relative_to(self.root)}' is damaged: run again to redo the clip"
                )
                continue
            ids.add(data["id"])
            self.clips[data["status"]] += 1
            self._warnings(data)
            for writer in data["writers"].values():
                for file in writer["files"]:
                    self._file(file, data)
        for clip_id, row in sorted(_rows(self.root).items()):
            if row.status == "failed":
                self.clips["failed"] += 1
                self.problems.append(f"{clip_id} failed: {row.reason}")
            elif clip_id not in ids:
                self.problems.append(
                    f"{clip_id} is in the ledger, but its record is missing: run again to redo the clip"
                )

    def _warnings(self, data: dict[str, Any]) -> None:
        for warning in data.get("warnings", ()):
            self.notes.append(f"{data['id']}: {warning}")
        if data["status"] == "skipped" or data.get("reason"):
            self.notes.append(f"{data['id']}: {data['reason']}")

    def _file(self, file: dict[str, Any], data: dict[str, Any]) -> None:
        name, path = file["name"], self.root / file["name"]
        self.seen.add(name)
        if not path.is_file():
            self.problems.append(f"{name} is missing: run again to write it")
            return
        if digest(path) != (file["bytes"], file["sha256"]):
            self.problems.append(f"{name} is not what was written (its size or content differs): run again to redo it")
            return
        content = look(path)
        self.folders.add(name, file["bytes"], content)
        self.problems += [f"{name}: {text}" for text in _against(content, file.get("about", {}), data)]

    def _leftovers(self) -> None:
        """Look for what a killed run left; the next run clears it."""
        home = self.root / sidecar.HOME
        parts = [p for folder in home.glob("tmp*") for p in folder.rglob("*") if p.is_file()]
        intents = [p for folder in home.glob("intents*") for p in folder.rglob("*.json")]
        if parts or intents:
            text = f"{len(parts)} temporary files and {len(intents)} half-written clips"
            self.problems.append(f"a stopped run left {text}: run again to clear them")

    def _unrecorded(self, recorded: bool) -> None:
        """Look at the files that no sidecar vouches for."""
        shapes: dict[tuple[int, ...], str] = {}
        for path in sorted(self._others()):
            name = path.relative_to(self.root).as_posix()
            if recorded:
                self.notes.append(f"{name} was not written by posecfg")
                continue
            content = look(path)
            self.folders.add(name, path.stat().st_size, content)
            if content.error:
                self.problems.append(f"{name}: {content.error}")
            elif path.suffix == ".npy":
                shapes.setdefault(content.shape[1:], name)
        if len(shapes) > 1:
            text = ", ".join(f"(T, {', '.join(map(str, shape))}) in {name}" for shape, name in shapes.items())
            self.problems.append(f"the arrays differ in shape: {text}")

    def _others(self) -> Iterator[Path]:
        for path in self.root.rglob("*"):
            name = path.relative_to(self.root)
            ours = sidecar.HOME in name.parts or name.as_posix() in self.seen
            if not ours and path.suffix in KINDS and path.is_file():
                yield path


def _against(content: Content, about: dict[str, Any], data: dict[str, Any]) -> list[str]:
    """Hold what a file contains against what its record says."""
    if content.error:
        return [content.error]
    wrong = []
    if about.get("kind") == "npy":
        if list(content.shape) != about.get("shape"):
            wrong.append(f"expected shape {about.get('shape')}, but got {list(content.shape)}")
        if content.dtype != about.get("dtype"):
            wrong.append(f"expected {about.get('dtype')}, but got {content.dtype}")
        if about.get("missing") == "zero" and content.nan:
            wrong.append("holds NaN, although missing values are zeros here")
        rows = data.get("clock", {}).get("rows")
        if content.rows is not None and rows is not None and content.rows != rows:
            wrong.append(f"expected {rows} rows, but got {content.rows}")
    return wrong


def _rows(root: Path) -> dict[str, Any]:
    from posecfg.engine import ledger

    rows: dict[str, Any] = {}
    for path in RunDirectory(root).ledgers():
        rows.update(ledger.read(path))
    return rows
