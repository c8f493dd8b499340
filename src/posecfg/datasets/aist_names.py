"""Names of AIST++: sequences, and the films of each by nine cameras."""

from __future__ import annotations

import re
from dataclasses import dataclass

VIEWS = tuple(f"c{number:02d}" for number in range(1, 10))
ALL = "cAll"
_NAME = re.compile(
    r"g(?P<genre>BR|PO|LO|MH|LH|HO|WA|KR|JS|JB)_s(?P<situation>BM|FM)_(?P<view>c\d\d|cAll)_d(?P<dancer>\d\d)"
    r"_m(?P<music>[A-Z]{2}\d)_ch(?P<choreography>\d\d)"
)
# Films that do not fit the annotations of their sequence, as those who made these say.
UNFIT = {
    ("gBR_sBM_cAll_d04_mBR0_ch01", "c05"): "known not to be in step with the other views",
    ("gJB_sBM_cAll_d07_mJB3_ch05", "c07"): "known to be of another size (640x480) than its annotations",
}


@dataclass(frozen=True, order=True)
class Take:
    """One dance: ``sequence`` is its name for all cameras, ``view`` the camera, ``ALL`` in names of sequences."""

    sequence: str
    view: str

    @property
    def film(self) -> str:
        """Name of the film, without suffix."""
        return self.sequence.replace(ALL, self.view)

    @property
    def index(self) -> int:
        """Place of the view in annotations, from 0."""
        return VIEWS.index(self.view)

    @property
    def meta(self) -> dict[str, str | int]:
        """What the name says of the dance."""
        found = _NAME.fullmatch(self.sequence)
        if found is None:
            return {}
        said = found.groupdict()
        number = int(said["music"][2:])
        bpm = 110 + 5 * number if said["music"].startswith("HO") else 80 + 10 * number
        del said["view"]
        return {"sequence": self.sequence, **said, "bpm": bpm}


def parse(name: str) -> Take | None:
    """Parse the name of a sequence or film without suffix; None if it is not one of AIST++."""
    found = _NAME.fullmatch(name)
    if found is None or found["view"] not in (*VIEWS, ALL):
        return None
    start, end = found.span("view")
    return Take(f"{name[:start]}{ALL}{name[end:]}", found["view"])
