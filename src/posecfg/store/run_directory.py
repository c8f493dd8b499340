"""One output directory: its identity, who may work in it, and the tidying after a kill."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from posecfg.components.identity import digest
from posecfg.components.identity_diff import differences
from posecfg.config.schema import USUAL
from posecfg.errors import ConfigError, OutputError
from posecfg.layout import HOME
from posecfg.store import lease, lease_keeper, real_files, record_files, recovery, sync
from posecfg.store import ledger as ledgers
from posecfg.store import made_with as makers
from posecfg.store.absence import cannot_read, is_absence, matching
from posecfg.store.clip_record import SCHEMA
from posecfg.store.data_set import Admitted, DataSet, Incoming, admit, is_apart, refusal, remembered
from posecfg.store.inputs import Inputs
from posecfg.store.ledger_row import Row
from posecfg.store.locks import Locks
from posecfg.store.made_with import MadeWith
from posecfg.store.replacing import cannot_write
from posecfg.store.staging import replace_bytes


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

    def ledgers(self) -> list[Path]:
        """All ledgers of the directory, this one last."""
        others = [path for path in matching(self.home, "ledger*.db") if path != self.ledger]
        return [*others, self.ledger]

    def stored(self) -> dict[str, Any] | None:
        """Return the identity kept here, or None for a new directory; a damaged file is an error."""
        path = self.home / "run.json"
        try:
            return _checked(json.loads(real_files.read_bytes(path)))
        except OSError as error:
            if is_absence(error):
                return None
            raise cannot_read(path, error) from error
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise OutputError(
                f"'{path}' is damaged, so it is not known what this directory holds: remove that file to go on with "
                "the present configuration (every clip is then checked against its sidecar)."
            ) from error

    def compare(self, identity: Mapping[str, Any], writers: Mapping[str, Any], overwrite: bool) -> list[str]:
        """Return how what is kept here differs; refuse a difference unless ``overwrite``, where there are results.

        Links and special files among what is kept are refused too.
        """
        real_files.refuse_strange(self.root)
        kept = self.stored()
        changed = self._unexplained(identity) if kept is None else differences(kept["identity"], identity, usual=USUAL)
        known = {} if kept is None else kept["writers"]
        for name, node in writers.items():
            where = name if name.startswith("metric.") else f"writer.{name}"
            changed += differences(known.get(name, node), node, where)
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

    def made_with(self, is_shared: bool = False) -> tuple[MadeWith, ...]:
        """Return what the results here were made with; where it ``is_shared``, also what others are at work with."""
        return makers.known(self.root, self.stored()) if is_shared or self._has_results() else ()

    def settle(
        self, now: MadeWith, overwrite: bool, accept: bool, anew: bool = False, is_shared: bool = False
    ) -> tuple[MadeWith, ...]:
        """Return what to remember of what results are made with; see ``made_with.settle``. All is made ``anew``."""
        return makers.settle(self.root, () if anew else self.made_with(is_shared), now, overwrite, accept)

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
        made: MadeWith | None = None,
        accept: bool = False,
        inputs: Callable[[], Inputs] = Inputs,
        altered: list[str] | None = None,
    ) -> Iterator[int]:
        """Hold the directory, or this shard of it; yield how many clips were undone that a killed run left half done.

        Names under which edited files of these are kept are added to ``altered``. A second run on it is refused at
        once. Inside, nothing is left of a killed run, and the identity, the data set and what is ``made`` with are
        claimed.
        """
        locks = Locks(self.home, self.part)
        with ExitStack() as held:
            try:
                real_files.refuse_strange(self.root)
                new = sync.make_folder(self.home)
                if len(new) > 1:
                    # Results must not outlast what tells of them.
                    sync.flush(new)
                with locks.gate():
                    locks.take(held)
                    others = locks.others()
                    changed = self.compare(identity, writers, overwrite)
                    known = self.admit(data, bool(others)).known if data is not None else ()
                    tools = self.settle(made, overwrite, accept, bool(changed), bool(others)) if made else ()
                    if others and not {one.digest for one in self.made_with(True)} <= {one.digest for one in tools}:
                        changed = [*changed, "other weights or versions"]
                    if changed and others:
                        locks.refuse_unsure()
                        raise OutputError(
                            f"'{self.root}' is in use by {next(iter(others.values()))} with another configuration "
                            f"({'; '.join(changed)}): wait for it, or stop it."
                        )
                    undone = recovery.recover(self.root, self.part, inputs, altered)
                    undone += recovery.recover_others(self.root, locks.dead(recovery.parts(self.home)), inputs, altered)
                    self._claim(identity, writers, known, tools)
            except OSError as error:
                raise cannot_write(self.root, error) from error
            yield undone

    def mend(
        self,
        clip_id: str,
        since: float,
        inputs: Inputs | None = None,
        altered: list[str] | None = None,
        before: Mapping[str, Row] | None = None,
    ) -> Row | None:
        """Undo what a dead worker left of one clip; return its row when it was finished since, or unlike ``before``."""
        lease.require(self.root, self.part, lease_keeper.token(self.home, self.part))
        return recovery.mend(self.root, self.part, clip_id, since, inputs, altered, before)

    def _claim(
        self,
        identity: Mapping[str, Any],
        writers: Mapping[str, Any],
        data_sets: Sequence[DataSet],
        tools: Sequence[MadeWith],
    ) -> None:
        """Write down what results are of; writers of another identity are forgotten."""
        kept = self.stored()
        known = kept["writers"] if kept is not None and kept["identity"] == identity else {}
        data = {
            "schema": SCHEMA,
            "identity": identity,
            "hash": digest(identity),
            "writers": {**known, **writers},
            "dataset": data_sets[-1].name if data_sets else "",
            "data_sets": [one.to_json() for one in data_sets],
            "made_with": [one.to_json() for one in tools],
        }
        if kept != data:
            replace_bytes(self.home / "run.json", record_files.encode(data), self.aside / "run.json")


def _checked(data: Any) -> dict[str, Any]:
    """Return what ``run.json`` holds if it is whole: its identity is the one that its own hash is of."""
    identity, writers = data["identity"], data["writers"]
    whole = isinstance(identity, dict) and isinstance(writers, dict) and digest(identity) == data["hash"]
    if not whole or not all(isinstance(n, dict) and isinstance(n.get("_target_"), str) for n in writers.values()):
        raise TypeError("no identity")
    return dict(data)
