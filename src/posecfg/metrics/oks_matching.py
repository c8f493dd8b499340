"""Match found people with true ones at ten limits of OKS and in three ranges of area, as COCO's evaluation does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from posecfg.metrics.oks_people import Found, Known, ranks, similarity

if TYPE_CHECKING:
    from posecfg.arrays import F64, I64, U64, Bools

LIMITS = tuple(f"{50 + 5 * step}" for step in range(10))
"""Limits of OKS from which on two people are the same, in hundredths."""
RANGES: dict[str, tuple[float, float]] = {"all": (0, 1e10), "medium": (32**2, 96**2), "large": (96**2, 1e10)}
"""Ranges of areas in px², both ends included."""
MOST = 20
"""People of an image who are looked at, those with the highest scores."""

# A limit of 1 would otherwise never be reached by sums of roundings.
_BELOW_ONE = 1 - 1e-10


@dataclass(frozen=True, eq=False)
class Matches:
    """What became of found people (D), by image and score.

    ``flags`` (D,) uint64 has 20 bits for each range of areas: 10 that say at which limits the person was matched with a
    true one, and 10 that say at which it does not count. ``people`` are the true ones who count, by range.
    """

    image: I64
    scores: F64
    flags: U64
    people: tuple[int, ...]


def match(found: Found, known: Known, variances: F64, most: int = MOST) -> Matches:
    """Match the people of all images; those of ``known`` are in the order of images."""
    import numpy as np

    found = found.best(most)
    low, high = (np.array([one[end] for one in RANGES.values()])[:, None] for end in (0, 1))
    left_out = known.crowd | ~known.labelled.any(axis=1)
    ignored = left_out | (known.areas < low) | (known.areas > high)
    matched = np.zeros((len(found), len(RANGES), len(LIMITS)), bool)
    silent = np.zeros_like(matched)
    for one in _groups(found, known, variances):
        one.settle(ignored, known.crowd, matched, silent)
    areas = found.areas()
    outside = ((areas < low) | (areas > high)).T
    silent |= ~matched & outside[:, :, None]
    people = tuple(int(number) for number in (~ignored).sum(axis=1))
    return Matches(found.image, found.scores, pack(matched, silent), people)


def pack(matched: Bools, silent: Bools) -> U64:
    """Return flags (D,) for ``matched`` and ``silent`` (D, 3, 10)."""
    import numpy as np

    bits = np.zeros((len(matched), 64), bool)
    steps = len(LIMITS)
    for area in range(len(RANGES)):
        bits[:, 2 * area * steps :][:, :steps] = matched[:, area]
        bits[:, (2 * area + 1) * steps :][:, :steps] = silent[:, area]
    packed = np.packbits(bits, axis=1, bitorder="little")
    flags: U64 = packed.view("<u8").reshape(len(matched)).astype(np.uint64)
    return flags


def unpack(flags: U64, area: int) -> tuple[Bools, Bools]:
    """Return ``matched`` and ``silent`` (10, D) of one range of areas."""
    import numpy as np

    steps = len(LIMITS)
    own = np.right_shift(flags.astype(np.uint64, copy=False), np.uint64(2 * steps * area)).astype(np.uint32)
    masks = np.left_shift(np.uint32(1), np.arange(2 * steps, dtype=np.uint32))
    bits = (own & masks[:, None]) != 0
    return bits[:steps], bits[steps:]


@dataclass(frozen=True, eq=False)
class _Group:
    """Images (N) with about as many true people: ``theirs`` (N, G) are their places among all, -1 for none.

    ``ours`` (N, R) are the places of found people by score, -1 for none, with the longest rows first; ``alike``
    (N, R, G) is their OKS, -1 where there is no pair.
    """

    ours: I64
    theirs: I64
    alike: F64

    def settle(self, ignored: Bools, crowd: Bools, matched: Bools, silent: Bools) -> None:
        """Give each found person, by score, the true one that is most alike of those that are left.

        One that counts goes before one that does not, and the later one of equals before the earlier; groups are never
        used up. The results are filled into ``matched`` and ``silent`` (D, 3, 10).
        """
        import numpy as np

        images, people = self.theirs.shape
        limits = np.minimum(np.linspace(0.5, 0.95, len(LIMITS)), _BELOW_ONE)
        there = self.theirs >= 0
        unlike = np.moveaxis(ignored[:, self.theirs], 0, 1)[:, :, None] & there[:, None, None]
        endless = (crowd[self.theirs] & there)[:, None, None]
        free = np.ones((images, len(ignored), len(limits), people), bool)
        rows = (self.ours >= 0).sum(axis=0)
        for place, number in enumerate(rows):
            alike = self.alike[:number, place]
            # Distinct whole numbers in the order of OKS: exact where sums of it would round.
            order = np.argsort(alike, axis=1, kind="stable")
            rank = np.empty(alike.shape, np.int16)
            np.put_along_axis(rank, order, np.arange(1, people + 1, dtype=np.int16)[None], axis=1)
            value = rank[:, None, None] + np.where(unlike[:number], np.int16(0), np.int16(people))
            usable = (alike[:, None, :] >= limits[None, :, None])[:, None] & (free[:number] | endless[:number])
            value = np.where(usable, value, np.int16(0))
            best = value.argmax(axis=-1)[..., None]
            hit = np.take_along_axis(value, best, axis=-1) > 0
            used = np.take_along_axis(free[:number], best, axis=-1) & ~hit
            np.put_along_axis(free[:number], best, used, axis=-1)
            whom = self.ours[:number, place]
            matched[whom] = hit[..., 0]
            wide = np.broadcast_to(unlike[:number], value.shape)
            silent[whom] = (np.take_along_axis(wide, best, axis=-1) & hit)[..., 0]


def _groups(found: Found, known: Known, variances: F64) -> list[_Group]:
    """Sort the images that have both kinds of people into groups whose tables waste little room."""
    import numpy as np

    images, numbers = np.unique(known.image, return_counts=True)
    first = np.searchsorted(known.image, images)
    has = np.searchsorted(images, found.image)
    inside = has < len(images)
    inside[inside] = images[has[inside]] == found.image[inside]
    ours, has = np.flatnonzero(inside), has[inside]
    if not len(ours):
        return []
    counts = numbers[has]
    pair_ours = np.repeat(ours, counts)
    pair_theirs = np.repeat(first[has], counts) + ranks(pair_ours)
    alike = similarity(found, known, (pair_ours, pair_theirs), variances)
    width = 1 << np.ceil(np.log2(numbers)).astype(int)
    ends = np.cumsum(counts)
    groups = []
    place = ranks(found.image)[ours]
    for size in np.unique(width[has]):
        mine = np.flatnonzero(width[has] == size)
        those, most = np.unique(has[mine], return_counts=True)
        those = those[np.argsort(-most, kind="stable")]
        row = np.empty(len(images), int)
        row[those] = np.arange(len(those))
        our = np.full((len(those), int(most.max())), -1)
        our[row[has[mine]], place[mine]] = ours[mine]
        column = np.arange(size)[None]
        their = np.where(column < numbers[those][:, None], first[those][:, None] + column, -1)
        table = np.full((*our.shape, int(size)), -1.0)
        spots = np.repeat(ends[mine] - counts[mine], counts[mine]) + ranks(np.repeat(mine, counts[mine]))
        again = np.repeat(mine, counts[mine])
        table[row[has[again]], place[again], ranks(again)] = alike[spots]
        groups.append(_Group(our, their, table))
    return groups
