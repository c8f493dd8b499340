"""Detector without a model: it gives the known pose of stick figures, whatever the pixels show."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from posecfg import skeletons
from posecfg.errors import ConfigError
from posecfg.facts import Facts
from posecfg.pixels import Frames
from posecfg.synthetic import fault
from posecfg.synthetic.figure import figure
from posecfg.synthetic.seeds import derive
from posecfg.types import Boxes, Clip, Meaning, Poses

if TYPE_CHECKING:
    from posecfg.synthetic.figure import Figure

SKELETONS = ("coco17", "blazepose33")
METRES = "metres, hip-centred, x right, y down, z away from the camera"


class Synthetic:
    """Give poses that depend only on seed, clip id, frame index, time and frame size, not on earlier frames.

    ``people`` have box scores ``score``, two thirds of it, and so on; those not above ``score_thr`` are not given.
    ``noise`` (px) is the standard deviation of what is added to each coordinate, ``miss`` the share of frames without
    people, ``delay`` the seconds slept on each frame. ``crash`` is fault injection for testing executors: ``raise``,
    ``exit``, ``segfault`` or ``hang`` on every clip, or ``raise:bad`` on those with 'bad' in their id. Any ``device``
    is accepted and repeated, as nothing is computed on it.
    """

    def __init__(
        self,
        skeleton: str = "coco17",
        people: int = 1,
        noise: float = 0.0,
        miss: float = 0.0,
        score: float = 0.9,
        score_thr: float = 0.0,
        xyz: bool = False,
        delay: float = 0.0,
        crash: str | None = None,
        seed: int = 0,
        device: str = "auto",
        batch: int = 4,
    ) -> None:
        if skeleton not in SKELETONS:
            raise ConfigError(f"Expected detector.skeleton to be one of {', '.join(SKELETONS)}, but got '{skeleton}'.")
        if people < 0 or noise < 0 or delay < 0 or not 0 <= miss <= 1 or batch < 1:
            raise ConfigError(
                "Expected people, noise and delay >= 0, miss within 0..1 and batch >= 1, "
                f"but got people={people} noise={noise} delay={delay} miss={miss} batch={batch}."
            )
        self.skeleton = skeletons.load(skeleton)
        self.meaning = Meaning(xyz=METRES if xyz else None)
        self.people = people
        self.noise = noise
        self.miss = miss
        self.scores = [s for s in (score * (2 / 3) ** person for person in range(people)) if s > score_thr]
        self.delay = delay
        self.fault = fault.parse(crash) if crash else None
        self.seed = seed
        self.device = "cpu" if device == "auto" else device
        self.weights: Mapping[str, str] = {}
        self.notes: Mapping[str, Any] = {}
        self.batch = batch

    @staticmethod
    def facts(skeleton: str, xyz: bool, **others: Any) -> Facts:
        """Return the facts known before the component is built."""
        return Facts(
            skeleton=skeleton,
            gives=("xyz",) if xyz else (),
            devices=("cpu", "cuda", "mps"),
            shares=True,
            named=True,
            operational=("batch", "delay", "crash", "device"),
        )

    def __call__(self, batches: Iterable[Frames], clip: Clip) -> Iterator[Poses]:
        """Yield the poses of each frame; pixels are not used."""
        seed = derive(self.seed, clip.id)
        for frames in batches:
            if self.fault:
                self.fault.strike(clip.id)
            figures = [
                figure(seed, person, frames.times, frames.size, self.people, self.skeleton.keypoints)
                for person in range(len(self.scores))
            ]
            for row, index in enumerate(frames.indices):
                if self.delay:
                    time.sleep(self.delay)
                yield self._poses(figures, row, derive(seed, "frame", int(index)))

    def _poses(self, figures: list[Figure], row: int, seed: int) -> Poses:
        import numpy as np

        chance = np.random.default_rng(seed)
        kept = [] if chance.random() < self.miss else figures
        shape = (len(kept), len(self.skeleton))
        xy = np.array([one.xy[row] for one in kept]).reshape(*shape, 2)
        xy = (xy + chance.normal(0.0, self.noise, xy.shape)).astype(np.float32)
        visibility = np.array([one.visibility[row] for one in kept], dtype=np.float32).reshape(shape)
        scores = np.array(self.scores[: len(kept)], dtype=np.float32)
        xyz = np.array([one.xyz[row] for one in kept], dtype=np.float32).reshape(*shape, 3)
        extent = np.concatenate([xy.min(axis=1, initial=np.inf), xy.max(axis=1, initial=-np.inf)], axis=1)
        boxes = Boxes(extent, scores)
        return Poses(
            self.skeleton, self.meaning, xy, scores[:, None] * visibility, boxes, xyz if self.meaning.xyz else None
        )
