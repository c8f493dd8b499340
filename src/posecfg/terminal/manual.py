"""Build the text of ``--help`` from the conf/ folder, without imports that take time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from posecfg.config.options import options
from posecfg.config.pages import told_knobs
from posecfg.terminal.layout import command, strong, table, wrapped

TITLE = "posecfg turns video into human-pose data; every choice is configuration."
EXAMPLES = [
    ("python run.py", "the demo clip: real model, no download"),
    ("python run.py film.mp4", "films, folders and globs, also *.mp4"),
    ("python run.py plan film.mp4 sampler=fps", "what would happen; no model is loaded"),
    ("python run.py films workers=4 'writer=[npy,csv]'", "several processes, several formats"),
    ("python run.py films -m bbox_thr=0.2,0.5", "a sweep: one run a value"),
    ("python run.py help sampler=fps", "every key of an option; help WORD tells of any word here"),
]
GROUPS = "groups: choose with group=option, set with group.key=value; the keys of one: help sampler=fps"
KNOBS = "knobs: key=value"
CODES = "exit codes: 0 done, 1 configuration or problems, 2 usage, 3 some clips failed, 130 stopped by a signal"
SETTINGS = (
    "key=value are the settings of a run: 'help' without a word lists all, 'help sampler=fps' the keys of one option."
)
WORDS = [
    ("posecfg help detector=yolox", "every key of an option, with what it may be"),
    ("posecfg help writer", "the options of a group"),
    ("posecfg help bbox_thr", "a key, wherever it is: also help sampler.rate, help dtype"),
    ("posecfg help plan", "a verb"),
]
FLAGS = [
    ("-m, --multirun", "a sweep"),
    ("-c, --cfg job", "the composed configuration; also hydra and all"),
    ("-p, --package sampler", "with --cfg: one part of it"),
    ("--resolve", "with --cfg: values in the place of ${...}"),
    ("-cd, --config-dir DIR", "a folder with options of your own"),
    ("hydra.KEY=VALUE", "a setting of Hydra itself, such as hydra.run.dir=logs"),
]
INSTEAD = [
    ("--info", "posecfg --info: versions and folders; posecfg doctor: what is installed"),
    ("--info defaults", "posecfg --info names them; posecfg --cfg job shows them with their values"),
    (
        "--config-name, --config-path",
        "experiment=NAME for one of your own: --config-dir DIR, with DIR/experiment/NAME.yaml",
    ),
    ("--experimental-rerun", "the same command again: finished clips are left alone"),
    ("--shell-completion", "posecfg completion bash | zsh | fish"),
]


def page(verbs: Sequence[tuple[str, str, str]], flags: Sequence[tuple[str, str]], width: int) -> str:
    """Return the whole help text; ``verbs`` are tuples of name, description and arguments."""
    told = [(name, what if words[:1] in ("", "[") else f"{what}: {name} {words}") for name, what, words in verbs]
    rows = [(group, ", ".join(names)) for group, names in options().items() if names]
    return (
        f"{wrapped(TITLE, width)}\n{table(EXAMPLES, width)}\n{strong('verbs')}\n{table(told, width)}\n"
        f"{strong('flags')}\n{table(flags, width)}\n{wrapped(GROUPS, width)}{table(rows, width)}\n"
        f"{wrapped(KNOBS, width)}{table(told_knobs(), width)}\n{wrapped(CODES, width)}"
    )


def verb(one: Mapping[str, Any], width: int) -> str:
    """Return the help text of one verb, as ``help --json`` tells it."""
    title = wrapped(f"{one['verb']}: {one['sentence']}", width).removeprefix(one["verb"])
    text = f"{strong(one['verb'])}{title}\n{command(one['usage'], width, 2)}"
    text += "".join(command(example, width, 2) for example in one["examples"])
    for paragraph in one["more"]:
        text += f"\n{wrapped(paragraph, width)}"
    flags = [(flag["typed"], flag["sentence"]) for flag in one["flags"]]
    text += f"\n{strong('flags')}\n{table(flags, width)}"
    return text + (f"\n{wrapped(SETTINGS, width)}" if one["composes"] else "")


def hydra(width: int) -> str:
    """Return what to type in the place of Hydra's own help."""
    return (
        f"{wrapped('posecfg composes its configuration with Hydra; its own flags are these.', width)}\n"
        f"{strong('flags of Hydra that work here')}\n{table(FLAGS, width)}\n"
        f"{strong('in the place of others')}\n{table(INSTEAD, width)}\n"
        f"{strong('what can be set')}\n{table(WORDS, width)}"
    )


def info(rows: Sequence[tuple[str, str]], width: int) -> str:
    """Return facts of this installation as a page."""
    return f"{table(rows, width)}\n{strong('more')}\n" + table(
        [
            ("posecfg doctor", "packages and weights, and what to type to get those that are missing"),
            ("posecfg --cfg job", "the configuration with all its values"),
            ("posecfg plan --why KEY", "where one of them comes from"),
            ("posecfg --cfg hydra", "Hydra's own"),
            ("posecfg help", "everything that can be typed"),
        ],
        width,
    )
