"""Build the text of ``--help`` from the conf/ folder, without imports that take time."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from posecfg.config.options import options, told_knobs

WIDTH = 110
HEAD = """posecfg turns video into human-pose data; every choice is configuration.

  python run.py                                    the demo clip: real model, no download
  python run.py film.mp4                           films, folders and globs, also *.mp4
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
FLAGS = {
    "probe": ("--probe", "open the films, to tell their length and rate"),
    "inputs": ("--inputs", "read all inputs and compare them with the records of clips"),
    "stats": ("--stats", "read films and annotations"),
    "accept_terms": ("--accept-terms", "accept the terms of use of the films; this is remembered"),
    "other_views": ("--other-views", "where a film is gone, take another view of the same dance under its own name"),
    "base": ("--base ADDRESS", "a server with films directly below this address: https://, or http:// of this machine"),
    "out": ("--out FILE.png", "the picture that is written (view.png)"),
}
MORE = {
    "download": """  python run.py download dataset=aist dataset.path=aist_plus dataset.split=pose_val --accept-terms

Ctrl-C is fine: the same command goes on. limit=5 gets the first five films, only=NAME one; workers=16 is the most.
""",
    "status": """  python run.py status dataset=aist dataset.path=aist_plusplus --stats
""",
    "view": """  python run.py view aist_plusplus/keypoints2d/gBR_sBM_cAll_d04_mBR0_ch01.pkl view=c03 --out c03.png

rows=0,120 chooses moments, view=c03 a camera, kpt_thr=0.3 hides what scores lower; skeleton=h36m17, array=NAME and
fps=60 say what a file does not; keypoints3d=plain draws the points of AIST++ that were not optimised.
""",
}
TAIL = "exit codes: 0 done, 1 configuration or problems, 2 usage, 3 some clips failed, 130 stopped by a signal\n"


def page(verbs: Sequence[tuple[str, str, str]]) -> str:
    """Return the help text; ``verbs`` are tuples of name, description and arguments."""
    told = [(name, what if words[:1] in ("", "[") else f"{what}: {name} {words}") for name, what, words in verbs]
    rows = [(group, ", ".join(names)) for group, names in options().items() if names]
    return f"{HEAD.format(verbs=_table(told))}{_table(rows)}\nknobs: key=value\n{_table(told_knobs())}\n{TAIL}"


def verb(name: str, what: str, words: str, flags: Sequence[str], composes: bool) -> str:
    """Return the help text of one verb; ``flags`` are its own, by their names in ``FLAGS``."""
    rows = [*(FLAGS[flag] for flag in flags), ("--json", "print the result as JSON")]
    text = f"{name}: {what}\n\n  python run.py {name} {words}".rstrip() + f"\n{MORE.get(name, '')}"
    settings = "\nkey=value are the settings of a run: type --help without a verb for them\n" if composes else ""
    return f"{text}\nflags\n{_table(rows)}{settings}"


def _table(rows: list[tuple[str, str]]) -> str:
    width = max(len(name) for name, _ in rows) + 2
    lines = []
    for name, text in rows:
        first, *more = textwrap.wrap(text, WIDTH - width - 2) or [""]
        lines += [f"  {name:{width}}{first}".rstrip(), *(f"  {'':{width}}{line}" for line in more)]
    return "".join(f"{line}\n" for line in lines)
