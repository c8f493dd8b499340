"""A component whose code raises is named in the reason of its clip; errors of films and of the machine stay theirs."""

import errno
from dataclasses import replace

import numpy as np
import pytest
from whole_runs import go, job_of, published

from posecfg.datasets.synthetic import Synthetic as Clips
from posecfg.detectors.synthetic import Synthetic
from posecfg.facts import Facts
from posecfg.lifters.identity import Identity
from posecfg.metrics.pck import Pck
from posecfg.persons.best import Best
from posecfg.refine.fill import Fill
from posecfg.samplers.every import All
from posecfg.samplers.motion import Motion
from posecfg.video.video import Video
from posecfg.writers.film import DrawingPen, Film
from posecfg.writers.npy import Npy
from posecfg.writers.overlay import Overlay

pytestmark = pytest.mark.deep

CLIP = "synthetic_0000"
ONE = ("dataset=synthetic", "dataset.clips=1", "dataset.frames=10", "dataset.size=[32,24]")
FILL = "refine=[fill]"


def told(out, *words):
    """Run one clip, which must fail; return why. Nothing of it may be left."""
    went = go(out, *ONE, "metric=[pck]", *(words or [FILL]))
    assert (went.exit_code, went.done, list(went.failed)) == (1, 0, [CLIP])
    assert published(out) == {}
    return went.failed[CLIP]


def lack(*arguments):
    raise KeyError("hip")


def late(self, batches, clip):
    for number, poses in enumerate(FIND(self, batches, clip)):
        if number == 3:
            raise KeyError("hip")
        yield poses


FIND = Synthetic.__call__


class Follow:
    def __init__(self, picks=lambda poses: [(0, 0)], notes=dict):
        self._picks, self.notes = picks, notes

    def __call__(self, poses):
        return self._picks(poses)


RAISE = {
    "the detector's call": (Synthetic, "__call__", lack, "detector (Synthetic)"),
    "the detector later": (Synthetic, "__call__", late, "detector (Synthetic)"),
    "the policy's begin": (Best, "begin", lack, "persons (Best)"),
    "the policy's state": (Best, "begin", lambda self, size: Follow(picks=lack), "persons (Best)"),
    "the policy's picks": (Best, "begin", lambda self, size: Follow(picks=lambda p: map(lack, [0])), "persons (Best)"),
    "the policy's notes": (Best, "begin", lambda self, size: Follow(notes=lack), "persons (Best)"),
    "a refine step": (Fill, "__call__", lack, "refine.fill"),
    "the lifter": (Identity, "__call__", lack, "lifter"),
    "the sampler's begin": (All, "begin", lack, "sampler (All)"),
    "the sampler's pick": (All, "begin", lambda self, stream: lack, "sampler (All)"),
    "a metric": (Pck, "partial", lack, "metric.pck"),
    "a metric's scores": (Pck, "scores", lack, "metric.pck"),
}


@pytest.mark.parametrize(("kind", "method", "act", "where"), RAISE.values(), ids=RAISE)
def test_a_component_that_raises_is_named(tmp_path, monkeypatch, kind, method, act, where):
    job_of(tmp_path, *ONE, "metric=[pck]", FILL)  # composed while the class still fits its role
    monkeypatch.setattr(kind, method, act)
    assert told(tmp_path) == f"{where} failed (KeyError: 'hip')."


@pytest.mark.parametrize(("kind", "method", "where"), [row[:2] + row[3:] for row in RAISE.values()], ids=RAISE)
def test_an_error_of_the_machine_stays_one(tmp_path, monkeypatch, kind, method, where):
    def fail(*arguments):
        raise MemoryError

    job_of(tmp_path, *ONE, "metric=[pck]", FILL)
    monkeypatch.setattr(kind, method, fail)
    reason = told(tmp_path)
    assert reason.startswith("Expected memory ")
    assert where not in reason


@pytest.mark.parametrize("code", [errno.ENOENT, errno.EACCES, errno.EIO])
@pytest.mark.parametrize(("kind", "method", "where"), [row[:2] + row[3:] for row in RAISE.values()], ids=RAISE)
def test_a_component_that_cannot_read_a_file_is_named(tmp_path, monkeypatch, kind, method, where, code):
    error = OSError(code, "no", "/lab/table.bin")

    def fail(*arguments):
        raise error

    job_of(tmp_path, *ONE, "metric=[pck]", FILL)
    monkeypatch.setattr(kind, method, fail)
    assert told(tmp_path) == f"{where} failed ({type(error).__name__}: [Errno {code}] no: '/lab/table.bin')."


