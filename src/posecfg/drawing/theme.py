"""Colours of pages: paper and ink, the sides of a body, and a ramp for numbers."""

from __future__ import annotations

from posecfg.drawing import sides
from posecfg.drawing.colors import Rgb

PAPER: Rgb = (255, 255, 255)
CARD: Rgb = (248, 248, 248)
INK: Rgb = (30, 36, 48)
QUIET: Rgb = (122, 130, 146)
FAINT: Rgb = (198, 203, 212)
GRID: Rgb = (232, 235, 240)
BLANK: Rgb = (240, 242, 245)
LEFT: Rgb = (36, 118, 214)
RIGHT: Rgb = (236, 84, 58)
MIDDLE: Rgb = (58, 66, 82)
# From low to high, also for eyes that tell few colours apart: brightness falls from step to step.
RAMP: tuple[Rgb, ...] = ((253, 226, 196), (250, 176, 130), (222, 110, 110), (142, 66, 122), (58, 34, 92))
# Of series without sides.
SERIES: tuple[Rgb, ...] = (
    (36, 118, 214),
    (236, 84, 58),
    (22, 150, 118),
    (150, 84, 190),
    (214, 150, 20),
    (58, 66, 82),
    (222, 96, 160),
    (70, 170, 200),
)


def side(name: str) -> Rgb:
    """Return the colour of a keypoint's side."""
    return {"left": LEFT, "right": RIGHT, "middle": MIDDLE}[sides.side(name)]
