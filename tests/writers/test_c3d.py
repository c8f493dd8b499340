"""C3D files, read by the library that motion laboratories use."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from samples import extraction, track

from posecfg import backends, skeletons
from posecfg.errors import BackendMissing, ClipError, ConfigError, Dropped
from posecfg.writers.c3d import C3d

needs_ezc3d = pytest.mark.skipif(not backends.present("ezc3d"), reason="ezc3d is not installed")


@pytest.fixture
def opened(written, tmp_path):
    """Write an extraction, and return its files by name as the library reads them."""

    def read(source, **settings):
        ezc3d = pytest.importorskip("ezc3d", reason="ezc3d is not installed")
        found = {}
        for name, data in written(C3d(**settings), source).data.items():
            path = tmp_path / name.replace("/", "_")
            path.write_bytes(data)
            found[name] = ezc3d.c3d(str(path))
        return found

    return read


@needs_ezc3d
def test_each_person_has_a_file_of_markers_in_metres_with_y_up(opened):
    one, other = track(4, missing=[1], xyz=True), track(4, person=7, xyz=True)
    found = opened(extraction(one, other))
    assert list(found) == ["folder/film.person0.c3d", "folder/film.person7.c3d"]
    file = found["folder/film.person0.c3d"]
    about = file["parameters"]["POINT"]
    assert tuple(about["LABELS"]["value"]) == skeletons.load("coco17").keypoints
    assert (about["RATE"]["value"][0], about["UNITS"]["value"]) == (30, ["m"])
    x, y, z = (file["data"]["points"][axis].T for axis in range(3))
    np.testing.assert_allclose(x, one.xyz[..., 2])
    np.testing.assert_allclose(y, -one.xyz[..., 1])
    np.testing.assert_allclose(z, one.xyz[..., 0])
    assert file["data"]["meta_points"]["residuals"][0, 5].tolist() == [0, -1, 0, 0]


@needs_ezc3d
def test_pixels_of_a_whole_body_are_written_from_the_frame_at_which_the_clip_begins(opened):
    done = extraction(track(3, "wholebody133"))
    done = replace(done, clock=replace(done.clock, times=done.clock.times + 2))
    (file,) = opened(done, units="px").values()
    assert file["parameters"]["POINT"]["UNITS"]["value"] == ["px"]
    assert (file["header"]["points"]["first_frame"], file["header"]["points"]["last_frame"]) == (60, 62)
    np.testing.assert_array_equal(file["data"]["points"][:2].transpose(2, 1, 0), done.tracks[0].xy)


@needs_ezc3d
def test_uneven_times_are_put_at_even_ones_or_refused(opened, written):
    done = extraction(track(4, xyz=True))
    done = replace(done, clock=replace(done.clock, times=np.array([0.0, 0.1, 0.25, 0.3])))
    (about,) = written(C3d(), done).about.values()
    assert "not at even times" in about["warning"]
    with pytest.raises(ClipError, match=r"writer\.c3d\.uneven=resample"):
        written(C3d(uneven="refuse"), done)
    with pytest.raises(Dropped, match="no person was found"):
        written(C3d(), extraction(rows=3))


@needs_ezc3d
def test_flat_poses_are_refused_before_a_run_unless_pixels_are_asked_for():
    with pytest.raises(ConfigError, match="Expected poses with points in space"):
        C3d().check(skeletons.load("coco17"), ())
    C3d(units="px").check(skeletons.load("coco17"), ())


def test_without_the_library_it_says_what_to_type(monkeypatch):
    monkeypatch.setattr(backends, "present", lambda module: False)
    with pytest.raises(BackendMissing, match=r"pip install 'posecfg\[c3d\]'"):
        C3d()
