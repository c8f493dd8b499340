"""List the moments that several calibrated cameras saw, from the results of a run over their films."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

from posecfg.datasets.calibration.reading import Calibration
from posecfg.datasets.calibration.reading import load as calibrated
from posecfg.datasets.identifiers import safe
from posecfg.datasets.views_scene import View, ViewsScene
from posecfg.errors import ConfigError, PosecfgError
from posecfg.layout import HOME
from posecfg.loading import native_files, read_header
from posecfg.types import Clip, Excluded, Listing

# The last part of a clip's name that tells a camera, such as cam01, camera_2, c03 or view1.
CAMERA = r"(?P<camera>(?:camera|cam|view|(?<![a-z0-9])c)[_-]?\d+)(?![a-z0-9])"
_NAMELESS = "its name tells no camera (dataset.pattern)"
_SHOWN = 5


class Views:
    """List groups of clips of the run in the folder ``path`` that show the same moments, each by another camera.

    What ``pattern`` calls ``camera`` in a clip's id tells cameras apart, and the rest is the group; data sets that know
    views themselves need none. Cameras are those of the file ``calibration`` with the same name, else in its order;
    ``cameras`` lists names of the file in the order of the views instead. ``unit`` and ``up`` say what the file does
    not. Views that begin or end more than ``tolerance`` seconds apart are left out.
    """

    def __init__(
        self,
        path: str,
        calibration: str,
        pattern: str | None = None,
        cameras: Sequence[str] | None = None,
        unit: Literal["m", "cm", "mm"] | None = None,
        up: Literal["x", "y", "z", "-x", "-y", "-z"] | None = None,
        tolerance: float = 0.5,
    ) -> None:
        if isinstance(tolerance, bool) or not 0 <= tolerance < float("inf"):
            raise ConfigError(f"Expected dataset.tolerance to be seconds from 0 on, but got {tolerance}.")
        self.path, self._tolerance = Path(path).expanduser(), float(tolerance)
        self._pattern = _compiled(pattern)
        self._order = None if cameras is None else [str(name) for name in cameras]
        self._calibration, self._told = calibration, (unit, up)

    def scan(self) -> Listing:
        """List the groups in the order of their ids; clips of which there is one view are left out.

        Raise ``ConfigError`` where no group has two.
        """
        if not self.path.is_dir():
            raise ConfigError(
                f"Expected dataset.path to be the folder of a run with writer=npz, but got '{self.path}'."
            )
        known = calibrated(self._calibration, *self._told)
        groups, excluded = self._groups()
        clips: list[Clip] = []
        # A group may lack a view; all groups together tell which there are.
        named = self._named(known, sorted({view for views in groups.values() for view in views}, key=_number))
        for group, views in sorted(groups.items()):
            if len(views) == 1:
                excluded.append(Excluded(str(next(iter(views.values()))[1]["clip"]["id"]), "one camera alone saw it"))
                continue
            there = {camera: views[view] for view, camera in named.items() if view in views}
            try:
                clips.append(self._clip(group, there, known))
            except ConfigError:
                raise
            except PosecfgError as error:
                excluded.append(Excluded(group, str(error)))
        if all(len(views) == 1 for views in groups.values()):
            raise self._nothing(excluded)
        return Listing(tuple(clips), tuple(sorted(excluded, key=lambda one: one.name)))

    def _nothing(self, excluded: Sequence[Excluded]) -> ConfigError:
        advice = ""
        if any(one.reason == _NAMELESS for one in excluded):
            advice = " Type dataset.pattern=..., a regular expression in which (?P<camera>...) tells cameras alone."
        told = _listed([f"{one.name}, {one.reason}" for one in excluded], "; ")
        return ConfigError(
            f"Expected '{self.path}' to hold clips that several cameras saw, but all are left out: {told}.{advice}"
        )

    def _groups(self) -> tuple[dict[str, dict[str, tuple[Path, dict[str, Any]]]], list[Excluded]]:
        """Return files and headers by group and view, and what belongs to none."""
        groups: dict[str, dict[str, tuple[Path, dict[str, Any]]]] = {}
        excluded: list[Excluded] = []
        damaged = set(self.path.rglob("*.npz"))
        for path, header in native_files(self.path, damaged_too=False):
            damaged.discard(path)
            identifier, group, view = self._told_of(header, path)
            if view is None:
                excluded.append(Excluded(identifier, _NAMELESS))
            elif reason := _no_name(group):
                excluded.append(Excluded(identifier, reason))
            elif view in groups.setdefault(group, {}):
                raise ConfigError(
                    f"'{self.path}' has two clips of {view} in the group '{group}', '{identifier}' and another: type "
                    "dataset.pattern=..., a regular expression in which (?P<camera>...) tells cameras alone."
                )
            else:
                groups[group][view] = (path, header)
        for path in damaged:
            with suppress(PosecfgError):
                if HOME in path.relative_to(self.path).parts or read_header(path) is None:
                    continue
            excluded.append(Excluded(path.relative_to(self.path).as_posix(), "it is damaged: redo it in its run"))
        if not groups and not excluded:
            raise ConfigError(f"'{self.path}' holds no native npz: run it with writer=npz first.")
        return groups, excluded

    def _told_of(self, header: Mapping[str, Any], path: Path) -> tuple[str, str, str | None]:
        """Return a clip's id, its group and its view; None for a name that tells none."""
        try:
            clip = header["clip"]
            identifier, group, view = str(clip["id"]), clip.get("group"), clip.get("camera") or clip.get("view")
        except (KeyError, TypeError, AttributeError) as error:
            raise PosecfgError(f"'{path}' has a header that tells of no clip: make it again with redo=true.") from error
        if self._pattern is None and isinstance(group, str) and isinstance(view, str):
            return identifier, group, view
        found = list((self._pattern or re.compile(CAMERA, re.IGNORECASE)).finditer(identifier))
        if not found:
            return identifier, "", None
        start, end = found[-1].span("camera")
        rest = re.sub(r"[ _.-]+(?=/|$)|(?<=/)[ _.-]+|^[ _.-]+", "", f"{identifier[:start]}{identifier[end:]}")
        group = re.sub(r"([_.-])[_.-]+", r"\1", re.sub(r"//+", "/", rest)).strip("/")
        return identifier, group or "views", found[-1]["camera"]

    def _named(self, known: Calibration, views: Sequence[str]) -> dict[str, str]:
        """Return the camera of the file for each view."""
        names = list(known.cameras)
        if self._order is not None:
            if lost := [name for name in self._order if name not in names]:
                raise ConfigError(f"'{self._calibration}' has no camera '{lost[0]}': it has {_listed(names)}.")
            if len(self._order) != len(views):
                raise ConfigError(
                    f"Expected dataset.cameras to name a camera for each of the {len(views)} views ({_listed(views)}), "
                    f"but got {len(self._order)}."
                )
            return dict(zip(views, self._order, strict=True))
        if set(views) <= set(names):
            return {view: view for view in views}
        if len(names) != len(views):
            raise ConfigError(
                f"'{self._calibration}' has {len(names)} cameras ({_listed(names)}), but the clips have {len(views)} "
                f"({_listed(views)}): type dataset.cameras=[...], a name of the file for each view in this order."
            )
        return dict(zip(views, names, strict=True))

    def _clip(self, group: str, views: Mapping[str, tuple[Path, dict[str, Any]]], known: Calibration) -> Clip:
        def sha256(path: Path) -> str:
            with path.open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()

        listed = [View(name, str(told["clip"]["id"]), sha256(path), path) for name, (path, told) in views.items()]
        cameras = tuple(known.cameras[one.name] for one in listed)
        try:
            clock, shown = (
                next(told["clock"] for _, told in views.values()),
                [told["clock"]["size"] for _, told in views.values()],
            )
            scene = ViewsScene(
                views=tuple(listed),
                calibration=hashlib.sha256(repr([_plain(one) for one in cameras]).encode()).hexdigest(),
                up=known.up,
                tolerance=self._tolerance,
                size=(int(clock["size"][0]), int(clock["size"][1])),
                fps=float(clock["fps"]),
                frames=len(listed[0].load().clock),
                cameras=cameras,
            )
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise PosecfgError(f"The header of a view of '{group}' tells of no clock: make it again.") from error
        for view, camera, size in zip(listed, cameras, shown, strict=True):
            _check_size(view, camera.size, (int(size[0]), int(size[1])))
        return Clip(group, Path(group), group, group=group, scene=scene)


