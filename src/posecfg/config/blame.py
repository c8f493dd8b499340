"""Blame the line of a user's own YAML for a value that nobody typed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from posecfg.config.options import LISTS, conf_dir, files
from posecfg.config.yaml_lines import entries, line_of

_KEY = re.compile(r"^([A-Za-z_]\w*): |^nothing reads '(\w+)'|([A-Za-z_]\w*(?:\.\w+)+)")


def blamed(text: str, choices: Mapping[str, str], overrides: Sequence[str], config_dir: str | None) -> str:
    """Return a sentence with file and line of the first key that it names, where that is of no file of ours."""
    found = _KEY.search(text)
    typed = {word.lstrip("+~").partition("=")[0] for word in overrides}
    if found is None or (key := found[1] or found[2] or found[3]) in typed:
        return text
    for file, keys in _places(key, choices, config_dir):
        if number := line_of(file, keys):
            return f"{text.removesuffix('.')} ('{file}', line {number})."
    return text


def chooser(group: str, name: str, config_dir: str | None) -> str | None:
    """Return file and line where a YAML of the user's own chooses an option, None where none does."""
    for own, _, file in files(config_dir):
        for entry in entries(file) if not file.is_relative_to(conf_dir()) else ():
            whole = entry.group.lstrip("/") if entry.group.startswith("/") else f"{own}/{entry.group}"
            if (whole, entry.option) == (group, name):
                return f"'{file}', line {entry.line}"
    return None


def _places(key: str, choices: Mapping[str, str], config_dir: str | None) -> Iterator[tuple[Path, list[str]]]:
    """Yield the files that may have set a key, with the keys that stand there: the chosen option, and the preset."""
    group, _, name = key.rpartition(".")
    chosen = {group.replace(".", "/"): choices.get(group.replace(".", "/"), "")}
    if group.partition(".")[0] in LISTS:
        chosen = {group.partition(".")[0]: group.partition(".")[2]}
    chosen["experiment"] = choices.get("experiment", "")
    for option_group, option, file in files(config_dir):
        if chosen.get(option_group) == option and not file.is_relative_to(conf_dir()):
            yield file, key.split(".") if option_group == "experiment" else [name]
