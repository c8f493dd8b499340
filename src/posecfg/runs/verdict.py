"""Whether the record of a clip stands: for what is wanted, for its input, and for the output files."""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from posecfg.pipeline.annotations import FACT, METRIC, POSES, UsedAnnotations
from posecfg.pipeline.provenance import Rests
from posecfg.runs.costs import CHANGED, INPUT
from posecfg.runs.earlier_pixels import EarlierPixels
from posecfg.store import fingerprint, outputs, record_files
from posecfg.store.fingerprint import Stamp
from posecfg.store.ledger_row import Row, unseen, was_gated
from posecfg.store.stamp_helpers import Folder
from posecfg.types import Clip
from posecfg.video.gates import Gates

OTHERWISE_MADE = "made with another configuration"
OTHER_TOOLS = "made with other weights or versions"
# Lists put the number of clips before a reason.
OTHER_PART = "of another part of its file"
OTHERWISE_SHOWN = "of unrelated pictures now, or no longer"
OTHERWISE_SAID = "described otherwise by the data set"
OTHERWISE_ANNOTATED = "annotated otherwise"
PART = {"listed": "pictures", "independent": "unrelated pictures", "counted": "counted in frames"}
NOTHING = {None: "none", True: "yes", False: "no"}


@dataclass(frozen=True)
class Wanted:
    """What a finished clip must look like: the identity, the hash of each writer, and what is refused.

    ``targets`` tell where writers put the first file of a clip; ``redo`` are clips to be made again all the same.
    ``earlier`` looks at films whose clips were made before the shape of pixels was recorded. ``made_with`` are the
    digests of weights and libraries that results may be of, None for any. ``heavy`` tells that poses need a model,
    ``pictured`` are writers that need the frames themselves, ``remembers`` tells that remembered detections may spare
    the model.
    """

    root: Path
    identity: str
    writers: Mapping[str, str]
    gates: Gates
    strict: bool = False
    rests: Rests | None = None
    annotations: UsedAnnotations | None = None
    targets: Mapping[str, Callable[[str], str]] = field(default_factory=dict)
    redo: Collection[str] = frozenset()
    earlier: EarlierPixels = field(default_factory=EarlierPixels)
    made_with: Collection[str] | None = None
    heavy: bool = True
    pictured: Collection[str] = ()
    remembers: bool = False


@dataclass(frozen=True)
class Todo:
    """A verdict: this clip is to do, for this reason; with ``kept``, only ``writers`` write.

    ``because`` says in which respects: what the comparison found that decided.
    """

    why: str
    writers: Sequence[str] = ()
    kept: bool = False
    because: tuple[str, ...] = ()


class State(NamedTuple):
    """What is known of a clip before its input is read: the ledger's row, its record, and its input's stamp."""

    clip: Clip
    row: Row | None
    record: Row | Todo
    here: Stamp | None

    def is_doubtful(self, wanted: Wanted, every: bool) -> bool:
        """Tell whether only the content of the input can say if the record holds."""
        if not isinstance(self.record, Row) or self.here is None or self.record.identity != wanted.identity:
            return False
        return self.clip.id not in wanted.redo and (every or self.record.input != self.here)

    def folders(self, wanted: Wanted) -> Iterator[Folder]:
        """Yield the folders with lists that will be looked at, unless the clip is to do for another reason."""
        if isinstance(self.record, Row) and self.record.identity == wanted.identity and self.clip.id not in wanted.redo:
            yield from ((self.clip.id, file) for file in self.record.files if file[0].endswith("/"))


def judge(state: State, row: Row, wanted: Wanted, same: bool | None, untouched: Container[Folder] = ()) -> Row | Todo:
    """Hold a record against what is wanted, the input and the output files; ``same`` says what its content told.

    Folders that are ``untouched`` were looked at just now.
    """
    clip = state.clip
    elsewhere = _made_of_else(clip, row, wanted)
    if elsewhere is not None:
        return elsewhere
    refused = wanted.gates.refuse(row.facts.get("duration"), row.facts.get("fps"))
    # What lies outside a gate is not looked at, so what is there of it stays.
    if clip.id in wanted.redo and not refused:
        return Todo("asked to be made again")
    known = row if refused else wanted.earlier(clip, row)
    if known is None:
        return Todo("made of pixels that are not square")
    return _compare(state, known, wanted, same, refused, untouched)


def _compare(
    state: State, row: Row, wanted: Wanted, same: bool | None, refused: str | None, untouched: Container[Folder]
) -> Row | Todo:
    """Compare input and files with a record that stands for what is wanted; ``refused`` is why a gate shuts it out."""
    here = state.here
    if here is not None and (same is False or (same is None and row.input != here)):
        again = [*_lacking(row, wanted, untouched)[0]] if row.status == "done" or row.writers else []
        return Todo(INPUT if same is None else CHANGED, again, kept=True, because=_other_input(row, here, same))
    if refused:
        # Its facts are not those of a clip that is looked at.
        return replace(row, status="skipped", reason=refused, facts={})
    if row.status == "skipped" and not row.writers:
        return Todo("skipped by other gates before", because=(row.reason,)) if was_gated(row.facts) else row
    if wanted.strict and row.facts.get("status", "complete") != "complete":
        return Todo("damaged, which is refused now", kept=True, because=row.warnings)
    outdated = wanted.annotations.outdated(state.clip, row.facts, row.writers) if wanted.annotations else set()
    lacking, row = _lacking(_renewed(state.clip, row, wanted), wanted, untouched, outdated)
    lacking = {n: why for n, why in lacking.items() if n in outdated or not _says_nothing(state.clip, n, wanted)}
    if not lacking:
        return row
    if outdated.issuperset(lacking):
        return _again(OTHERWISE_ANNOTATED, lacking)
    if all(name not in row.writers for name in lacking):
        kind = "metric" if all(name.startswith(METRIC) for name in lacking) else "writer"
        return _again(f"{kind} added", lacking)
    if all(row.writers.get(name) != wanted.writers[name] for name in lacking):
        return _again("written with other settings", lacking)
    return _again("output is missing or changed", lacking)


