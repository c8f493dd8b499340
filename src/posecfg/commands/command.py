"""The parsed command line."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Command:
    """A verb, its overrides (or plain words, for verbs that compose nothing), and the flags.

    ``implied`` has, for overrides that stand for something else that was typed, what that was, ``paths`` those that
    were typed without a key; ``typed`` is all words.
    """

    verb: str = "run"
    overrides: list[str] = field(default_factory=list)
    implied: dict[str, str] = field(default_factory=dict)
    paths: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    multirun: bool = False
    json: bool = False
    quiet: bool = False
    verbose: bool = False
    probe: bool = False
    stats: bool = False
    inputs: bool = False
    watch: bool = False
    now: bool = False
    part: str | None = None
    resolve: bool = False
    accept_terms: bool = False
    other_views: bool = False
    serve: bool = False
    no_pictures: bool = False
    blur_faces: bool = False
    base: str | None = None
    why: str | None = None
    why_again: str | None = None
    out: str | None = None
    cfg: str | None = None
    config_dir: str | None = None
    package: str | None = None
    typed: list[str] = field(default_factory=list)
