"""What is warned of in a clip's record."""

import films
import pytest
from whole_runs import go, sidecar_of


@pytest.mark.parametrize("name", ["one.png", "one.JPG"])
def test_a_picture_is_not_told_that_it_has_no_time_stamps(tmp_path, name):
    films.pictures(tmp_path, [name])
    report = go(tmp_path / "out", "dataset=folder", f"dataset.path={tmp_path / name}")
    assert (report.done, report.warned) == (1, {})
    assert sidecar_of(tmp_path / "out", "one")["warnings"] == []


def test_a_film_without_time_stamps_is(tmp_path):
    path = films.write(tmp_path / "raw.h264", range(4), container="h264")
    go(tmp_path / "out", "dataset=folder", f"dataset.path={path}")
    told = sidecar_of(tmp_path / "out", "raw")["warnings"]
    assert told == ["the file has no time stamps: times follow its nominal rate"]
