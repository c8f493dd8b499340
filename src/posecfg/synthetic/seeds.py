"""Derive seeds from words: the same on every machine and in every process, unlike Python's ``hash``."""

from __future__ import annotations

import hashlib


def derive(seed: int, *words: object) -> int:
    """Return a 64-bit seed that depends on ``seed`` and the words."""
    text = "/".join(str(word) for word in (seed, *words))
    return int.from_bytes(hashlib.sha256(text.encode(errors="backslashreplace")).digest()[:8], "big")
