"""The flags ``--info`` and ``--hydra-help``: what this installation is, and what to type for Hydra's help."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Sequence

from posecfg.config.options import conf_dir
from posecfg.config.pages import root
from posecfg.terminal import manual
from posecfg.terminal.layout import columns
from posecfg.version import __version__


def run(words: Sequence[str]) -> int:
    """Print the page that is asked for."""
    if "--hydra-help" in words:
        sys.stdout.write(manual.hydra(columns()))
        return 0
    rows = facts()
    if "--json" in words:
        from posecfg.commands.output import print_json

        print_json(dict(rows))
    else:
        sys.stdout.write(manual.info(rows, columns()))
    return 0


def facts() -> list[tuple[str, str]]:
    """Return versions, the folders that are looked into, and what is chosen where nothing is typed."""
    from importlib.metadata import version

    from posecfg.models.files import folders

    chosen = [f"{group}={name}" for group, name in root().chosen if name not in ("null", "[]")]
    return [
        ("posecfg", __version__),
        ("python", f"{platform.python_version()}, {sys.executable}"),
        ("hydra", version("hydra-core")),
        ("options", f"{conf_dir()}; --config-dir DIR adds another folder"),
        ("defaults", ", ".join(chosen)),
        ("weights", os.pathsep.join(map(str, folders()))),
        ("results", "outputs/, or the folder that output_dir= names"),
    ]