def _no_name(group: str) -> str | None:
    """Return why a group cannot be the name of a clip; one bad name stops no other group."""
    try:
        safe(group)
    except ConfigError as error:
        return str(error)
    return None


def _check_size(view: View, calibrated_size: tuple[int, int], size: tuple[int, int]) -> None:
    """Refuse frames of another size than the camera was calibrated with; a px or two is a matter of counting."""
    if any(abs(a - b) > 8 for a, b in zip(calibrated_size, size, strict=True)):
        raise ConfigError(
            f"The camera {view.name} was calibrated for pictures of {calibrated_size[0]}x{calibrated_size[1]} px, but "
            f"'{view.clip}' has {size[0]}x{size[1]}: name the calibration of these films, or other dataset.cameras."
        )


def _compiled(pattern: str | None) -> re.Pattern[str] | None:
    if pattern is None:
        return None
    try:
        found = re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        raise ConfigError(
            f"Expected dataset.pattern to be a regular expression, but got '{pattern}' ({error})."
        ) from error
    if "camera" not in found.groupindex:
        raise ConfigError(
            f"Expected dataset.pattern to have (?P<camera>...) around what tells cameras apart, but got '{pattern}'."
        )
    return found


def _number(view: str) -> tuple[int, str]:
    digits = re.findall(r"\d+", view)
    return (int(digits[-1]) if digits else -1), view


def _plain(camera: Any) -> list[Any]:
    arrays = (camera.matrix, camera.rotation, camera.translation, camera.distortion)
    return [[float(f"{value:.12g}") for value in array.reshape(-1)] for array in arrays]


def _listed(names: Sequence[str], sign: str = ", ") -> str:
    return sign.join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
