"""Tables as pandas, pyarrow and datasets read them, over folders in which one clip has nobody."""

from __future__ import annotations

import numpy as np
import pytest
from two_people import TIMES, nobody, two_people
from whole_runs import go

from posecfg.writers.csv import Csv
from posecfg.writers.parquet import Parquet

pandas = pytest.importorskip("pandas", reason="pandas is not installed: make test-readers")
arrow = pytest.importorskip("pyarrow", reason="pyarrow is not installed: make test-readers")
NUMBERS = ("x", "y", "z", "score")


def test_pandas_reads_floats_for_numbers_and_what_went_in(saved):
    table = pandas.read_csv(saved(Csv(missing="empty"), two_people())[0])
    assert {str(table[name].dtype) for name in NUMBERS} == {"float64"}
    assert {str(table[name].dtype) for name in ("frame", "person", "made")} == {"int64"}
    assert table["time"].unique().tolist() == TIMES.tolist()
    seen = table[table.person == 7].pivot(index="frame", columns="keypoint", values="x")
    np.testing.assert_array_equal(seen["nose"], two_people().tracks[1].xy[:, 0, 0])
    assert np.isnan(seen["left_wrist"].iloc[1])
    assert table[(table.person == 0) & (table.frame == 7)][["x", "y", "score"]].isna().all(axis=None)


def test_a_folder_of_csv_with_an_empty_clip_is_one_typed_table_where_all_files_are_asked(saved):
    import pyarrow.dataset

    files = saved(Csv(), nobody(), two_people())
    assert files[0].read_text().count("\n") == 1
    found = pyarrow.dataset.FileSystemDatasetFactory(
        arrow.fs.LocalFileSystem(), [str(path) for path in files], pyarrow.dataset.CsvFileFormat()
    )
    schema = found.inspect(promote_options="permissive", fragments=None)
    table = found.finish(schema).to_table()
    assert {str(table.schema.field(name).type) for name in ("x", "y", "score", "time")} == {"double"}
    assert table.num_rows == (3 + 4) * 17 - 1
    frames = [pandas.read_csv(path, dtype=dict.fromkeys(NUMBERS, float)) for path in files]
    assert all(str(one[name].dtype) == "float64" for one in frames for name in NUMBERS)


def test_a_folder_of_parquet_with_an_empty_clip_is_one_typed_table(saved):
    import pyarrow.dataset

    files = saved(Parquet(), nobody(), two_people())
    table = pyarrow.dataset.dataset(files[0].parent).to_table().to_pandas()
    assert {str(table[name].dtype) for name in ("x", "y", "score", "x3d", "depth")} == {"float32"}
    assert len(table) == 2 * 4 * 17
    assert table["time"].unique().tolist() == TIMES.tolist()
    assert sorted(table["person"].unique()) == [0, 7]
    assert (
        table[(table.keypoint == "left_wrist") & (table.person == 7)]["x"].isna().tolist()
        == [False, True] + [False] * 2
    )
    assert pandas.read_parquet(files[0].parent).equals(table)


def test_datasets_loads_the_folder_of_a_run_by_its_card(tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    datasets = pytest.importorskip("datasets", reason="datasets is not installed: make test-readers")
    words = ("dataset=synthetic", "dataset.clips=2", "dataset.frames=4", "dataset.size=[32,24]", "writer=[parquet]")
    go(tmp_path / "out", *words)
    found = datasets.load_dataset(str(tmp_path / "out" / "poses"), cache_dir=str(tmp_path / "cache"), split="train")
    assert found.num_rows == 2 * 4 * 17
    assert str(found.features["x"].dtype) == "float32"
    assert set(found["clip"]) == {"synthetic_0000", "synthetic_0001"}
