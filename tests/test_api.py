"""``posecfg.extract``: the same extraction in memory, with Python's values for those of the command line."""

from __future__ import annotations

import pickle
import re
import shutil
import sys
import types
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from whole_runs import go

import posecfg
from posecfg import api
from posecfg.errors import ClipError, ConfigError, PosecfgError
from posecfg.executors.protocol import Progress, Started
from posecfg.pipeline.work import Work
from posecfg.terminal import waiting
from posecfg.types import Clip, Extraction


def test_a_film_gives_what_a_run_stores(film, tmp_path):
    found = posecfg.extract(film, detector="synthetic", bbox_thr=0.5)
    go(tmp_path / "out", "dataset=folder", f"dataset.path={film}", "detector=synthetic", "bbox_thr=0.5", "writer=[npz]")
    (path,) = (tmp_path / "out").glob("*.npz")
    stored = posecfg.load(path)
    assert repr(stored.detections) == "<Detections: 4 people in 4 frames; coco17>"
    assert found.clip.id == stored.clip.id == "four"
    assert len(found.clock) == 4
    np.testing.assert_array_equal(found.tracks[0].xy, stored.tracks[0].xy)


@pytest.mark.parametrize("together", [False, True])
def test_a_folder_gives_its_clips_by_id(folder, tmp_path, together):
    folder(*(("a.mp4", "b.mp4") if together else ("a.mp4",)))
    found = posecfg.extract(tmp_path / "films", detector="synthetic")
    assert list(found) == (["a", "b"] if together else ["a"])


@pytest.mark.parametrize(
    ("overrides", "rows"),
    [
        ({"limit": None}, 4),
        ({"strict": True}, 4),
        ({"dataset.extensions": ["mp4", "mov"]}, 4),
        ({"sampler": "uniform", "sampler.count": 2}, 2),
        ({"video.end": 0.15}, 2),
        ({"dataset": "folder"}, 4),
    ],
)
def test_values_are_pythons_own(film, overrides, rows):
    assert len(posecfg.extract(film, detector="synthetic", **overrides).clock) == rows


def test_a_pattern_gives_a_dictionary_also_of_one_film(film):
    assert list(posecfg.extract(film.parent / "*.mp4", detector="synthetic")) == ["four"]


def test_a_film_whose_name_looks_like_a_pattern_is_a_film(film, tmp_path):
    other = shutil.copy(film, tmp_path / "film [1].mp4")
    assert isinstance(posecfg.extract(other, detector="synthetic"), Extraction)


def test_a_film_that_the_policy_drops_is_an_error(film):
    with pytest.raises(ClipError, match="'four' was set aside: more than one person"):
        posecfg.extract(film, detector="synthetic", persons="only", **{"detector.people": 2})


def test_a_key_that_is_not_there_is_an_error(film):
    with pytest.raises(ConfigError, match="detektor"):
        posecfg.extract(film, detektor="synthetic")


def test_an_error_of_the_configuration_is_not_told_twice(film):
    """A notebook would show all that Hydra and OmegaConf said, above the sentence."""
    for wrong in ({"detecter": "synthetic"}, {"video.end": "x"}, {"detector.nothing": 1}, {"bbox_thr": "[a"}):
        with pytest.raises(ConfigError) as told:
            posecfg.extract(film, **wrong)
        assert told.value.__suppress_context__ or told.value.__context__ is None


def test_a_section_as_a_dict_and_a_key_without_its_dot_lead_to_the_key(film):
    with pytest.raises(
        PosecfgError, match=r"^video: expected a text, .*, but got \{'end': 1\}: .* \*\*\{'video.end': ...\}\.$"
    ):
        posecfg.extract(film, video={"end": 1})
    with pytest.raises(ConfigError, match=r"^nothing reads 'video_end': type video.end=1\.$"):
        posecfg.extract(film, video_end=1)


@pytest.mark.parametrize("text", ["plain", "null", "True", "nan", "a b", "", "it's", "[x]", "été"])
def test_texts_arrive_as_texts(text):
    from hydra.core.override_parser.overrides_parser import OverridesParser

    value = OverridesParser.create().parse_override(f"key={api._word(text)}").value()
    assert getattr(value, "text", value) == text


class InBytes:
    def __fspath__(self) -> bytes:
        return b"a.mp4"

    def __repr__(self) -> str:
        return "in bytes"


@pytest.mark.parametrize("path", [None, 3, [], ["a.mp4", None], b"a.mp4", InBytes(), [InBytes()]], ids=repr)
def test_what_is_no_path_is_refused_with_what_could_be(path):
    with pytest.raises(PosecfgError, match=r"Expected a film, a folder, .* or a list of them, but got"):
        posecfg.extract(path)


@pytest.mark.parametrize("kind", [list, tuple])
def test_a_list_gives_a_dictionary_by_id_also_of_one_film(folder, tmp_path, kind):
    folder("a.mp4", "b.mp4", "c.mp4")
    films = tmp_path / "films"
    assert list(posecfg.extract(kind([films / "c.mp4", str(films / "a.mp4")]), detector="synthetic")) == ["a", "c"]
    assert list(posecfg.extract(kind([films / "b.mp4"]), detector="synthetic")) == ["b"]


