"""Skeletons of the user's own: a YAML file with names of keypoints, and maybe bones, pairs of sides, and sigmas."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from posecfg import budgets
from posecfg.errors import ConfigError
from posecfg.skeletons.skeleton import Skeleton

SUFFIXES = (".yaml", ".yml")
KEYS = ("name", "keypoints", "bones", "pairs", "sigmas")
# Bytes of a file, and names in it: more is no skeleton.
_LARGEST, _MOST = 1 << 18, 10_000
# Characters of a value that is shown, and of a number or date.
_LONGEST = 60
# Brackets within brackets: bones are two deep.
_DEEPEST = 50
_PLAIN = ("tag:yaml.org,2002:str", "tag:yaml.org,2002:null", "tag:yaml.org,2002:bool")
_FORM = "such as keypoints: [nose, left_eye, right_eye], bones: [[nose, left_eye]] and pairs: [[left_eye, right_eye]]"


def is_file(name: str) -> bool:
    """Tell whether ``name`` is the path of a YAML file rather than the name of a skeleton."""
    return name.lower().endswith(SUFFIXES)


def read(path: str, known: Iterable[str]) -> Skeleton:
    """Return the skeleton that a YAML file describes; ``known`` are the names that it cannot have."""
    told = _told(path)
    if not isinstance(told, dict) or not all(isinstance(key, str) for key in told):
        raise ConfigError(f"Expected '{path}' to have the key keypoints, {_FORM}, but got {_kind(told)}.")
    if unknown := [key for key in told if key not in KEYS]:
        raise ConfigError(f"'{path}' has the key '{_short(unknown[0])}': expected {', '.join(KEYS)} only.")
    name = told.get("name", Path(path).stem)
    if not isinstance(name, str) or not name or not name.isprintable() or len(name) > _LONGEST:
        raise ConfigError(f"Expected the name in '{path}' to be a short word, but got {_kind(name)}.")
    if name in known:
        raise ConfigError(f"'{path}' describes a skeleton called {name}, as one of posecfg is: add name: another one.")
    keypoints = _names(path, "keypoints", told.get("keypoints"))
    if not keypoints or len(set(keypoints)) != len(keypoints):
        twice = _twice(keypoints)
        got = "none" if twice is None else f"'{_short(twice)}' twice"
        raise ConfigError(f"Expected the keypoints in '{path}' to be different names, but got {got}.")
    bones = _couples(path, "bones", told.get("bones"), keypoints)
    pairs = None if told.get("pairs") is None else _couples(path, "pairs", told["pairs"], keypoints)
    paired = [one for pair in pairs or () for one in pair]
    if (twice := _twice(paired)) is not None:
        raise ConfigError(f"Expected each keypoint in one pair of '{path}' at most, but got '{_short(twice)}' twice.")
    return Skeleton(name, keypoints, bones, pairs=pairs, sigmas=_sigmas(path, told.get("sigmas"), keypoints))


def _told(path: str) -> Any:
    """Return what a YAML file says, as plain data; no tag in it builds an object."""
    import yaml  # type: ignore[import-untyped]

    regular = Path(path).expanduser()
    try:
        # A pipe is none: nothing may ever be written to it.
        with budgets.open_regular(regular) as file:
            content = file.read(_LARGEST + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or _not_regular(regular)
        raise ConfigError(
            f"Expected the skeleton '{path}' to be a YAML file, but it cannot be read ({reason}): check the path."
        ) from error
    if len(content) > _LARGEST:
        raise ConfigError(f"Expected the skeleton '{path}' to be at most {_LARGEST >> 10} KB, but it is larger.")
    if _depth(content) > _DEEPEST:
        raise ConfigError(
            f"Expected the skeleton '{path}' to be YAML, {_FORM}, but it has more than {_DEEPEST} lists within each "
            "other."
        )
    try:
        loader = yaml.SafeLoader(content)
        node = loader.get_single_node()
        if found := _refused(node):
            raise ConfigError(f"Expected the skeleton '{path}' to be YAML, {_FORM}, but it has {found}.")
        return None if node is None else loader.construct_document(node)
    except (ValueError, RecursionError, yaml.YAMLError) as error:
        reason = " ".join(str(getattr(error, "problem", None) or "it is no YAML").split())
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 1}" if mark is not None else ""
        raise ConfigError(f"Expected the skeleton '{path}' to be YAML, {_FORM}, but{where} {reason}.") from error


def _not_regular(where: Path) -> str:
    if where.is_dir():
        return "Is a directory"
    return "it is no regular file" if where.exists() else "no path has such characters"


def _refused(node: Any) -> str | None:
    """Return what a small file can become large or slow by, before anything is made of it."""
    from yaml import MappingNode, ScalarNode

    seen: set[int] = set()
    waiting = [node] if node is not None else []
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, ScalarNode):
            if one.tag not in _PLAIN and len(one.value) > _LONGEST:
                return f"a number of {len(one.value)} characters"
            if one.tag == "tag:yaml.org,2002:merge":
                return "the key '<<'"
        elif isinstance(one, MappingNode):
            waiting += [part for pair in one.value for part in pair]
        else:
            waiting += one.value
    return None


def _depth(content: bytes) -> int:
    """Return how many brackets are open at once at most; the parser's time grows with their square."""
    depth = most = 0
    for one in content:
        if one in b"[{":
            depth += 1
            most = max(most, depth)
        elif one in b"]}":
            depth -= 1
    return most


