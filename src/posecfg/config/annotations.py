"""Whether a value fits the annotation of a constructor's argument, as far as the annotation's text tells."""

from __future__ import annotations

import ast
import math
import re
from typing import Any

PLAIN: dict[str, tuple[type, ...]] = {
    "int": (int,),
    "float": (int, float),
    "bool": (bool,),
    "str": (str,),
    "None": (type(None),),
}
WORDS = {"int": "a whole number", "float": "a number", "bool": "true or false", "str": "text", "None": "null"}
MANY = {"int": "whole numbers", "float": "numbers", "str": "texts", "int | str": "whole numbers or texts"}
LISTED = re.compile(r"(?:Sequence|Iterable|list|tuple)\[(.*)\]")
LITERAL = re.compile(r"(?:typing\.)?Literal\[(.*)\]")
# How Hydra and YAML read bare words that are no text to them.
READ = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False, "null": None}


def unfit(value: Any, annotation: Any) -> str | None:
    """Return what was expected in the place of ``value``, or None when it fits or cannot be judged."""
    expected = []
    for kind in _kinds(annotation):
        words = _unfit(value, kind)
        if words is None:
            return None
        expected.append(words)
    return " or ".join(dict.fromkeys(expected))


def endless(value: Any) -> bool:
    """Tell whether ``value`` is infinite or not a number, or a list with such a number."""
    if isinstance(value, list):
        return any(endless(item) for item in value)
    return isinstance(value, float) and not math.isfinite(value)


def choices(annotation: Any) -> tuple[str, ...]:
    """Return the texts that an annotation allows by name, those of its ``Literal``."""
    found = [ast.literal_eval(f"({match[1]},)") for kind in _kinds(annotation) if (match := LITERAL.fullmatch(kind))]
    return tuple(word for words in found for word in words if isinstance(word, str))


def described(annotation: Any) -> str:
    """Say in words what an annotation allows: 'a whole number, or null', 'fp32 | fp16'; "" where it tells nothing."""
    kinds = _kinds(annotation)
    told = [_worded(kind) for kind in kinds if kind != "None" and not (kind == "int" and "float" in kinds)]
    if not told or not all(told):
        return ""
    return ", or ".join(dict.fromkeys([*told, *(["null"] if "None" in kinds else [])]))


def _worded(kind: str) -> str:
    if match := LITERAL.fullmatch(kind):
        return " | ".join(_typed(word) for word in ast.literal_eval(f"({match[1]},)"))
    if match := LISTED.fullmatch(kind):
        return f"a list of {MANY[match[1]]}" if match[1] in MANY else "a list"
    if kind == "Mapping[str, Any]":
        return "values by name"
    return WORDS.get(kind, "")


def words(annotation: Any) -> tuple[str, ...]:
    """Return what can be typed by name: the words of a ``Literal``, and true and false."""
    kinds = _kinds(annotation)
    found = [ast.literal_eval(f"({match[1]},)") for kind in kinds if (match := LITERAL.fullmatch(kind))]
    named = [_typed(word) for one in found for word in one]
    return tuple(dict.fromkeys([*named, *(["true", "false"] if "bool" in kinds else [])]))


def _typed(word: Any) -> str:
    return str(word).lower() if isinstance(word, bool) else str(word)


def as_text(value: Any, annotation: Any) -> Any:
    """Return the text that was meant by ``value``: of clock=true the word, where no truth but a word is allowed."""
    if isinstance(value, str | list | dict) or unfit(value, annotation) is None:
        return value
    return next((word for word in choices(annotation) if _same(_read(word), value)), value)


def _read(word: str) -> Any:
    """Return what Hydra and YAML make of a bare word."""
    if word in READ:
        return READ[word]
    for kind in (int, float):
        try:
            return kind(word)
        except ValueError:
            continue
    return word


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and (one == other or (one != one and other != other))


def _kinds(annotation: Any) -> list[str]:
    text = annotation.__name__ if isinstance(annotation, type) else str(annotation)
    return _alternatives(re.sub(r"^Optional\[(.*)\]$", r"\1 | None", text))


def _unfit(value: Any, kind: str) -> str | None:
    if kind == "float" and isinstance(value, float) and not math.isfinite(value):
        return "a finite number"
    if kind in PLAIN:
        fits = isinstance(value, PLAIN[kind]) and (not isinstance(value, bool) or kind == "bool")
        return None if fits else WORDS[kind]
    if match := LITERAL.fullmatch(kind):
        words = ast.literal_eval(f"({match[1]},)")
        return None if value in words else " or ".join(str(word) for word in words)
    if match := LISTED.fullmatch(kind):
        inner = match[1].removesuffix(", ...")
        inner = " | ".join(dict.fromkeys(part.strip() for part in inner.split(",")))
        if not isinstance(value, list):
            return "a list such as [a,b]"
        words = next((words for item in value if (words := unfit(item, inner))), None)
        digits = " (digits alone in quotes)" if words == WORDS["str"] else ""
        return None if words is None else f"a list in which each is {words}{digits}"
    return None


def _alternatives(text: str) -> list[str]:
    """Split a union at its bars, except those inside brackets."""
    parts, depth = [""], 0
    for character in text:
        depth += (character == "[") - (character == "]")
        if character == "|" and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return [part.strip() for part in parts]
