from __future__ import annotations

import hashlib
import json
import time

import pytest

from posecfg.commands import models as verbs
from posecfg.errors import ConfigError, UsageError, WeightsError
from posecfg.export import export
from posecfg.models import describe, files, registry, store

CHECKPOINT = b"a checkpoint"


def entry(name, **more):
    facts = {"sha256": "", "licence": "MIT", "commercial": True, "cite": "c", "what": "w"}
    return registry.Entry(**{"name": name, "file": f"{name}.onnx", **facts, **more})


@pytest.fixture
def made(fake, monkeypatch, tmp_path):
    """Know a checkpoint that is here, and what can be made of it, by the fake Python."""
    sha = hashlib.sha256(CHECKPOINT).hexdigest()
    source = entry("rtmdet_nano_torch", file="nano.pth", sha256=sha)
    known = {
        "rtmdet_nano_torch": source,
        "rtmdet_nano": entry("rtmdet_nano", made_from="rtmdet_nano_torch"),
        "rtmpose_m": entry("rtmpose_m", made_from="rtmdet_nano_torch", sha256="ab" * 32, urls=("https://x.invalid",)),
        "rtmw3d_l": entry("rtmw3d_l", made_from="rtmdet_nano_torch"),
        "rtmw_l": entry("rtmw_l", made_from="absent_torch"),
        "absent_torch": entry("absent_torch", file="absent.pth"),
        "yolox_nano": entry("yolox_nano", urls=("https://x.invalid",)),
        "inside": entry("inside", inside="wheel"),
    }
    monkeypatch.setattr(registry, "load", lambda: known)
    folder = tmp_path / "weights"
    folder.mkdir()
    (folder / "nano.pth").write_bytes(CHECKPOINT)
    monkeypatch.setenv("POSECFG_MODELS", str(folder))
    monkeypatch.setenv("POSECFG_OPENMMLAB", str(fake.path))
    return fake


def left():
    return sorted(path.name for path in files.cache_folder().iterdir())


def test_a_graph_is_made_kept_and_found(made):
    said = []
    export.export("rtmdet_nano", None, said.append)
    assert store.find("rtmdet_nano").read_bytes() == b"a graph of " + CHECKPOINT
    assert left() == ["rtmdet_nano.onnx", "rtmdet_nano.onnx.json"]
    assert said == ["  writing the graph", "rtmdet_nano is ready"]


def test_its_origin_lies_beside_it_and_is_listed(made):
    export.export("rtmdet_nano", None, lambda text: None)
    graph = store.find("rtmdet_nano")
    origin = json.loads(describe.origin_file(graph).read_text())
    assert origin["from"] == "nano.pth"
    assert origin["from_sha256"] == hashlib.sha256(CHECKPOINT).hexdigest()
    assert origin["sha256"] == files.digest(graph)
    assert origin["parity"]["px"] == 0.001
    assert origin["versions"] == {"torch": "2.13.0"}
    row = verbs.row("rtmdet_nano")
    assert (row["state"], row["origin"]) == ("present", origin)
    assert "made here from rtmdet_nano_torch" in row["what"]


def test_an_origin_tells_of_its_own_graph_only(made):
    export.export("rtmdet_nano", None, lambda text: None)
    graph = store.find("rtmdet_nano")
    graph.write_bytes(b"another graph, and longer")
    assert describe.origin(graph) is None
    assert store.status("rtmdet_nano").state == "wrong"
    describe.origin_file(graph).write_text("{")
    assert describe.origin(graph) is None


def test_the_second_time_it_is_there_already(made):
    export.export("rtmdet_nano", None, lambda text: None)
    said = []
    export.export("rtmdet_nano", None, said.append)
    assert said == ["rtmdet_nano is there already"]
    assert len(made.calls) == 1


def test_what_is_published_too_may_be_made_all_the_same(made):
    export.export("rtmpose_m", None, lambda text: None)
    assert store.status("rtmpose_m").state == "present"


def test_the_child_sees_posecfg_and_nothing_else_of_this_environment(made):
    export.export("rtmdet_nano", None, lambda text: None)
    ((words, path, user, safe, *_),) = made.calls
    assert words[:2] == ["-m", "posecfg.export.worker"]
    assert path == str(files.cache_folder() / ".export-rtmdet_nano" / "own")
    assert (user, safe) == ("1", "1")


