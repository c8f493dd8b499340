"""One output directory: its identity, its lock, and the tidying after a kill."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from posecfg.config.identity import differences, digest
from posecfg.config.schema import parse_shard
from posecfg.engine import sidecar
from posecfg.engine.files import cannot_write, replace_bytes
from posecfg.errors import ConfigError, OutputError


@dataclass(frozen=True)
class RunDirectory:
    """Paths of one run; ``part`` is '' or, for a shard, 'IofN'."""

    root: Path
    shard: str | None = None

    @property
    def home(self) -> Path:
        """The folder of everything that is not published output."""
        return self.root / sidecar.HOME

    @property
    def part(self) -> str:
        """Suffix of the files that belong to one shard."""
        return f"-{self.shard.replace('/', 'of')}" if self.shard else ""

    @property
    def ledger(self) -> Path:
        """The ledger that this process writes."""
        return self.home / f"ledger{self.part}.db"

    @property
    def aside(self) -> Path:
        """Where unfinished files of this run or shard lie."""
        return self.home / f"tmp{self.part}"

    def ledgers(self) -> list[Path]:
        """All ledgers of the directory, this one last so that it wins."""
        others = sorted(p for p in self.home.glob("ledger*.db") if p != self.ledger)
        return [*others, self.ledger]

    def stored(self) -> dict[str, Any] | None:
        """Return the identity kept here, or None for a new directory; a damaged file is an error."""
        path = self.home / "run.json"
        try:
            text = path.read_text("utf-8")
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise cannot_write(self.root, error) from error
        try:
            data = json.loads(text)
            if not isinstance(data["identity"], dict) or not isinstance(data["writers"], dict):
                raise TypeError("no identity")
        except (ValueError, KeyError, TypeError) as error:
            raise OutputError(
                f"'{path}' is damaged, so it is not known what this directory holds: remove that file to go on with "
                "the present configuration (every clip is then checked against its sidecar)."
            ) from error
        return dict(data)

    def compare(self, identity: dict[str, Any], writers: dict[str, Any], overwrite: bool) -> list[str]:
        """Return how what is kept here differs; refuse a difference unless ``overwrite``."""
        kept = self.stored()
        if kept is None:
            return []
        changed = differences(kept["identity"], identity)
        for name, node in writers.items():
            changed += differences(kept["writers"].get(name, node), node, f"writer.{name}")
        if not changed or overwrite:
            return changed
        raise ConfigError(
            f"'{self.root}' holds results of another configuration ({'; '.join(changed)}): "
            "choose another output_dir=, or type overwrite=true to make them again."
        )

    def claim(self, identity: dict[str, Any], writers: dict[str, Any], dataset: str) -> None:
        """Write the identity and the writers; call it under the lock."""
        kept = self.stored() or {}
        data = {
            "schema": sidecar.SCHEMA,
            "identity": identity,
            "hash": digest(identity),
            "writers": {**kept.get("writers", {}), **writers},
            "dataset": dataset,
        }
        if kept != data:
            replace_bytes(self.home / "run.json", sidecar.encode(data), self.aside / "run.json")

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the directory, or this shard of it; a second run on it is refused at once."""
        held: list[IO[str]] = []
        try:
            self.home.mkdir(parents=True, exist_ok=True)
            whole = fcntl.LOCK_SH if self.shard else fcntl.LOCK_EX
            held.append(self._take("lock", whole))
            if self.shard:
                held.append(self._take(f"lock{self.part}", fcntl.LOCK_EX))
                self._refuse_other_splits()
        except OSError as error:
            for stream in held:
                stream.close()
            raise cannot_write(self.root, error) from error
        try:
            yield
        finally:
            for stream in held:
                stream.close()

    def _take(self, name: str, kind: int) -> IO[str]:
        stream = (self.home / name).open("a+", encoding="utf-8")
        try:
            fcntl.flock(stream, kind | fcntl.LOCK_NB)
        except BlockingIOError as error:
            stream.seek(0)
            owner = stream.read().strip() or "another process"
            stream.close()
            raise OutputError(
                f"'{self.root}' is in use by {owner}: wait for it, stop it, or choose another output_dir=."
            ) from error
        if kind == fcntl.LOCK_EX:
            stream.truncate(0)
            stream.write(f"process {os.getpid()} on {socket.gethostname()}")
            stream.flush()
        return stream

    def _refuse_other_splits(self) -> None:
        """Shards of different splits overlap: 1/2 and 1/3 would write the same clips."""
        parts = (parse_shard(self.shard or "") or (1, 1))[1]
        for path in self.home.glob("lock-*of*"):
            if path.name.rsplit("of", 1)[1] == str(parts):
                continue
            with path.open("a+", encoding="utf-8") as stream:
                try:
                    fcntl.flock(stream, fcntl.LOCK_SH | fcntl.LOCK_NB)
                except BlockingIOError as error:
                    raise OutputError(
                        f"'{self.root}' is in use by shard {path.name[5:].replace('of', '/')}: all shards of a run "
                        "need the same number of parts."
                    ) from error

    def recover(self) -> int:
        """Undo what a killed run left half done; call it under the lock. Return the number of clips undone."""
        shutil.rmtree(self.aside, ignore_errors=True)
        undone = 0
        for path, _ in sidecar.walk(self.root, f"intents{self.part}"):
            undone += self._undo(path)
            path.unlink(missing_ok=True)
        return undone

    def mend(self, clip_id: str) -> None:
        """Undo what a dead worker left of one clip."""
        shutil.rmtree(self.aside / sidecar.digest_name(clip_id), ignore_errors=True)
        intent = sidecar.place(self.root, f"intents{self.part}", clip_id)
        if intent.exists():
            self._undo(intent)
            intent.unlink(missing_ok=True)

    def _undo(self, intent: Path) -> int:
        try:
            data = json.loads(intent.read_bytes())
            clip_id, token, names = str(data["id"]), data["token"], [str(n) for n in data["names"]]
        except (OSError, ValueError, KeyError, TypeError):
            return 0
        mark = sidecar.place(self.root, "clips", clip_id)
        done = sidecar.read(mark).data
        if done is not None and done["token"] == token:
            return 0
        vouched = sidecar.names(done) if done is not None else set()
        if vouched & set(names):
            names += vouched
            mark.unlink(missing_ok=True)
        for name in names:
            target = self.root / name
            if ".." not in target.parts and target.is_relative_to(self.root):
                target.unlink(missing_ok=True)
        return 1
