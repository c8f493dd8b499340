"""Clips that a machine does not see though they are there: the machine is to blame, and not the clip."""

from __future__ import annotations

import os
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import films
import pytest
from whole_runs import leftovers, parcel

from posecfg.errors import ConfigError, OutputError, Unreadable
from posecfg.executors import crew
from posecfg.executors.crew import Crew
from posecfg.executors.messages import Blind, Broken, Free, Ready, Unbuilt
from posecfg.executors.protocol import Finished, Progress, Warned
from posecfg.executors.remote.hosts import Hosts
from posecfg.pipeline.work import Outcome, failed
from posecfg.store.ledger_row import Row

HIDDEN = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="hides folders below /proc/self/fd")


@pytest.fixture
def work_off(tmp_path):
    """Return a function that lets a host work on films, of which it does not see those that are named."""
    folder = tmp_path / "films"
    folder.mkdir()
    for name in "abc":
        films.write(folder / f"{name}.mp4", range(3))
    descriptor = os.open(folder, os.O_RDONLY)

    def run(*hidden):
        out = tmp_path / "out"
        setup, works, mend = parcel(out, "dataset=folder", f"dataset.path={folder}")
        # Only this process has the descriptor.
        aside = Path(f"/proc/self/fd/{descriptor}")
        works = [
            replace(work, clip=replace(work.clip, path=aside / work.clip.path.name)) if work.clip.id in hidden else work
            for work in works
        ]
        executor, events = Hosts(["localhost"], address="127.0.0.1"), []
        with executor.prepare(setup.config, len(works)):
            try:
                events += executor.run(setup, works, mend)
            finally:
                assert leftovers(out) == []
        return {event.clip_id: event.outcome.row for event in events if isinstance(event, Finished)}

    yield run
    os.close(descriptor)


@HIDDEN
def test_where_no_machine_sees_the_films_the_run_ends_and_blames_none(work_off):
    with pytest.raises(ConfigError, match=r"a\.mp4' is not seen there: put the data set on a disk that all .* \(on "):
        work_off("a", "b", "c")


@HIDDEN
def test_a_film_that_is_only_here_fails_and_is_no_broken_one(work_off):
    rows = work_off("b")
    assert {name: row.status for name, row in rows.items()} == {"a": "done", "b": "failed", "c": "done"}
    assert "b.mp4' is not seen there: put the data set on a disk" in rows["b"].reason
    assert rows["b"].facts == {}


class Node:
    """A worker of another machine that does at once what it is given, or is blind to all."""

    def __init__(self, where, sees):
        self.where, self._sees, self._said = where, sees, [Ready()]

    def give(self, work):
        name = work.clip.id
        gone = Unreadable(f"Expected a file at '{work.clip.path}', but it is not there any more.")
        done = Finished(name, Outcome(Row(name, "done")))
        self._said.append(done if self._sees else Blind(name, failed(work, gone, 0.0)))
        return True

    def messages(self):
        said, self._said = self._said, []
        yield from said

    def end(self):
        return None

    kill = remark = end


class Nodes:
    """A yard of nodes that are there from the first moment on."""

    publishes = False

    def __init__(self, *nodes):
        self.nodes, self.sent_home = list(nodes), []

    def joined(self):
        new, self.nodes = self.nodes, []
        return new

    def dismiss(self, workers):
        self.sent_home += [worker.where for worker, _ in workers]

    def expects(self):
        return 0

    def news(self):
        return ()

    def open(self, *values):
        pass

    close = wake = wait = open


def test_one_machine_that_sees_no_film_is_given_up_and_costs_no_clip(tmp_path):
    (tmp_path / "a.mp4").touch()
    setup, works, _ = parcel(tmp_path / "out", "dataset=synthetic", "dataset.clips=4")
    works = [replace(work, clip=replace(work.clip, path=tmp_path / "a.mp4")) for work in works]
    yard, mended = Nodes(Node("bad:1", False), Node("good:2", True)), []
    team = Crew(yard, 2, None, lambda: False)
    with closing(team.run(setup, works, lambda clip_id, since: mended.append(clip_id))) as stream:
        events = list(stream)
    rows = {event.clip_id: event.outcome.row.status for event in events if isinstance(event, Finished)}
    assert rows == dict.fromkeys((work.clip.id for work in works), "done")
    (told,) = [event.text for event in events if isinstance(event, Warned)]
    assert told.startswith("bad:1 works on no more clips: '")
    assert yard.sent_home[0] == "bad:1"
    assert works[0].clip.id in mended


