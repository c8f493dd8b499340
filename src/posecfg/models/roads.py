"""Commands that get missing weights: one sentence for several files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from posecfg import backends
from posecfg.models import files, own_files, registry, settings
from posecfg.models.architectures import KNOWN
from posecfg.models.registry import Entry


def absent(entries: Sequence[Entry]) -> str:
    """Say that the files of ``entries`` are missing, which override avoids them, and which commands get them."""
    places = [f"inside the package '{name}'" for name in sorted({entry.inside for entry in entries if entry.inside})]
    if not all(entry.inside for entry in entries):
        places.append(f"in {_folders()}")
    named = _listed(f"'{entry.name}' ({entry.file})" for entry in entries)
    return f"Expected the weights {named} {_listed(places)}, but found none; {_choice(entries)}{roads(entries)}"


def roads(entries: Sequence[Entry]) -> str:
    """Return the commands that get the files of ``entries``."""
    packages = [backends.advice(name) for name in dict.fromkeys(entry.inside for entry in entries) if name]
    own = [entry for entry in entries if not entry.inside]
    fetched = [entry.name for entry in own if entry.urls]
    made = [entry.name for entry in own if entry.made_from and not entry.urls]
    left = [entry for entry in own if not entry.urls and not entry.made_from]
    commands = [
        *packages,
        *([f"posecfg models fetch {' '.join(fetched)}"] if fetched else []),
        *_exports(made),
        *(f"models.dir=FOLDER, once '{entry.file}' is in it (it is not published; {entry.what})" for entry in left),
    ]
    return " && ".join(commands)


def _exports(names: Sequence[str]) -> list[str]:
    """Return the commands that export graphs; some need code that only mmpose's repository has."""
    if not names:
        return []
    export = f"posecfg models export {' '.join(names)}"
    if settings.current().mmpose or all(KNOWN[name].package for name in names if name in KNOWN):
        return [export]
    return ["git clone --depth 1 https://github.com/open-mmlab/mmpose", f"{export} models.mmpose=mmpose"]


def road(name: str) -> str:
    """Return the command that gets the weights ``name``."""
    known = registry.load().get(name)
    return f"posecfg models fetch {name}" if known is None else roads([known])


def cure(name: str) -> str:
    """Return what to do about a file that is not what its option takes: a known one is fetched anew."""
    if own_files.is_path(name):
        return "name a file of the kind that this option takes"
    return f"delete it, and get the right one: {road(name)}"


def _choice(entries: Sequence[Entry]) -> str:
    """Return the text before the commands: overrides that avoid these files come first, if there are any."""
    lifters = [entry for entry in entries if "lifter=" in str(entry.instead)]
    detectors = [entry for entry in entries if entry not in lifters]
    able = [entry for entry in detectors if entry.instead]
    # A whole other detector uses neither another box detector or pose head, nor the other missing files.
    halves = [entry for entry in able if not str(entry.instead).startswith("detector=")]
    able = [*(halves or (able if len(able) == len(detectors) else [])), *lifters]
    others = list(dict.fromkeys(word for entry in able for word in str(entry.instead).split()))
    made = [entry.name for entry in entries if entry.made_from and not entry.urls]
    state = "is not published as a graph" if len(made) == 1 else "are not published as graphs"
    why = f"{_listed(made)} {state}: " if made else ""
    if not others:
        return f"{why}type: "
    published = f", which {'are' if len(others) > 1 else 'is'} published" if made else ""
    rest = len(able) < len(entries)
    place = f"{',' if published else ''} in place of {_listed(entry.name for entry in able)}" if rest else ""
    return f"{why}choose {' '.join(others)}{published}{place}, or type: "


def _listed(words: Iterable[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last


def _folders() -> str:
    places = ", ".join(f"'{folder}'" for folder in files.folders())
    return f"{places} (models.dir=FOLDER adds one)"
