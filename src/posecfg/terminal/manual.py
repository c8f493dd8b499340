"""``--help``: read from the conf/ folder, with nothing imported that takes time."""

from __future__ import annotations

from posecfg.config.compose import conf_dir, options

HEAD = """posecfg turns video into human-pose data; every choice is configuration.

  python run.py                                    the demo clip: real model, no download
  python run.py film.mp4                           a film, a folder or a quoted glob
  python run.py plan film.mp4 sampler=fps          what would happen; no model is loaded
  python run.py films workers=4 'writer=[npy,csv]' several processes, several formats
  python run.py films -m bbox_thr=0.2,0.5          a sweep: one run a value

verbs
  run       extract (the word may be left out)
  plan      resolve everything, open nothing (--probe opens the files)
  verify    check a folder of results: verify FOLDER
  models    weights: models list | fetch NAME | verify [NAME] | trust NAME SHA256
  doctor    what is installed here, and what to type to install the rest

flags
  --json    print the result as JSON          -m, --multirun   sweep over comma-separated values
  --probe   let plan open the files           -c, --cfg job    print the composed configuration
  --version, --help                           --config-dir DIR look for more options there

groups: choose with group=option, set with group.key=value
"""


def page(argv: list[str]) -> str:
    """Return the help text."""
    lines = [HEAD]
    width = max(len(group) for group in options())
    for group, names in options().items():
        lines.append(f"  {group:{width}}  {', '.join(names)}\n")
    lines.append("\nknobs: key=value\n")
    lines += _knobs()
    return (
        "".join(lines) + "\nexit codes: 0 done, 1 configuration or problems, 2 usage, 3 some clips failed, 130 Ctrl-C\n"
    )


def _knobs() -> list[str]:
    """Read the root knobs and their comments from config.yaml."""
    found, comment, inside = [], "", False
    for line in (conf_dir() / "config.yaml").read_text("utf-8").splitlines():
        if line.startswith("#"):
            comment = line[1:].strip()
        elif ":" in line and not line.startswith((" ", "-")):
            key, _, value = line.partition(":")
            inside = inside or key == "bbox_thr"
            if inside and value.strip() and value.strip() != "{}":
                found.append(f"  {key + '=' + value.strip():28} {comment}\n")
            comment = ""
    return found
