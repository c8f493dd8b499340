"""What results are computed with: weights by hash and libraries by version, and whether those of today may go on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from posecfg.components.identity import digest
from posecfg.errors import ConfigError
from posecfg.layout import HOME
from posecfg.store import record_files
from posecfg.store.clip_record import ClipRecord

# Releases that differ in their last number only count as one: they mend, and change no results.
LOOSE = ("numpy", "av")
# Recorded with a clip, but no part of this: Python computes no number of a result, and posecfg keeps what it promises
# of earlier versions' results, or changes the identity.
APART = ("python", "posecfg")
_DIGITS = 12


@dataclass(frozen=True)
class MadeWith:
    """Weights, name to SHA-256, and libraries, name to version.

    With ``adopted``, clips whose records do not tell count as made with these: earlier versions did not note them.
    """

    weights: Mapping[str, str] = field(default_factory=dict)
    libraries: Mapping[str, str] = field(default_factory=dict)
    adopted: bool = False

    @cached_property
    def digest(self) -> str:
        """Return what a clip's record keeps of this."""
        compared = {name: _release(name, version) for name, version in self.libraries.items()}
        return digest({"weights": dict(self.weights), "libraries": compared})

    def to_json(self) -> dict[str, Any]:
        """Return the entry of ``run.json``."""
        own = {"weights": dict(self.weights), "libraries": dict(self.libraries)}
        return own | ({"adopted": True} if self.adopted else {})

    def other_weights(self, now: MadeWith) -> list[str]:
        """Return how the weights of ``now`` differ, as 'name: old, now new'."""
        return _changes(self.weights, now.weights, lambda name, value: value[:_DIGITS])

    def other_libraries(self, now: MadeWith) -> list[str]:
        """Return how the libraries of ``now`` differ, as 'name: old, now new'."""
        return _changes(self.libraries, now.libraries, _release)


def of_record(record: ClipRecord) -> MadeWith | None:
    """Return what a clip's record tells of its making, None where it tells nothing."""
    weights, versions = record.made.get("weights"), record.made.get("versions")
    if not isinstance(weights, dict) or not isinstance(versions, dict):
        return None
    texts = [{str(name): str(value) for name, value in one.items()} for one in (weights, versions)]
    return MadeWith(texts[0], {name: version for name, version in texts[1].items() if name not in APART})


def known(root: Path, stored: Mapping[str, Any] | None) -> tuple[MadeWith, ...]:
    """Return what the results below ``root`` were made with, as ``run.json`` tells, or else their records."""
    entries = (stored or {}).get("made_with")
    if isinstance(entries, list) and entries:
        try:
            return tuple(
                MadeWith(_texts(entry["weights"]), _texts(entry["libraries"]), bool(entry.get("adopted")))
                for entry in entries
            )
        except (KeyError, TypeError, ValueError, AttributeError):
            pass
    return tuple(_adopted(root))


def _texts(found: Any) -> dict[str, str]:
    """Return names with their hashes or versions; a TypeError says that they are no texts."""
    if not isinstance(found, dict) or not all(isinstance(text, str) for text in found.values()):
        raise TypeError("no texts")
    return found


def _adopted(root: Path) -> Iterable[MadeWith]:
    """Read all records once: an earlier version may have mixed several, and clips of it do not name theirs."""
    found: dict[str, MadeWith] = {}
    record: ClipRecord | None = None
    for name, _ in record_files.walk(root):
        record = record_files.read(root / HOME / "clips" / name) or record
        one = of_record(record) if record else None
        if one is not None:
            found.setdefault(one.digest, MadeWith(one.weights, one.libraries, adopted=True))
    return found.values() or ([] if record is None else [MadeWith(adopted=True)])


def settle(
    root: Path, before: Sequence[MadeWith], now: MadeWith, overwrite: bool = False, accept: bool = False
) -> tuple[MadeWith, ...]:
    """Return what ``run.json`` is to remember; refuse other weights unless results are to be made again.

    Other libraries are remembered with ``accept`` only; without it they are in the way where there is work to do.
    """
    weights = next((found for one in before if (found := one.other_weights(now))), [])
    if weights and not overwrite:
        raise ConfigError(
            f"'{root}' holds results of other weights (weights changed: {'; '.join(weights)}): type overwrite=true to "
            "make all again, or choose another output_dir=."
        )
    if weights or not before:
        return (now,)
    if any(one.digest == now.digest for one in before):
        return tuple(before)
    if accept or any(not one.other_libraries(now) for one in before):
        return (*before, now)
    return (now,) if overwrite else tuple(before)


def refuse_versions(root: Path, settled: Sequence[MadeWith], now: MadeWith) -> None:
    """Refuse to compute with other libraries than those of ``settled``."""
    if any(one.digest == now.digest for one in settled):
        return
    changes = settled[-1].other_libraries(now)
    raise ConfigError(
        f"'{root}' holds results of other versions (version changed: {'; '.join(changes)}): type accept=versions to go "
        "on with these, overwrite=true to make all again, or choose another output_dir=."
    )


def digests(settled: Sequence[MadeWith]) -> frozenset[str]:
    """Return what records of clips that may stay keep of their making; "" stands for those that do not tell."""
    return frozenset({one.digest for one in settled} | ({""} if any(one.adopted for one in settled) else set()))


def _release(name: str, version: str) -> str:
    return ".".join(version.split(".")[:2]) if name in LOOSE else version


def _changes(old: Mapping[str, str], new: Mapping[str, str], shown: Any) -> list[str]:
    pairs = [(name, shown(name, old[name]), shown(name, new[name])) for name in sorted(old.keys() & new.keys())]
    return [f"{name} {before}, now {after}" for name, before, after in pairs if before != after]
