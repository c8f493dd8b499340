"""What ``doctor`` tells of the GPUs of this machine."""

from __future__ import annotations

from typing import Any

from posecfg.executors import gpus


def rows() -> list[dict[str, Any]]:
    """Return one row with all GPUs that this process may use, or that they are hidden; none where none is known."""
    found = gpus.visible()
    if not found and not gpus.is_hidden():
        return []
    names = ", ".join(one.name for one in found)
    several = f"{len(found)} ({names}): workers=auto is one on each"
    detail = several if len(found) > 1 else f"1 ({names})" if found else f"the environment hides all ({gpus.hiding()})"
    return [
        {
            "kind": "gpus",
            "name": "gpus",
            "ok": bool(found),
            "required": False,
            "detail": detail,
            "advice": "",
            "gpus": [one.name for one in found],
        }
    ]
