"""Weights and versions of libraries are never mixed silently in one folder."""

import hashlib
import json
from dataclasses import replace
from importlib.metadata import version

import pytest
from whole_runs import go, job_of, published, sidecar_of

from posecfg.detectors.synthetic import Synthetic
from posecfg.errors import ConfigError
from posecfg.models import registry
from posecfg.pipeline import provenance
from posecfg.review.plan import plan
from posecfg.review.verify import verify
from posecfg.store import record_files


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out"


@pytest.fixture
def libraries(monkeypatch):
    """Return the versions that packages seem to have."""
    found = {"numpy": "2.1.3", "av": "18.0.0"}
    monkeypatch.setattr(provenance, "_version", found.get)
    return found


@pytest.fixture
def weights(monkeypatch, tmp_path):
    """Let the synthetic detector have weights, and return the function that gives them other content."""
    facts, path = Synthetic.facts, tmp_path / "net.bin"
    monkeypatch.setattr(Synthetic, "facts", staticmethod(lambda **own: replace(facts(**own), weights=("net",))))
    monkeypatch.setenv("POSECFG_MODELS", str(tmp_path))

    def put(content):
        path.write_bytes(content)
        sha = hashlib.sha256(content).hexdigest()
        entry = registry.Entry("net", "net.bin", sha, "MIT", True, "", "")
        monkeypatch.setattr(registry, "load", lambda: {"net": entry})
        return sha

    return put


def made_with(out):
    return json.loads((out / ".posecfg" / "run.json").read_text())["made_with"]


def add_a_clip(out):
    return ("dataset=synthetic", "dataset.frames=3", "dataset.size=[32,24]", "dataset.clips=4")


def test_a_run_remembers_what_it_is_made_with(out, libraries, weights):
    sha = weights(b"one")
    go(out)
    assert made_with(out) == [{"weights": {"net": sha}, "libraries": {"numpy": "2.1.3", "av": "18.0.0"}}]
    assert sidecar_of(out, "synthetic_0000")["versions"]["numpy"] == "2.1.3"


def test_other_weights_are_refused_even_where_nothing_is_left_to_do(out, weights):
    old = weights(b"one")
    go(out)
    before, new = published(out), weights(b"two")
    with pytest.raises(ConfigError, match=rf"weights changed: net {old[:12]}, now {new[:12]}\): type overwrite=true"):
        go(out)
    assert any("weights changed" in problem for problem in plan(job_of(out))["problems"])
    with pytest.raises(ConfigError, match="weights changed"):
        go(out, "accept=versions")
    assert published(out) == before


def test_overwrite_makes_all_again_and_a_part_of_it_is_not_taken_for_all(out, weights):
    weights(b"one")
    go(out)
    new = weights(b"two")
    report = go(out, "overwrite=true", "limit=1")
    assert report.why == {"made with other weights or versions": 1}
    report = go(out)
    assert (report.exit_code, report.done) == (1, 0)
    assert "holds 2 clips of other weights or versions" in report.error
    assert go(out, "overwrite=true").done == 2
    assert go(out).todo == {}
    assert made_with(out)[0]["weights"] == {"net": new}


def test_another_version_is_refused_only_where_there_is_something_to_compute(out, libraries):
    go(out)
    libraries["av"] = "19.0.0"
    assert go(out).already == 3
    before = published(out)
    report = go(out, *add_a_clip(out))
    assert (report.exit_code, report.done) == (1, 0)
    assert "version changed: av 18.0, now 19.0): type accept=versions" in report.error
    assert plan(job_of(out, *add_a_clip(out)))["problems"] == [report.error]
    assert published(out) == before


def test_one_word_accepts_another_version_and_both_are_remembered(out, libraries):
    go(out)
    libraries["av"] = "19.0.0"
    assert go(out, *add_a_clip(out), "accept=versions").done == 1
    assert [one["libraries"]["av"] for one in made_with(out)] == ["18.0.0", "19.0.0"]
    assert go(out, *add_a_clip(out), "redo=synthetic_0001").done == 1
    found = verify([str(out)])
    mixed = "results of several versions are mixed here: av 18.0.0 (2 clips) and 19.0.0 (2 clips)"
    assert (found["problems"], [note for note in found["notes"] if note.startswith(mixed)] != []) == ([], True)


