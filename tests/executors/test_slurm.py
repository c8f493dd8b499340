"""SLURM, here scripts that start agents on this machine: what it says of tasks, and what that means for clips."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest
from fakeslurm import FakeSlurm, wait_until
from whole_runs import go, leftovers, parcel, published

from posecfg.errors import ConfigError
from posecfg.executors.protocol import Finished, Placed, Started
from posecfg.executors.remote import agent, crew_file, slurm_states, slurm_tasks, slurm_watch
from posecfg.executors.remote.slurm import Slurm
from posecfg.executors.remote.slurm_states import State

ROOT = Path(__file__).parents[2]
CLIPS = ("dataset=synthetic", "dataset.clips=3", "dataset.frames=3", "dataset.size=[32,24]")
BAD = "synthetic_0001"
SLOW = 0.1
pytestmark = [
    pytest.mark.deep,
    pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="finds processes in /proc"),
]


@pytest.fixture
def commands(tmp_path, monkeypatch):
    """Put the commands of SLURM on the PATH, and nothing else; ask often."""
    made = FakeSlurm(tmp_path / "slurm")
    made.install()
    monkeypatch.setenv("PATH", str(made.bin))
    monkeypatch.setattr(slurm_watch, "ASK_SECONDS", 0.2)
    monkeypatch.setattr(slurm_watch, "HURRY_SECONDS", 0.05)
    yield made
    made.close()


@pytest.fixture
def slurm(commands, monkeypatch):
    """Let commands that are on the PATH answer without a process."""
    process = slurm_states.run

    def run(words, script=""):
        return (commands.run if (commands.bin / words[0]).exists() else process)(words, script)

    monkeypatch.setattr(slurm_states, "run", run)
    return commands


@pytest.fixture(scope="module")
def clean(tmp_path_factory):
    """Return what this process alone publishes."""
    out = tmp_path_factory.mktemp("clean")
    assert go(out, *CLIPS).exit_code == 0
    return published(out)


def work_off(out, act=lambda event: None, delay=0.0, **values):
    """Let tasks work a job off; return its events."""
    setup, works, mend = parcel(out, *CLIPS, f"detector.delay={delay}")
    executor, events = Slurm(address="127.0.0.1", **values), []
    with executor.prepare(setup.config, len(works)):
        for event in executor.run(setup, works, mend):
            events.append(event)
            act(event)
    return events


def outcomes(events):
    return {event.clip_id: event.outcome.row for event in events if isinstance(event, Finished)}


def waited(events):
    return [text for event in events if isinstance(event, Placed) for text in event.waiting]


def test_tasks_get_nothing_of_the_environment_and_make_the_same_bytes(tmp_path, commands, clean):
    events = work_off(tmp_path / "out", workers=2, sbatch={"export": "NONE", "nice": 5, "exclusive": True})
    assert published(tmp_path / "out") == clean
    assert leftovers(tmp_path / "out") == []
    assert {event.where.partition(":")[0] for event in events if isinstance(event, Started)} <= {"node1", "node2"}
    (words,) = commands.asked("sbatch")
    assert {"--array=1-2", "--nice=5", "--exclusive", "--requeue", "--cpus-per-task=1"} <= set(words)
    assert {path.name for path in (tmp_path / "out/.posecfg").glob("*.json")} & {"crew.json", "slurm.json"} == set()
    assert commands.asked("sacct") == []


def test_why_tasks_wait_is_told_and_they_may_come_late(tmp_path, slurm, clean):
    slurm.set(reason="Resources", banner="Welcome to the cluster\n")

    def act(event):
        if isinstance(event, Placed) and any("(Resources)" in text for text in event.waiting):
            slurm.change("7_2", reason="PartitionTimeLimit")
            slurm.start("7_1")

    events = work_off(tmp_path / "out", workers=2, act=act)
    assert "2 of 2 tasks wait in SLURM's queue (Resources)" in waited(events)
    assert "1 of 2 tasks waits in SLURM's queue (PartitionTimeLimit)" in waited(events)
    assert published(tmp_path / "out") == clean
    assert slurm.states()["7_2"] == "CANCELLED"


def test_a_task_that_was_cancelled_is_told_with_what_became_of_it(tmp_path, slurm, clean):
    lost = []

    def act(event):
        if isinstance(event, Started) and not lost:
            lost.append(event.clip_id)
            slurm.set(reason="Resources")
            slurm.end("7_1", "CANCELLED")
        if isinstance(event, Placed) and any("(Resources)" in text for text in event.waiting):
            slurm.start("8_1")

    events = work_off(tmp_path / "out", act=act, delay=SLOW)
    assert "1 task was lost so far (CANCELLED): others are asked for" in waited(events)
    assert published(tmp_path / "out") == clean


@pytest.mark.parametrize("reason", ["PartitionTimeLimit", "BadConstraints", "QOSMaxCpuPerJobLimit", "JobHeldUser"])
def test_waiting_for_ever_is_one_sentence_at_once(tmp_path, slurm, reason):
    slurm.set(reason=reason)
    with pytest.raises(ConfigError, match=rf"SLURM would let job 7 wait for ever \({reason}\): change executor\.time"):
        work_off(tmp_path / "out", workers=2)
    assert set(slurm.states().values()) == {"CANCELLED"}
    assert not (tmp_path / "out/.posecfg/crew.json").exists()


def test_a_refusal_of_sbatch_is_one_sentence(tmp_path, commands):
    commands.set(refuses="Invalid account or account/partition combination specified")
    with pytest.raises(ConfigError, match=r"^SLURM refused the job \(Batch job submission failed: Invalid account or"):
        work_off(tmp_path / "out")
    assert not (tmp_path / "out/.posecfg/crew.json").exists()


def test_a_controller_that_is_away_at_the_start_is_no_refusal(tmp_path, commands):
    commands.set(down="yes")
    with pytest.raises(ConfigError, match=r"^SLURM does not answer \(Unable to contact slurm controller"):
        work_off(tmp_path / "out")


def test_a_machine_without_slurm_is_told(tmp_path, slurm):
    (slurm.bin / "sbatch").unlink()
    with pytest.raises(ConfigError, match=r"^executor=slurm needs 'sbatch', which is not here: type the command on a"):
        work_off(tmp_path / "out")


def test_options_that_would_break_agents_are_refused():
    for name in ("array", "wait", "clusters", "output", "arra", "wra", "err", "cluster"):
        with pytest.raises(ConfigError, match=f"executor.sbatch has '{name}', which posecfg sets itself"):
            Slurm(sbatch={name: True})


@pytest.mark.parametrize("name", ["", "o", "output=x", "--qos", "a b", "-", "a\n", 7])
def test_a_name_that_is_none_of_an_option_is_refused(name):
    with pytest.raises(ConfigError, match=r"Expected executor\.sbatch to have long names .*, but got "):
        Slurm(sbatch={name: "x"})


def test_a_controller_that_starts_again_ends_nothing(tmp_path, slurm, clean, monkeypatch):
    monkeypatch.setattr(slurm_tasks, "TOLD_SECONDS", 0.3)
    slurm.set(reason="Resources")

    def act(event):
        if isinstance(event, Placed) and "SLURM does not answer" in event.waiting:
            slurm.set(down="")
            slurm.start("7_1")
        elif isinstance(event, Placed) and event.waiting and not slurm.ways().get("down"):
            slurm.set(down="yes")

    events = work_off(tmp_path / "out", act)
    assert "SLURM does not answer" in waited(events)
    assert published(tmp_path / "out") == clean


@pytest.mark.parametrize("begin", [None, "now+3600"])
def test_a_task_that_was_put_back_starts_at_once_unless_a_time_was_asked_for(tmp_path, slurm, clean, begin):
    slurm.set(reason="BeginTime")
    begun = []

    def act(event):
        if not begun and any(("Priority" if begin is None else "BeginTime") in one for one in waited([event])):
            begun.append(event)
            slurm.start("7_1")

    work_off(tmp_path / "out", act, sbatch={"begin": begin} if begin else None)
    assert published(tmp_path / "out") == clean
    updates = [words for words in slurm.asked("scontrol") if words[0] == "update"]
    assert updates[:1] == ([] if begin else [["update", "JobId=7_1", "StartTime=now"]])


def test_a_controller_that_stays_away_ends_a_run_without_tasks(tmp_path, slurm, monkeypatch):
    monkeypatch.setattr(slurm_tasks, "SILENT_SECONDS", 0.5)
    slurm.set(reason="Resources")

    def act(event):
        slurm.set(down="yes")

    with pytest.raises(ConfigError, match=r"^SLURM has not answered for [\d.]+ s, and no task works: type the same"):
        work_off(tmp_path / "out", act)
    slurm.set(down="")
    assert slurm.states() == {"7_1": "PENDING"}, "scancel had no answer either"
    screen = go(tmp_path / "out", *CLIPS).screen
    assert slurm.states() == {"7_1": "CANCELLED"}
    assert not [text for text in screen.said if "scancel" in text]


def test_a_lost_task_is_replaced_when_the_controller_is_back(tmp_path, slurm, clean):
    lost = []

    def act(event):
        if isinstance(event, Started) and event.clip_id == BAD and not lost:
            lost.append(event.where)
            slurm.end("7_1", "NODE_FAIL")
            slurm.set(reason="", refuses="Socket timed out on send/recv operation")
            threading.Timer(1.0, lambda: slurm.set(refuses="")).start()

    events = work_off(tmp_path / "out", act, SLOW)
    assert {row.status for row in outcomes(events).values()} == {"done"}
    assert slurm.tasks() == ["7_1", "8_1"]
    assert len(slurm.asked("sbatch")) > 2
    assert published(tmp_path / "out") == clean


def test_a_task_that_cannot_be_replaced_is_told(tmp_path, slurm):
    def act(event):
        if isinstance(event, Started) and event.clip_id == BAD:
            slurm.end("7_1", "PREEMPTED")
            slurm.set(refuses="Job violates accounting/QOS policy")

    with pytest.raises(ConfigError, match=r"^No task of SLURM is left \(PREEMPTED\)\. SLURM refused the job \(Batch"):
        work_off(tmp_path / "out", act)


def test_jobs_that_slurm_has_forgotten_are_over(tmp_path, slurm):
    slurm.set(reason="Resources")

    def act(event):
        for name in slurm.tasks():
            slurm.forget(name)

    with pytest.raises(ConfigError, match=r"^No task of SLURM is left \(FORGOTTEN\)\. What they say: see .*slurm-\*"):
        work_off(tmp_path / "out", workers=2, act=act)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (agent.NO_FOLDER, r"^The nodes of SLURM do not see '.*/crew\.json': name an output_dir= on a disk"),
        (
            agent.NO_DRIVER,
            r"^The nodes of SLURM cannot reach this machine: name it as they know it, executor\.",
        ),
        (1, r"^No task of SLURM is left \(FAILED\)\. What they say: see .*/slurm-\*\.log\."),
    ],
)
def test_tasks_that_end_before_they_join_tell_why_by_their_codes(tmp_path, slurm, code, said):
    slurm.set(command=f"exit {code}\n")
    with pytest.raises(ConfigError, match=said):
        work_off(tmp_path / "out", workers=2)


def test_an_agent_tells_by_its_code_what_it_does_not_find(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(agent, "JOIN_SECONDS", 0.0)
    assert agent.main(str(tmp_path / "crew.json")) == agent.NO_FOLDER
    crew_file.CrewFile(["127.0.0.1"], 1).write(tmp_path / "crew.json")
    assert agent.main(str(tmp_path / "crew.json")) == agent.NO_DRIVER


def test_a_clip_that_is_longer_than_the_time_limit_fails_after_two_tasks(tmp_path, slurm, clean):
    def act(event):
        if isinstance(event, Started) and event.clip_id == BAD:
            slurm.end(slurm.tasks()[-1], "TIMEOUT")

    rows = outcomes(work_off(tmp_path / "out", act, SLOW, time="00:01:00"))
    assert rows[BAD].reason == "it took longer than SLURM lets a task run (00:01:00): type a larger executor.time="
    # The first of them had made another clip before.
    assert slurm.tasks() == ["7_1", "8_1", "9_1", "10_1"]
    assert published(tmp_path / "out") == {name: data for name, data in clean.items() if BAD not in name}


def test_a_clip_that_needs_more_memory_than_a_task_has_fails_with_what_to_type(tmp_path, slurm):
    def act(event):
        if isinstance(event, Started) and event.clip_id == BAD:
            slurm.end(slurm.tasks()[-1], "OUT_OF_MEMORY")

    rows = outcomes(work_off(tmp_path / "out", act, SLOW))
    assert rows[BAD].reason == "SLURM ended its task for lack of memory: type a larger executor.mem="
    assert sorted(row.status for row in rows.values()) == ["done", "done", "failed"]


def test_only_lack_of_memory_blames_a_clip_and_only_the_time_limit_is_one():
    names = ("NODE_FAIL", "PREEMPTED", "CANCELLED", "FAILED", "BOOT_FAIL", "DEADLINE", "FORGOTTEN", "PENDING")
    ends = {name: State(name).end("7_1") for name in (*names, "TIMEOUT", "OUT_OF_MEMORY")}
    assert [name for name, end in ends.items() if end.blames] == ["OUT_OF_MEMORY"]
    assert [name for name, end in ends.items() if end.is_limit] == ["TIMEOUT"]
    assert [State(name).end("7_1") for name in ("RUNNING", "COMPLETING")] == [None, None], "it may still write"


def test_a_task_that_slurm_takes_back_is_waited_for_and_blames_no_clip(tmp_path, slurm, clean):
    struck = []

    def act(event):
        if isinstance(event, Started) and event.clip_id == BAD and not struck:
            struck.append(event.where)
            slurm.end("7_1", "PENDING")
            threading.Timer(0.5, slurm.start, ["7_1"]).start()

    events = work_off(tmp_path / "out", act, SLOW)
    assert {row.status for row in outcomes(events).values()} == {"done"}
    assert slurm.tasks() == ["7_1"]
    assert published(tmp_path / "out") == clean


@pytest.fixture
def killed(tmp_path, slurm):
    """Return the folder of a driver that was killed while its tasks waited."""
    out = tmp_path / "out"
    slurm.set(reason="Resources")
    words = [*CLIPS, "detector=synthetic", "executor=slurm", "workers=2", "executor.address=127.0.0.1"]
    driver = subprocess.Popen(
        [sys.executable, ROOT / "run.py", *words, f"output_dir={out}"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    assert wait_until((out / ".posecfg/slurm.json").exists), driver.communicate()
    driver.kill()
    driver.communicate()
    assert (out / ".posecfg/crew.json").exists()
    slurm.set(reason="")
    return out


def test_the_next_run_cancels_what_a_killed_driver_left_and_may_have_another_number_of_tasks(killed, slurm, clean):
    go(killed, *CLIPS, executor=Slurm(workers=3, address="127.0.0.1"))
    states = slurm.states()
    assert (states["7_1"], states["7_2"]) == ("CANCELLED", "CANCELLED")
    arrays = [word for words in slurm.asked("sbatch") for word in words if word.startswith("--array")]
    assert arrays == ["--array=1-2", "--array=1-3"]
    assert published(killed) == clean
    assert [path.name for path in (killed / ".posecfg").glob("[cs][rl]*.json")] == []


def test_a_run_of_this_machine_cancels_them_too_but_no_job_that_has_their_number_now(killed, slurm):
    other = slurm.folder / "slurm-7_2.log"
    slurm.change("7_2", output=str(other))
    slurm.change("7_1", output=str(other))
    note = (killed / ".posecfg/slurm.json").read_bytes()
    assert go(killed, *CLIPS).exit_code == 0
    assert set(slurm.states().values()) == {"PENDING"}
    for name in ("7_1", "7_2"):
        slurm.change(name, output=f"{killed}/.posecfg/logs/slurm-{name}.log")
    (killed / ".posecfg/slurm.json").write_bytes(note)
    assert go(killed, *CLIPS).screen.said == []
    assert set(slurm.states().values()) == {"CANCELLED"}
    assert not (killed / ".posecfg/slurm.json").exists()


def test_a_machine_without_slurm_says_which_jobs_are_left(killed, slurm):
    (slurm.bin / "scontrol").unlink()
    said = go(killed, *CLIPS).screen.said
    assert said == ["note: a run that was killed left jobs in SLURM's queue: type scancel 7 on a login node"]
    assert not (killed / ".posecfg/crew.json").exists(), "so that they end by themselves"


@pytest.mark.parametrize("content", ["", "[]", '{"jobs": 7}', '{"jobs": ["--user=root", 7, null]}'])
def test_a_note_of_jobs_that_is_no_note_cancels_nothing(tmp_path, slurm, content):
    (tmp_path / "out/.posecfg").mkdir(parents=True)
    (tmp_path / "out/.posecfg/slurm.json").write_text(content)
    assert go(tmp_path / "out", *CLIPS).screen.said == []
    assert slurm.asked("scontrol") == slurm.asked("scancel") == []
