"""What the record of a run says of one of its files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from posecfg.layout import HOME
from posecfg.store import record_files


def about(path: Path) -> Mapping[str, Any]:
    """Return what the record of a file says of its content; empty where it has none."""
    whole = path.absolute()
    root = next((folder for folder in whole.parents if (folder / HOME).is_dir()), None)
    if root is None:
        return {}
    name = whole.relative_to(root).as_posix()
    stem = name.rpartition(".")[0]
    # The files of several people are called after the clip and their number.
    for clip_id in (stem, stem.rpartition("_")[0], stem.rpartition(".")[0]):
        record = record_files.read_clip(root, clip_id) if clip_id else None
        for writer in record.writers.values() if record else ():
            for file in writer.files:
                if getattr(file, "name", None) == name:
                    return dict(getattr(file, "about", {}) or {})
    return {}
