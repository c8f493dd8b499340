"""What every sampler keeps to, built from its YAML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from stills import Stills
from yaml_options import params

from posecfg.protocols import BOTH, SKIPPED
from posecfg.synthetic.scene import StickScene
from posecfg.synthetic.truth import FigureTruth
from posecfg.types import Clip
from posecfg.video.video import Video

COUNT = 40
SAMPLERS = params("sampler")
FILM = Clip("clip", Path("clip"), scene=StickScene(3, 12, (64, 48), 30.0), truth=FigureTruth(3, 1))


@dataclass
class Stream:
    """What a sampler may know before the first frame."""

    independent: bool = False
    fps: float = 30.0
    tick: float = 1 / 90000
    start: float = 0.0
    end: float | None = None
    truth: object = FigureTruth(3, 1)

    def times(self) -> Sequence[float]:
        return [number / self.fps for number in range(COUNT)]


def pictures():
    """Return frames in which a square moves, rests and moves again."""
    pixels = np.full((COUNT, 48, 64, 3), 60, np.uint8)
    for number in range(COUNT):
        place = min(number, 15) + max(0, number - 30)
        pixels[number, 10:30, place : place + 20] = 220
    return pixels


@pytest.fixture(scope="module")
def frames():
    pixels = pictures()
    return [Stills(pixels[number : number + 1], number) for number in range(COUNT)]


def answers(pick, frames):
    return [pick(number, number / 30, frame) for number, frame in enumerate(frames)]


def ways(option):
    """Return the sampler as it is, and as it is beside a refine step that fills rows."""
    sampler = option.build()
    return [sampler, sampler.filled()] if option.part().facts.fillable else [sampler]


@pytest.mark.parametrize("independent", [False, True], ids=["film", "images"])
@pytest.mark.parametrize("option", SAMPLERS)
def test_it_answers_with_numbers_of_rows(option, frames, independent):
    for sampler in ways(option):
        given = answers(sampler.begin(Stream(independent)), frames)
        assert all(isinstance(answer, int) and not isinstance(answer, bool) for answer in given)
        assert all(answer >= 0 or answer in (SKIPPED, BOTH) for answer in given)
        assert any(answer > 0 or answer == BOTH for answer in given)
        for before, answer in zip([0, *given], given, strict=False):
            assert answer != BOTH or before <= 0, "BOTH takes back a frame that was skipped"


@pytest.mark.parametrize("option", SAMPLERS)
def test_a_fresh_beginning_knows_nothing_of_the_last(option, frames):
    for sampler in ways(option):
        whole = answers(sampler.begin(Stream()), frames)
        assert answers(sampler.begin(Stream()), frames) == whole
        broken_off = sampler.begin(Stream())
        answers(broken_off, frames[:7])
        assert answers(sampler.begin(Stream()), frames) == whole
        one, two = sampler.begin(Stream()), sampler.begin(Stream())
        both = [(one(n, n / 30, frame), two(n, n / 30, frame)) for n, frame in enumerate(frames)]
        assert both == [(answer, answer) for answer in whole]


@pytest.mark.parametrize("option", SAMPLERS)
def test_rows_are_kept_only_where_it_says_so(option, frames):
    for sampler in ways(option):
        keeps = option.part().facts.fillable and sampler.keeps_rows
        assert isinstance(keeps, bool)
        assert (SKIPPED in answers(sampler.begin(Stream()), frames)) == keeps
    if option.part().facts.fillable:
        sampler = option.build(skipped="drop")
        assert not sampler.filled().keeps_rows


@pytest.mark.parametrize("option", SAMPLERS)
def test_it_works_on_a_film(option):
    whole = list(range(FILM.scene.frames))
    for sampler in ways(option):
        for size in (1, 4):
            taken = [int(index) for batch in Video(FILM, sampler, batch=size) for index in batch.indices]
            assert taken == sorted(set(taken))
            assert set(taken) <= set(whole)
            assert taken
