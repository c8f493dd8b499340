"""Read annotation files of COCO and COCO-WholeBody: pictures with their sizes, and the people annotated in them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from posecfg import budgets
from posecfg.datasets.coco_person import WIDE, CocoPerson, Unreadable, is_id, person
from posecfg.datasets.identifiers import printable
from posecfg.datasets.refused import Refused
from posecfg.errors import ConfigError
from posecfg.skeletons.wholebody133 import SKELETON as WHOLEBODY
from posecfg.text import shown


@dataclass(frozen=True)
class CocoFile:
    """What a file tells: names of ``pictures`` by their ids, ``people`` by the ids of pictures, names of keypoints.

    ``partly`` are the ids of pictures of which an annotation is left out, so that not all people in them are known.
    """

    pictures: dict[int, str]
    people: dict[int, list[CocoPerson]]
    keypoints: tuple[str, ...]
    partly: frozenset[int]


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
    wide = len(names) == 17 and any(isinstance(one.get("foot_kpts"), list) for one in annotations)
    found = _People(pictures, category, [one.get("id") for one in whole["categories"] if isinstance(one, dict)])
    for one in annotations:
        found.add(one, WIDE if wide else {"keypoints": len(names)}, refused)
    if pictures and found.first and not found.people:
        raise ConfigError(
            f"Expected '{path}' to tell of people in its pictures, but not one of its {len(annotations):,} annotations "
            f"can be used; the first: {found.first}."
        )
    return CocoFile(pictures, dict(found.people), WHOLEBODY.keypoints if wide else names, frozenset(found.partly))


class _People:
    """People by the ids of ``pictures``, and ``partly`` the ids of those that an annotation is left out of.

    ``category`` is the id of people, and ``listed`` are those of all categories. ``first`` is the first annotation that
    cannot be used, with the reason.
    """

    def __init__(self, pictures: Mapping[int, str], category: Any, listed: list[Any]) -> None:
        self._pictures, self._category, self._listed = pictures, category, listed
        self.people: dict[int, list[CocoPerson]] = defaultdict(list)
        self.partly: set[int] = set()
        self.first = ""

    def add(self, told: dict[str, Any], parts: Mapping[str, int], refused: Refused) -> None:
        """Add the person that an annotation tells, or why it is left out."""
        name = f"annotation {shown(told.get('id'), 40)}"
        if told.get("category_id") != self._category and told.get("category_id") in self._listed:
            refused.add(name, "annotation of another category")
            return
        try:
            image = self._place(told)
            found = person(told, parts)
        except Unreadable as error:
            meant = _meant(told.get("image_id"))
            if meant is not None and meant in self._pictures:
                self.partly.add(meant)
                name += f" of {printable(self._pictures[meant])}"
            refused.add(name, str(error))
            self.first = self.first or f"{name}, {error}"
        else:
            self.people[image].append(found)

    def _place(self, told: dict[str, Any]) -> int:
        if told.get("category_id") != self._category:
            raise Unreadable("annotation of a category that the file does not list")
        image = told.get("image_id")
        if type(image) is not int:
            raise Unreadable("annotation without a whole number as image_id")
        if image not in self._pictures:
            raise Unreadable("annotation of a picture that the file does not list")
        return image


def _meant(image: Any) -> int | None:
    """Return the id of the picture that an annotation is of, also where it is told as a text, None if none is told."""
    try:
        return int(image) if isinstance(image, int | float | str) else None
    except (ValueError, OverflowError):
        return None


def _load(path: Path) -> Any:
    try:
        budgets.check(path, path.stat().st_size * budgets.TEXT)
        return json.loads(path.read_bytes())
    except OSError as error:
        raise ConfigError(f"Expected to read '{path}', but it cannot be read ({error.strerror or error}).") from error
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"Expected '{path}' to be a JSON file of COCO, but it is none: {error}.") from error


def _pictures(listed: list[Any], refused: Refused) -> dict[int, str]:
    """Return the names of pictures by their ids, in the order of these."""
    found: dict[int, str] = {}
    for one in listed:
        number, name = (one.get("id"), one.get("file_name")) if isinstance(one, dict) else (None, None)
        if not isinstance(number, int) or not is_id(number) or not isinstance(name, str) or not name:
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
