"""Lists of sequences of AIST++, one name a line: those of splits, and those to be ignored."""

from __future__ import annotations

from pathlib import Path

from posecfg import budgets
from posecfg.datasets.identifiers import printable
from posecfg.errors import ConfigError

FOLDER = "splits"


def names(file: Path) -> set[str]:
    """Return the names on a list, none if there is no list; some published lines end in blanks."""
    try:
        lines = budgets.read(file).decode("utf-8", "replace").splitlines()
    except (FileNotFoundError, NotADirectoryError):
        return set()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ConfigError(f"Expected to read '{file}', but it cannot be read ({reason}).") from error
    return {printable(line.strip()) for line in lines} - {""}


def lists(root: Path) -> dict[str, Path]:
    """Return the lists of splits of a tree by their names."""
    return {path.stem: path for path in sorted((root / FOLDER).glob("*.txt"))}
