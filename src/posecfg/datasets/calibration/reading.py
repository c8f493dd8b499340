"""Read calibrated cameras, whatever program wrote them: in metres, as OpenCV's model of a camera."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from posecfg import budgets
from posecfg.datasets.calibration import listed_json, qualisys, tables_toml
from posecfg.datasets.calibration.checks import camera, wrong
from posecfg.datasets.totalcapture_files import cameras as of_totalcapture
from posecfg.errors import ClipError, ConfigError
from posecfg.types import Camera

UNITS = {"m": 1.0, "cm": 0.01, "mm": 0.001}
UPS = ("x", "y", "z", "-x", "-y", "-z")
MOST = 12
"""Cameras of a moment: every choice of some of them is tried."""
# Bytes of a file: a camera takes two thousand.
_LARGEST = 1 << 20


@dataclass(frozen=True)
class Calibration:
    """Cameras by name, in the file's order, in metres; ``up`` is the axis of the world that points up."""

    cameras: dict[str, Camera]
    up: str


# What reads each kind of file: cameras from its bytes, metres a unit of it, and the axis that points up.
_KINDS: dict[str, tuple[Callable[[bytes, float], dict[str, Camera]], float | None, str]] = {
    ".txt": (qualisys.cameras, 0.001, "z"),
    ".qca": (qualisys.cameras, 0.001, "z"),
    ".xml": (qualisys.cameras, 0.001, "z"),
    ".toml": (tables_toml.cameras, 1.0, "z"),
    ".json": (listed_json.cameras, None, "y"),
}


def load(path: str, unit: str | None = None, up: str | None = None) -> Calibration:
    """Read a file of cameras; ``unit`` (m, cm or mm) and ``up`` say what the file does not, or says wrongly.

    Everything that is wrong with it is a ``ConfigError``.
    """
    if unit is not None and unit not in UNITS:
        raise ConfigError(f"Expected dataset.unit to be {', '.join(UNITS)} or null, but got '{unit}'.")
    if up is not None and up not in UPS:
        raise ConfigError(f"Expected dataset.up to be {', '.join(UPS)} or null, but got '{up}'.")
    where = Path(path).expanduser()
    if where.suffix.lower() == ".cal":
        found, usual = _of_totalcapture(where, unit), "y"
    else:
        found, usual = _read(where, unit)
    if not 2 <= len(found) <= MOST:
        raise wrong(where, f"it has {len(found)} cameras, and 2 to {MOST} can be put together")
    return Calibration(found, up or usual)


def _read(where: Path, unit: str | None) -> tuple[dict[str, Camera], str]:
    kind = _KINDS.get(where.suffix.lower())
    if kind is None:
        raise wrong(where, f"its name ends in '{where.suffix}'")
    reader, usual, up = kind
    if unit is None and usual is None:
        raise ConfigError(
            f"'{where}' does not say in which unit its cameras stand: type dataset.unit=cm for AIST++, or m or mm."
        )
    try:
        return reader(budgets.read(where, _LARGEST), UNITS[unit] if unit else usual or 1.0), up
    except OSError as error:
        raise wrong(where, f"it cannot be read ({error.strerror})") from error
    except (ValueError, LookupError, TypeError, OverflowError, RecursionError, AttributeError) as error:
        reason = f"it lacks {error}" if isinstance(error, LookupError) else error
        raise wrong(where, reason) from error


def _of_totalcapture(where: Path, unit: str | None) -> dict[str, Camera]:
    try:
        listed = of_totalcapture(where)
        scale = UNITS[unit or "m"]
        return {
            f"cam{number}": camera(
                f"cam{number}", one.matrix, one.rotation, one.translation * scale, one.distortion, one.size
            )
            for number, one in enumerate(listed, 1)
        }
    except (ClipError, ValueError) as error:
        raise wrong(where, error) from error
