"""The link to the newest folder."""

from posecfg.store import latest


def test_it_points_at_the_newest_and_can_be_moved_with_its_folder(tmp_path):
    for name in ("one", "other"):
        (tmp_path / "outputs" / name).mkdir(parents=True)
        latest.point(tmp_path / "outputs" / name)
    moved = (tmp_path / "outputs").rename(tmp_path / "moved")
    assert (moved / "latest").resolve() == (moved / "other").resolve()
    assert sorted(path.name for path in moved.iterdir()) == ["latest", "one", "other"]


def test_what_others_put_in_its_place_stays(tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "run").mkdir()
    (tmp_path / "latest").symlink_to(elsewhere)
    latest.point(tmp_path / "run")
    assert (tmp_path / "latest").resolve() == elsewhere.resolve()
    (tmp_path / "latest").unlink()
    (tmp_path / "latest").write_text("mine")
    latest.point(tmp_path / "run")
    assert (tmp_path / "latest").read_text() == "mine"
