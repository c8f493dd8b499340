"""What a dataset's scan gives is a list of clips, or one sentence says what it is."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from whole_runs import go, job_of

from posecfg.datasets.synthetic import Synthetic
from posecfg.errors import ConfigError
from posecfg.review.plan import plan
from posecfg.runs.listing import scanned
from posecfg.types import Clip


def leave(listing):
    raise SystemExit(0)


def fail(listing):
    raise RuntimeError("no disk")


def lack(listing):
    raise KeyError("id")


SCANS = {
    "nothing": (lambda listing: None, "expected scan to return a Listing, but got None"),
    "a list": (lambda listing: [], r"expected scan to return a Listing, but got \[\]"),
    "a generator of clips": (lambda listing: replace(listing, clips=iter(listing.clips)), "one whose clips are <"),
    "numbers for clips": (lambda listing: replace(listing, clips=(1, 2)), "one that has 1 among its clips"),
    "a number for an id": (
        lambda listing: replace(listing, clips=(replace(listing.clips[0], id=5),)),
        "one with a clip of id=5 and path=",
    ),
    "a text for a path": (
        lambda listing: replace(listing, clips=(replace(listing.clips[0], path="a.mp4"),)),
        "and path='a.mp4', a text and a Path",
    ),
    "texts for what was left out": (lambda listing: replace(listing, excluded=("a",)), "'a' among its excluded"),
    "an error": (fail, r"failed \(RuntimeError: no disk\)"),
    "a lack": (lack, r"failed \(KeyError: 'id'\)"),
    "an exit": (leave, r"failed \(SystemExit: 0\)"),
}


@pytest.mark.parametrize(("scan", "told"), SCANS.values(), ids=SCANS)
def test_a_scan_that_lists_no_clips_is_one_sentence(tmp_path, monkeypatch, scan, told):
    good = Synthetic.scan
    monkeypatch.setattr(Synthetic, "scan", lambda self: scan(good(self)))
    with pytest.raises(ConfigError, match=f"^dataset=synthetic: .*{told}"):
        go(tmp_path / "out")
    assert [text for text in plan(job_of(tmp_path / "out"))["problems"] if text.startswith("dataset=synthetic: ")]
    assert not (tmp_path / "out").exists()


def test_a_list_of_clips_in_a_listing_is_taken(tmp_path, monkeypatch):
    good = Synthetic.scan
    monkeypatch.setattr(Synthetic, "scan", lambda self: replace(good(self), clips=list(good(self).clips)))
    assert go(tmp_path).done == 3


def test_ctrl_c_in_a_scan_stays_what_it_is(tmp_path, monkeypatch):
    def stop(self):
        raise KeyboardInterrupt

    monkeypatch.setattr(Synthetic, "scan", stop)
    with pytest.raises(KeyboardInterrupt):
        go(tmp_path)


def of_clips(**changes):
    return lambda listing: replace(listing, clips=[replace(clip, **changes) for clip in listing.clips])


class Unwilling:
    def __reduce__(self):
        raise TypeError("no copy of this")


CLIPS = {
    "a text for a start": (of_clips(start="one"), "one whose clip 'synthetic_0000' has start='one', seconds or None."),
    "no number for an end": (of_clips(end=float("nan")), "has end=nan, seconds or None."),
    "a number that no record can hold": (of_clips(start=Fraction(1, 2)), "has start=Fraction(1, 2), seconds or None."),
    "a number for meta": (of_clips(meta=5), "has meta=5, values by name."),
    "a number for the truth": (of_clips(truth=5), "has truth=5, something to call or None."),
}


@pytest.mark.parametrize(("scan", "told"), CLIPS.values(), ids=CLIPS)
def test_a_clip_with_a_value_of_another_kind_is_one_sentence(tmp_path, monkeypatch, scan, told):
    good = Synthetic.scan
    monkeypatch.setattr(Synthetic, "scan", lambda self: scan(good(self)))
    with pytest.raises(ConfigError) as error:
        go(tmp_path / "out")
    assert str(error.value).startswith("dataset=synthetic: expected scan to return a Listing, but got one whose clip ")
    assert str(error.value).endswith(told)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("start", [0, 0.0, np.float64(0)])
def test_a_start_may_be_a_number_of_any_kind(tmp_path, monkeypatch, start):
    good = Synthetic.scan
    monkeypatch.setattr(Synthetic, "scan", lambda self: of_clips(start=start)(good(self)))
    assert go(tmp_path).done == 3


@pytest.mark.parametrize("changes", [{"truth": lambda clock: None}, {"meta": {"a": Unwilling()}}])
def test_clips_that_cannot_be_sent_are_the_datasets_fault_where_there_are_workers(tmp_path, monkeypatch, changes):
    good = Synthetic.scan
    monkeypatch.setattr(Synthetic, "scan", lambda self: of_clips(**changes)(good(self)))
    with pytest.raises(
        ConfigError, match=r"^dataset=synthetic: .* 'synthetic_0000' cannot be sent to workers \(.*\): "
    ):
        go(tmp_path / "out", "workers=2")
    assert not (tmp_path / "out").exists()


def test_clips_that_cannot_be_sent_are_taken_where_all_is_done_in_one_process(tmp_path, monkeypatch):
    good = Synthetic.scan
    monkeypatch.setattr(Synthetic, "scan", lambda self: of_clips(truth=lambda clock: None)(good(self)))
    assert go(tmp_path, "workers=0").done == 3


def test_one_clip_of_each_kind_is_tried(tmp_path, monkeypatch):
    good, tried = Synthetic.scan, []

    class Counting(dict):
        def __reduce__(self):
            tried.append(self)
            return dict, ()

    clips = [Clip(f"c{number}", Path("a.mp4"), meta=Counting(a=number)) for number in range(1000)]
    monkeypatch.setattr(Synthetic, "scan", lambda self: replace(good(self), clips=clips))
    job = job_of(tmp_path, "workers=2")
    assert len(scanned(job).clips) == 1000
    assert len(tried) == 1
    clips[7] = replace(clips[7], meta={"b": Unwilling()})
    with pytest.raises(ConfigError, match=r"clip 'c7' cannot be sent to workers \(TypeError: no copy of this\)"):
        scanned(job)
