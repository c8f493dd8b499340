"""Films are fed as frames pass where nothing decides later on, and from a second decode elsewhere: the same film."""

import json

import av
import numpy as np
import pytest
import saboteurs
from whole_runs import go, leftovers, published

from posecfg.executors import worker_start

SCENE = ("dataset=synthetic", "dataset.clips=3", "dataset.size=[64,48]")
CLIPS = (*SCENE, "dataset.frames=12")
FILM = ("writer=[npy,overlay]", "writer.overlay.text=false")


def sidecars(out):
    return {path.stem: json.loads(path.read_text()) for path in sorted((out / ".posecfg/clips").glob("*.json"))}


def pictures(path):
    with av.open(str(path)) as film:
        return [(frame.pts, frame.to_ndarray(format="rgb24")) for frame in film.decode(video=0)]


def test_both_ways_give_the_same_film(tmp_path):
    assert go(tmp_path / "passing", *CLIPS, *FILM).exit_code == 0
    assert go(tmp_path / "again", *CLIPS, *FILM, "refine=[fill]").exit_code == 0
    passing, again = published(tmp_path / "passing"), published(tmp_path / "again")
    assert passing.keys() == again.keys()
    assert sum(name.endswith(".mp4") for name in passing) == 3
    assert all(passing[name] == again[name] for name in passing)
    assert all("film" in data["timings"]["threads"] for data in sidecars(tmp_path / "passing").values())
    assert not any("film" in data["timings"]["threads"] for data in sidecars(tmp_path / "again").values())


def test_a_film_added_later_is_the_same(tmp_path):
    assert go(tmp_path / "both", *CLIPS, *FILM).exit_code == 0
    assert go(tmp_path / "later", *CLIPS, "writer=[npz]").exit_code == 0
    assert go(tmp_path / "later", *CLIPS, "writer=[npz,overlay]", "writer.overlay.text=false").exit_code == 0
    both, later = published(tmp_path / "both"), published(tmp_path / "later")
    films = [name for name in both if name.endswith(".mp4")]
    assert len(films) == 3
    assert all(both[name] == later[name] for name in films)


@pytest.mark.deep
@pytest.mark.parametrize("refine", ["[]", "[fill]"])
def test_an_encoder_that_fails_costs_its_clip_and_leaves_nothing(tmp_path, monkeypatch, refine):
    words = (*CLIPS, *FILM, f"refine={refine}", "workers=2")
    monkeypatch.setattr(worker_start, "_enter", saboteurs.broken_encoder)
    report = go(tmp_path, *words)
    assert report.exit_code == 3
    assert list(report.failed) == [saboteurs.BAD]
    assert "Expected frame 7 to be encoded" in report.failed[saboteurs.BAD]
    assert not any(saboteurs.BAD in name for name in published(tmp_path))
    assert len(published(tmp_path)) == 4
    assert leftovers(tmp_path) == []
    monkeypatch.undo()
    assert go(tmp_path, *words).exit_code == 0
    assert len(published(tmp_path)) == 6


@pytest.mark.parametrize("refine", ["[]", "[fill]"])
def test_every_thread_is_busy_or_waits(tmp_path, refine):
    report = go(tmp_path, *SCENE, "limit=1", "dataset.frames=60", *FILM, f"refine={refine}", "workers=1")
    assert report.exit_code == 0
    for data in sidecars(tmp_path).values():
        threads = data["timings"]["threads"]
        assert set(threads) == {"decode", "detect", "write"} | ({"film"} if refine == "[]" else set())
        for account in threads.values():
            assert account["busy"] + account["wait"] == pytest.approx(account["wall"], rel=0.05, abs=0.001)
        # What passes through one thread after the other is the whole of the clip's time.
        assert threads["detect"]["wall"] + threads["write"]["wall"] == pytest.approx(data["seconds"], rel=0.1, abs=0.1)
    stages = report.data()["latency"]
    assert {"decode", "inference", "draw", "encode", "write"} <= set(stages)
    assert sum(row["share"] for row in stages.values()) == pytest.approx(1, abs=0.01)


def test_rows_that_nobody_looked_at_are_in_the_film_too(tmp_path):
    words = ("sampler=stride", "refine=[fill]", "sampler.every=3")
    assert go(tmp_path, *CLIPS, *FILM, *words).exit_code == 0
    assert len(pictures(tmp_path / "synthetic_0000.mp4")) == 12
    assert np.load(tmp_path / "synthetic_0000.npy").shape[0] == 12
    assert go(tmp_path / "dropped", *CLIPS, *FILM, "sampler=stride", "sampler.every=3").exit_code == 0
    shown = pictures(tmp_path / "dropped/synthetic_0000.mp4")
    times = [pts for pts, _ in shown]
    assert len(shown) == 4
    assert len(set(np.diff(times))) == 1
