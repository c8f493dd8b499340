"""Films that a dataset can have downloaded: where they come from, and where they belong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from posecfg.types.clip import Excluded


@dataclass(frozen=True)
class Terms:
    """Terms of use that the user accepts before the first film: a ``name`` to remember them by, and their address."""

    name: str
    owner: str
    address: str


@dataclass(frozen=True)
class Wanted:
    """The name of a film's file, and those of the same scene's other views, which are taken only where asked for."""

    name: str
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class Downloads:
    """The films of a dataset that can be downloaded, in order.

    ``base`` is the address of their folder. They belong into ``folder``, below or at ``root``, outside of which nothing
    is written. ``here`` maps names to files that are anywhere below ``root`` already. A film has from ``least`` to
    ``most`` bytes. ``by_hand`` is an address where a person finds films that ``base`` lacks.
    """

    label: str
    terms: Terms
    base: str
    by_hand: str
    root: Path
    folder: Path
    wanted: tuple[Wanted, ...]
    here: Mapping[str, Path]
    excluded: tuple[Excluded, ...] = ()
    least: int = 1
    most: int = 8 << 30
