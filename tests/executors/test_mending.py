"""Clips of workers that end are all mended, though one of them cannot be."""

from __future__ import annotations

import multiprocessing

import pytest
from whole_runs import parcel

from posecfg.errors import OutputError
from posecfg.executors.local import Local
from posecfg.executors.protocol import Finished, Started

pytestmark = pytest.mark.deep

CLIPS = ("dataset=synthetic", "dataset.clips=5", "dataset.frames=3", "dataset.size=[32,24]", "writer=[npy,csv]")


class Mended:
    """Fails to mend the first clip that it is asked to."""

    def __init__(self, error):
        self.asked, self._error = [], error

    def __call__(self, clip_id, since):
        self.asked.append(clip_id)
        if len(self.asked) == 1:
            raise self._error


def workers():
    return [process for process in multiprocessing.active_children() if process.name == "posecfg-worker"]


@pytest.mark.parametrize("error", [OutputError("no disk"), OSError("no disk")])
def test_a_clip_that_cannot_be_mended_keeps_no_worker_and_no_other_clip_from_its_end(tmp_path, error):
    executor, mend = Local(workers=3), Mended(error)
    setup, works, _ = parcel(tmp_path, *CLIPS, "detector.delay=5")
    started = set()
    with executor.prepare(setup.config, len(works)):
        stream = executor.run(setup, works, mend)
        for event in stream:
            started |= {event.clip_id} if isinstance(event, Started) else set()
            if len(started) == 3:
                break
        with pytest.raises(type(error), match="no disk"):
            stream.close()
    assert set(mend.asked) == started
    assert workers() == []


def test_both_clips_of_a_worker_that_died_are_mended_though_the_run_ends_at_the_first(tmp_path):
    """A worker that holds two clips is killed; what ends the run is told, and the second clip is not forgotten."""
    executor, mend = Local(workers=1), Mended(OutputError("no disk"))
    setup, works, _ = parcel(tmp_path, *CLIPS, "detector.delay=5")
    with executor.prepare(setup.config, len(works)):
        stream = executor.run(setup, works, mend)
        next(event for event in stream if isinstance(event, Started))
        (member,) = executor.crew.members
        member.active = None
        assert isinstance(next(stream), Started)
        member.worker.process.kill()
        with pytest.raises(OutputError, match="no disk"):
            assert not [event for event in stream if isinstance(event, Finished)]
    assert set(mend.asked) == {work.clip.id for work in works[:2]}
    assert workers() == []