def test_a_machine_that_fails_to_build_in_the_midst_of_a_clip_gives_it_back(tmp_path):
    setup, works, _ = parcel(tmp_path / "out", "dataset=synthetic", "dataset.clips=4")
    bad, good = Node("bad:1", False), Node("good:2", True)
    bad.give = lambda work: bad._said.append(Unbuilt("no weights.", True)) or True
    yard, mended = Nodes(bad, good), []
    team = Crew(yard, 2, None, lambda: False)
    with closing(team.run(setup, works, lambda clip_id, since: mended.append(clip_id))) as stream:
        events = list(stream)
    rows = {event.clip_id: event.outcome.row.status for event in events if isinstance(event, Finished)}
    assert rows == dict.fromkeys((work.clip.id for work in works), "done")
    assert [event.text for event in events if isinstance(event, Warned)] == ["bad:1 works on no clip: no weights."]
    assert works[0].clip.id in mended


def test_what_a_machine_says_of_clips_that_it_does_not_hold_is_not_passed_on(tmp_path):
    setup, works, _ = parcel(tmp_path / "out", "dataset=synthetic", "dataset.clips=2")
    node = Node("one:1", True)
    node._said += [Progress("none", 1), Progress(works[1].clip.id, 1), Free("none"), Finished("none", None)]
    with closing(Crew(Nodes(node), 1, None, lambda: False).run(setup, works, lambda *values: None)) as stream:
        events = list(stream)
    assert [type(event).__name__ for event in events] == ["Started", "Finished"] * 2


FULL = "'/shared' cannot be written (Read-only file system): choose another output_dir=."


def broken_on(*names, out):
    """Let two nodes work on clips, of which those that are named cannot write; return events and who went home."""
    setup, works, _ = parcel(out, "dataset=synthetic", "dataset.clips=4")
    nodes = [Node("one:1", True), Node("two:2", True)]
    for node in nodes:
        if node.where in names:
            node.give = lambda work, node=node: node._said.append(Broken(FULL)) or True
    yard = Nodes(*nodes)
    with closing(Crew(yard, 2, None, lambda: False).run(setup, works, lambda *values: None)) as stream:
        return list(stream), yard.sent_home


def test_one_machine_that_cannot_write_is_given_up_and_costs_no_clip(tmp_path):
    events, gone = broken_on("one:1", out=tmp_path / "out")
    assert [event.outcome.row.status for event in events if isinstance(event, Finished)] == ["done"] * 4
    assert [event.text for event in events if isinstance(event, Warned)] == [f"one:1 works on no more clips: {FULL}"]
    assert gone[0] == "one:1"


def test_where_no_machine_can_write_the_run_ends(tmp_path):
    with pytest.raises(ConfigError, match=r"cannot be written .* choose another output_dir= \(on (one:1|two:2)\)\."):
        broken_on("one:1", "two:2", out=tmp_path / "out")


def test_where_this_machine_cannot_write_either_the_run_ends_at_once(tmp_path, monkeypatch):
    monkeypatch.setattr(crew, "unwritable", lambda root: OutputError("no room"))
    with pytest.raises(OutputError, match=r"^'/shared' cannot be written"):
        broken_on("one:1", out=tmp_path / "out")


def test_a_film_that_is_gone_here_too_blames_no_machine(tmp_path):
    setup, works, _ = parcel(tmp_path / "out", "dataset=synthetic", "dataset.clips=2")
    works = [replace(work, clip=replace(work.clip, path=tmp_path / "gone.mp4")) for work in works]
    yard = Nodes(Node("bad:1", False))
    with closing(Crew(yard, 1, None, lambda: False).run(setup, works, lambda *values: None)) as stream:
        events = list(stream)
    assert [event.outcome.row.facts for event in events if isinstance(event, Finished)] == [{"unreadable": True}] * 2
    assert not [event for event in events if isinstance(event, Warned)]
