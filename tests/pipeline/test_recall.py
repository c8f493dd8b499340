"""Runs with the memory of detections: their files are those of runs without it, and no film is looked at again."""

from __future__ import annotations

import json
import os
import shutil
from collections import Counter
from dataclasses import replace

import pytest
from whole_runs import Spy, go, job_of, published, sidecar_of

from posecfg.commands.cache import listing
from posecfg.detectors.synthetic import Synthetic
from posecfg.errors import ConfigError
from posecfg.pipeline.recall import Recall
from posecfg.pipeline.remembered_video import UnseenFrames
from posecfg.pipeline.remembering import Remembering
from posecfg.runs.run import run
from posecfg.store import entry_file, fingerprint
from posecfg.store.clip_record import InputRecord
from posecfg.store.memory import Memory
from posecfg.types import Clip
from posecfg.video.video import Video

pytestmark = pytest.mark.deep

EVERY = "writer=[npy,npz,json,csv,trc,openpose,videopose3d]"
PEOPLE = ("detector.people=3", "detector.noise=1.5", "detector.miss=0.2", "detector.xyz=true")
# Of a record what no memory could keep: when, how long, and where to.
FREE = ("at", "seconds", "token", "input", "timings", "configurations")


@pytest.fixture
def looked(monkeypatch):
    """Count the frames that detectors look at and the times that films are opened."""
    counts = Counter()
    look, play = Synthetic.__call__, Video.__iter__

    def counting(self, batches, clip):
        for poses in look(self, batches, clip):
            counts["frames"] += 1
            yield poses

    def playing(self):
        counts["films"] += 1
        return play(self)

    monkeypatch.setattr(Synthetic, "__call__", counting)
    monkeypatch.setattr(Video, "__iter__", playing)
    return counts


def data_of(out):
    """Return everything that a run tells of clips, but for moments and durations."""

    def kept(value):
        if isinstance(value, dict):
            return {key: kept(one) for key, one in value.items() if key not in FREE}
        return [kept(one) for one in value] if isinstance(value, list) else value

    records = {path.name: json.loads(path.read_text()) for path in (out / ".posecfg" / "clips").rglob("*.json")}
    for record in records.values():
        for writer in record["writers"].values():
            for file in writer["files"]:
                file.pop("mtime_ns", None)
    return published(out), {name: kept(record) for name, record in records.items()}


@pytest.mark.parametrize(
    "settings",
    [
        ("persons=best", "bbox_thr=0.5"),
        ("persons=all", "bbox_thr=0.2"),
        ("persons=only", "bbox_thr=0.7"),
        ("persons=only", "bbox_thr=0.3"),
        ("persons=all", "bbox_thr=0.1", "refine=[fill]"),
        ("persons=best", "bbox_thr=0.95"),
    ],
    ids=" ".join,
)
def test_results_are_the_same_with_the_memory_and_without(folder, tmp_path, looked, settings):
    words = (*folder("a.mp4", "b.mp4"), EVERY, *PEOPLE, *settings)
    memory = f"cache={tmp_path / 'memory'}"
    go(tmp_path / "without", *words, "cache=off")
    go(tmp_path / "cold", *words, memory)
    looked.clear()
    assert go(tmp_path / "warm", *words, memory).files.recalled == 2
    assert looked == {}
    assert data_of(tmp_path / "cold") == data_of(tmp_path / "without")
    assert data_of(tmp_path / "warm") == data_of(tmp_path / "without")


def test_what_is_remembered_is_listed_by_the_detector_that_was_typed(folder, tmp_path):
    go(tmp_path / "out", *folder("a.mp4"), f"cache={tmp_path / 'memory'}")
    (entry,) = listing(tmp_path / "memory")["entries"]
    assert (entry["clip"], entry["detector"]) == ("a", "synthetic")


def test_what_is_recalled_is_a_stage_of_its_own_and_tells_no_speed_of_a_model(folder, tmp_path):
    words = (*folder("a.mp4"), *PEOPLE, f"cache={tmp_path / 'memory'}")
    cold, warm = (go(tmp_path / name, *words).data() for name in ("cold", "warm"))
    assert ("inference" in cold["latency"], "recall" in cold["latency"]) == (True, False)
    assert ("inference" in warm["latency"], "recall" in warm["latency"]) == (False, True)
    assert cold["frames_per_second"]["model"] > 0
    assert warm["frames_per_second"]["model"] is None


