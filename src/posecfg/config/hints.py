"""The nearest right name for a wrong one."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

ALIASES = {
    "threshold": "bbox_thr",
    "thr": "bbox_thr",
    "score_thr": "bbox_thr",
    "conf": "bbox_thr",
    "confidence": "bbox_thr",
    "jobs": "workers",
    "num_workers": "workers",
    "max_workers": "workers",
    "processes": "workers",
    "model": "detector",
    "input": "dataset.path",
    "videos": "dataset.path",
    "path": "dataset.path",
    "output": "output_dir",
    "out": "output_dir",
    "force": "overwrite",
    "format": "writer",
    "writers": "writer",
    "model_complexity": "detector.complexity",
    "complexity": "detector.complexity",
}


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known name that ``word`` most likely meant, or None."""
    options = {name.lower(): name for name in known}
    alias = ALIASES.get(word.lower())
    if alias and alias.lower() in options:
        return options[alias.lower()]
    close = difflib.get_close_matches(word.lower(), options, n=1, cutoff=0.6)
    if not close:
        last = {name.rsplit(".", 1)[-1]: name for name in options}
        tail = difflib.get_close_matches(word.lower().rsplit(".", 1)[-1], last, n=1, cutoff=0.75)
        close = [last[tail[0]]] if tail else []
    return options[close[0]] if close else None


def hint(word: str, known: Iterable[str]) -> str:
    """Return `` Did you mean 'x'?`` or an empty string."""
    near = nearest(word, known)
    return f" Did you mean '{near}'?" if near else ""
