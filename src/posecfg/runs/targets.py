"""Names that writers will give to files, asked before the run; files that would be in each other's way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from posecfg.components.build import build
from posecfg.components.calls import called
from posecfg.errors import ConfigError
from posecfg.protocols import Writer
from posecfg.store.file_record import is_inside
from posecfg.types import Clip

Target = Callable[[str], str]
PROBES = ("0/0", "0/1", "1/0")


def targets(nodes: Mapping[str, Any]) -> dict[str, Target]:
    """Return, for each writer of a configuration, what tells the name of a clip's first file."""
    return {name: _target(name, build(node, f"writer.{name}")) for name, node in nodes.items()}


def _target(name: str, writer: Writer) -> Target:
    def target(clip_id: str) -> str:
        found = called(f"writer.{name}", writer.target, clip_id)
        if not isinstance(found, str) or not is_inside(found.removesuffix("/")):
            raise ConfigError(
                f"writer.{name}: expected target to return the name of a file inside the output folder, "
                f"but got {found!r}."
            )
        return found

    return target


def refuse_clashes(nodes: Mapping[str, Any], clips: Sequence[Clip]) -> None:
    """Refuse names of files that several clips or writers share, or that are a file of one and a folder of another."""
    every = targets(nodes)
    if len(clips) > 1:
        for name, target in every.items():
            _refuse_shared(name, nodes[name], target, clips)
    if clips:
        _refuse_same(every, clips[0].id)
    if len(clips) > 1 and _may_meet(every, clips):
        _refuse_folders(every, clips)


def _refuse_same(every: Mapping[str, Target], clip_id: str) -> None:
    """Refuse two writers that would give a file of one clip the same name."""
    owners: dict[str, str] = {}
    for name, target in every.items():
        file = target(clip_id)
        first = owners.setdefault(file, name)
        if first != name and not file.endswith("/"):
            raise ConfigError(
                f"writer.{first} and writer.{name} would both write '{file}': give one of them another name, as in "
                f"writer.{name}.path='{name}/{{id}}'."
            )


def _refuse_shared(name: str, node: Mapping[str, Any], target: Target, clips: Sequence[Clip]) -> None:
    if len({target(clip) for clip in PROBES}) == len(PROBES):
        return
    # A part of the id may be enough for these clips.
    files = Counter(map(target, (clip.id for clip in clips)))
    file, number = files.most_common(1)[0]
    if number > 1:
        which = "one file" if len(files) == 1 else f"one file, '{file}',"
        path = node.get("path")
        typed = f"writer.{name}.path='{path}' names" if isinstance(path, str) else f"writer.{name} has"
        cure = "put {id} into it" if isinstance(path, str) and "{id}" not in path else "its names must hold the id"
        raise ConfigError(f"{typed} {which} for {number:,} clips: {cure}.")


def _may_meet(every: Mapping[str, Target], clips: Sequence[Clip]) -> bool:
    """Tell whether any folder is called like a file, without asking for the names of all."""
    probes = [target(PROBES[0]) for target in every.values()]
    suffixes = tuple({PurePosixPath(name).suffix for name in probes if not name.endswith("/")})
    folders = {clip.id.rpartition("/")[0] for clip in clips} - {""}
    folders |= {name.rpartition("/")[0] for name in probes} if folders else set()
    # A file without a suffix can be called like any folder.
    return any(part.endswith(suffixes) for folder in folders for part in folder.split("/")) if suffixes else False


def _refuse_folders(every: Mapping[str, Target], clips: Sequence[Clip]) -> None:
    """Refuse a clip whose file has the name of a folder that the files of another need."""
    names = {target(clip.id): (name, clip.id) for name, target in every.items() for clip in clips}
    folders = {name.rstrip("/").rpartition("/")[0] for name in names}
    while folders:
        if clash := next((folder for folder in folders if folder in names), None):
            writer, owner = names[clash]
            other = next(clip for name, (_, clip) in names.items() if name.startswith(f"{clash}/"))
            raise ConfigError(
                f"'{clash}' would be a file of clip '{owner}' (writer.{writer}) and the folder of clip '{other}': "
                "rename one of the two inputs, or choose another path for the writer."
            )
        folders = {folder.rpartition("/")[0] for folder in folders} - {""}
