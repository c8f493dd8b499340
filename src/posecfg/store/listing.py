"""The clips that the latest runs were about, so that ``verify`` can tell what is missing, and what is left over."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from posecfg import budgets
from posecfg.store import real_files, record_files
from posecfg.store.absence import cannot_read, is_absence, matching
from posecfg.store.run_directory import RunDirectory
from posecfg.store.staging import replace_bytes
from posecfg.text import count


@dataclass(frozen=True)
class Noted:
    """What was noted of the latest runs, in all parts.

    ``clips`` are those they were about, and what was in their way, "" for nothing. ``left_out`` are reasons, each with
    the number of inputs. ``whole`` tells that these were all clips of the data set.
    """

    clips: dict[str, str] = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)
    whole: bool = False


def note_clips(
    directory: RunDirectory, ids: Sequence[str], taken: Mapping[str, str], left_out: Mapping[str, int], whole: bool
) -> None:
    """Write down which clips a run, or the shard of it, is about.

    ``taken`` are the files of others in the way of some of them.
    """
    path = directory.home / f"listing{directory.part}.json"
    text = record_files.encode(
        {"clips": list(ids), "taken": dict(taken), "left_out": dict(left_out), "whole": whole},
    )
    if _read(path) != text:
        replace_bytes(path, text, directory.aside / "listing.json")


def _read(path: Path) -> bytes | None:
    """Return a list as it was written; None where none can be read, as it is replaced all the same."""
    try:
        return real_files.read_bytes(path, budgets.LISTING)
    except (OSError, ValueError):
        return None


def noted(home: Path) -> Noted:
    """Return what the latest runs noted down; a damaged list says nothing, and one that cannot be read is an error."""
    clips: dict[str, str] = {}
    left_out: Counter[str] = Counter()
    found = []
    for path in matching(home, "listing*.json"):
        try:
            data = json.loads(real_files.read_bytes(path, budgets.LISTING))
            taken = {str(clip_id): str(name) for clip_id, name in data.get("taken", {}).items()}
            clips |= {str(clip_id): taken.get(clip_id, "") for clip_id in data["clips"]}
            left_out.update({str(reason): int(number) for reason, number in data.get("left_out", {}).items()})
            found.append(data.get("whole") is True)
        except OSError as error:
            if not is_absence(error):
                raise cannot_read(path, error) from error
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            found.append(False)
    return Noted(clips, left_out, bool(found) and all(found))


def leftover(ids: Sequence[str]) -> str:
    """Say that there are results of clips which are not listed now."""
    verb = "is of a clip" if len(ids) == 1 else "are of clips"
    return (
        f"{count(len(ids), 'result')} here ('{ids[0]}'{' first' if len(ids) > 1 else ''}) {verb} that the data set "
        "does not list now: move such files away where they are of no use"
    )
