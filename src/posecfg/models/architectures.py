"""The architectures of OpenMMLab that posecfg can build, with the configuration file of each."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from posecfg.errors import ConfigError

_DEMO = "demo/mmdetection_cfg"
_RTMPOSE = "configs/body_2d_keypoint/rtmpose/body8"
_RTMW = "configs/wholebody_2d_keypoint/rtmpose/cocktail14"
PROJECT = "projects/rtmpose3d"
"""The folder of mmpose's repository that RTMW3D is in; no package carries it."""


@dataclass(frozen=True)
class Known:
    """One architecture: ``kind`` is boxes or pose, ``size`` is the (width, height) px of its input.

    ``file`` is the configuration inside ``package`` (mmdet or mmpose), or inside a checkout of mmpose where ``package``
    is None. ``changes`` are made to it. ``outputs`` are those of the network as a graph.
    """

    name: str
    kind: str
    package: str | None
    file: str
    size: tuple[int, int]
    outputs: tuple[str, ...]
    changes: Mapping[str, Any] = field(default_factory=dict)

    @property
    def scope(self) -> str:
        """Package whose registry builds the architecture."""
        return "mmdet" if self.kind == "boxes" else "mmpose"

    @property
    def weights(self) -> str:
        """Name of its checkpoint in posecfg's registry of weights."""
        return f"{self.name}_torch"


def _boxes(name: str, package: str, file: str, side: int, **changes: Any) -> Known:
    return Known(name, "boxes", package, file, (side, side), ("boxes", "scores"), changes)


def _pose(name: str, package: str | None, file: str, size: tuple[int, int], axes: str = "xy") -> Known:
    return Known(name, "pose", package, file, size, tuple(f"simcc_{axis}" for axis in axes))


_NANO = f"{_DEMO}/rtmdet_nano_320-8xb32_coco-person.py"
KNOWN = {
    one.name: one
    for one in (
        _boxes("rtmdet_m", "mmpose", f"{_DEMO}/rtmdet_m_640-8xb32_coco-person.py", 640),
        _boxes("rtmdet_nano", "mmpose", _NANO, 320),
        _boxes("rtmdet_m_coco", "mmdet", "configs/rtmdet/rtmdet_m_8xb32-300e_coco.py", 640),
        # No package has a configuration for all of COCO: this is the same network with 80 categories.
        _boxes("rtmdet_nano_coco", "mmpose", _NANO, 320, **{"model.bbox_head.num_classes": 80}),
        *(
            _pose(f"rtmpose_{size}", "mmpose", f"{_RTMPOSE}/rtmpose-{size}_8xb256-420e_body8-256x192.py", (192, 256))
            for size in "tsml"
        ),
        *(
            _pose(
                f"rtmpose_{size}_halpe26",
                "mmpose",
                f"{_RTMPOSE}/rtmpose-{size}_8xb{batch}-700e_body8-halpe26-256x192.py",
                (192, 256),
            )
            for size, batch in (("t", 1024), ("s", 1024), ("m", 512), ("l", 512))
        ),
        _pose("rtmw_l", "mmpose", f"{_RTMW}/rtmw-l_8xb320-270e_cocktail14-384x288.py", (288, 384)),
        _pose("rtmw3d_l", None, f"{PROJECT}/configs/rtmw3d-l_8xb64_cocktail14-384x288.py", (288, 384), "xyz"),
        _pose("rtmw3d_x", None, f"{PROJECT}/configs/rtmw3d-x_8xb32_cocktail14-384x288.py", (288, 384), "xyz"),
    )
}


def known(name: str) -> Known:
    """Return the architecture called ``name``."""
    if name in KNOWN:
        return KNOWN[name]
    near = difflib.get_close_matches(name.lower(), KNOWN, n=1)
    hint = f" Did you mean '{near[0]}'?" if near else ""
    raise ConfigError(f"Expected a network of OpenMMLab among {', '.join(KNOWN)}, but got '{name}'.{hint}")
