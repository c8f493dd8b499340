"""What verify says of arrays: shapes over a folder, numbers outside of 0 to 1, NaN and infinite ones."""

import hashlib
import json

import numpy as np
import pytest
from whole_runs import go

from posecfg.review.contents import look
from posecfg.review.verify import verify
from posecfg.terminal.verified import show

CLIP = "synthetic_0001"
SHARES = ("writer.npy.normalise=true", "writer.npy.missing=zero")
# A person whose points are blurred by more than the picture is wide lies outside of it at times.
WIDE = ("dataset=synthetic", "dataset.frames=8", "dataset.size=[32,24]", "dataset.clips=3", "detector.noise=30")


def outside(root):
    return sum(int(((a[..., :2] < 0) | (a[..., :2] > 1)).sum()) for a in map(np.load, root.glob("*.npy")))


def replaced(root, change):
    """Put changed numbers in the place of a file's, with a record to match."""
    path, record = root / f"{CLIP}.npy", root / ".posecfg" / "clips" / f"{CLIP}.json"
    array = np.load(path)
    array = array if (other := change(array)) is None else other
    np.save(path, array)
    data = json.loads(record.read_text())
    sha = hashlib.sha256(path.read_bytes()).hexdigest()
    data["writers"]["npy"]["files"][0].update(bytes=path.stat().st_size, sha256=sha)
    data["writers"]["npy"]["files"][0]["about"]["shape"] = list(array.shape)
    record.write_text(json.dumps(data))


def test_shares_that_leave_the_picture_are_a_note_that_says_how_to_clip(tmp_path):
    go(tmp_path, *WIDE, *SHARES)
    result = verify([str(tmp_path)])
    assert (result["problems"], len(result["notes"])) == ([], 1)
    expected = (
        f"{outside(tmp_path):,} of {3 * 8 * 17 * 3:,} numbers lie outside 0 to 1, in 3 of 3 files (x, y, score); "
    )
    assert result["notes"][0] == expected + "writer.npy.clip=true would bring them inside"


def test_clipped_files_are_well_and_numbers_outside_are_damage(tmp_path):
    go(tmp_path, *WIDE, *SHARES, "writer.npy.clip=true")
    assert outside(tmp_path) == 0
    result = verify([str(tmp_path)])
    assert result["problems"] == []
    assert result["notes"] == ["540 numbers in 3 files lay outside 0 to 1 and were clipped"]
    replaced(tmp_path, lambda a: a.__setitem__((0, 0), (-0.5, 0.5, 1.5)))
    assert verify([str(tmp_path)])["problems"] == [
        f"{CLIP}.npy: numbers lie outside 0 to 1 (1 of x, 1 of score), although it was written with clip=true"
    ]


def test_pixels_may_be_anywhere(tmp_path):
    go(tmp_path, *WIDE)
    result = verify([str(tmp_path)])
    assert (result["problems"], result["notes"]) == ([], [])


def test_an_array_of_another_shape_than_the_others_is_a_problem(tmp_path):
    go(tmp_path, *WIDE)
    replaced(tmp_path, lambda array: array[:, :-1])
    assert verify([str(tmp_path)])["problems"] == [
        f"the arrays of writer.npy differ: (T, 17, 3) float32 in synthetic_0000.npy, (T, 16, 3) float32 in {CLIP}.npy"
    ]


def test_infinite_numbers_are_a_problem_and_nan_are_counted(tmp_path, capsys):
    go(tmp_path, *WIDE, "detector.miss=0.4")
    lost = sum(int(np.isnan(np.load(path)).sum()) for path in tmp_path.glob("*.npy"))
    result = verify([str(tmp_path)])
    assert (result["nan"], result["tree"][0]["nan"], result["problems"]) == (lost, lost, [])
    assert lost > 0
    show(result)
    assert f" {lost:,} " in capsys.readouterr().out
    replaced(tmp_path, lambda a: a.__setitem__((0, 0), (np.inf, -np.inf, 0.5)))
    assert verify([str(tmp_path)])["problems"] == [f"{CLIP}.npy: holds infinite numbers (2)"]


def bare(folder, *arrays):
    for number, array in enumerate(arrays):
        np.save(folder / f"{number}.npy", array)
    return verify([str(folder)])


def shares(last, seed=0):
    array = np.random.default_rng(seed).random((20, 85, last), np.float32)
    array[..., 2] = 5.1  # metres from the camera: no share
    return array


@pytest.mark.parametrize(
    ("last", "place", "counts"), [(4, 0, 1), (4, 1, 1), (4, 3, 1), (4, 2, 0), (3, 1, 1), (3, 2, 0)]
)
def test_without_records_the_shape_tells_and_it_stays_a_note(tmp_path, last, place, counts):
    odd = shares(last)
    odd[3, 7, place] = 1.2
    result = bare(tmp_path, odd, shares(last, 1))
    assert result["problems"] == []
    numbers = 2 * 20 * 85 * (3 if last == 4 else 2)
    said = f"1 of {numbers:,} numbers lie outside 0 to 1, in 1 of 2 files (x, y and score, if the arrays hold shares of"
    assert [note.startswith(said) for note in result["notes"]] == [True] * counts


@pytest.mark.parametrize("scale", [200, -1])
def test_pixels_and_metres_without_records_are_no_shares(tmp_path, scale):
    assert bare(tmp_path, shares(4) * scale)["notes"] == []


def test_infinite_numbers_without_records_are_a_note(tmp_path):
    odd = shares(4)
    odd[0, 0, 2] = np.inf
    result = bare(tmp_path, odd)
    assert (result["problems"], result["notes"]) == ([], ["0.npy holds infinite numbers (1)"])


@pytest.mark.parametrize(
    "array", [np.zeros((0, 85, 4), np.float32), np.zeros(3), np.zeros((2, 0)), np.ones((2, 3, 4), int)]
)
def test_arrays_of_any_kind_can_be_looked_at(tmp_path, array):
    np.save(tmp_path / "a.npy", array)
    content = look(tmp_path / "a.npy")
    assert (content.error, content.nans, content.infinite, sum(content.outside)) == ("", 0, 0, 0)
