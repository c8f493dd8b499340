"""Print the tables of docs/options.md, read from conf/: python tools/options.py [options | knobs]"""

from __future__ import annotations

import re
import sys
from pathlib import Path

CONF = Path(__file__).resolve().parents[1] / "conf"
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
LISTS = ("refine", "writer", "metric")


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
    """Return the table of the keys in config.yaml; a comment holds for the keys below it."""
    rows, comment, section = list[tuple[list[str], str]](), list[str](), ""
    text = (CONF / "config.yaml").read_text("utf-8").partition("- experiment: null\n")[2]
    for line in text.partition("\nhydra:")[0].splitlines():
        if line.lstrip().startswith("#"):
            comment.append(line.strip("# "))
        elif match := re.match(r"( *)(\w+): *(.*)", line):
            section = section if match[1] else ""
            if match[3] not in ("", "{}"):
                name = f"`{section}{match[2]}={match[3]}`"
                if comment:
                    rows.append(([name], " ".join(comment)))
                else:
                    rows[-1][0].append(name)
            elif not match[1]:
                section = f"{match[2]}."
            comment = []
    lines = ["| key and default | what it does |", "|---|---|"]
    lines += [f"| {', '.join(names)} | {_escaped(words)} |" for names, words in rows]
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    """Write what Markdown would take for a tag or a column."""
    return text.replace("<", "&lt;").replace("|", r"\|")


if __name__ == "__main__":
    print(knobs() if sys.argv[1:] == ["knobs"] else table(), end="")
