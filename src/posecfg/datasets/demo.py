"""List the clip that comes with the package."""

from __future__ import annotations

from pathlib import Path

from posecfg.types import Clip, Listing


class Demo:
    """List the embedded clip; ``assets/PROVENANCE.md`` tells its source."""

    def scan(self) -> Listing:
        """List one clip, ``demo``."""
        path = Path(__file__).parent.parent / "assets" / "demo.mp4"
        return Listing((Clip("demo", path, path.name),))
