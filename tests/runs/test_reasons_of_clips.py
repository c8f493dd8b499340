"""The reasons for which clips are done again, as lists show them behind the number of clips."""

from films import pictures
from whole_runs import go


def test_pictures_that_are_unrelated_now_are_no_other_part_of_a_file(tmp_path):
    out = tmp_path / "out"
    pictures(tmp_path / "shots", ["1.png", "2.png"])
    words = ("dataset=folder", f"dataset.path={tmp_path / 'shots'}", "dataset.images=true", "writer=json")
    go(out, *words)
    again = {"of unrelated pictures now, or no longer": 1}
    assert go(out, *words, "dataset.independent=true").why == again
    assert go(out, *words).why == again
    assert go(out, *words).why == {}
