"""Records, ledgers and intents may hold anything: run, plan and verify end in a result or in one sentence."""

from __future__ import annotations

import copy
import json
import shutil
import sqlite3
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from whole_runs import go, job_of

from posecfg.errors import PosecfgError
from posecfg.review.plan import plan
from posecfg.review.verify import verify
from posecfg.runs.run import run
from posecfg.store import ledger
from posecfg.terminal import plans, verified
from posecfg.terminal.console import literal
from posecfg.terminal.lines import Lines
from posecfg.terminal.progress import Plain

SETTINGS = ("dataset=synthetic", "dataset.clips=1", "dataset.frames=2", "dataset.size=[32,24]", "writer=[npy,csv]")
# A gate and a policy that compare the facts of records.
CLIPPED = (*SETTINGS, "video.min_duration=0.01", "persons=only", "writer.npy.normalise=true", "writer.npy.clip=true")
CLIP = "synthetic_0000"
VALUES = (
    None,
    True,
    5,
    1.5,
    10**30,
    10**400,
    float("inf"),
    "x",
    "\ud800" * 80,
    "../x",
    "a\0b",
    [],
    [5],
    {},
    {"a": 5},
    {"rows": "x"},
)


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("finished") / "out"
    assert go(folder, *CLIPPED).exit_code == 0
    return folder


def files_of(folder):
    """Return the JSON files that a run reads, by place, as they are or might be."""
    names = (f"clips/{CLIP}.json", "run.json", "listing.json")
    found = {name: json.loads((folder / ".posecfg" / name).read_text()) for name in names}
    token = found[names[0]]["token"]
    file = {"name": "a.npy", "mtime_ns": 1, "inode": 2, "bytes": 3, "sha256": "aa"}
    found[f"intents/{CLIP}.json"] = {"id": CLIP, "token": token, "files": [file], "stale": [file]}
    return found


def paths(data, at=()):
    pairs = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in pairs:
        yield (*at, key)
        yield from paths(value, (*at, key))


def with_value(data, path, value):
    changed = copy.deepcopy(data)
    inner = changed
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return changed


def put(out, name, data):
    place = out / ".posecfg" / name
    place.parent.mkdir(exist_ok=True)
    place.write_text(json.dumps(data))


def set_column(out, column, value):
    with sqlite3.connect(out / ".posecfg" / "ledger.db") as db:
        db.execute(f"UPDATE clips SET {column}=?", (value,))
    db.close()


def is_read_without_a_traceback(out, screen=Plain):
    job = job_of(out, *CLIPPED)
    for step in (
        lambda: verified.show(verify([str(out)])),
        lambda: plans.show(plan(job)),
        lambda: run(job, screen(literal())),
        lambda: json.dumps(verify([str(out)])),
    ):
        report = None
        with suppress(PosecfgError):
            report = step()
        assert not getattr(report, "failed", None)


@pytest.fixture
def out(finished, tmp_path):
    return shutil.copytree(finished, tmp_path / "out")


@pytest.mark.deep
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_json_of_any_kind_gives_no_traceback(finished, tmp_path, data):
    files = files_of(finished)
    name = data.draw(st.sampled_from(sorted(files)))
    path = data.draw(st.sampled_from(list(paths(files[name]))))
    out = tmp_path / "out"
    shutil.rmtree(out, ignore_errors=True)
    shutil.copytree(finished, out)
    put(out, name, with_value(files[name], path, data.draw(st.sampled_from(VALUES))))
    is_read_without_a_traceback(out)


@pytest.mark.parametrize("column", ledger.NAMES)
@pytest.mark.parametrize("value", [None, "5", '["x", 5]', b"\xff"])
def test_a_row_of_any_kind_gives_no_traceback(out, column, value):
    set_column(out, column, value)
    rows = ledger.read(out / ".posecfg" / "ledger.db")
    assert all(isinstance(row.reason, str) and isinstance(row.seconds, int | float) for row in rows.values())
    if column in ("reason", "status", "warnings"):
        is_read_without_a_traceback(out, Lines)


KNOWN = [
    *((("writers", "npy", "files", 0, "about", "bounded"), value) for value in (5, [5], "x")),
    (("writers", "npy", "files", 0, "about", "channels"), None),
    (("writers", "npy", "files", 0, "about", "clipped"), "x"),
    (("writers", "csv", "files", 0, "about", "columns"), 5),
    (("versions",), 5),
    (("seconds",), float("inf")),
    (("id",), "\ud800" * 80),
    (("reason",), "\ud800"),
    *((("facts", "made_with"), value) for value in ([1], {}, 5)),
    *((("facts", name), 10**400) for name in ("second_score", "duration", "fps", "rows_missing")),
    *((("facts", name), {"a": value}) for name in ("scores", "clipped") for value in (10**400, None, "x")),
    *((("facts", "quality_sums"), value) for value in (5, {"rows": None}, {"rows": 10**400}, {"rows": [1]})),
    *((("facts", "score_sums"), value) for value in ([], {"metric.pck": 5}, {"metric.pck": {"right": "x"}})),
    (("facts", "depends"), 5),
]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        *((("made_with", 0, kind), {"numpy": value}) for kind in ("libraries", "weights") for value in (5, None, [])),
        *((("made_with", 0), value) for value in (5, {"weights": [], "libraries": {}})),
        *((("data_sets", 0, "location"), value) for value in ({}, 5, "a\0b")),
    ],
)
def test_a_run_of_which_odd_things_are_noted_is_read_without_a_traceback(out, path, value):
    put(out, "run.json", with_value(files_of(out)["run.json"], path, value))
    is_read_without_a_traceback(out)


@pytest.mark.deep
@pytest.mark.parametrize(("path", "value"), KNOWN, ids=lambda value: repr(value)[:30])
def test_a_record_with_a_value_of_another_kind_is_told_or_passes(out, path, value):
    name = f"clips/{CLIP}.json"
    put(out, name, with_value(files_of(out)[name], path, value))
    is_read_without_a_traceback(out)


def test_a_token_that_is_no_unicode_is_damage_of_its_intent_only(out):
    put(out, f"intents/{CLIP}.json", {"id": "\ud800" * 80, "token": "\ud800", "files": []})
    is_read_without_a_traceback(out)
    assert list((out / ".posecfg" / "intents").rglob("*.json")) == []