def test_a_link_in_the_way_is_not_followed(made, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    files.cache_folder().mkdir(parents=True, exist_ok=True)
    (files.cache_folder() / ".export-rtmdet_nano").symlink_to(outside)
    export.export("rtmdet_nano", None, lambda text: None)
    assert list(outside.iterdir()) == []


def test_all_names_are_looked_at_before_the_first_is_made(made):
    with pytest.raises(WeightsError, match="'rtmw3d_l' is built by code that only mmpose's repository has"):
        verbs.export(["rtmdet_nano", "rtmw3d_l"], None, lambda text: None)
    assert made.calls == []


@pytest.mark.parametrize(
    ("mode", "reason"),
    [
        ("dies", "ended with: MemoryError: no memory left; try again"),
        ("falls silent", "ended with: exit code 0"),
        ("says no", "The graph made of 'x' is thrown away"),
        ("babbles", "to speak JSON, but got 'a banner'"),
        ("writes nothing", "not kept"),
        ("few boxes", "'boxes': 4"),
        ("far away", "'px': 0.02"),
        ("too deep", "'metres': 0.01"),
        ("no number", "'px': nan"),
    ],
)
def test_what_went_wrong_is_a_sentence_and_leaves_nothing(made, monkeypatch, mode, reason):
    monkeypatch.setenv("FAKE", mode)
    began = time.monotonic()
    with pytest.raises(WeightsError) as error:
        export.export("rtmdet_nano", None, lambda text: None)
    assert reason in str(error.value)
    assert "\n" not in str(error.value)
    assert left() == []
    assert store.status("rtmdet_nano").state == "missing"
    assert time.monotonic() - began < 30


def test_a_full_disk_is_a_sentence_and_leaves_nothing(made, monkeypatch):
    def full(name, sha256):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(export, "remember", full)
    with pytest.raises(WeightsError, match=r"Expected to write to '.*', but got: No space left on device"):
        export.export("rtmdet_nano", None, lambda text: None)
    assert left() == []
    assert store.status("rtmdet_nano").state == "missing"


def test_what_a_killed_export_left_is_cleared_away(made):
    rest = files.cache_folder() / ".export-rtmdet_nano"
    rest.mkdir(parents=True)
    (rest / "half").write_text("")
    export.export("rtmdet_nano", None, lambda text: None)
    assert not rest.exists()


def test_a_wrong_checkpoint_is_refused_before_anything_runs(made, tmp_path):
    (tmp_path / "weights" / "nano.pth").write_bytes(b"another")
    with pytest.raises(WeightsError, match="to have SHA-256"):
        export.export("rtmdet_nano", None, lambda text: None)
    assert made.calls == []


def test_an_absent_checkpoint_is_fetched(made, monkeypatch, tmp_path):
    def download(wanted):
        (tmp_path / "weights" / wanted.file).write_bytes(CHECKPOINT)

    (tmp_path / "weights" / "nano.pth").unlink()
    known = registry.load()
    known["rtmdet_nano_torch"] = entry(
        "rtmdet_nano_torch",
        file="nano.pth",
        sha256=hashlib.sha256(CHECKPOINT).hexdigest(),
        urls=("https://x.invalid",),
    )
    monkeypatch.setattr("posecfg.models.fetch.fetch", download)
    said = []
    export.export("rtmdet_nano", None, said.append)
    assert said[0] == "fetching rtmdet_nano_torch (nano.pth)"
    assert store.status("rtmdet_nano").state == "present"


def test_rtmw3d_asks_for_the_repository_before_anything_else(made, tmp_path):
    with pytest.raises(
        WeightsError, match=r"git clone --depth 1 https://\S+ && posecfg models export rtmw3d_l models\."
    ):
        export.export("rtmw3d_l", None, lambda text: None)
    with pytest.raises(
        ConfigError, match=r"'.*projects/rtmpose3d/configs/rtmw3d-l.*' is not there: type models\.mmpose="
    ):
        export.export("rtmw3d_l", str(tmp_path), lambda text: None)
    assert made.calls == []


@pytest.mark.parametrize("named", [True, False])
def test_the_repository_is_named_on_the_line_or_in_the_environment(made, monkeypatch, checkout, named):
    monkeypatch.setenv("POSECFG_MMPOSE", "elsewhere" if named else str(checkout))
    export.export("rtmw3d_l", str(checkout) if named else None, lambda text: None)
    assert json.loads(made.commands[0][2])["checkout"] == str(checkout)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("yolox_nano", r"can be made \(rtmdet_nano, .*\), but got 'yolox_nano': posecfg models fetch yolox_nano"),
        ("inside", "it needs no export"),
        ("rtmw3d_m", "was never published"),
        ("rtmdet_nan", "Did you mean 'rtmdet_nano'"),
    ],
)
def test_what_cannot_be_made_says_so(made, name, reason):
    with pytest.raises(WeightsError, match=reason):
        verbs.export(["rtmdet_nano", name], None, lambda text: None)
    assert made.calls == []


def test_one_failure_does_not_stop_the_others(made):
    failed, good = verbs.export(["rtmw_l", "rtmdet_nano"], None, lambda text: None)
    assert (failed["ok"], failed["state"]) == (False, "missing")
    assert "absent.pth" in failed["error"]
    assert (good["ok"], good["state"], good["error"]) == (True, "present", None)
    assert verbs.exit_code([failed, good]) == 1


def test_the_words_of_the_command_line(made, checkout, capsys):
    rows = verbs.do(["export", "rtmw3d_l", "rtmdet_nano", f"models.mmpose={checkout}"])
    assert [row["name"] for row in rows if row["ok"]] == ["rtmw3d_l", "rtmdet_nano"]
    out, err = capsys.readouterr()
    assert out == ""
    assert "posecfg: rtmdet_nano is ready\n" in err
    for words in (["export"], ["export", "models.mmpose=x"]):
        with pytest.raises(UsageError, match="models export"):
            verbs.do(words)
