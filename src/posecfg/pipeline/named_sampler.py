"""Name the sampler in errors of its code, which a film's reader calls for each frame."""

from __future__ import annotations

from typing import Any

from av import FFmpegError

from posecfg.components.calls import blamed
from posecfg.pixels import Frames
from posecfg.protocols import Pick, Sampler, Stream


class _Named:
    """A sampler that is called through ``blamed``."""

    def __init__(self, sampler: Sampler, blame: blamed) -> None:
        self._sampler, self._blame = sampler, blame

    def begin(self, stream: Stream) -> Pick:
        """Start a clip."""
        with self._blame:
            pick = self._sampler.begin(stream)
        return _NamedPick(pick, self._blame) if callable(pick) else pick


class _NamedPick:
    def __init__(self, pick: Pick, blame: blamed) -> None:
        self._pick, self._blame = pick, blame

    def __call__(self, index: int, time: float, frame: Frames) -> int:
        """Return how many output rows a frame fills."""
        with self._blame:
            return self._pick(index, time, frame)

    @property
    def notes(self) -> Any:
        """The method of the sampler's state that returns notes, or None where it has none."""
        return getattr(self._pick, "notes", None)


def named(sampler: Sampler) -> Sampler:
    """Return ``sampler`` with its name in the errors of its code; errors of the film that it asks about stay."""
    kind = type(sampler).__name__
    # The reader of films names the class of what it gets.
    made: Sampler = type(kind, (_Named,), {})(sampler, blamed(f"sampler ({kind})", FFmpegError))
    return made
