"""Whether clips are worked on by other machines only, and what these must have that this one lacks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from shutil import which
from typing import Any

from posecfg import backends
from posecfg.components.build import build
from posecfg.components.parts import models
from posecfg.errors import PosecfgError, WeightsError


def is_elsewhere(config: Mapping[str, Any]) -> bool:
    """Tell whether the executor of a configuration says that it works on other machines."""
    return bool(_said(config, "elsewhere"))


def _said(config: Mapping[str, Any], name: str) -> Any:
    """Return what the executor says of itself under a name, None where it says nothing or cannot be built."""
    with suppress(PosecfgError):
        return getattr(build(config["executor"], "executor"), name, None)
    return None


def lacking_packages(config: Mapping[str, Any]) -> list[str]:
    """Return the packages of models that are not installed here."""
    found = [package for part in models(config) for package in part.facts.packages if not backends.present(package)]
    return list(dict.fromkeys(found))


def lacking_weights(names: Iterable[str]) -> list[str]:
    """Return which of some weights are published, and not here; a path that the user typed is none of these."""
    single = list(dict.fromkeys(names))
    if not single:
        return []
    from posecfg.models import registry, store

    found = []
    for name in single:
        with suppress(WeightsError):
            if not registry.entry(name).own and store.status(name).state == "missing":
                found.append(name)
    return found


def remarks(config: Mapping[str, Any]) -> list[str]:
    """Say what a run must have to reach other machines, and what these must have, where it is not here."""
    program = _said(config, "program")
    alone = [f"a run with this executor needs '{program}', which is not here"] if program and not which(program) else []
    if not is_elsewhere(config):
        return alone
    names = lacking_packages(config)
    names += lacking_weights(name for part in models(config) for name in part.facts.weights)
    what = "it" if len(names) == 1 else "them"
    told = f"not on this machine: {', '.join(names)}; those that work must have {what}, or say that it is missing there"
    return [*alone, told] if names else alone
