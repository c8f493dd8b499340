"""Decode on a graphics device, if PyAV and the machine support it."""

from __future__ import annotations

from functools import cache

import av
from av.codec import Codec
from av.codec.hwaccel import HWAccel, hwdevices_available

from posecfg.errors import ConfigError

_COMMON = ("h264", "hevc", "av1", "vp9", "mjpeg")


def accelerator(name: str) -> HWAccel | None:
    """Return the accelerator to open a film with: None for ``cpu``; for ``auto`` the first that works, or None."""
    if name == "cpu":
        return None
    if name == "auto":
        return next((HWAccel(device, allow_software_fallback=True) for device in working()), None)
    if name not in working():
        there = ", ".join(("cpu", *working()))
        raise ConfigError(f"Expected video.hwaccel to be a device that decodes here ({there}), but got '{name}'.")
    return HWAccel(name, allow_software_fallback=False)


@cache
def working() -> tuple[str, ...]:
    """Return the device types on which decoding can be started here."""
    return tuple(device for device in hwdevices_available() if _starts(device))


def _starts(device: str) -> bool:
    for name in _COMMON:
        try:
            HWAccel(device, allow_software_fallback=False).create(Codec(name, "r"))
        except (av.FFmpegError, NotImplementedError, ValueError):
            continue
        return True
    return False