@pytest.mark.parametrize("key", ["output_dir", "writer", "writer.npy.path", "overwrite"])
def test_what_speaks_of_files_is_refused(film, key):
    with pytest.raises(PosecfgError, match=rf"^{re.escape(key)}: posecfg.extract returns poses and writes no files"):
        posecfg.extract(film, **{key: "x"})


def test_an_extraction_is_one_line_and_a_small_picture(film):
    found = posecfg.extract(film, detector="synthetic", **{"detector.people": 2}, persons="all")
    assert repr(found) == "<Extraction 'four': 4 rows at 10 frames/s; 2 people of coco17>"
    markup = found._repr_html_()
    assert markup.count("<line ") == 2 * len(found.skeleton.edges)
    root = ElementTree.fromstring(markup.replace("colspan=4", ""))
    assert [cell.text for cell in root.iter("th")] == ["person", "rows", "from", "mean score"]
    odd = replace(found, clip=replace(found.clip, id="<script>a"), tracks=())
    assert "<script>" not in odd._repr_html_()
    assert "0 people" in repr(odd)


def test_an_extraction_can_be_handed_to_another_process(film):
    """As ``Pool.map(posecfg.extract, films)`` does; its frames are decoded where they are asked for."""
    found = posecfg.extract(film, detector="synthetic", **{"video.start": 0.1})
    there = pickle.loads(pickle.dumps(found))
    np.testing.assert_array_equal(there.tracks[0].xy, found.tracks[0].xy)
    assert (there.clock, there.clip, there.notes, there.about) == (found.clock, found.clip, found.notes, found.about)
    assert [frames.times.tolist() for frames in there.frames()] == [frames.times.tolist() for frames in found.frames()]
    for one, other in zip(there.frames(), found.frames(), strict=True):
        np.testing.assert_array_equal(one.rgb(), other.rgb())


def test_what_an_extraction_holds_is_a_line_each(film):
    found = posecfg.extract(film, detector="synthetic", **{"detector.people": 2, "detector.xyz": True}, persons="all")
    first, second = found.tracks
    assert repr(second) == "<PoseTrack 1: 4 rows; coco17, xy, xyz>"
    valid, made = first.valid.copy(), first.made.copy()
    valid[:2], made[3] = False, True
    holed = replace(first, valid=valid, made=made, xyz=None)
    assert repr(holed) == "<PoseTrack 0: 4 rows, 2 without this person, 1 made; coco17, xy>"
    width, height = found.clock.size
    assert repr(found.clock) == f"<Clock: 4 rows from 0.00 to 0.30 s, 10 frames/s, {width}x{height} px, complete>"
    empty = replace(found.clock, indices=found.clock.indices[:0], times=found.clock.times[:0])
    assert repr(empty).startswith("<Clock: 0 rows, 10 frames/s")


def test_a_bar_is_shown_where_somebody_looks(film, monkeypatch):
    seen = []
    monkeypatch.setattr(waiting, "SOON", -1.0)
    monkeypatch.setattr(waiting.Pace, "event", lambda self, event: seen.append(event))
    assert posecfg.extract(film, detector="synthetic").clock.decoded == 4
    assert seen == []
    posecfg.extract(film, detector="synthetic", progress=True)
    assert [type(event).__name__ for event in seen] == ["Started", *["Progress"] * 4, "Finished"]


def test_a_notebook_gets_a_line_that_goes_when_all_is_done(monkeypatch):
    told = []
    handle = types.SimpleNamespace(update=lambda bundle, raw: told.append(bundle))
    monkeypatch.setattr(waiting, "_notebook", lambda: lambda bundle, **others: told.append(bundle) or handle)
    monkeypatch.setattr(waiting, "SOON", -1.0)
    monkeypatch.setattr(waiting, "OFTEN", 0.0)
    with waiting.shown([Work(Clip("<b>", Path("film")), ())], sys.stderr) as tell:
        tell(Started("<b>"))
        tell(Progress("<b>", 40, 100))
    assert told[1]["text/plain"].startswith("<b>: 40 of 100 frames")
    assert told[1]["text/html"].startswith('<progress value="0.4000" max="1"></progress> &lt;b&gt;: 40')
    assert told[-1] == {"text/html": "", "text/plain": ""}


def test_a_memory_that_is_named_is_used_and_no_other(folder, tmp_path, monkeypatch):
    from posecfg.detectors.synthetic import Synthetic

    where = folder("a.mp4", "b.mp4")[1].partition("=")[2]
    words = {"detector": "synthetic", "cache": str(tmp_path / "memory")}
    monkeypatch.chdir(tmp_path)
    first = posecfg.extract(where, detector="synthetic")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["films"]
    posecfg.extract(where, **words)
    monkeypatch.setattr(Synthetic, "__call__", lambda self, batches, clip: pytest.fail("it was asked"))
    again = posecfg.extract(where, **words)
    assert first.keys() == again.keys()
    for name, one in first.items():
        assert one.tracks == again[name].tracks
        assert one.clock == again[name].clock
