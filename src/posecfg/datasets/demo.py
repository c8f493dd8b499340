"""The clip that comes with the package."""

from __future__ import annotations

from pathlib import Path

from posecfg.types import Clip, Listing


class Demo:
    """List the embedded clip; where it comes from is told in ``assets/PROVENANCE.md``."""

    def scan(self) -> Listing:
        """List one clip, ``demo``."""
        path = Path(__file__).parent.parent / "assets" / "demo.mp4"
        return Listing((Clip("demo", path, path.name),))
