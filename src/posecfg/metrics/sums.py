"""Partials of metrics: sums and counts by name, and flat arrays, which combine by addition and by joining them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

REST = "left_out/"
"""Before the reason, in the names of counts of frames and people that were not compared."""
USED = "used/"
"""Before what stood in for something that the annotations do not know, in the names of counts."""
UNSURE = "unsure/"
"""Before what true keypoints lack that are not counted as known, in the names of their counts."""
FRAMES = "compared"
"""The count of frames, or of people in them, that were compared."""
JOINT = "/"
"""Between the name of a sum and the keypoint that it is of."""
OF_JOINT = "joint/"
"""Before a keypoint, a slash and one of the names of counts above, which then count true keypoints of that name."""


def together(partials: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return one partial for several: numbers by their sum, arrays (N,) one after another."""
    import numpy as np

    numbers: dict[str, Any] = {}
    arrays: dict[str, list[Any]] = {}
    for partial in partials:
        for name, value in partial.items():
            if isinstance(value, np.ndarray):
                arrays.setdefault(name, []).append(value)
            else:
                numbers[name] = numbers.get(name, 0) + value
    return numbers | {name: np.concatenate(each) for name, each in arrays.items()}


def kept(partial: Mapping[str, Any]) -> dict[str, Any]:
    """Return a partial as records keep it: without what adds nothing, and sums of fractions rounded to nine digits.

    Processors add up in different orders.
    """
    found = {name: value for name, value in partial.items() if (value.size if hasattr(value, "size") else value)}
    return {name: float(f"{value:.9g}") if type(value) is float else value for name, value in found.items()}


def by_joint(name: str, joints: Iterable[str], sums: Any) -> dict[str, Any]:
    """Return ``sums`` (K,) by names such as right/nose; whole ones stay whole."""
    return {f"{name}{JOINT}{joint}": value for joint, value in zip(joints, sums.tolist(), strict=True)}


def of_joints(name: str, joints: Iterable[str], counts: Any) -> dict[str, int]:
    """Return ``counts`` (K,) by names such as joint/nose/compared, as the report of each keypoint reads them."""
    return {f"{OF_JOINT}{joint}/{name}": int(count) for joint, count in zip(joints, counts, strict=True)}


def of_joint(partial: Mapping[str, Any]) -> dict[str, dict[str, int]]:
    """Return the counts of each keypoint by their names, those that ``of_joints`` gave."""
    found: dict[str, dict[str, int]] = {}
    for key, count in partial.items():
        if key.startswith(OF_JOINT):
            joint, _, name = key.removeprefix(OF_JOINT).partition("/")
            found.setdefault(joint, {})[name] = count
    return found


def quotient(partial: Mapping[str, Any], name: str, top: str, below: str) -> dict[str, float]:
    """Return ``top`` divided by ``below`` as ``name``; nothing where that is 0."""
    return {name: partial.get(top, 0) / partial[below]} if partial.get(below, 0) > 0 else {}


def joint_quotients(partial: Mapping[str, Any], name: str, top: str, below: str) -> dict[str, dict[str, float]]:
    """Return ``top`` divided by ``below`` as ``name``, for each keypoint that both are known of."""
    start, found = f"{below}{JOINT}", {}
    for key, number in partial.items():
        if key.startswith(start) and number > 0:
            joint = key.removeprefix(start)
            found[joint] = {name: partial.get(f"{top}{JOINT}{joint}", 0) / number}
    return found