def test_a_higher_threshold_is_served_by_what_a_lower_one_found(folder, tmp_path, looked):
    words = (*folder("a.mp4"), *PEOPLE, "persons=all", "writer=[npz]")
    memory = f"cache={tmp_path / 'memory'}"
    go(tmp_path / "low", *words, "bbox_thr=0.2", memory)
    looked.clear()
    go(tmp_path / "high", *words, "bbox_thr=0.5", memory)
    assert looked == {}
    go(tmp_path / "lower", *words, "bbox_thr=0.1", memory)
    assert looked["frames"] > 0
    for name, thr in (("high", 0.5), ("lower", 0.1)):
        go(tmp_path / f"{name}-without", *words, f"bbox_thr={thr}", "cache=off")
        assert data_of(tmp_path / name) == data_of(tmp_path / f"{name}-without")


@pytest.mark.parametrize("known", [False, True], ids=["empty", "half known"])
def test_a_job_is_not_harmed_by_others_that_ask_for_less_than_its_detector_can_do(
    folder, tmp_path, looked, monkeypatch, known
):
    words = (*folder("a.mp4"), *PEOPLE, "writer=[npz]")
    memory = f"cache={tmp_path / 'memory'}"
    if known:
        assert go(tmp_path / "before", *words, "bbox_thr=0.5", "persons=only", memory).skipped
    begin = Synthetic.__init__

    def cut(self, *, score_thr, **options):
        if score_thr < 0.4:
            raise ConfigError(f"score_thr={score_thr} was asked for, but this one throws out all below 0.4 itself.")
        begin(self, score_thr=score_thr, **options)

    monkeypatch.setattr(Synthetic, "__init__", cut)

    def lowered(job):
        return replace(job, floor=0.2, detector={**job.config["detector"], "score_thr": 0.2})

    words = (*words, "persons=all")
    own = (*words, "bbox_thr=0.5")
    assert run(lowered(job_of(tmp_path / "one", *own, memory)), Spy()).done == 1
    go(tmp_path / "without", *own, "cache=off")
    assert data_of(tmp_path / "one") == data_of(tmp_path / "without")
    # What it found is known as far as it looked, and no further.
    looked.clear()
    assert go(tmp_path / "two", *own, memory).done == 1
    assert looked == {}
    monkeypatch.setattr(Synthetic, "__init__", begin)
    for name, more in (("three", memory), ("three-without", "cache=off")):
        go(tmp_path / name, *words, "bbox_thr=0.2", more)
    assert data_of(tmp_path / "three") == data_of(tmp_path / "three-without")


def test_films_are_drawn_on_real_frames(folder, tmp_path, looked):
    words = (*folder("a.mp4"), *PEOPLE, "writer=[overlay,preview]", "bbox_thr=0.2")
    memory = f"cache={tmp_path / 'memory'}"
    go(tmp_path / "cold", *words, memory)
    frames = looked["frames"]
    assert go(tmp_path / "warm", *words, memory).done == 1
    assert looked["frames"] == frames
    assert published(tmp_path / "warm") == published(tmp_path / "cold")


def test_a_dropped_clip_is_shown_from_the_memory_too(folder, tmp_path, looked):
    words = (*folder("a.mp4"), *PEOPLE, "writer=[preview]", "persons=only", "bbox_thr=0.3")
    memory = f"cache={tmp_path / 'memory'}"
    assert go(tmp_path / "cold", *words, memory).skipped
    frames = looked["frames"]
    go(tmp_path / "all", *folder("a.mp4"), *PEOPLE, "persons=all", "bbox_thr=0.3", memory)
    seen = looked["frames"]
    go(tmp_path / "warm", *words, memory)
    assert looked["frames"] == seen > frames
    assert data_of(tmp_path / "warm") == data_of(tmp_path / "cold")


