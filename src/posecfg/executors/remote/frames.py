"""Frames that a driver and an agent exchange: what is passed on to or from a worker as it is, and their own words."""

from __future__ import annotations

import json
from typing import Any

PASSED, OWN = b"W", b"A"
BEAT, KILL, END, AGAIN = "beat", "kill", "end", "again"
"""What a driver tells an agent: it is there; kill the worker; end; start another worker."""
HERE, DIED = "here", "died"
"""What an agent tells a driver beside that it is there: what it lacks, if anything; how its worker ended."""


def own(word: str, **values: Any) -> bytes:
    """Return a frame with a word of an agent or a driver."""
    return OWN + json.dumps({"word": word, **values}).encode()


def read(frame: bytes) -> tuple[str, dict[str, Any]]:
    """Return the word in a frame, and what it says."""
    values = json.loads(frame[1:])
    return str(values["word"]), values
