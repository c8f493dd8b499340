"""Recordings for Rerun, read back by its own library."""

from __future__ import annotations

from dataclasses import replace

import films
import numpy as np
import pytest
from samples import extraction, track

from posecfg import backends, skeletons
from posecfg.errors import BackendMissing, ClipError, ConfigError
from posecfg.types import Clip
from posecfg.writers.rerun import Rerun

needs_rerun = pytest.mark.skipif(not backends.present("rerun"), reason="rerun-sdk is not installed")
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def opened(written, tmp_path):
    """Write an extraction, and return its columns by entity."""

    def read(done, **settings):
        from rerun.chunk import RrdReader

        (tmp_path / "one.rrd").write_bytes(written(Rerun(**settings), done).data[f"{done.clip.id}.rrd"])
        found = {}
        for chunk in RrdReader(tmp_path / "one.rrd").stream().to_chunks():
            batch = chunk.to_record_batch()
            found.setdefault(chunk.entity_path, {}).update(zip(batch.schema.names, batch.columns, strict=True))
        return found

    return read


@needs_rerun
def test_people_have_the_true_times_and_what_went_in(opened):
    done = extraction(track(4, missing=[2], xyz=True), track(4, person=7, xyz=True))
    times = np.array([0.0, 0.1, 0.25, 0.3])
    done = replace(done, clock=replace(done.clock, times=times, indices=np.array([0, 3, 7, 9])))
    found = opened(done)
    assert set(found) >= {"/film/person_0", "/film/person_7", "/space/person_0", "/space/person_7"}
    one = found["/film/person_0"]
    assert [moment.total_seconds() for moment in one["time"].to_pylist()] == pytest.approx(times.tolist())
    assert one["frame"].to_pylist() == [0, 3, 7, 9]
    rows = one["Points2D:positions"].to_pylist()
    assert [len(row or []) for row in rows] == [17, 17, 0, 17]
    np.testing.assert_array_equal(np.array(rows[3]), done.tracks[0].xy[3])
    np.testing.assert_array_equal(
        np.array(found["/space/person_7"]["Points3D:positions"].to_pylist()[2]), done.tracks[1].xyz[2]
    )
    ((context,),) = found["/"]["AnnotationContext:context"].to_pylist()
    (person,) = context
    names = [point["label"] for point in person["class_description"]["keypoint_annotations"]]
    assert tuple(names) == skeletons.load("coco17").keypoints


@needs_rerun
def test_a_film_is_held_with_the_frame_of_each_row(opened, tmp_path):
    path = films.write(tmp_path / "film.mp4", range(6), size=(64, 48))
    done = extraction(track(3), clip_id="film")
    done = replace(done, clip=Clip("film", path), clock=replace(done.clock, indices=np.array([0, 2, 5])))
    assert "/film" in opened(done)
    assert "/film" not in opened(done, film=False)


@needs_rerun
def test_what_has_no_times_is_refused_and_a_clip_without_people_is_written(opened, written):
    assert "/film/person_0" not in opened(extraction(rows=3))
    unrelated = extraction(track(2))
    with pytest.raises(ClipError, match="these pictures are unrelated"):
        written(Rerun(), replace(unrelated, clip=replace(unrelated.clip, independent=True)))
    with pytest.raises(ConfigError, match="Expected film to be true or false"):
        Rerun(film=1)


def test_without_the_library_it_says_what_to_type(monkeypatch):
    monkeypatch.setattr(backends, "present", lambda module: False)
    with pytest.raises(BackendMissing, match=r"pip install 'posecfg\[rerun\]'"):
        Rerun()
