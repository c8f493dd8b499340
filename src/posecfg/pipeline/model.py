"""The detector of a process, built when it is needed first: clips that are remembered need none."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from typing import Any

from posecfg.components.build import build
from posecfg.components.roles import unset
from posecfg.errors import ConfigError, NotBuilt, PosecfgError
from posecfg.models.settings import Settings, using
from posecfg.pipeline.finds import Told
from posecfg.pipeline.recall import Memo
from posecfg.protocols import Detector
from posecfg.store.made_with import MadeWith
from posecfg.text import sentence

# Frames at once while nothing tells how many the detector likes.
_LIKELY = 4


class Model:
    """The detector that ``node`` describes, which gives everybody above ``floor``; ``title`` names it in a sentence.

    ``spare`` is another node and its floor, to be built where ``node`` cannot be: other jobs of a sweep may ask for
    less than a detector can do, which is nothing to those that do not.

    Once ``admit`` was called, it is refused where its weights are not those of ``wanted``, and it finds them where
    ``settings`` say.
    """

    def __init__(
        self,
        node: Mapping[str, Any],
        title: str,
        floor: float = 0.0,
        spare: tuple[Mapping[str, Any], float] | None = None,
    ) -> None:
        self._node, self._title, self._floor, self._spare = dict(node), title, floor, spare
        self._detector: Detector | None = None
        self._settings: Settings | None = None
        self._wanted = self._now = MadeWith()
        self._batch = _LIKELY

    def admit(self, settings: Settings, wanted: MadeWith, now: MadeWith) -> None:
        """Say where weights are, what results of this run are made with, and what they would be made with now."""
        self._settings, self._wanted, self._now = settings, wanted, now
        self._check({} if self._detector is None else self._detector.weights)

    def build(self) -> Detector:
        """Return the detector; its errors come as they are."""
        if self._detector is None:
            with nullcontext() if self._settings is None else using(self._settings):
                found = self._built()
            if wrong := unset(found, "detector"):
                raise ConfigError(f"{self._title} {wrong}.")
            self._check(found.weights)
            self._detector = found
        return self._detector

    def _built(self) -> Detector:
        try:
            found: Detector = build(self._node, "detector")
        except ConfigError:
            if self._spare is None:
                raise
            (self._node, self._floor), self._spare = (dict(self._spare[0]), self._spare[1]), None
            found = build(self._node, "detector")
        return found

    @property
    def floor(self) -> float:
        """Above which box score it gives everybody: known for certain once it is built."""
        return self._floor

    def __call__(self) -> Detector:
        """Return the detector in the midst of a clip: that it cannot be built ends the run, not the clip alone."""
        try:
            return self.build()
        except PosecfgError as error:
            raise NotBuilt(str(error)) from error
        except (Exception, SystemExit) as error:
            raise NotBuilt(f"The detector cannot be built ({sentence(error)}).") from error

    def _check(self, weights: Mapping[str, str]) -> None:
        wanted, own = self._wanted, MadeWith({**self._now.weights, **weights}, self._now.libraries)
        if changed := [*wanted.other_weights(own), *wanted.other_libraries(own)]:
            raise ConfigError(
                f"Weights or versions changed since these results were begun ({'; '.join(changed)}): type the same "
                "command again to be told what can be done, or choose another output_dir=."
            )

    @property
    def batch(self) -> int:
        """Number of frames at once that suits it, as far as that is known without building it."""
        return self._batch if self._detector is None else self._detector.batch

    def suppose(self, told: Told) -> None:
        """Take for its own what an earlier run told of it, until it is built."""
        self._batch = told.batch

    def told(self, memo: Memo | None) -> Told:
        """Return what it says of itself, or said when it found what is remembered of a whole clip."""
        if memo is not None and memo.known is not None and memo.whole is not None and not memo.is_new:
            return memo.known.told
        found = self()
        return Told(found.notes, found.device, found.weights, found.batch)
