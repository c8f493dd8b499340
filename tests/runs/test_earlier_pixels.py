"""Films of an earlier version's results are opened with the bound on pixels that the run has."""

from fractions import Fraction

import numpy as np
import pytest
from squeezed import encode
from whole_runs import go, job_of

from posecfg.review.plan import plan
from posecfg.runs.earlier_pixels import EarlierPixels
from posecfg.store.ledger_row import Row
from posecfg.types import Clip
from posecfg.video.probe import probe


@pytest.fixture
def wide(tmp_path):
    """Return a film of 96 x 64 stored px that are 4:3."""
    return encode(tmp_path / "wide.mp4", [np.full((64, 96, 3), 90, np.uint8)] * 3, Fraction(4, 3))


@pytest.mark.parametrize(("bound", "is_opened"), [(None, True), (96 * 64, True), (96 * 64 - 1, False)])
def test_a_film_is_opened_as_far_as_the_bound_allows(wide, bound, is_opened):
    row = Row("wide", "done")
    assert EarlierPixels(max_pixels=bound)(Clip("wide", wide), row) == (None if is_opened else row)


def test_a_film_above_the_usual_bound_is_made_again_where_the_run_allows_it(wide, tmp_path, monkeypatch):
    words = ("dataset=folder", f"dataset.path={wide}", "video.max_pixels=null", "writer=json")
    assert go(tmp_path / "out", *words).done == 1
    monkeypatch.setattr("posecfg.runs.earlier_pixels.FACT", "unheard_of")
    monkeypatch.setattr(probe, "__defaults__", (100,))
    again = {"made of pixels that are not square": 1}
    assert plan(job_of(tmp_path / "out", *words), probe=True)["why"] == again
    assert go(tmp_path / "out", *words).why == again
