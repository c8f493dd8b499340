"""Blame the line of a user's own YAML for a value that nobody typed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from posecfg.config.options import LISTS, conf_dir, files

_KEY = re.compile(r"'?([A-Za-z_]\w*(?:\.\w+)+)'?")


def blamed(text: str, choices: Mapping[str, str], overrides: Sequence[str], config_dir: str | None) -> str:
    """Return a sentence with file and line of the first key that it names, where that is of no file of ours."""
    found = _KEY.search(text)
    typed = {word.lstrip("+~").partition("=")[0] for word in overrides}
    if found is None or found[1] in typed:
        return text
    for file, key in _places(found[1], choices, config_dir):
        for number, line in enumerate(file.read_text("utf-8", "replace").splitlines(), 1):
            if re.match(rf"\s*{re.escape(key)}\s*:", line):
                return f"{text.removesuffix('.')} ('{file}', line {number})."
    return text


def _places(key: str, choices: Mapping[str, str], config_dir: str | None) -> Iterator[tuple[Path, str]]:
    """Yield the files that may have set a key, with the word that stands there: the chosen option, and the preset."""
    group, _, name = key.rpartition(".")
    chosen = {group.replace(".", "/"): choices.get(group.replace(".", "/"), "")}
    if group.partition(".")[0] in LISTS:
        chosen = {group.partition(".")[0]: group.partition(".")[2]}
    chosen["experiment"] = choices.get("experiment", "")
    for option_group, option, file in files(config_dir):
        if chosen.get(option_group) == option and not file.is_relative_to(conf_dir()):
            yield file, name
