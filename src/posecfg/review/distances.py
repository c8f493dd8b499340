"""How far the poses of two results of a clip are apart: people are paired, and rows that show them in both count."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from posecfg.review.poses import SPACES, Person, Seen

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from posecfg.arrays import F64, I64

MEASURES = ("xy", "xyz", "depth", "score", "numbers")
# Overlap from which on two people of the same id are taken for the same.
SAME = 0.3


@dataclass(frozen=True)
class Distance:
    """Median and largest distance of a measure, of points and rows that are in both; ``unit`` is that of both."""

    median: float
    largest: float
    unit: str

    def data(self) -> dict[str, Any]:
        """Return JSON values."""
        return {"median": self.median, "largest": self.largest, "unit": self.unit}


@dataclass
class Apart:
    """What was compared of a clip: rows that show a person in both, people in both and in one only, and distances.

    ``rows_in_one`` are rows of people in both who are found in one alone. ``why`` says why nothing could be compared,
    ``notes`` what was left out.
    """

    rows: int = 0
    rows_in_one: int = 0
    people: int = 0
    only_a: int = 0
    only_b: int = 0
    measures: dict[str, Distance] = field(default_factory=dict)
    why: str = ""
    notes: list[str] = field(default_factory=list)

    @property
    def is_none(self) -> bool:
        """Whether nobody is elsewhere, or in one alone."""
        in_one = self.why or self.rows_in_one or self.only_a or self.only_b
        return not (in_one or any(one.largest for one in self.measures.values()))

    @property
    def rank(self) -> tuple[float, ...]:
        """Order clips by how far they are apart: what is paired nowhere first, then the medians of points."""
        first = [self.measures[name] for name in MEASURES if name in self.measures]
        return (float(self.only_a + self.only_b), *((first[0].median, first[0].largest) if first else (0.0, 0.0)))


def apart(a: Seen, b: Seen) -> Apart:
    """Compare the people of two results of a clip."""
    import numpy as np

    if a.rows is not None and b.rows is not None:
        same = np.array_equal(a.rows, b.rows)
        rows_a, rows_b = (np.arange(len(a)),) * 2 if same else np.intersect1d(a.rows, b.rows, return_indices=True)[1:]
    elif len(a) == len(b):
        rows_a = rows_b = np.arange(len(a))
    else:
        return Apart(why=f"other rows ({len(a):,} and {len(b):,}), and arrays do not tell which frames they are of")
    points = _points(a, b)
    if points is None:
        return Apart(why=_other(a, b))
    people_a = [_cut(one, rows_a, points[0]) for one in a.people]
    people_b = [_cut(one, rows_b, points[1]) for one in b.people]
    pairs = list(_pairs(people_a, people_b))
    found = Apart(people=len(pairs), only_a=_rest(people_a, pairs, 0), only_b=_rest(people_b, pairs, 1))
    found.rows = sum(int((one.found & two.found).sum()) for one, two in pairs)
    found.rows_in_one = sum(int((one.found ^ two.found).sum()) for one, two in pairs)
    if a.keypoints != b.keypoints:
        found.notes.append(
            f"other skeletons ({len(a.keypoints)} and {len(b.keypoints)} keypoints): the {len(points[0])} of the same "
            "name are compared"
        )
    found.notes += _elsewhere(a, b)
    for name in MEASURES:
        if a.units.get(name) != b.units.get(name) and name in a.units and name in b.units:
            found.notes.append(f"{name} is of other kinds ('{a.units[name]}' and '{b.units[name]}') and not compared")
            continue
        values = [value for one, two in pairs if (value := _difference(name, one, two)) is not None]
        if values and len(whole := np.concatenate(values)):
            found.measures[name] = Distance(float(np.median(whole)), float(whole.max()), a.units.get(name, ""))
    return found


def _points(a: Seen, b: Seen) -> tuple[list[int], list[int]] | None:
    """Return the places of keypoints that both have; None where there is none, or arrays have other shapes."""
    if not a.keypoints or not b.keypoints:
        shapes = [
            {one.values["numbers"].shape[1:] for one in seen.people if "numbers" in one.values} for seen in (a, b)
        ]
        return ([], []) if shapes[0] == shapes[1] else None
    common = [name for name in a.keypoints if name in b.keypoints]
    return ([a.keypoints.index(n) for n in common], [b.keypoints.index(n) for n in common]) if common else None


def _other(a: Seen, b: Seen) -> str:
    if a.keypoints and b.keypoints:
        return "other skeletons, which have no keypoint of the same name"
    shapes = [next((v.shape for p in one.people for v in p.values.values()), ()) for one in (a, b)]
    return f"arrays of other shapes ({' and '.join('x'.join(map(str, shape)) for shape in shapes)})"


def _elsewhere(a: Seen, b: Seen) -> list[str]:
    """Say why points cannot be compared of which one result has pixels only, and the other coordinates in space."""
    spaces = [[name for name in SPACES.values() if name in seen.units] for seen in (a, b)]
    if not all(spaces) or set(spaces[0]).intersection(spaces[1]):
        return []
    kinds = " and ".join(f"'{seen.units[names[0]]}'" for seen, names in zip((a, b), spaces, strict=True))
    both = "writer=[npz], or writer.npy.space=xy, has pixels of both"
    return [f"points are of other kinds ({kinds}) and not compared: {both}"]


def _cut(one: Person, rows: I64, points: Sequence[int]) -> Person:
    values = {n: v[rows] if n == "numbers" else v[rows][:, points] for n, v in one.values.items()}
    return Person(one.id, one.found[rows], values)


def _pairs(people_a: Sequence[Person], people_b: Sequence[Person]) -> Iterator[tuple[Person, Person]]:
    """Pair people who are alone; of several those who overlap, first those of the same id, then those who do most."""
    if len(people_a) == len(people_b) == 1:
        yield people_a[0], people_b[0]
        return
    boxes = [[one.boxes for one in people] for people in (people_a, people_b)]
    ranked = []
    for i, one in enumerate(people_a):
        for k, two in enumerate(people_b):
            overlap = _overlap(boxes[0][i][both], boxes[1][k][both]) if (both := one.found & two.found).any() else 0.0
            placed = "xy" in one.values and "xy" in two.values
            if one.id == two.id and (overlap >= SAME or not placed):
                overlap += 1
            if overlap:
                ranked.append((-overlap, i, k))
    taken: set[tuple[int, int]] = set()
    for _, i, k in sorted(ranked):
        if (0, i) not in taken and (1, k) not in taken:
            taken |= {(0, i), (1, k)}
            yield people_a[i], people_b[k]


def _overlap(a: F64, b: F64) -> float:
    """Return the mean share that boxes (T, 4) have in common of what they cover."""
    import numpy as np

    width = np.clip(np.minimum(a[:, 2:], b[:, 2:]) - np.maximum(a[:, :2], b[:, :2]), 0, None).prod(axis=1)
    whole = (a[:, 2:] - a[:, :2]).prod(axis=1) + (b[:, 2:] - b[:, :2]).prod(axis=1) - width
    share = np.where(whole > 0, width / np.where(whole > 0, whole, 1), 0.0)
    return float(np.nanmean(share)) if np.isfinite(share).any() else 0.0


def _rest(people: Sequence[Person], pairs: Sequence[tuple[Person, Person]], side: int) -> int:
    """Count the people with any row who are in one result only."""
    paired = [id(pair[side]) for pair in pairs]
    return sum(id(one) not in paired and bool(one.found.any()) for one in people)


def _difference(name: str, one: Person, two: Person) -> NDArray[Any] | None:
    """Return the distances of a measure where both have a value, flat."""
    import numpy as np

    a, b = one.values.get(name), two.values.get(name)
    if a is None or b is None:
        return None
    both = one.found & two.found
    gap = a[both].astype(np.float64) - b[both]
    distance: NDArray[Any] = np.abs(gap) if name in ("depth", "score", "numbers") else np.sqrt((gap**2).sum(axis=-1))
    flat: NDArray[Any] = distance[np.isfinite(distance)]
    return flat
