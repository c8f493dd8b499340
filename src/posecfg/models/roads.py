"""What to type to get weights that are missing: several of them in one sentence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from posecfg import backends
from posecfg.models import files, registry, settings
from posecfg.models.architectures import KNOWN
from posecfg.models.registry import Entry


def absent(entries: Sequence[Entry]) -> str:
    """Say that the files of ``entries`` are missing, what does without them, and what to type to get them."""
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
        *(f"models.dir=FOLDER, once '{entry.file}' lies there (nobody publishes it; {entry.what})" for entry in left),
    ]
    return " && ".join(commands)


def _exports(names: Sequence[str]) -> list[str]:
    """Return the commands that make graphs; some want code that is in mmpose's repository only."""
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


def _choice(entries: Sequence[Entry]) -> str:
    """Return what leads to the commands: where there is another way than these files, that first."""
    able = [entry for entry in entries if entry.instead]
    # Another detector altogether has no use for another half, nor for what else is missing.
    halves = [entry for entry in able if not str(entry.instead).startswith("detector=")]
    able = halves or (able if len(able) == len(entries) else [])
    others = list(dict.fromkeys(str(entry.instead) for entry in able))
    made = [entry.name for entry in entries if entry.made_from and not entry.urls]
    nobody = f"nobody publishes {_listed(made)} as {'a graph' if len(made) == 1 else 'graphs'}: " if made else ""
    if not others:
        return f"{nobody}type: "
    published = f", which {'are' if len(others) > 1 else 'is'} published" if made else ""
    rest = len(able) < len(entries)
    place = f"{',' if published else ''} in place of {_listed(entry.name for entry in able)}" if rest else ""
    return f"{nobody}choose {' '.join(others)}{published}{place}, or type: "


def _listed(words: Iterable[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last


def _folders() -> str:
    return ", ".join(f"'{folder}'" for folder in files.folders())
