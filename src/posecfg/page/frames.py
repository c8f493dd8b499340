"""Read single frames of a film by their numbers, with no more than one pass of decoding over what is between them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import closing
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from posecfg.types import Clip
from posecfg.video.film import Film
from posecfg.video.frames import FrameBatch
from posecfg.video.opening import open_reel
from posecfg.video.reel import Reel, Shot, upright_size
from posecfg.video.span import Span

if TYPE_CHECKING:
    from posecfg.arrays import U8

# Frames up to which it costs less to decode on than to open the film again and to seek.
_NEXT = 150
# Frames before the wanted one from which on the film is read, as times are rounded.
_BEFORE = 2
_FINEST = 1_000_000


class Wanted(NamedTuple):
    """A frame by its number in the film, and its time in seconds since the film's first frame."""

    number: int
    time: float


def frames(
    clip: Clip, wanted: Sequence[Wanted], size: tuple[int, int], scaled: tuple[int, int]
) -> Iterator[tuple[Wanted, U8]]:
    """Yield those of the ``wanted`` frames that the film has, in order, as (H, W, 3) RGB of the size ``scaled``.

    Pictures that are upright and square have the ``size`` (width, height) px; others are none of those wanted.
    """
    asked = deque(sorted({one.number: one for one in wanted}.values()))
    seeking = _Seeking(asked)
    while asked:
        with closing(open_reel(clip)) as reel:
            if not clip.independent and reel.info.size != size:
                return
            for one, shot in seeking.of_film(reel) if isinstance(reel, Film) else _each(reel, asked):
                own = upright_size(shot.given, shot.rotation) if clip.independent else reel.info.size
                if own == size:
                    yield one, FrameBatch([shot], reel.tick, own).rgb(*scaled)[0]


def _each(reel: Reel, asked: deque[Wanted]) -> Iterator[tuple[Wanted, Shot]]:
    """Take the frames of pictures or of a scene, of which each can be had alone."""
    while asked:
        one = asked.popleft()
        for shot in reel.shots(Span(one.number * reel.tick, (one.number + 1) * reel.tick)):
            yield one, shot


class _Seeking:
    """Takes frames that are ``asked`` for out of a film that is opened anew for each seek."""

    def __init__(self, asked: deque[Wanted]) -> None:
        self._asked, self._last, self._helps = asked, -1, True

    def of_film(self, reel: Film) -> Iterator[tuple[Wanted, Shot]]:
        """Yield the next frame, and those that are near enough to go on decoding."""
        asked, before = self._asked, self._last
        begin = asked[0].time - _BEFORE / max(reel.info.fps, 1.0)
        for shot in reel.shots(Span(max(Fraction(begin).limit_denominator(_FINEST), Fraction(0)))):
            while asked and asked[0].number < shot.index:
                asked.popleft()  # lost to damage
            if asked and asked[0].number == shot.index:
                # Where seeking led back to before the last picture, it saves nothing.
                self._last, self._helps = shot.index, self._helps and reel.began > before
                yield asked.popleft(), shot
            if not asked or (self._helps and asked[0].number - shot.index > _NEXT):
                return
        asked.clear()