def test_a_writer_that_cannot_read_a_file_is_named(tmp_path, monkeypatch):
    def fail(self, extraction, files):
        with files.open("a.npy"), (tmp_path / "names.txt").open():
            pass

    monkeypatch.setattr(Npy, "write", fail)
    reason = told(tmp_path, "writer=[npy]")
    assert reason.startswith("writer=npy failed (FileNotFoundError: ")
    assert "names.txt" in reason


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EROFS])
def test_a_full_disk_ends_the_run_whatever_component_meets_it(tmp_path, monkeypatch, code):
    def fail(self, track, clock):
        raise OSError(code, "no room", str(tmp_path / "cache.bin"))

    monkeypatch.setattr(Identity, "__call__", fail)
    went = go(tmp_path / "out", *ONE)
    assert (went.exit_code, went.failed) == (1, {})
    assert f"'{tmp_path}'" in went.error


def plain(monkeypatch, scores):
    """Let the metric say nothing of how clips combine, and give these scores."""
    monkeypatch.setattr(Pck, "facts", staticmethod(lambda **_: Facts()))
    monkeypatch.setattr(Pck, "__call__", lambda self, extraction, truth: scores)


@pytest.mark.parametrize(
    ("scores", "shown"), [(None, "None"), ({"pck": "high"}, "{'pck': 'high'}"), ([1.0], "[1.0]"), ({"pck": None}, "{")]
)
def test_a_metric_that_returns_no_scores_is_named(tmp_path, monkeypatch, scores, shown):
    plain(monkeypatch, scores)
    assert told(tmp_path).startswith(f"metric.pck: expected scores by name to be returned, but got {shown}")


@pytest.mark.parametrize("partial", [None, [1.0], {"right": "all"}])
def test_a_metric_that_returns_no_partial_is_named(tmp_path, monkeypatch, partial):
    monkeypatch.setattr(Pck, "partial", lambda self, extraction, truth: partial)
    words = "metric.pck: expected numbers and arrays by name to be returned, but got"
    assert told(tmp_path).startswith(f"{words} {partial}")


def test_scores_may_be_numpys_and_those_that_are_not_finite_are_left_out(tmp_path, monkeypatch):
    scores = {"a": np.float32(0.5), "b": np.array(1), "c": float("nan")}
    plain(monkeypatch, scores)
    assert go(tmp_path, *ONE, "metric=[pck]").data()["scores"] == {"a": 0.5, "b": 1.0}


@pytest.mark.parametrize(
    ("truth", "reason"),
    [
        (lack, "dataset: the truth of the clip failed (KeyError: 'hip')."),
        (lambda clock: None, "dataset: expected the truth of the clip to be a Truth, but got None."),
    ],
)
def test_a_truth_that_is_none_is_the_datasets(tmp_path, monkeypatch, truth, reason):
    good = Clips.scan

    def scan(self):
        listing = good(self)
        return replace(listing, clips=tuple(replace(clip, truth=truth) for clip in listing.clips))

    monkeypatch.setattr(Clips, "scan", scan)
    assert told(tmp_path) == reason


@pytest.mark.parametrize("error", [ValueError("torn"), OSError(errno.EIO, "Input/output error")])
def test_an_error_in_the_frames_is_not_the_detectors(tmp_path, monkeypatch, error):
    good = Video.__iter__

    def torn(self):
        yield from good(self)
        raise error

    monkeypatch.setattr(Video, "__iter__", torn)
    reason = told(tmp_path)
    assert str(error) in reason
    assert "detector" not in reason


FILMS = {
    "at its beginning": (Overlay, "_pen"),
    "at a frame": (DrawingPen, "draw"),
    "at its end": (Film, "finish"),
}


@pytest.mark.parametrize(("kind", "method"), FILMS.values(), ids=FILMS)
@pytest.mark.parametrize("refine", ["[]", "[fill]"])
def test_a_writer_of_films_that_raises_is_named(tmp_path, monkeypatch, kind, method, refine):
    monkeypatch.setattr(kind, method, lack)
    reason = told(tmp_path, f"refine={refine}", "writer=[npy,overlay]")
    assert reason == "writer=overlay failed (KeyError: 'hip')."


def test_a_detector_that_raises_while_a_film_is_drawn_is_named_itself(tmp_path, monkeypatch):
    monkeypatch.setattr(Synthetic, "__call__", late)
    reason = told(tmp_path, "refine=[]", "writer=[npy,overlay]")
    assert reason == "detector (Synthetic) failed (KeyError: 'hip')."


@pytest.mark.parametrize("words", [(), ("sampler=motion",), ("sampler=motion", "sampler.skipped=rows")])
def test_a_sampler_keeps_its_notes_and_its_name(tmp_path, monkeypatch, words):
    assert go(tmp_path / "all", *ONE, *words).done == 1
    kind = Motion if words else All
    monkeypatch.setattr(kind, "begin", lambda self, stream: lambda index, time, frame: None)
    assert told(tmp_path / "wrong", *words).startswith(f"sampler ({kind.__name__}): expected a number of rows")
