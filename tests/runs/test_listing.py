"""What a dataset's scan gives is a list of clips, or one sentence says what it is."""

from dataclasses import replace

import pytest
from whole_runs import go, job_of

from posecfg.datasets.synthetic import Synthetic
from posecfg.errors import ConfigError
from posecfg.review.plan import plan


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
