"""The page itself: one HTML file that has its style, scripts and data within, and may fetch nothing."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

from jinja2 import Environment, StrictUndefined

SCRIPTS = (
    *("core", "controls", "commands", "pack", "poses", "canvas", "strokes", "figure", "turn"),
    *("head", "panel", "sheet", "chart", "plots", "clips", "marks", "cards", "gallery"),
    *("compare", "timeline", "stage", "beside", "player", "view", "clip_keys", "clip_head", "clip", "start"),
)
"""The scripts in the order in which they are put into the page."""
STYLES = ("page", "sheet", "plots", "gallery", "clip", "print")
MOST = 40_000_000
"""Letters of clips that a page has within; where there are more, each clip is a file in a folder beside it."""
BESIDE = " 'self' file:"
GENERATOR = "posecfg report"
"""What a page says that it was made by: a file that says so may be replaced by the next page."""
_ASSETS = "posecfg.page.assets"
# Characters that could end a script, or a line of one, within JSON.
_ESCAPED = {mark: f"\\u{ord(mark):04x}" for mark in "<>&\u2028\u2029"}


@dataclass(frozen=True)
class Page:
    """All that a page shows: ``data`` of the whole, and ``clips`` that are shown with poses, each as JSON values."""

    data: Mapping[str, Any]
    clips: Sequence[Mapping[str, Any]] = field(default=())


def documents(page: Page, beside: str, most: int = MOST) -> tuple[bytes, dict[str, bytes]]:
    """Return the page, and the files of the folder ``beside`` by their names: none where one file is small enough.

    The files are scripts, one for each clip, since a page from the disk can read nothing else when it is asked to.
    """
    clips = [embedded(one) for one in page.clips]
    if sum(map(len, clips)) <= most:
        return _html(page.data, clips, ""), {}
    files = {f"clip-{n}.js": f"posecfg.take({n},{text});\n".encode() for n, text in enumerate(clips)}
    return _html({**page.data, "beside": beside}, [], beside), files


def _html(data: Mapping[str, Any], clips: Sequence[str], beside: str) -> bytes:
    style = "\n".join(_text(f"{name}.css") for name in STYLES)
    script = "\n".join(_text(f"{name}.js") for name in SCRIPTS)
    template = _environment().from_string(_text("page.html"))
    return template.render(
        title=data["title"],
        data=data,
        generator=GENERATOR,
        policy=policy(script, style, bool(beside)),
        style=style,
        script=script,
        json=embedded(data),
        clips=clips,
    ).encode("utf-8", "replace")


def policy(script: str, style: str, beside: bool = False) -> str:
    """Return the content-security policy: only the page's own script, style and pictures, and films beside it.

    Clips ``beside`` it are scripts from where it is.
    """
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src '{_hash(script)}'{BESIDE if beside else ''}",
            f"style-src '{_hash(style)}'",
            "img-src data: blob:",
            "media-src 'self' file:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def embedded(value: Any) -> str:
    """Return JSON that may stand within a script: nothing in it is markup."""
    text = json.dumps(value, separators=(",", ":"), allow_nan=False)
    for mark, escaped in _ESCAPED.items():
        text = text.replace(mark, escaped)
    return text


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


@cache
def _text(name: str) -> str:
    """Return a file of the page; line ends are those that a browser hashes."""
    return resources.files(_ASSETS).joinpath(name).read_text("utf-8").replace("\r\n", "\n")


@cache
def _environment() -> Environment:
    return Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
