"""List computed films with known poses, for trials and tests."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from posecfg.errors import ConfigError
from posecfg.synthetic.scene import StickScene
from posecfg.synthetic.seeds import derive
from posecfg.synthetic.truth import FigureTruth
from posecfg.types import Clip, Listing


class Synthetic:
    """List ``clips`` scenes of moving stick figures.

    ``detector=synthetic`` with the same ``seed`` and ``people`` gives the poses that are drawn.
    """

    def __init__(
        self,
        clips: int = 4,
        frames: int = 90,
        size: Sequence[int] = (320, 240),
        fps: float = 30.0,
        people: int = 1,
        seed: int = 0,
    ) -> None:
        if clips < 0 or len(size) != 2:
            raise ConfigError(
                f"Expected dataset.clips >= 0 and dataset.size=[width,height], but got {clips} and {list(size)}."
            )
        self.clips = clips
        self.seed = seed
        # Built once here, so that wrong values are reported before the run starts.
        self.scene = StickScene(0, frames, (int(size[0]), int(size[1])), float(fps), people)

    def scan(self) -> Listing:
        """List ``synthetic_0000`` and so on."""
        return Listing(tuple(self.clip(f"synthetic_{index:04d}") for index in range(self.clips)))

    def clip(self, identifier: str) -> Clip:
        """Return the clip of this id."""
        like = self.scene
        scene = StickScene(derive(self.seed, identifier), like.frames, like.size, like.fps, like.people)
        return Clip(identifier, Path(identifier), identifier, scene=scene, truth=FigureTruth(scene.seed, like.people))
