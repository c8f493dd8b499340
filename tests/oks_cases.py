"""Random images with true and found people, and the scores of COCO's evaluation written down once more, in loops."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from posecfg.metrics.average_precision import averages
from posecfg.metrics.oks_matching import match
from posecfg.metrics.oks_people import Found, Known

NAMES = ("ap", "ap50", "ap75", "ap_medium", "ap_large", "ar", "ar50", "ar75", "ar_medium", "ar_large")
RANGES = ((0, 1e10), (32**2, 96**2), (96**2, 1e10))
LIMITS = np.linspace(0.5, 0.95, 10)


@dataclass
class Person:
    image: int
    xy: np.ndarray
    visible: np.ndarray
    area: float
    box: list[float]
    crowd: bool

    @property
    def counts(self):
        return not self.crowd and bool((self.visible > 0).any())


@dataclass
class Guess:
    image: int
    xy: np.ndarray
    score: float

    @property
    def area(self):
        return float(np.prod(np.ptp(self.xy, axis=0)))


def draw(seed, points, images=6, most=6):
    """Draw people of all kinds: twins, groups, unlabelled ones, equal scores, more guesses than are looked at."""
    chance = np.random.default_rng(seed)
    people, guesses = [], []
    for image in range(images):
        size = chance.choice([20, 45, 70, 100, 300])
        mine = []
        for _ in range(chance.integers(0, most)):
            if mine and chance.random() < 0.15:
                mine.append(mine[-1])
                continue
            xy = chance.random((points, 2)) * size + chance.random(2) * 200
            visible = chance.integers(0, 3, points) * (chance.random() < 0.85)
            area = float(chance.choice([size * size * chance.random(), 1024.0, 9216.0, 1023.999, 500.0]))
            box = [*xy.min(axis=0).tolist(), *np.ptp(xy, axis=0).tolist()]
            mine.append(Person(image, xy, visible, area, box, bool(chance.random() < 0.15)))
        people += mine
        for _ in range(chance.integers(0, 8) if chance.random() < 0.85 else chance.integers(18, 28)):
            xy = chance.random((points, 2)) * size + chance.random(2) * 200
            if mine and chance.random() < 0.75:
                noise = chance.choice([0, 0.5, 1, 2, 4, 8]) * size / 100
                xy = mine[chance.integers(len(mine))].xy + chance.normal(0, noise, (points, 2))
            score = float(np.float32(chance.choice([0.1, 0.5, 0.5, 0.9, chance.random()])))
            guesses.append(Guess(image, xy, score))
            if chance.random() < 0.1:
                guesses.append(guesses[-1])
    return people, guesses


def scored(people, guesses, sigmas):
    """Return what posecfg says."""
    points = len(sigmas)
    known = Known(
        np.array([p.image for p in people], int),
        np.array([p.xy for p in people]).reshape(-1, points, 2),
        np.array([p.visible for p in people]).reshape(-1, points) > 0,
        np.array([p.box for p in people]).reshape(-1, 4),
        np.array([p.area for p in people]),
        np.array([p.crowd for p in people], bool),
    )
    found = Found(
        np.array([g.image for g in guesses], int),
        np.array([g.xy for g in guesses]).reshape(-1, points, 2),
        np.array([g.score for g in guesses]),
    )
    one = match(found, known, (2 * np.array(sigmas)) ** 2)
    scores = averages(one.scores, one.flags, one.people)
    return [scores.get(name, -1) for name in NAMES]


def likeness(guess, person, sigmas):
    squares = (2 * np.array(sigmas)) ** 2 * (person.area + np.spacing(1)) * 2
    if (person.visible > 0).any():
        use = person.visible > 0
        return float(np.exp(-((guess.xy - person.xy) ** 2).sum(axis=1) / squares)[use].mean())
    corner, sides = np.array(person.box[:2]), np.array(person.box[2:])
    beyond = np.maximum(0, corner - sides - guess.xy) + np.maximum(0, guess.xy - corner - 2 * sides)
    return float(np.exp(-(beyond**2).sum(axis=1) / squares).mean())


def slowly(people, guesses, sigmas):
    """Return what the rules say, one pair after another."""
    precision, recall = np.full((3, 10, 101), -1.0), np.full((3, 10), -1.0)
    images = sorted({guess.image for guess in guesses})
    listed = [sorted((g for g in guesses if g.image == image), key=lambda g: -g.score)[:20] for image in images]
    for area, span in enumerate(RANGES):
        ignored = [not p.counts or not span[0] <= p.area <= span[1] for p in people]
        if all(ignored):
            continue
        for step, limit in enumerate(LIMITS):
            found = [one for image in listed for one in outcomes(image, people, ignored, span, limit, sigmas)]
            curve = curve_of(sorted(found, key=lambda one: -one[0]), ignored.count(False))
            recall[area, step] = curve[-1][0] if curve else 0
            for place, wanted in enumerate(np.linspace(0, 1, 101)):
                precision[area, step, place] = max((p for r, p in curve if r >= wanted), default=0)
    mean = [precision[a].mean() for a in range(3)]
    return [
        *(mean[0], precision[0, 0].mean(), precision[0, 5].mean(), mean[1], mean[2]),
        *(recall[0].mean(), recall[0, 0], recall[0, 5], recall[1].mean(), recall[2].mean()),
    ]


def outcomes(guesses, people, ignored, span, limit, sigmas):
    """Yield the score of each guess of an image, whether it hits, and whether it is not counted."""
    taken = set()
    for guess in guesses:
        free = [n for n, p in enumerate(people) if p.image == guess.image and (n not in taken or p.crowd)]
        ranks = [(not ignored[n], likeness(guess, people[n], sigmas), n) for n in free]
        best = max((rank for rank in ranks if rank[1] >= limit), default=None)
        if best is None:
            yield guess.score, False, not span[0] <= guess.area <= span[1]
        else:
            taken.add(best[2])
            yield guess.score, True, not best[0]


def curve_of(found, total):
    """Return recall and precision after each guess."""
    hits = misses = 0
    curve = []
    for _, hit, silent in found:
        hits, misses = hits + (hit and not silent), misses + (not hit and not silent)
        curve.append((hits / total, hits / (hits + misses) if hits + misses else 0.0))
    return curve


def with_pycocotools(people, guesses, sigmas):
    """Return what COCO's own evaluation says."""
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    images = sorted({one.image for one in (*people, *guesses)})
    truth = COCO()
    truth.dataset = {
        "info": {},
        "images": [{"id": image} for image in images],
        "categories": [{"id": 1}],
        "annotations": [
            {
                **{"id": number, "image_id": p.image, "category_id": 1, "iscrowd": int(p.crowd), "area": p.area},
                **{"bbox": p.box, "num_keypoints": int((p.visible > 0).sum())},
                "keypoints": np.column_stack([p.xy, p.visible]).ravel().tolist(),
            }
            for number, p in enumerate(people, 1)
        ],
    }
    truth.createIndex()
    results = [
        {
            **{"image_id": g.image, "category_id": 1, "score": g.score},
            "keypoints": np.column_stack([g.xy, np.ones(len(g.xy))]).ravel().tolist(),
        }
        for g in guesses
    ]
    judge = COCOeval(truth, truth.loadRes(results), "keypoints")
    judge.params.kpt_oks_sigmas = np.array(sigmas)
    judge.evaluate()
    judge.accumulate()
    judge.summarize()
    return judge.stats