def _twice(names: Iterable[str]) -> str | None:
    """Return the first name that was there before."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            return name
        seen.add(name)
    return None


def _names(path: str, key: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) and one and one.isprintable() for one in value):
        wrong = value
        if isinstance(value, list):
            wrong = next(one for one in value if not isinstance(one, str) or not one or not one.isprintable())
        raise ConfigError(f"Expected {key} in '{path}' to be a list of names, but got {_kind(wrong)}.")
    if len(value) > _MOST:
        raise ConfigError(f"Expected at most {_MOST} {key} in '{path}', but got {len(value)}.")
    return tuple(value)


def _couples(path: str, key: str, value: Any, keypoints: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or len(value) > _MOST:
        raise ConfigError(f"Expected {key} in '{path}' to be a list of pairs of keypoints, but got {_kind(value)}.")
    found, known = [], set(keypoints)
    for one in value:
        couple = _names(path, key, one)
        if len(couple) != 2:
            raise ConfigError(f"Expected each of the {key} in '{path}' to be two keypoints, but got {len(couple)}.")
        if lost := [name for name in couple if name not in known]:
            raise ConfigError(f"Expected the {key} in '{path}' to be of its keypoints, but got '{_short(lost[0])}'.")
        found.append((couple[0], couple[1]))
    return tuple(found)


def _sigmas(path: str, value: Any, keypoints: tuple[str, ...]) -> dict[str, float]:
    """Return the numbers of a mapping, or of a list in the order of keypoints."""
    if value is None:
        return {}
    if isinstance(value, list) and len(value) == len(keypoints):
        value = dict(zip(keypoints, value, strict=True))
    if not isinstance(value, dict):
        got = f"{len(value)} entries" if isinstance(value, list) else _kind(value)
        raise ConfigError(
            f"Expected sigmas in '{path}' to be a number for each of the {len(keypoints)} keypoints, or for some by "
            f"name, but got {got}."
        )
    known = set(keypoints)
    for name, number in value.items():
        if name not in known:
            raise ConfigError(f"Expected the sigmas in '{path}' to be of its keypoints, but got {_kind(name)}.")
        if isinstance(number, bool) or not isinstance(number, int | float) or not 0 < number <= 1:
            raise ConfigError(
                f"Expected the sigma of {name} in '{path}' to be above 0 and at most 1, but got {_kind(number)}."
            )
    return {name: float(number) for name, number in value.items()}


def _kind(value: Any) -> str:
    """Return a short description of a value, whatever is in it."""
    if value is None or isinstance(value, bool | int | float):
        return "nothing" if value is None else str(value)[:_LONGEST]
    return f"'{_short(value)}'" if isinstance(value, str) else f"a {type(value).__name__}"


def _short(text: str) -> str:
    plain = "".join(one if one.isprintable() else "?" for one in text[:_LONGEST])
    return plain if len(text) <= _LONGEST else f"{plain}..."
