"""Read annotation files of COCO and COCO-WholeBody: pictures with their sizes, and the people annotated in them."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from posecfg import budgets
from posecfg.datasets.refused import Refused
from posecfg.errors import ConfigError
from posecfg.skeletons.wholebody133 import SKELETON as WHOLEBODY
from posecfg.text import shown

if TYPE_CHECKING:
    from posecfg.arrays import F32

PARTS = ("keypoints", "foot_kpts", "face_kpts", "lefthand_kpts", "righthand_kpts")
"""Lists of keypoints of COCO-WholeBody, in the order of its 133 names; COCO has the first alone."""
_MOST_ID = 2**62


@dataclass(frozen=True)
class CocoPerson:
    """An annotated person: ``points`` (K, 3) x, y in px and visibility, ``box`` x, y of two corners, NaN for none."""

    points: F32
    box: tuple[float, float, float, float]
    area: float
    crowd: bool
    id: int


@dataclass(frozen=True)
class CocoFile:
    """What a file tells: names of ``pictures`` by their ids, ``people`` by the ids of pictures, names of keypoints."""

    pictures: dict[int, str]
    people: dict[int, list[CocoPerson]]
    keypoints: tuple[str, ...]


def read(path: Path, refused: Refused) -> CocoFile:
    """Return what a file tells; entries that cannot be used are ``refused``, a file that is none is a ConfigError."""
    whole = _load(path)
    for key in ("images", "annotations", "categories"):
        if not isinstance(whole, dict) or not isinstance(whole.get(key), list):
            raise ConfigError(
                f"Expected '{path}' to be a file of COCO with lists of images, annotations and categories, but it has "
                f"no list '{key}': name the file with people's keypoints, such as person_keypoints_val2017.json."
            )
    pictures = _pictures(whole["images"], refused)
    category, names = _category(path, whole["categories"])
    annotations = [one for one in whole["annotations"] if isinstance(one, dict)]
    if len(annotations) < len(whole["annotations"]):
        refused.add("annotations", "no annotation at all", len(whole["annotations"]) - len(annotations))
    wide = any(PARTS[1] in one for one in annotations) and len(names) == 17
    parts, number = (PARTS, len(WHOLEBODY)) if wide else (PARTS[:1], len(names))
    people: dict[int, list[CocoPerson]] = defaultdict(list)
    for one in annotations:
        image = one.get("image_id")
        if one.get("category_id") != category:
            reason = "annotation of another category"
        elif not isinstance(image, int) or image not in pictures:
            reason = "annotation of a picture that the file does not list"
        else:
            try:
                people[image].append(_person(one, parts, number))
                continue
            except (TypeError, ValueError, OverflowError):
                reason = "annotation whose numbers cannot be read"
        refused.add(f"annotation {shown(one.get('id'), 40)}", reason)
    return CocoFile(pictures, dict(people), WHOLEBODY.keypoints if wide else names)


def _load(path: Path) -> Any:
    try:
        budgets.check(path, path.stat().st_size * budgets.TEXT)
        return json.loads(path.read_bytes())
    except OSError as error:
        raise ConfigError(f"Expected to read '{path}', but it cannot be read ({error.strerror or error}).") from error
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"Expected '{path}' to be a JSON file of COCO, but it is none: {error}.") from error


def _is_id(value: Any) -> bool:
    return type(value) is int and abs(value) < _MOST_ID


def _pictures(listed: list[Any], refused: Refused) -> dict[int, str]:
    """Return the names of pictures by their ids, in the order of these."""
    found: dict[int, str] = {}
    for one in listed:
        number, name = (one.get("id"), one.get("file_name")) if isinstance(one, dict) else (None, None)
        if not isinstance(number, int) or not _is_id(number) or not isinstance(name, str) or not name:
            refused.add(f"picture {shown(number, 40)}", "picture without a whole number as id and a file_name")
        elif number in found:
            refused.add(name, f"picture with the id of another, first {found[number]!r}")
        else:
            found[number] = name
    return dict(sorted(found.items()))


def _category(path: Path, listed: list[Any]) -> tuple[Any, tuple[str, ...]]:
    """Return the id of the category of people, and the names of its keypoints."""
    found = [one for one in listed if isinstance(one, dict) and isinstance(one.get("keypoints"), list)]
    person = [one for one in found if one.get("name") == "person"] or found
    if len(person) != 1:
        raise ConfigError(
            f"Expected '{path}' to have one category 'person' with names of keypoints, but it has {len(person)}: name "
            "the file with people's keypoints, such as person_keypoints_val2017.json."
        )
    names = tuple(map(str, person[0]["keypoints"]))
    if not names or len(set(names)) < len(names):
        raise ConfigError(f"Expected the keypoints of '{path}' to have names of their own, but got {shown(names)}.")
    return person[0].get("id"), names


def _person(told: dict[str, Any], parts: tuple[str, ...], number: int) -> CocoPerson:
    import numpy as np

    flat: list[Any] = []
    for part in parts:
        flat += told.get(part) or []
    # A crowd, and a person of another data set, may have none.
    points = np.array(flat, np.float32).reshape(-1, 3) if flat else np.zeros((number, 3), np.float32)
    if len(points) != number:
        raise ValueError(f"{len(points)} keypoints, not {number}")
    box = told.get("bbox")
    x, y, w, h = (float(value) for value in box) if box else (float("nan"),) * 4
    area = told.get("area")
    return CocoPerson(
        points,
        (x, y, x + w, y + h),
        float("nan") if area is None else float(area),
        bool(told.get("iscrowd", 0)),
        told["id"] if _is_id(told.get("id")) else -1,
    )
