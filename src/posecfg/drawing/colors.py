"""Colours: names to RGB, and RGB to the YUV of a film."""

from __future__ import annotations

import re

from posecfg.errors import ConfigError

Rgb = tuple[int, int, int]

NAMES: dict[str, Rgb] = {
    "black": (0, 0, 0),
    "blue": (0, 90, 255),
    "cyan": (0, 255, 255),
    "gray": (128, 128, 128),
    "green": (0, 255, 0),
    "magenta": (255, 0, 255),
    "orange": (255, 140, 0),
    "pink": (255, 150, 200),
    "purple": (160, 60, 220),
    "red": (255, 0, 0),
    "white": (255, 255, 255),
    "yellow": (255, 235, 0),
}
# Default colours of track 0, 1 and so on, distinct for the common kinds of colour blindness.
JOINTS = ("green", "ff6a00", "e6b8ff", "ffc2d1", "white", "d6d6ff")
BONES = ("cyan", "ffb266", "aa00ff", "d90048", "d5ff00", "8282d9")
# Shares of red and blue in brightness, by H.264's number of the matrix; 2 means "not specified".
_MATRICES = {1: (0.2126, 0.0722), 4: (0.30, 0.11), 7: (0.212, 0.087), 9: (0.2627, 0.0593), 10: (0.2627, 0.0593)}
_STANDARD = (0.299, 0.114)
_HIGH = _MATRICES[1]
HIGH_LINES = 720
UNKNOWN = 2
FULL_RANGE = 2


def color(text: str) -> Rgb:
    """Return the red, green and blue of a name, or of six hexadecimal digits such as ff8800."""
    if isinstance(text, str):
        if text in NAMES:
            return NAMES[text]
        if re.fullmatch("#?[0-9a-fA-F]{6}", text):
            digits = text[-6:]
            return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)
    raise ConfigError(
        f"Expected a colour to be one of {', '.join(NAMES)}, or six hexadecimal digits in quotes such as 'ff8800', "
        f"but got {text!r}."
    )


def yuv(rgb: Rgb, matrix: int, full: bool, lines: int) -> tuple[int, int, int]:
    """Return Y, U and V of a colour in a picture of ``lines`` rows.

    ``matrix`` is H.264's number of the colour matrix; where a film does not specify one, players choose it by the
    height. ``full`` means that brightness ranges from 0 to 255, not from 16 to 235.
    """
    guess = _HIGH if matrix == UNKNOWN and lines >= HIGH_LINES else _STANDARD
    red_share, blue_share = _MATRICES.get(matrix, guess)
    red, green, blue = (part / 255 for part in rgb)
    y = red_share * red + (1 - red_share - blue_share) * green + blue_share * blue
    u, v = (blue - y) / (2 - 2 * blue_share), (red - y) / (2 - 2 * red_share)
    low, height, width = (0, 255, 255) if full else (16, 219, 224)
    return round(low + height * y), _byte(128 + width * u), _byte(128 + width * v)


def _byte(value: float) -> int:
    return max(0, min(255, round(value)))
