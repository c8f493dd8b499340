"""Jobs of a sweep in SLURM's queue, here scripts: when one is over, which are cancelled, when their start is lost."""

from __future__ import annotations

import signal

import pytest
from fakeslurm import FakeSlurm

from posecfg.commands import job_process, slurm_sweep, sweep_outcomes
from posecfg.commands.job_process import Sign
from posecfg.commands.slurm_sweep import Queue, followed
from posecfg.commands.sweep_outcomes import Start
from posecfg.errors import OutputError


@pytest.fixture
def slurm(tmp_path, monkeypatch):
    """Put the commands of SLURM on the PATH, with an array of two jobs that wait."""
    made = FakeSlurm(tmp_path / "slurm")
    made.install()
    monkeypatch.setenv("PATH", str(made.bin))
    monkeypatch.setattr(slurm_sweep, "ASK_SECONDS", 0.0)
    monkeypatch.setattr(slurm_sweep, "SETTLED_SECONDS", 0.0)
    for name in ("7_0", "7_1"):
        made.change(name, reason="Resources", limit="", output="log")
    return made


@pytest.fixture
def queue(slurm):
    made = Queue()
    for name in ("7_0", "7_1"):
        made.register_job(name)
    return made


@pytest.mark.parametrize("state", ["CANCELLED", "PREEMPTED", "TIMEOUT", "OUT_OF_MEMORY", "NODE_FAIL", "COMPLETED"])
def test_a_job_that_slurm_ended_is_over_without_any_accounts(slurm, queue, state):
    assert not queue.is_done("7_0")
    slurm.end("7_0", state)
    assert (queue.is_done("7_0"), queue.get_info("7_0")) == (True, {"State": state})
    assert not queue.is_done("7_1")
    assert slurm.asked("sacct") == []


def test_a_job_that_slurm_takes_back_is_not_over(slurm, queue, monkeypatch):
    monkeypatch.setattr(slurm_sweep, "SETTLED_SECONDS", 60.0)
    slurm.end("7_0", "PREEMPTED")
    assert not queue.is_done("7_0")
    slurm.end("7_0", "PENDING")
    assert not queue.is_done("7_0")
    assert queue.get_state("7_0") == "PENDING"


def test_a_controller_that_is_away_ends_no_job_and_one_that_has_forgotten_it_does(slurm, queue):
    slurm.set(down="yes")
    assert not queue.is_done("7_0")
    slurm.set(down="")
    slurm.forget("7_0")
    assert queue.is_done("7_0")
    assert not queue.is_done("7_1")


def test_jobs_that_are_left_are_cancelled(slurm, queue):
    queue.cancel("--state=PENDING")
    assert slurm.asked("scancel") == [["--quiet", "--state=PENDING", "7"]]
    assert queue.get_state("7_0") == queue.get_state("7_1") == "CANCELLED"
    queue.cancel()
    assert len(slurm.asked("scancel")) == 1, "none is left"


def test_other_launchers_are_left_alone():
    with followed(object()) as queue:
        assert queue is None


def test_a_start_on_another_machine_is_lost_when_it_shows_nothing_new(tmp_path, monkeypatch):
    monkeypatch.setattr(job_process, "SILENT_SECONDS", -1.0)
    there, here = Start("a", 1, "another"), Start.now()
    assert Sign(there, tmp_path).is_lost()
    assert not Sign(here, tmp_path).is_lost(), "its process is looked at"
    monkeypatch.setattr(job_process, "SILENT_SECONDS", 0.0)
    sign = Sign(there, tmp_path)
    for number in range(3):
        sweep_outcomes.beat(there, tmp_path, number)
        assert sweep_outcomes.last_beat(there, tmp_path) == number
        monkeypatch.setattr(job_process, "SILENT_SECONDS", 60.0)
        assert not sign.is_lost()
    monkeypatch.setattr(job_process, "SILENT_SECONDS", 0.0)
    assert sign.is_lost()
    assert sweep_outcomes.last_beat(here, tmp_path) is None, "that is of another start"


def test_a_job_whose_time_is_over_says_what_to_type():
    def launcher(number, frame):
        raise RuntimeError("timed-out too many times")

    before = signal.signal(signal.SIGUSR2, launcher)
    try:
        with pytest.raises(OutputError, match=r"larger hydra\.launcher\.timeout_min="), job_process._heard_of_time():
            signal.raise_signal(signal.SIGUSR2)
        assert signal.getsignal(signal.SIGUSR2) is launcher
    finally:
        signal.signal(signal.SIGUSR2, before)
