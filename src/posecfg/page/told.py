"""Sentences on clips without the folders of absolute paths: these name users and machines, and pages are passed on."""

from __future__ import annotations

import re

_QUOTED = re.compile(r"'/[^']*'")
# What follows a letter or a slash is part of a relative path, or of an address.
_BARE = re.compile(r"(?<![\w./~-])/(?:[^\s/'\"]+/)+")


def without_folders(text: str) -> str:
    """Return a sentence in which files are told by their names alone where their whole paths stood."""
    if "/" not in text:
        return text
    return _BARE.sub("", _QUOTED.sub(_name, text))


def _name(quoted: re.Match[str]) -> str:
    return "'{}'".format(quoted[0].strip("'/").rpartition("/")[2])
