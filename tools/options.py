"""Print a table of docs/options.md, read from conf/, or write both there: python tools/options.py [knobs | --write]"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from posecfg.config.options import LISTS
from posecfg.config.pages import told_knobs

ROOT = Path(__file__).resolve().parents[1]
CONF, PAGE = ROOT / "conf", ROOT / "docs" / "options.md"
GROUPS = (
    "dataset",
    "sampler",
    "detector",
    "detector/boxes",
    "detector/pose",
    "persons",
    "refine",
    "lifter",
    "writer",
    "metric",
    "device",
    "executor",
    "experiment",
)


def sentence(file: Path) -> str:
    lines = file.read_text("utf-8").splitlines()
    return next(line[1:].strip() for line in lines if line.startswith("#") and not line.startswith("# @package"))


def table() -> str:
    rows = ["| group | option | what it does |", "|---|---|---|"]
    for group in GROUPS:
        name = f"`{group}`" + (" (list)" if group in LISTS else "")
        for file in sorted((CONF / group).glob("*.yaml")):
            rows.append(f"| {name} | `{file.stem}` | {sentence(file)} |")
            name = ""
    return "\n".join(rows) + "\n"


def knobs() -> str:
    """Return the table of the keys in config.yaml; a key without a comment stands with the one above it."""
    rows = list[tuple[list[str], str]]()
    for name, words in told_knobs():
        if words:
            rows.append(([f"`{name}`"], words))
        else:
            rows[-1][0].append(f"`{name}`")
    lines = ["| key and default | what it does |", "|---|---|"]
    lines += [f"| {', '.join(names)} | {_escaped(words)} |" for names, words in rows]
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    """Write what Markdown would take for a tag or a column."""
    return text.replace("<", "&lt;").replace("|", r"\|")


def write() -> None:
    """Put both tables between their marks in docs/options.md."""
    text = PAGE.read_text("utf-8")
    for mark, rows in (("options", table()), ("knobs", knobs())):
        begin, end = re.search(rf"<!-- {mark}: .* -->\n", text), text.index(f"<!-- /{mark} -->")
        if begin is None:
            raise SystemExit(f"docs/options.md has no mark '{mark}'.")
        text = text[: begin.end()] + rows + text[end:]
    PAGE.write_text(text, "utf-8")


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        write()
    else:
        print(knobs() if sys.argv[1:] == ["knobs"] else table(), end="")