def _again(why: str, lacking: Mapping[str, Sequence[str]]) -> Todo:
    """Return the verdict that some writers write again, with what each of them lacks."""
    return Todo(why, [*lacking], kept=True, because=tuple(text for texts in lacking.values() for text in texts))


def _other_input(row: Row, here: Stamp, same: bool | None) -> tuple[str, ...]:
    """Say in which respect an input is another one than was recorded."""
    if same is None:
        return ("its date or place is another one, and its content was not compared",)
    if row.input is not None and row.input.size != here.size:
        return (f"{row.input.size:,} bytes before, {here.size:,} now",)
    return ("the same size, but another content",)


def _says_nothing(clip: Clip, name: str, wanted: Wanted) -> bool:
    """Tell whether a metric has nothing to compare a clip with: nothing is computed for that."""
    readers = wanted.annotations.users if wanted.annotations else ()
    return clip.truth is None and name.startswith(METRIC) and name in readers


def _renewed(clip: Clip, row: Row, wanted: Wanted) -> Row:
    """Return the row with the present stamps of stored poses and annotations that are the same by content."""
    if wanted.annotations and (now := wanted.annotations.renewed(clip, row.facts)) != row.facts.get(FACT, {}):
        row = replace(row, facts={**row.facts, FACT: now})
    rests = wanted.rests.still(row.id, row.facts.get("depends")) if wanted.rests else None
    return row if rests in (None, row.facts.get("depends")) else replace(row, facts={**row.facts, "depends": rests})


def _made_of_else(clip: Clip, row: Row, wanted: Wanted) -> Todo | None:
    """Tell whether a record stands for another configuration, another part of the film or other stored poses."""
    if row.identity != wanted.identity:
        return Todo(OTHERWISE_MADE)
    if wanted.made_with is not None and row.facts.get("made_with", "") not in wanted.made_with:
        return Todo(OTHER_TOOLS)
    part = {"said": None, **fingerprint.part(clip)}
    differing = {name for name, value in part.items() if row.facts.get(name) != value}
    if "said" not in row.facts:
        # Not recorded by earlier versions.
        differing.discard("said")
    if differing:
        why = {"independent": OTHERWISE_SHOWN, "said": OTHERWISE_SAID}.get("".join(differing), OTHER_PART)
        return Todo(why, because=tuple(_other_part(name, row, part) for name in sorted(differing)))
    known = row.facts.get("depends")
    if (row.status == "done" or row.writers) and wanted.rests and not wanted.rests.are(clip.id, known):
        return Todo("made of other stored poses")
    if wanted.annotations and wanted.annotations.outdated(clip, row.facts, [POSES]):
        return Todo(OTHERWISE_ANNOTATED, because=("the poses are made of them",))
    return None


def _other_part(name: str, row: Row, part: Mapping[str, Any]) -> str:
    """Say how a clip is another part of its file, or is read otherwise, than was recorded."""
    if name == "said":
        return "what the data set says of it"
    return f"{PART.get(name, name)}: {_value(row.facts.get(name))}, now {_value(part[name])}"


def _value(value: Any) -> str:
    return f"{value:.10g}" if isinstance(value, float) else NOTHING.get(value, str(value))


def _lacking(
    row: Row, wanted: Wanted, untouched: Container[Folder], outdated: Collection[str] = ()
) -> tuple[dict[str, list[str]], Row]:
    """Return the writers whose files are not all there as written and why, and the row with the files' present stamps.

    Those of ``outdated`` writers are to be made again whatever they are.
    """
    lacking = {
        name: [_lack(name, row, outdated)]
        for name, made in wanted.writers.items()
        if row.writers.get(name) != made or name in outdated
    }
    root = str(wanted.root)
    if all((row.id, file) in untouched or outputs.is_untouched(root, row.id, file) for file in row.files):
        return lacking, row
    files, known = [], frozenset(row.files)
    record = record_files.read_clip(wanted.root, row.id)
    if record is None:
        return {name: ["its record cannot be read"] for name in wanted.writers}, row
    for name, writer in record.writers.items():
        for file in writer.files:
            seen = outputs.intact(wanted.root, row.id, file, known)
            files.append(unseen(file) if seen is None else seen)
            if seen is None and name in wanted.writers:
                lacking.setdefault(name, []).append(outputs.harm(wanted.root, row.id, file))
    return {name: lacking[name] for name in wanted.writers if name in lacking}, replace(row, files=tuple(files))


def _lack(name: str, row: Row, outdated: Collection[str]) -> str:
    """Say why a writer or metric writes again whatever its files are."""
    if name in outdated:
        return f"{name} was made of other annotations"
    return f"{name} has other settings" if name in row.writers else f"{name} was not asked for before"
