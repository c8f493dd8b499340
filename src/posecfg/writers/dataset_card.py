"""The card of a data set of poses: what its table holds, what made it, and under which licences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from posecfg.models import registry
from posecfg.text import count
from posecfg.writers.long_table import COLUMNS

_HEAD = """---
pretty_name: Human poses
license: other
tags:
- human-pose-estimation
- keypoints
configs:
- config_name: default
  data_files:
  - split: train
    path: data/**/*.parquet
---

# Human poses
"""


def card(clips: Sequence[Mapping[str, Any]]) -> str:
    """Return the text, in Markdown with the head that ``datasets.load_dataset`` reads, from what is kept of clips."""
    frames, lines = (sum(clip[name] for clip in clips) for name in ("frames", "lines"))
    return "\n".join(
        [
            _HEAD,
            f"{count(len(clips), 'clip')}, {count(frames, 'row')} of frames, {count(lines, 'line')}; made by posecfg.",
            "",
            "Read it with `datasets.load_dataset`, with `pandas.read_parquet` or with `pyarrow.dataset.dataset` of the "
            "folder `data`: its files are one table, with the same columns in each. What is missing is null. The "
            "metadata of each file hold, as JSON under `posecfg`, units, the skeleton with its bones, and the size and "
            "rate of the film.",
            "",
            "## Columns",
            "",
            "| column | type | unit | content |",
            "|---|---|---|---|",
            *_columns(clips),
            "",
            "## Keypoints",
            "",
            *(f"* {text}" for text in _unique(f"{c['skeleton']}: {', '.join(c['keypoints'])}" for c in clips)),
            "",
            "## Models",
            "",
            "| weights | what | used by | licence | SHA-256 |",
            "|---|---|---|---|---|",
            *_unique(_model(*pair) for clip in clips for pair in clip["weights"].items()),
            "",
            "## Versions",
            "",
            *_unique(f"* {name} {number}" for clip in clips for name, number in clip["versions"].items()),
            "",
            "## Licence",
            "",
            "The licences above are those of the models. Which licence the films have, and so what may be done with "
            "poses of the people in them, is not known to posecfg.",
            "",
        ]
    )


def _columns(clips: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for name, kind, unit, what in COLUMNS:
        key = {"depth": "depth", "score": "score"}.get(name, "xyz")
        told = unit if unit is not None else "; ".join(_unique(clip["meaning"][key] or "" for clip in clips))
        more = ": " + "; ".join(_unique(clip["meaning"]["score"] for clip in clips)) if name == "score" else ""
        yield f"| `{name}` | {kind} | {told} | {what}{more} |"


def _model(name: str, sha256: str) -> str:
    entry = registry.entry(name) if name in registry.names() else None
    what = (entry.what, ", ".join(entry.used_by), entry.licence) if entry is not None else ("", "", "not known")
    return "| " + " | ".join((f"`{name}`", *what, f"`{sha256[:16]}`")) + " |"


def _unique(texts: Any) -> list[str]:
    return sorted({text for text in texts if text})
