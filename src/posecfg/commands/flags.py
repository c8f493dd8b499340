"""The flags: one row each feeds the command line, the help pages and the shell's completion."""

from __future__ import annotations

from typing import NamedTuple


class Flag(NamedTuple):
    """A flag: its names, the field of ``Command`` that it sets, what it does, and what its value is called, if any."""

    names: tuple[str, ...]
    field: str
    sentence: str
    value: str = ""

    @property
    def typed(self) -> str:
        """The names as a page shows them."""
        return f"{', '.join(self.names)} {self.value}".rstrip()


FLAGS = (
    Flag(("--json",), "json", "print the result as JSON"),
    Flag(("-q", "--quiet"), "quiet", "show warnings, failures and the closing line, and nothing else"),
    Flag(("-v", "--verbose"), "verbose", "show the configuration first, and a line for each clip, also on a terminal"),
    Flag(("-m", "--multirun"), "multirun", "sweep: one job for each of the values that commas separate"),
    Flag(
        ("-cd", "--config-dir"), "config_dir", "look for more options in this folder, which is shaped as conf/", "DIR"
    ),
    Flag(("-c", "--cfg"), "cfg", "print the composed configuration (job, hydra or all), and start nothing", "job"),
    Flag(("-p", "--package"), "package", "with --cfg: this part of it alone, such as sampler", "PART"),
    Flag(("--resolve",), "resolve", "with --cfg: values in the place of ${...}"),
    Flag(("--probe",), "probe", "open the films, to tell their length and rate"),
    Flag(("--inputs",), "inputs", "read all inputs and compare them with the records of clips"),
    Flag(("--why",), "why", "say which file, line or word gives a key its value, and what else tried to", "KEY"),
    Flag(("--why-again",), "why_again", "say why a clip is to be made, or again, or why nothing is to do", "CLIP"),
    Flag(("--stats",), "stats", "read films and annotations"),
    Flag(("--watch",), "watch", "go on showing the run until it ends"),
    Flag(("--now",), "now", "drop the clips in work instead of finishing them"),
    Flag(("--part",), "part", "this shard alone, such as 1/4", "I/N"),
    Flag(("--accept-terms",), "accept_terms", "accept the terms of use of the films; this is remembered"),
    Flag(
        ("--other-views",),
        "other_views",
        "where a film is gone, take another view of the same dance under its own name",
    ),
    Flag(
        ("--base",),
        "base",
        "a server with films directly below this address: https://, or http:// of this machine",
        "ADDRESS",
    ),
    Flag(("--no-pictures",), "no_pictures", "no picture of a film is in the page: faces stay where they are"),
    Flag(("--blur-faces",), "blur_faces", "faces are blurred by their keypoints; pictures without any are left out"),
    Flag(("--serve",), "serve", "show the page by a server of this machine alone, until Ctrl-C"),
    Flag(("--out",), "out", "what is written: a page, a picture, or the folder of the clip made again", "PATH"),
)
ALWAYS = (
    Flag(("-h", "--help"), "", "this page; with a verb or a setting, what there is to say of it"),
    Flag(("--version",), "", "the version"),
)
COMPOSING = ("multirun", "config_dir")


def switches() -> dict[str, str]:
    """Map each name of a flag without a value to the field that it sets."""
    return {name: flag.field for flag in FLAGS if not flag.value for name in flag.names}


def valued() -> dict[str, str]:
    """Map each name of a flag with a value to the field that it sets."""
    return {name: flag.field for flag in FLAGS if flag.value for name in flag.names}


def called(name: str) -> str:
    """Return a flag with what its value is called, such as --why KEY."""
    return next(f"{name} {flag.value}" for flag in FLAGS if name in flag.names)


def flags_of(own: tuple[str, ...], composes: bool) -> list[Flag]:
    """Return the flags of a verb: its ``own``, by their fields, and those of all verbs that compose or print."""
    fields = (*own, "json", *(COMPOSING if composes else ()))
    return [flag for flag in FLAGS if flag.field in fields]
