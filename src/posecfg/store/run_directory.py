"""One output directory: its identity, who may work in it, and the tidying after a kill."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from posecfg.components.identity import digest
from posecfg.components.identity_diff import differences
from posecfg.errors import ConfigError, OutputError
from posecfg.layout import HOME
from posecfg.store import ledger as ledgers
from posecfg.store import record_files, worker_lock
from posecfg.store.clip_record import SCHEMA
from posecfg.store.commit import undo
from posecfg.store.data_set import Admitted, DataSet, Incoming, admit, is_apart, refusal, remembered
from posecfg.store.ledger import Row, from_record
from posecfg.store.locks import Locks
from posecfg.store.staging import cannot_write, replace_bytes


@dataclass(frozen=True)
class RunDirectory:
    """Paths of one run, or of the shard 'i/n' of it."""

    root: Path
    shard: str | None = None

    @property
    def home(self) -> Path:
        """The folder of everything that is not published output."""
        return self.root / HOME

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

    def note_clips(self, ids: Sequence[str], taken: Mapping[str, str]) -> None:
        """Write down which clips this run is about, so that ``verify`` can tell what is missing.

        ``taken`` are the files of others in the way of some of them.
        """
        path = self.home / f"listing{self.part}.json"
        text = record_files.encode({"clips": list(ids), "taken": dict(taken)})
        if not path.is_file() or path.read_bytes() != text:
            replace_bytes(path, text, self.aside / "listing.json")

    def noted_clips(self) -> dict[str, str]:
        """Return the clips that the latest runs were about, in all parts, and what was in their way, "" for nothing.

        A damaged list says nothing.
        """
        found: dict[str, str] = {}
        for path in self.home.glob("listing*.json"):
            try:
                data = json.loads(path.read_bytes())
                taken = {str(clip_id): str(name) for clip_id, name in data.get("taken", {}).items()}
                found |= {str(clip_id): taken.get(clip_id, "") for clip_id in data["clips"]}
            except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
                continue
        return found

    def ledgers(self) -> list[Path]:
        """All ledgers of the directory, this one last."""
        others = sorted(p for p in self.home.glob("ledger*.db") if p != self.ledger)
        return [*others, self.ledger]

    def stored(self) -> dict[str, Any] | None:
        """Return the identity kept here, or None for a new directory; a damaged file is an error."""
        path = self.home / "run.json"
        try:
            data = json.loads(path.read_bytes())
            if not _fits(data):
                raise TypeError("no identity")
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise cannot_write(self.root, error) from error
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise OutputError(
                f"'{path}' is damaged, so it is not known what this directory holds: remove that file to go on with "
                "the present configuration (every clip is then checked against its sidecar)."
            ) from error
        return dict(data)

    def compare(self, identity: Mapping[str, Any], writers: Mapping[str, Any], overwrite: bool) -> list[str]:
        """Return how what is kept here differs; refuse a difference unless ``overwrite``, where there are results."""
        kept = self.stored()
        if kept is None:
            changed = self._unexplained(identity)
        else:
            changed = differences(kept["identity"], identity)
            for name, node in writers.items():
                where = name if name.startswith("metric.") else f"writer.{name}"
                changed += differences(kept["writers"].get(name, node), node, where)
        if not changed or overwrite or not self._has_results():
            return changed
        raise ConfigError(
            f"'{self.root}' holds results of another configuration ({'; '.join(changed)}): "
            "choose another output_dir=, or type overwrite=true to make them again."
        )

    def admit(self, data: Incoming, is_shared: bool = False) -> Admitted:
        """Return the data sets to remember with ``data``; refuse another one than the results are of.

        A directory that an earlier version made does not tell, and takes any. Where it ``is_shared`` with shards at
        work, theirs counts before they have results.
        """
        known = remembered(self.stored())
        if known and self._has_results():
            return admit(self.root, known, data)
        if not known or not is_shared:
            return Admitted((data.data,))
        if not data.append and any(is_apart(one, data.data) for one in known):
            raise refusal(self.root, known, data.data)
        return Admitted(known if data.data in known else (*known, data.data))

    def remembers(self, data: DataSet) -> bool:
        """Tell whether ``data`` needs no look at its clips to be admitted."""
        known = remembered(self.stored())
        return not known or known == (data,)

    def _has_results(self) -> bool:
        """Tell whether clips were finished here; a ledger knows where their sidecars are lost."""
        rows = (row for path in self.ledgers() for row in ledgers.read(path).values())
        return any(record_files.walk(self.root)) or any(row.files for row in rows)

    def _unexplained(self, identity: Mapping[str, Any]) -> list[str]:
        """Ask a sidecar where the identity itself was lost."""
        for name, _ in record_files.walk(self.root):
            record = record_files.read(self.home / "clips" / name)
            if record is not None:
                made, now = record.identity, digest(identity)
                return [] if made == now else [f"identity {made}, now {now}; run.json, which would tell more, is gone"]
        return []

    @contextmanager
    def occupy(
        self,
        identity: Mapping[str, Any],
        writers: Mapping[str, Any],
        overwrite: bool,
        data: Incoming | None = None,
    ) -> Iterator[int]:
        """Hold the directory, or this shard of it; yield the number of clips that a killed run left half done.

        A second run on it is refused at once. Inside, nothing is left of a killed run, and the identity and the data
        set are claimed.
        """
        locks = Locks(self.home, self.part)
        with ExitStack() as held:
            try:
                self.home.mkdir(parents=True, exist_ok=True)
                with locks.gate():
                    locks.take(held)
                    others = locks.others()
                    changed = self.compare(identity, writers, overwrite)
                    known = self.admit(data, bool(others)).known if data is not None else ()
                    if changed and others:
                        raise OutputError(
                            f"'{self.root}' is in use by {next(iter(others.values()))} with another configuration "
                            f"({'; '.join(changed)}): wait for it, or stop it."
                        )
                    undone = sum(self._recover(part) for part in self._parts() if part not in others)
                    self._claim(identity, writers, known)
            except OSError as error:
                raise cannot_write(self.root, error) from error
            yield undone

    def _parts(self) -> set[str]:
        """Return the parts of which there is any trace."""
        found = {self.part}
        for pattern, suffix in (("tmp*", ""), ("intents*", ""), ("workers*.lock", ".lock")):
            prefix = pattern.partition("*")[0]
            found |= {path.name.removeprefix(prefix).removesuffix(suffix) for path in self.home.glob(pattern)}
        return found

    def _recover(self, part: str) -> int:
        """Undo what a killed run left half done; return the number of clips."""
        if not worker_lock.all_gone(self.home, part):
            raise OutputError(f"'{self.root}' is in use by workers of a run that was killed: end them first.")
        shutil.rmtree(self.home / f"tmp{part}", ignore_errors=True)
        kind = f"intents{part}"
        return sum(undo(self.root, self.home / kind / name) for name, _ in list(record_files.walk(self.root, kind)))

    def mend(self, clip_id: str, since: float) -> Row | None:
        """Undo what a dead worker left of one clip; return its row when it was finished since all the same."""
        shutil.rmtree(self.aside / record_files.digest_name(clip_id), ignore_errors=True)
        undo(self.root, record_files.place(self.root, f"intents{self.part}", clip_id))
        mark = record_files.place(self.root, "clips", clip_id)
        record = record_files.read(mark)
        if record is None or record.id != clip_id or record.at < since:
            return None
        seen = mark.stat()
        return from_record(record, (seen.st_size, seen.st_mtime_ns))

    def _claim(self, identity: Mapping[str, Any], writers: Mapping[str, Any], data_sets: Sequence[DataSet]) -> None:
        """Write down the identity, the data sets and the writers; writers of another identity are forgotten."""
        kept = self.stored()
        known = kept["writers"] if kept is not None and kept["identity"] == identity else {}
        data = {
            "schema": SCHEMA,
            "identity": identity,
            "hash": digest(identity),
            "writers": {**known, **writers},
            "dataset": data_sets[-1].name if data_sets else "",
            "data_sets": [one.to_json() for one in data_sets],
        }
        if kept != data:
            replace_bytes(self.home / "run.json", record_files.encode(data), self.aside / "run.json")


def _fits(data: Any) -> bool:
    """Tell whether ``run.json`` is whole: its identity is the one that its own hash is of."""
    identity, writers = data["identity"], data["writers"]
    if not isinstance(identity, dict) or not isinstance(writers, dict) or digest(identity) != data["hash"]:
        return False
    return all(isinstance(node, dict) and isinstance(node.get("_target_"), str) for node in writers.values())
