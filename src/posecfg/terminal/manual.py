"""Build the text of ``--help`` from the conf/ folder, without imports that take time."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from posecfg.config.options import options, told_knobs

WIDTH = 110
HEAD = """posecfg turns video into human-pose data; every choice is configuration.

  python run.py                                    the demo clip: real model, no download
  python run.py film.mp4                           a film, a folder or a quoted glob
  python run.py plan film.mp4 sampler=fps          what would happen; no model is loaded
  python run.py films workers=4 'writer=[npy,csv]' several processes, several formats
  python run.py films -m bbox_thr=0.2,0.5          a sweep: one run a value

verbs
{verbs}
flags
  --json    print the result as JSON          -m, --multirun   sweep over comma-separated values
  --probe   let plan open the files           -c, --cfg job    print the composed configuration
  --stats   let status read films and annotations
  --inputs  let plan and verify read all inputs and compare them with the records of clips
  --accept-terms, --other-views, --base ADDRESS: of download: terms of use, other views where one is gone, the server
  --version, --help                           --config-dir DIR look for more options there

groups: choose with group=option, set with group.key=value; the keys of one: --cfg job sampler=fps -p sampler
"""
TAIL = "exit codes: 0 done, 1 configuration or problems, 2 usage, 3 some clips failed, 130 stopped by a signal\n"


def page(verbs: Sequence[tuple[str, str, str]]) -> str:
    """Return the help text; ``verbs`` are tuples of name, description and arguments."""
    told = [(name, what if words[:1] in ("", "[") else f"{what}: {name} {words}") for name, what, words in verbs]
    rows = [(group, ", ".join(names)) for group, names in options().items() if names]
    return f"{HEAD.format(verbs=_table(told))}{_table(rows)}\nknobs: key=value\n{_table(told_knobs())}\n{TAIL}"


def _table(rows: list[tuple[str, str]]) -> str:
    width = max(len(name) for name, _ in rows) + 2
    lines = []
    for name, text in rows:
        first, *more = textwrap.wrap(text, WIDTH - width - 2) or [""]
        lines += [f"  {name:{width}}{first}".rstrip(), *(f"  {'':{width}}{line}" for line in more)]
    return "".join(f"{line}\n" for line in lines)