def test_a_part_of_a_clip_is_added_to(folder, tmp_path, looked):
    words = (*folder("a.mp4"), *PEOPLE, "writer=[npz]")
    memory = f"cache={tmp_path / 'memory'}"
    assert go(tmp_path / "few", *words, "persons=only", "bbox_thr=0.2", memory).skipped
    few = looked["frames"]
    go(tmp_path / "again", *words, "persons=only", "bbox_thr=0.3", memory)
    assert looked["frames"] == few
    go(tmp_path / "more", *words, "persons=all", "bbox_thr=0.3", memory)
    whole = looked["frames"]
    assert few < whole
    go(tmp_path / "without", *words, "persons=all", "bbox_thr=0.3", "cache=off")
    # Frames of the same batch are looked at twice, no others.
    assert looked["frames"] - whole - (whole - few) < 4
    assert data_of(tmp_path / "more") == data_of(tmp_path / "without")
    go(tmp_path / "warm", *words, "persons=all", "bbox_thr=0.3", memory)
    assert data_of(tmp_path / "warm") == data_of(tmp_path / "without")


@pytest.mark.parametrize(
    "other",
    [
        ("sampler=stride", "sampler.every=2"),
        ("video.start=0.1",),
        ("video.end=0.2",),
        ("detector.score=0.8",),
        ("seed=1", "detector.seed=1"),
        ("device.precision=fp16",),
        ("video.threads=2",),
        ("detector.skeleton=blazepose33",),
    ],
    ids=" ".join,
)
def test_what_changes_detections_is_looked_at_again(folder, tmp_path, looked, other):
    words = (*folder("a.mp4"), *PEOPLE, "writer=[npz]", f"cache={tmp_path / 'memory'}")
    go(tmp_path / "one", *words)
    looked.clear()
    go(tmp_path / "two", *words, *other)
    assert looked["frames"] > 0


@pytest.mark.parametrize(
    "other",
    [
        "persons=largest",
        "refine=[fill]",
        "writer=[csv]",
        "bbox_thr=0.6",
        "kpt_thr=0.9",
        "detector.batch=1",
    ],
)
def test_what_does_not_is_not(folder, tmp_path, looked, other):
    words = (*folder("a.mp4"), *PEOPLE, "cache=" + str(tmp_path / "memory"))
    go(tmp_path / "one", *words)
    looked.clear()
    assert go(tmp_path / "two", *words, other).done == 1
    assert looked == {}


def test_redo_looks_again_and_other_content_is_another_clip(folder, tmp_path, looked, other_film):
    words = (*folder("a.mp4"), "cache=" + str(tmp_path / "memory"))
    go(tmp_path / "one", *words)
    looked.clear()
    go(tmp_path / "one", *words, "redo=true")
    assert looked["frames"] > 0
    looked.clear()
    shutil.copy(other_film, tmp_path / "films" / "a.mp4")
    go(tmp_path / "one", *words)
    assert looked["frames"] > 0


@pytest.mark.parametrize("touched", [False, True])
def test_a_large_film_is_another_one_once_it_was_written_to_between_its_samples(
    folder, tmp_path, looked, monkeypatch, touched
):
    monkeypatch.setattr(fingerprint, "WHOLE", 0)
    words = (*folder("a.mp4"), "cache=" + str(tmp_path / "memory"))
    go(tmp_path / "one", *words)
    assert not sidecar_of(tmp_path / "one", "a")["input"].get("sha256")
    looked.clear()
    if touched:
        os.utime(tmp_path / "films" / "a.mp4", ns=(1, 1))
    go(tmp_path / "two", *words)
    assert (looked["frames"] > 0) == touched


def test_a_film_of_too_many_pixels_is_refused_though_it_is_remembered(folder, tmp_path):
    words = (*folder("a.mp4"), "cache=" + str(tmp_path / "memory"))
    go(tmp_path / "one", *words)
    refused = go(tmp_path / "two", *words, "video.max_pixels=9").failed
    assert refused == go(tmp_path / "without", *words[:-1], "video.max_pixels=9", "cache=off").failed
    assert "video.max_pixels" in refused["a"]


