"""A run and verify agree on what is damaged, and a folder in the place of a record is named."""

import json

import pytest
from whole_runs import go, job_of, published, sidecar_of

from posecfg.errors import OutputError
from posecfg.review.plan import plan
from posecfg.review.verify import verify

CLIP = "synthetic_0001"


@pytest.fixture
def out(tmp_path):
    assert go(tmp_path / "out", "writer=[npy,csv]").exit_code == 0
    return tmp_path / "out"


@pytest.mark.parametrize(
    "harm",
    [
        lambda record: record["writers"]["npy"].update(files=[]),
        lambda record: record["clock"].update(rows="x"),
        lambda record: record.update(clock=5),
        lambda record: record.update(meaning=[]),
    ],
)
def test_a_clip_whose_record_was_changed_by_hand_is_made_again(out, harm):
    before, record = published(out), sidecar_of(out, CLIP)
    harm(record)
    (out / ".posecfg" / "clips" / f"{CLIP}.json").write_text(json.dumps(record))
    assert [text for text in verify([str(out)])["problems"] if "is damaged: run again" in text]
    again = go(out, "writer=[npy,csv]")
    assert (again.exit_code, again.done, again.why) == (0, 1, {"record is damaged": 1})
    assert published(out) == before
    assert verify([str(out)])["problems"] == []


@pytest.mark.parametrize(
    "harm", [{"identity": {}}, {"identity": {"detector": "x"}}, {"writers": {"npy": 5}}, {"hash": 5}]
)
def test_a_configuration_that_was_changed_by_hand_is_damaged_for_a_run_and_for_verify(out, harm):
    path = out / ".posecfg" / "run.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | harm))
    with pytest.raises(OutputError, match=r"run.json' is damaged"):
        go(out, "writer=[npy,csv]")
    for problems in (verify([str(out)])["problems"], plan(job_of(out, "writer=[npy,csv]"))["problems"]):
        assert any("run.json' is damaged" in text for text in problems)


@pytest.mark.parametrize("name", ["run.json", "lock", "gate.lock"])
def test_a_folder_in_the_place_of_a_file_of_the_run_is_named(out, name):
    (out / ".posecfg" / name).unlink()
    (out / ".posecfg" / name).mkdir()
    with pytest.raises(OutputError, match=rf"a regular file at '.*\.posecfg/{name}', but it is a folder"):
        go(out, "writer=[npy,csv]")


def test_a_folder_in_the_place_of_a_record_is_named(out):
    (out / ".posecfg" / "clips" / f"{CLIP}.json").unlink()
    (out / ".posecfg" / "clips" / f"{CLIP}.json").mkdir()
    again = go(out, "writer=[npy,csv]")
    assert again.exit_code == 1
    assert f".posecfg/clips/{CLIP}.json', but it is a folder" in again.error
