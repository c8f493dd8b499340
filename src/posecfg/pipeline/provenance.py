"""What a result depends on besides its film: versions of packages, and stored poses that a detector replays."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from posecfg import backends
from posecfg.components.build import targets
from posecfg.components.calls import called
from posecfg.components.parts import models, packages, top
from posecfg.errors import ClipError, ConfigError, is_of_machine
from posecfg.store.absence import cannot_read
from posecfg.store.fingerprint import Stamp
from posecfg.store.made_with import APART, MadeWith
from posecfg.store.replacing import digest
from posecfg.text import shown
from posecfg.version import __version__

ALWAYS = ("numpy", "av")


def versions(config: Mapping[str, Any]) -> dict[str, str]:
    """Return the versions of Python, posecfg and the packages of models and of components that are not posecfg's."""
    return versions_of(packages(config), targets(dict(config)))


def versions_of(used: Iterable[str], components: Iterable[str]) -> dict[str, str]:
    """Return the versions of Python, posecfg, packages that are ``used``, and those that ``components`` come from."""
    foreign = {target.partition(".")[0] for target in components} - {"posecfg"}
    found = {name: _version(name) for name in (*ALWAYS, *sorted({*used, *foreign}))}
    own = {"python": sys.version.split()[0], "posecfg": __version__}
    return own | {name: number for name, number in found.items() if number is not None}


@cache
def _version(module: str) -> str | None:
    same = backends.version(module)
    if same is not None:
        return same
    # One module comes in packages of several names; to look through all that is installed takes long.
    names = [name for name in backends.DISTRIBUTIONS.get(module, ()) if backends.version(name) is not None]
    if not names:
        from importlib.metadata import packages_distributions

        names = packages_distributions().get(module, [])
    return "+".join(sorted({f"{name} {backends.version(name)}" for name in names})) or None


def made_with(config: Mapping[str, Any]) -> MadeWith:
    """Return the weights and libraries that the models of a configuration would compute with now, without loading."""
    weights = weights_of(name for part in models(config) for name in part.facts.weights)
    return MadeWith(weights, {name: number for name, number in versions(config).items() if name not in APART})


def weights_of(names: Iterable[str]) -> dict[str, str]:
    """Return the hash of each file of weights, as far as it is known without loading it."""
    single = dict.fromkeys(names)
    if not single:
        return {}
    from posecfg.models import own_files, store

    return {own_files.label(name): sha256 for name in single if (sha256 := store.expected(name))}


class Rests:
    """The file that a detector reads for each clip besides its film, such as stored poses; most read none.

    Recorded of it are the numbers of its ``Stamp`` and its hash; earlier versions recorded size and modification time.
    """

    def __init__(self, config: Mapping[str, Any]) -> None:
        self._reads = top(config, "detector").facts.reads

    def _file(self, clip_id: str) -> Path:
        found: Any = called("detector", self._reads or Path, clip_id)
        if not isinstance(found, Path):
            raise ConfigError(f"detector: expected facts.reads to return a Path, but got {shown(found)}.")
        return found

    def files(self, ids: Iterable[str]) -> list[str]:
        """Return the files that the detector reads for clips: inputs too."""
        return [] if self._reads is None else [str(self._file(clip_id)) for clip_id in ids]

    def lacks(self, clip_id: str) -> bool:
        """Tell whether the file is missing that the detector reads for a clip."""
        return self._reads is not None and not self._file(clip_id).is_file()

    def record(self, clip_id: str) -> list[Any] | None:
        """Return what a record keeps of the clip's file, or None where the detector reads none."""
        if self._reads is None:
            return None
        path = self._file(clip_id)
        try:
            return [*Stamp.of(path.stat()), digest(path)[1]]
        except OSError as error:
            _refuse_machine(path, error)
            return [-1, -1]

    def still(self, clip_id: str, known: list[Any] | None) -> list[Any] | None:
        """Return what to keep of the clip's file if it is the ``known`` one by content, else None."""
        if self._reads is None or known is None:
            return None
        try:
            seen = Stamp.of(self._file(clip_id).stat())
        except OSError as error:
            _refuse_machine(self._file(clip_id), error)
            return known if known[:2] == [-1, -1] else None
        if known[:-1] == [*seen]:
            return known
        now = self.record(clip_id)
        if now is None or len(now) < len(seen):
            return None
        same = now[-1] == known[-1] if len(known) > len(seen) else now[:2] == known
        return now if same else None

    def are(self, clip_id: str, known: list[Any] | None) -> bool:
        """Tell whether the clip's file is the ``known`` one, or there is none and was none."""
        return known is None if self._reads is None else self.still(clip_id, known) is not None

    def refuse_change(self, clip_id: str, known: list[Any] | None) -> None:
        """Refuse a clip whose file is not what it was before it was read."""
        if not self.are(clip_id, known):
            raise ClipError(f"The stored poses of '{clip_id}' were changed meanwhile: type the same command again.")


def _refuse_machine(path: Path, error: OSError) -> None:
    """Raise an error of the machine: it does not say that there is no such file."""
    if is_of_machine(error):
        raise cannot_read(path, error) from error
