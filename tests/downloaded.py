"""The films of the small tree of AIST++ that tests download."""

from __future__ import annotations

from aisttree import FIRST, SECOND, THIRD
from filmserver import mp4

BODY = mp4(1_000_100)
"""More than what counts as progress."""
NAMES = [f"{one.replace('cAll', 'c01')}.mp4" for one in (FIRST, SECOND, THIRD)]
