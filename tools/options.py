"""Print the README's table of options, read from conf/: python tools/options.py"""

from __future__ import annotations

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


if __name__ == "__main__":
    print(table(), end="")
