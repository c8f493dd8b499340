import os
import signal
import threading
import time
from pathlib import Path

import pytest
from whole_runs import Spy, go, job_of, leftovers, published

from posecfg.errors import ClipError, ConfigError, PosecfgError
from posecfg.executors import local
from posecfg.executors.crew import Crew
from posecfg.executors.local import Local
from posecfg.executors.member import HeldClip, Member
from posecfg.executors.protocol import Finished
from posecfg.executors.worker_handle import cause
from posecfg.pipeline.work import Work, failed
from posecfg.runs import run
from posecfg.text import sentence
from posecfg.types import Clip

pytestmark = pytest.mark.deep

CLIPS = ("dataset=synthetic", "dataset.clips=6", "dataset.frames=3", "dataset.size=[32,24]", "writer=[npy,npz,csv]")
BAD = "synthetic_0002"


@pytest.fixture(scope="module")
def clean(tmp_path_factory):
    """Return what an undisturbed run publishes."""
    out = tmp_path_factory.mktemp("clean")
    assert go(out, *CLIPS).exit_code == 0
    return published(out)


def without(clean, clip_id):
    return {name: data for name, data in clean.items() if not name.startswith(clip_id)}


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_any_number_of_workers_gives_the_same_bytes(tmp_path, clean, workers):
    report = go(tmp_path, *CLIPS, f"workers={workers}")
    assert (report.exit_code, report.done, report.workers) == (0, 6, workers)
    assert published(tmp_path) == clean
    assert leftovers(tmp_path) == []
    kinds = [kind for kind, _ in report.screen.events]
    assert (kinds.count("started"), kinds.count("finished")) == (6, 6)


@pytest.mark.parametrize(
    ("crash", "why"),
    [
        ("segfault", "its worker process died (SIGSEGV)"),
        ("exit", "its worker process died (exit 86)"),
        ("hang", "it took longer than 2 s (executor.timeout)"),
        ("raise", f"detector (Synthetic) failed (RuntimeError: injected fault on '{BAD}')."),
    ],
)
def test_a_fault_costs_its_clip_only(tmp_path, clean, crash, why):
    timeout = ["executor.timeout=2"] if crash == "hang" else []
    report = go(tmp_path, *CLIPS, "workers=2", f"detector.crash='{crash}:{BAD}'", *timeout)
    assert report.failed == {BAD: why}
    assert (report.exit_code, report.done) == (3, 5)
    assert published(tmp_path) == without(clean, BAD)
    assert leftovers(tmp_path) == []
    report = go(tmp_path, *CLIPS)
    assert report.why == {"failed before": 1}
    assert published(tmp_path) == clean


def test_the_traceback_of_a_strangers_error_is_in_the_log(tmp_path):
    go(tmp_path, *CLIPS, "workers=1", f"detector.crash='raise:{BAD}'")
    log = (tmp_path / ".posecfg" / "logs" / "worker-1.log").read_text()
    assert f"clip '{BAD}'" in log
    assert "Traceback" in log
    assert "RuntimeError: injected fault" in log


def test_everything_fails(tmp_path):
    report = go(tmp_path, *CLIPS, "limit=2", "workers=9", "detector.crash=segfault")
    assert (report.exit_code, report.done, len(report.failed), report.workers) == (1, 0, 2, 2)
    assert published(tmp_path) == {}


def test_stopping_at_the_first_error(tmp_path):
    report = go(tmp_path, *CLIPS, "workers=1", "on_error=stop", "detector.crash='raise:0001'")
    assert (report.exit_code, list(report.failed)) == (3, ["synthetic_0001"])
    assert report.done + len(report.failed) < 6
    report = go(tmp_path, *CLIPS, "workers=0")
    assert (report.exit_code, report.already + report.done) == (0, 6)


@pytest.mark.parametrize("workers", [0, 2])
def test_a_chain_that_cannot_be_built_is_told_once(tmp_path, workers):
    job = job_of(tmp_path, *CLIPS, f"workers={workers}")
    job.config["detector"]["skeleton"] = "dragon"
    screen = Spy()
    report = run.run(job, screen)
    assert report.error.startswith("detector: Expected detector.skeleton to be one of")
    assert (report.exit_code, report.failed, report.done) == (1, {}, 0)
    job = job_of(tmp_path, *CLIPS, f"workers={workers}")
    job.config["detector"]["people"] = "two"
    report = run.run(job, screen)
    assert "detector does not take these values" in report.error
    assert [kind for kind, _ in screen.events] == []


class Watcher(Spy):
    """Does something to a worker when it hears of an event."""

    def __init__(self, act):
        super().__init__()
        self.act, self.killed = act, []

    def event(self, event):
        super().event(event)
        self.act(self, event)