@pytest.mark.parametrize(("shown", "same"), [("", False), ("-1", False), ("0,1", True), ("GPU-1", True)])
def test_devices_that_are_hidden_may_change_what_is_found(folder, tmp_path, looked, monkeypatch, shown, same):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    words = (*folder("a.mp4"), "cache=" + str(tmp_path / "memory"))
    go(tmp_path / "one", *words)
    looked.clear()
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", shown)
    go(tmp_path / "two", *words)
    assert (looked["frames"] == 0) == same


def _cut(path):
    path.write_bytes(path.read_bytes()[:-7])


def _altered(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def _elsewhere(path):
    shutil.move(path, path.with_name("target"))
    path.symlink_to(path.with_name("target"))


def _folder(path):
    path.unlink()
    path.mkdir()


HARMS = {
    "cut": _cut,
    "altered": _altered,
    "empty": lambda path: path.write_bytes(b""),
    "other version": lambda path: path.write_bytes(b"posecfg remembered 9\n" + path.read_bytes()[21:]),
    "noise": lambda path: path.write_bytes(bytes(range(256)) * 40),
    "gone": lambda path: path.unlink(),
    "no folder": lambda path: shutil.rmtree(path.parent.parent),
    "a link": _elsewhere,
    "a folder": _folder,
}


@pytest.mark.parametrize("harm", HARMS)
def test_a_damaged_entry_is_as_good_as_none(folder, tmp_path, looked, harm):
    words = (*folder("a.mp4"), "writer=[npz]", "cache=" + str(tmp_path / "memory"))
    go(tmp_path / "one", *words)
    (item,) = Memory(tmp_path / "memory", 0).items()
    HARMS[harm](item.path)
    looked.clear()
    went = go(tmp_path / "two", *words)
    assert (went.exit_code, looked["frames"] > 0) == (0, True)
    assert data_of(tmp_path / "two") == data_of(tmp_path / "one")


def _told(header, **values):
    header["told"] |= values


def _timed(header, **values):
    header["whole"]["clock"] |= values


def _kind(name, dtype):
    return lambda header, arrays: arrays.update({name: arrays[name].astype(dtype)})


FORGED = {
    "weights": lambda header, arrays: _told(header, weights=[1]),
    "device": lambda header, arrays: _told(header, device=5),
    "batch": lambda header, arrays: _told(header, batch=0),
    "a batch without end": lambda header, arrays: _told(header, batch=10**12),
    "notes": lambda header, arrays: header["whole"].update(notes="none"),
    "deep notes": lambda header, arrays: header["whole"].update(notes={"a": json.loads("[" * 400 + "]" * 400)}),
    "floor": lambda header, arrays: header.update(floor=float("nan")),
    "meaning": lambda header, arrays: header["meaning"].update(score=5),
    "clock": lambda header, arrays: header["whole"].update(clock=[]),
    "duration": lambda header, arrays: _timed(header, duration="long"),
    "size": lambda header, arrays: _timed(header, size="ab"),
    "codec": lambda header, arrays: _timed(header, codec=[1, 2]),
    "more": lambda header, arrays: _timed(header, sound=True),
    "sizes": lambda header, arrays: arrays.update(sizes=arrays["sizes"] * 0),
    "rows": _kind("rows", "<f8"),
    "offsets": _kind("offsets", "<f8"),
    "scores": _kind("scores", "<i8"),
    "times": _kind("times", "<f4"),
}


@pytest.mark.parametrize("forged", FORGED)
def test_an_entry_with_the_right_checksum_and_the_wrong_values_is_as_good_as_none(folder, tmp_path, looked, forged):
    words = (*folder("a.mp4"), "writer=[npz]", "cache=" + str(tmp_path / "memory"))
    go(tmp_path / "one", *words)
    (item,) = Memory(tmp_path / "memory", 0).items()
    header, arrays = entry_file.unpack(item.path.read_bytes())
    FORGED[forged](header, arrays)
    item.path.write_bytes(b"".join(entry_file.pack(header, arrays)))
    looked.clear()
    went = go(tmp_path / "two", *words)
    assert (went.exit_code, looked["frames"] > 0) == (0, True)
    assert data_of(tmp_path / "two") == data_of(tmp_path / "one")


def test_a_file_larger_than_the_memory_may_be_is_not_read(tmp_path, monkeypatch):
    memory = Memory(tmp_path, 10**6)
    memory.write("ab" * 16, "poses", {}, {})
    (item,) = memory.items()
    os.truncate(item.path, 10**6 + 1)
    monkeypatch.setattr(entry_file, "unpack", lambda content: pytest.fail(f"{len(content)} bytes were read"))
    assert memory.read("ab" * 16, "poses") is None


def test_an_entry_under_another_key_is_not_taken(folder, tmp_path, looked):
    words = (*folder("a.mp4", "b.mp4"), "writer=[npz]", "cache=" + str(tmp_path / "memory"))
    go(tmp_path / "one", *words)
    one, other = Memory(tmp_path / "memory", 0).items()
    shutil.copy(one.path, other.path)
    go(tmp_path / "two", *words)
    assert data_of(tmp_path / "two") == data_of(tmp_path / "one")


def test_a_memory_that_cannot_be_written_is_told_once_and_stops_nothing(folder, tmp_path):
    (tmp_path / "memory").write_text("a file is in its place")
    went = go(tmp_path / "out", *folder("a.mp4", "b.mp4"), "cache=" + str(tmp_path / "memory"))
    assert went.done == 2
    (said,) = [text for text in went.screen.said if "remembered" in text]
    assert "cache=off" in said


def test_a_film_that_changes_while_it_is_read_is_not_remembered(folder, tmp_path, other_film, monkeypatch):
    words = (*folder("a.mp4"), "cache=" + str(tmp_path / "memory"))
    look = Synthetic.__call__

    def swapping(self, batches, clip):
        yield from look(self, batches, clip)
        shutil.copy(other_film, tmp_path / "films" / "a.mp4")

    monkeypatch.setattr(Synthetic, "__call__", swapping)
    assert go(tmp_path / "out", *words).failed
    assert list(Memory(tmp_path / "memory", 0).items()) == []


def test_frames_of_the_memory_have_no_pixels():
    with pytest.raises(RuntimeError, match="no pixels"):
        UnseenFrames(0, 2, (4, 4)).rgb()


def test_the_second_score_is_that_of_the_run_not_of_the_memory(folder, tmp_path):
    words = (*folder("a.mp4"), "detector.people=2", "persons=only", "writer=[npy]")
    memory = f"cache={tmp_path / 'memory'}"
    go(tmp_path / "low", *words, "bbox_thr=0.65", "score_floor=0.1", memory)
    go(tmp_path / "high", *words, "bbox_thr=0.7", memory)
    assert sidecar_of(tmp_path / "low", "a")["facts"]["second_score"] == 0.6
    assert sidecar_of(tmp_path / "high", "a")["facts"]["second_score"] == 0.0


def test_annotations_count_where_the_sampler_reads_them_and_what_is_said_of_a_clip_where_the_detector_may(tmp_path):
    one = Clip("a", tmp_path / "a.mp4", meta={"sentence": "good"})
    other = replace(one, meta={"sentence": "bad"})
    known = [{False: ["view", [1, 2, 3, 4, sha]]} for sha in ("aa", "bb")]

    def keys(**more):
        recall = Recall(Remembering(str(tmp_path), 1, {}, {}, **more))
        return [
            recall.of(clip, InputRecord(1, 2, "hash"), told).key
            for clip, told in ((one, known[0]), (one, known[1]), (other, known[0]))
        ]

    assert len(set(keys())) == 1
    assert len(set(keys(annotated=True))) == 2
    assert len(set(keys(named=True))) == 2


@pytest.mark.parametrize("workers", [0, 1])
def test_a_detector_that_cannot_be_built_when_it_is_needed_ends_the_run(folder, tmp_path, workers):
    words = (*folder("a.mp4"), "cache=" + str(tmp_path / "memory"), f"workers={workers}")
    go(tmp_path / "out", *words)
    folder("b.mp4")
    job = job_of(tmp_path / "other", *words)
    job.config["detector"]["people"] = "two"
    report = run(job, Spy())
    # The first clip needs none.
    assert (report.exit_code, report.failed, report.done) == (1, {}, 1)
    assert "detector does not take these values" in report.error
