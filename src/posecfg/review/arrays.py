"""Compare the arrays of a folder: their shapes, and numbers that should be within 0 to 1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from posecfg.review.contents import Content

# Largest share of numbers outside 0 to 1 in an array of image shares; pixels and metres have far more.
SELDOM = 0.1


@dataclass
class Shapes:
    """The shapes of arrays without their first axis, each with the first file that has it."""

    first: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, content: Content) -> None:
        """Add one file."""
        inner = "".join(f", {size}" for size in content.shape[1:])
        self.first.setdefault(f"(T{inner}) {content.dtype}", name)

    def problem(self) -> str:
        """Say how the arrays differ; return "" if they do not."""
        if len(self.first) < 2:
            return ""
        return ", ".join(f"{shape} in {name}" for shape, name in self.first.items())


@dataclass
class Ranges:
    """Counts of numbers of the channels ``what`` that are outside 0 to 1, and of the files with such numbers."""

    what: str
    outside: int = 0
    finite: int = 0
    touched: int = 0
    files: int = 0

    def add(self, content: Content, places: Sequence[int]) -> None:
        """Add one file, of which the channels at ``places`` count."""
        outside = sum(content.outside[place] for place in places if place < len(content.outside))
        self.outside += outside
        self.finite += sum(content.finite[place] for place in places if place < len(content.finite))
        self.touched += outside > 0
        self.files += 1

    def note(self) -> str:
        """Say how many there are; return "" if there is none."""
        if not self.outside:
            return ""
        return (
            f"{self.outside:,} of {self.finite:,} numbers lie outside 0 to 1, in {self.touched:,} of {self.files:,} "
            f"files ({self.what})"
        )


@dataclass
class Arrays:
    """Shapes and ranges of the arrays of one writer."""

    shapes: Shapes = field(default_factory=Shapes)
    ranges: Ranges = field(default_factory=lambda: Ranges(""))

    def add(self, name: str, content: Content, about: Mapping[str, Any]) -> None:
        """Add one file, with ``about`` from its record."""
        self.shapes.add(name, content)
        channels, bounded = about.get("channels", ()), about.get("bounded", ())
        if bounded and "clipped" not in about:
            self.ranges.what = ", ".join(bounded)
            self.ranges.add(content, [place for place, channel in enumerate(channels) if channel in bounded])


def within(content: Content, about: Mapping[str, Any]) -> list[str]:
    """Say which numbers are infinite, or outside 0 to 1 although the file was written with clip=true."""
    wrong = [f"holds infinite numbers ({content.infinite:,})"] if content.infinite else []
    channels, bounded = about.get("channels", ()), about.get("bounded", ())
    if "clipped" not in about or len(content.outside) != len(channels):
        return wrong
    named = zip(channels, content.outside, strict=True)
    outside = [f"{number:,} of {name}" for name, number in named if number and name in bounded]
    if outside:
        wrong.append(f"numbers lie outside 0 to 1 ({', '.join(outside)}), although it was written with clip=true")
    return wrong


def guessed(content: Content) -> list[int]:
    """Return the channels of an array (T, K, 3 or 4) without a record that may hold shares of an image and scores.

    The first two are x and y, and the last of four is a score.
    """
    if len(content.shape) != 3 or content.shape[2] not in (3, 4) or not content.outside:
        return []
    places = [0, 1] if content.shape[2] == 3 else [0, 1, 3]
    share = sum(content.outside[place] for place in places) / max(1, sum(content.finite[place] for place in places))
    return places if share <= SELDOM else []