def children():
    me = os.getpid()
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if int((path / "stat").read_text().rpartition(")")[2].split()[1]) != me:
                continue
            if b"spawn_main" in (path / "cmdline").read_bytes():
                found.append(int(path.name))
        except OSError:
            continue
    return found


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="finds processes in /proc")
def test_workers_killed_from_outside_cost_at_most_the_clips_that_they_hold(tmp_path, clean):
    def kill_one(screen, event):
        alive = [pid for pid in children() if pid not in screen.killed]
        if isinstance(event, Finished) and len(screen.killed) < 3 and alive:
            os.kill(alive[0], signal.SIGKILL)
            screen.killed.append(alive[0])

    screen = Watcher(kill_one)
    report = run.run(job_of(tmp_path, *CLIPS, "workers=2", "detector.delay=0.02"), screen)
    assert len(report.failed) <= len(screen.killed) in (2, 3)
    assert all("SIGKILL" in reason for reason in report.failed.values())
    assert report.done + len(report.failed) == 6
    assert go(tmp_path, *CLIPS).exit_code == 0
    assert published(tmp_path) == clean
    assert leftovers(tmp_path) == []
    assert children() == []


def test_an_error_is_one_line_of_bounded_length():
    text = sentence(ValueError("x" * 1_000_000 + "\n\ud800"))
    assert text.startswith("ValueError: xxx")
    assert text.endswith("(1,000,019 characters)")
    assert len(text) < 2100
    assert sentence(ClipError("two\n  lines \udcff")) == "two lines \\udcff"
    assert sentence(ValueError()) == "ValueError"


def test_a_great_many_files_pass_the_pipe(tmp_path):
    """Names of thousands of files go both ways: to the worker as its own, and back in the outcome."""
    overrides = ("dataset=synthetic", "dataset.clips=2", "dataset.frames=170", "dataset.size=[2,2]", "workers=1")
    overrides = (*overrides, "writer=[openpose]", f"writer.openpose.path='{{id}}{('/' + 'n' * 200) * 7}'")
    assert go(tmp_path, *overrides).done == 2
    assert len(published(tmp_path)) == 340
    assert go(tmp_path, *overrides, "sampler=stride", "sampler.every=2", "overwrite=true").done == 2
    assert len(published(tmp_path)) == 170


NASTY = ["a b", "ünï", "日本", "a.json", "a.json/b", "a.json_/c", "quote'\"`", "$x;&|*?", "-m", "#=,{}[]()", "..a"]
NASTY += ["%41%", "n" * 200, "m" * 200 + "/x", "a.npy", "a.npy.d/a", "emoji 🙂", "e\u0301"]


@pytest.mark.parametrize("workers", [0, 2])
def test_ids_of_every_kind(tmp_path, monkeypatch, workers):
    from posecfg.datasets.synthetic import Synthetic

    monkeypatch.setattr(Synthetic, "scan", lambda self: _listing(self, NASTY))
    overrides = ("dataset=synthetic", "dataset.frames=2", "dataset.size=[16,16]", f"workers={workers}")
    report = go(tmp_path, *overrides)
    assert report.failed == {}
    assert sorted(published(tmp_path)) == sorted(f"{name}.npy" for name in NASTY)
    assert go(tmp_path, *overrides).todo == {}


def _listing(dataset, names):
    from posecfg.types import Listing

    return Listing(tuple(dataset.clip(name) for name in names))


