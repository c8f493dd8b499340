"""How the folder of results is called where none is typed."""

import pytest

from posecfg.runs.places import root_of


@pytest.mark.parametrize(
    ("typed_path", "name"),
    [
        (".", "walks"),
        ("./", "walks"),
        ("../walks", "walks"),
        ("*.mp4", "walks"),
        ("./*", "walks"),
        ("deep/**/*.mp4", "deep"),
        ("cam1*.mp4", "cam1"),
        ("deep", "deep"),
        ("deep/*.*", "deep"),
        ("a.mp4", "a"),
    ],
)
def test_a_default_folder_is_called_after_the_films(typed, tmp_path, monkeypatch, typed_path, name):
    (tmp_path / "walks" / "deep").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "walks")
    job = typed(f"dataset.path='{typed_path}'", "dataset=folder", "detector=synthetic")
    assert root_of(job, False).name.rpartition("-synthetic-")[0] == name
