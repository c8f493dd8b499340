"""What a record keeps of annotations, and when it still holds."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import pytest
from whole_runs import job_of

from posecfg.errors import ClipError
from posecfg.pipeline.annotations import FACT, UsedAnnotations
from posecfg.types import Clip

PCK = "metric.pck"


@dataclass(frozen=True)
class Known:
    """Annotations in some files."""

    paths: tuple[Path, ...]
    text: str = "first view"

    def __call__(self, clock):
        raise AssertionError("the poses are not asked for")

    def files(self):
        return self.paths

    def told(self):
        return self.text


@pytest.fixture
def used(tmp_path):
    return UsedAnnotations(job_of(tmp_path / "out", "metric=[pck]").config)


@pytest.fixture
def clip(tmp_path):
    (tmp_path / "a.pkl").write_bytes(b"one")
    return Clip("clip", Path("clip"), truth=Known((tmp_path / "a.pkl", tmp_path / "none.pkl")))


def outdated(used, clip, known):
    return used.outdated(Clip(clip.id, clip.path, truth=clip.truth), {FACT: known}, [PCK])


def test_only_metrics_with_truth_use_annotations_here(used, tmp_path):
    assert used.users == {PCK}
    assert UsedAnnotations(job_of(tmp_path / "out").config).record(Clip("clip", Path("clip"))) is None


def test_a_record_holds_as_long_as_the_files_are_the_same(used, clip, tmp_path):
    known = used.added({}, used.record(clip), [PCK])
    assert outdated(used, clip, known) == set()
    os.utime(tmp_path / "a.pkl", ns=(5, 5))
    assert outdated(used, clip, known) == set()
    renewed = used.renewed(Clip("clip", Path("clip"), truth=clip.truth), {FACT: known})
    assert renewed != known
    (tmp_path / "a.pkl").write_bytes(b"two")
    assert outdated(used, clip, known) == {PCK}
    (tmp_path / "a.pkl").write_bytes(b"one")
    assert outdated(used, clip, known) == set()
    (tmp_path / "none.pkl").write_bytes(b"now it is there")
    assert outdated(used, clip, known) == {PCK}


def test_another_view_of_the_same_files_is_another_truth(used, clip):
    known = used.added({}, used.record(clip), [PCK])
    assert outdated(used, Clip("clip", Path("clip"), truth=Known(clip.truth.paths, "second view")), known) == {PCK}
    assert outdated(used, Clip("clip", Path("clip")), known) == {PCK}


def test_what_has_no_files_is_the_same_in_folders_of_earlier_versions(used):
    for truth in (None, lambda clock: None):
        assert outdated(used, Clip("clip", Path("clip"), truth=truth), {}) == set()


@pytest.mark.parametrize(
    "known", [None, 3, "text", [], [1], ["first view", 1, 2], ["first view", [], []], [[], [], []]]
)
def test_damaged_records_are_made_again(used, clip, known):
    assert outdated(used, clip, {PCK: known}) == {PCK}


def test_what_was_made_without_annotations_keeps_none(used):
    facts = {FACT: {PCK: ["first view"], "metric.epe": ["second view"]}}
    assert used.added(facts, None, [PCK]) == {"metric.epe": ["second view"]}
    assert used.added(facts, {True: ["now"]}, ["npz"]) == facts[FACT]
    assert used.added(facts, {True: ["now"]}, [PCK, "npz"]) == facts[FACT] | {PCK: ["now"]}


def test_annotations_that_change_while_a_clip_is_made_fail_it(used, clip, tmp_path):
    known = used.record(clip)
    used.refuse_change(clip, known)
    (tmp_path / "a.pkl").write_bytes(b"two")
    with pytest.raises(ClipError, match=r"annotations of 'clip' were changed meanwhile: type the same command again"):
        used.refuse_change(clip, known)