@pytest.mark.parametrize("name", ["../x", "/x", "a/../../x", ".posecfg/x", "a//b", "a\nb", "a\udce9", ""])
def test_ids_that_would_leave_the_folder_are_refused(tmp_path, monkeypatch, name):
    from posecfg.datasets.synthetic import Synthetic

    monkeypatch.setattr(Synthetic, "scan", lambda self: _listing(self, [name]))
    with pytest.raises(ConfigError, match="clip id"):
        go(tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_ids_that_two_clips_share_are_refused(tmp_path, monkeypatch):
    from posecfg.datasets.synthetic import Synthetic

    monkeypatch.setattr(Synthetic, "scan", lambda self: _listing(self, ["a", "b", "a"]))
    with pytest.raises(ConfigError, match="called 'a'"):
        go(tmp_path / "out")


def work(name):
    return Work(Clip(name, Path(name)), ("npy",), owned=((f"{name}.npy", 5, 6, 7, 8),))


def test_the_clock_of_a_clip_that_waits_behind_another_starts_again():
    handle = Member(None)
    now = time.monotonic()
    handle.held = {"a": HeldClip(work("a"), now - 10), "b": HeldClip(work("b"), now - 5)}
    handle.active = "b"
    assert handle.overdue(3) == "a"
    assert handle.overdue(11) is None
    assert handle.overdue(None) is None
    assert handle.release("a").work.clip.id == "a"
    assert handle.overdue(3) is None
    assert handle.release("gone") is None


@pytest.mark.parametrize(
    ("held", "taken", "suspects", "fits"),
    [
        ((), "a", (), True),
        ((), "a", ("a",), True),
        (("b",), "a", (), True),
        (("b",), "a", ("c",), True),
        (("b",), "a", ("a",), False),
        (("b",), "a", ("b",), False),
        (("b",), "a", ("a", "b"), False),
    ],
)
def test_a_suspect_never_shares_a_worker_and_other_clips_do(held, taken, suspects, fits):
    crew, member = Crew(None, 1, None, bool), Member(None, {name: HeldClip(work(name)) for name in held})
    crew.suspects = set(suspects)
    assert crew.fits(member, work(taken)) is fits


def test_a_failure_keeps_what_the_clip_owns():
    row = failed(work("a"), PosecfgError("why"), time.time()).row
    assert (row.status, row.reason, row.files) == ("failed", "why", (("a.npy", -1, -1, -1, -1),))


@pytest.mark.parametrize(
    ("code", "text"),
    [(-9, "SIGKILL; the system may have run out of memory"), (-11, "SIGSEGV"), (-250, "signal 250"), (3, "exit 3")],
)
def test_how_a_worker_died(code, text):
    assert text in cause(code)


@pytest.mark.parametrize("values", [{"workers": -1}, {"timeout": 0}])
def test_values_that_cannot_be(values):
    with pytest.raises(ConfigError, match="Expected"):
        Local(**values)


def test_runs_in_a_thread(tmp_path, clean):
    """Signals belong to the main thread; a run elsewhere does without them."""
    reports = []
    thread = threading.Thread(target=lambda: reports.append(go(tmp_path, *CLIPS, "workers=2")))
    thread.start()
    thread.join()
    assert reports[0].exit_code == 0
    assert published(tmp_path) == clean


def test_inside_a_job_of_joblib_the_start_method_is_one_that_children_know(monkeypatch):
    import multiprocessing

    from posecfg.executors import worker_start

    chosen = []
    monkeypatch.setattr(multiprocessing, "get_start_method", lambda allow_none: "loky")
    monkeypatch.setattr(multiprocessing, "set_start_method", lambda *args, **named: chosen.append((args, named)))
    monkeypatch.setattr(multiprocessing, "get_context", lambda name: pytest.fail("far enough"))
    with pytest.raises(BaseException, match="far enough"):
        worker_start.Starts(()).take(None)
    assert chosen == [(("spawn",), {"force": True})]


@pytest.fixture
def machine(monkeypatch):
    """Return what was asked of a machine with memory for 7 workers, where device=auto means no GPU."""
    monkeypatch.setattr(local.capacity, "fitting", lambda: 7)
    monkeypatch.setattr(local.capacity, "memory", lambda: 7 * local.capacity.EACH)
    seen = []
    monkeypatch.setattr(local.capacity, "on_gpu", lambda *words: seen.append(words) or words[0] == "cuda")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    return seen


TOP_DOWN = {"detector": {"_target_": "posecfg.detectors.topdown.yolox.YoloX"}, "lifter": {}, "refine": {}}


def test_auto_is_what_suits_the_machine_and_the_models(monkeypatch, machine):
    monkeypatch.setattr(local.gpus, "visible", lambda root: ())
    for device, workers in (("auto", 7), ("cuda", 1)):
        executor = Local("auto", device=device)
        with executor.prepare(TOP_DOWN, clips=0):
            assert executor.workers == workers
    three = Local(3, device="cuda")
    with three.prepare(TOP_DOWN, clips=0):
        assert (three.workers, three.gpus) == (3, 0)
    assert {(device, *sorted(packages)) for device, packages in machine} == {
        ("auto", "cv2", "onnxruntime"),
        ("cuda", "cv2", "onnxruntime"),
    }


@pytest.mark.parametrize(
    ("asked", "device", "listed", "workers", "dealt"),
    [
        ("auto", "cuda", "0,1,2", 3, 3),
        ("auto", "cuda", "5", 1, 0),
        ("auto", "cuda", "", 1, 0),
        ("auto", "cuda", "0,1,2,3,4,5,6,7,8", 7, 9),
        ("auto", "auto", "0,1,2", 7, 0),
        ("auto", "cpu", "0,1,2", 7, 0),
        (4, "cuda", "0,1", 4, 2),
        (1, "cuda", "0,1", 1, 2),
        (0, "cuda", "0,1", 0, 0),
    ],
)
def test_auto_is_one_a_gpu(monkeypatch, machine, asked, device, listed, workers, dealt):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", listed)
    executor = Local(asked, device=device)
    with executor.prepare(TOP_DOWN, clips=0):
        assert (executor.workers, executor.gpus) == (workers, dealt)