def test_overwrite_makes_all_again_with_another_version(out, libraries):
    go(out)
    libraries["numpy"] = "2.2.0"
    assert go(out, "overwrite=true").why == {"made with other weights or versions": 3}
    assert [one["libraries"]["numpy"] for one in made_with(out)] == ["2.2.0"]


def test_the_last_number_of_numpy_and_the_version_of_python_do_not_matter(out, libraries, monkeypatch):
    go(out)
    libraries["numpy"] = "2.1.9"
    monkeypatch.setattr(provenance.sys, "version", "3.99.0 (main, Jan 1 2099)")
    assert go(out, *add_a_clip(out)).done == 1


def test_a_folder_of_an_earlier_version_is_asked_by_its_records(out, libraries):
    go(out)
    path = out / ".posecfg" / "run.json"
    run = json.loads(path.read_text())
    del run["made_with"]
    path.write_text(json.dumps(run))
    for number in range(3):
        record = record_files.place(out, "clips", f"synthetic_{number:04d}")
        data = json.loads(record.read_text())
        del data["facts"]["made_with"]
        record.write_text(json.dumps(data))
    libraries["av"] = "19.0.0"
    assert go(out).already == 3
    assert "version changed: av 18.0" in go(out, *add_a_clip(out)).error
    assert go(out, *add_a_clip(out), "accept=versions").done == 1
    assert go(out, *add_a_clip(out)).already == 4


def test_a_folder_whose_records_tell_nothing_takes_what_is_here(out, libraries):
    go(out)
    (out / ".posecfg" / "run.json").unlink()
    for number in range(3):
        record = record_files.place(out, "clips", f"synthetic_{number:04d}")
        data = json.loads(record.read_text())
        del data["facts"]["made_with"], data["versions"]
        record.write_text(json.dumps(data))
    libraries["av"] = "19.0.0"
    assert go(out, *add_a_clip(out)).done == 1


def test_verify_tells_mixed_weights(out, weights):
    weights(b"one")
    go(out)
    record = record_files.place(out, "clips", "synthetic_0000")
    data = json.loads(record.read_text())
    record.write_text(json.dumps(data | {"weights": {"net": "ab" * 32}}))
    other = record_files.place(out, "clips", "synthetic_0001")
    other.write_text(json.dumps(json.loads(other.read_text()) | {"weights": {"net": "cd" * 32}}))
    (problem,) = verify([str(out)])["problems"]
    assert problem.startswith("results of several weights are mixed here: net abababababab (1 clip) and cdcdcd")


def test_a_worker_with_other_weights_than_the_run_was_admitted_with_does_nothing(out, weights, monkeypatch):
    weights(b"one")
    go(out)
    monkeypatch.setattr(Synthetic, "weights", {"net": "ab" * 32}, raising=False)
    start = Synthetic.__init__

    def other(self, *arguments, **own):
        start(self, *arguments, **own)
        self.weights = {"net": "ab" * 32}

    monkeypatch.setattr(Synthetic, "__init__", other)
    report = go(out, *add_a_clip(out))
    assert (report.exit_code, report.done) == (1, 0)
    assert "Weights or versions changed since these results were begun (net " in report.error


def test_a_module_of_a_distribution_of_another_name_is_found_without_looking_through_all(monkeypatch):
    def slow():
        raise AssertionError("all distributions were looked through")

    monkeypatch.setattr("importlib.metadata.packages_distributions", slow)
    provenance._version.cache_clear()
    name = "opencv-python-headless"
    try:
        expected = f"{name} {version(name)}"
    except ImportError:
        pytest.skip(f"{name} is not installed")
    assert provenance._version("cv2") == expected
