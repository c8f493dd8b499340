"""Make file names from a template with ``{id}``, ``{folder}``, ``{name}`` and ``{person}``."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from string import Formatter

from posecfg.errors import ClipError, ConfigError
from posecfg.layout import HOME

FIELDS = ("id", "folder", "name", "person")


class Names:
    """Output names relative to the output root, always posix.

    ``{id}`` is the clip's id, ``{folder}`` the part before its last slash and ``{name}`` the part after it; with an
    empty folder, ``{folder}/`` is left out. Without ``{person}`` in the template, a clip's only track has the plain
    name; of several, that of track k ends in ``.person<k>``. ``fixed`` allows a name without fields that ends in the
    suffix, for runs over one clip. The suffix ``/`` is for names of folders.
    """

    def __init__(self, path: str, suffix: str, fixed: bool = False) -> None:
        self._suffix = suffix
        if not isinstance(path, str):
            raise ConfigError(f"Expected path to be a text like '{{id}}', but got {path!r}.")
        try:
            self._parts = [(text, field) for text, field, _, _ in Formatter().parse(path.removesuffix(suffix))]
            plain = all(not spec and not how for _, _, spec, how in Formatter().parse(path))
        except ValueError as error:
            raise ConfigError(f"Expected path to be a template like '{{id}}', but got '{path}' ({error}).") from error
        fields = {field for _, field in self._parts if field is not None}
        if not plain or not fields <= set(FIELDS):
            raise ConfigError(f"Expected path to use only {{{'}, {'.join(FIELDS)}}}, but got '{path}'.")
        if not fields & {"id", "name"} and not (fixed and path.endswith(suffix)):
            plain_name = f" (for one clip alone, it may be a name that ends in {suffix})" if fixed else ""
            raise ConfigError(
                f"Expected path to hold {{id}} or {{name}}, or all clips share a file, but got '{path}'{plain_name}."
            )
        self._places_person = "person" in fields
        if "\\" in path or not _inside("".join(text + ("x" if field else "") for text, field in self._parts)):
            raise ConfigError(f"Expected path to stay inside the output folder, but got '{path}'.")
        if path.partition("/")[0].casefold() == HOME:
            raise ConfigError(f"Expected path to stay out of .posecfg, which is the run's own, but got '{path}'.")

    def __call__(self, clip_id: str, person: int = 0, several: bool = False) -> str:
        """Return the name for one track of a clip."""
        folder, _, name = clip_id.rpartition("/")
        values = {"id": clip_id, "folder": folder, "name": name, "person": str(person)}
        out = ""
        swallow = False
        for text, field in self._parts:
            out += text.removeprefix("/") if swallow else text
            swallow = field == "folder" and not folder
            if field is not None:
                out += values[field]
        if several and not self._places_person:
            out += f".person{person}"
        out += self._suffix
        if not _inside(out.removesuffix("/")):
            raise ClipError(f"Expected a clip id that names a file inside the output folder, but got '{clip_id}'.")
        return out


def _inside(name: str) -> bool:
    # Ids may hold backslashes, which are ordinary characters here; on Windows, '..\\' would leave the output folder.
    safe = not any(part in ("", ".", "..") for part in name.split("/")) and ".." not in re.split(r"[\\/]", name)
    return safe and "\0" not in name and not PurePosixPath(name).is_absolute()
