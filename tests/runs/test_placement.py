"""How many workers a run would have, and on which GPUs, as a plan tells."""

import pytest
from whole_runs import job_of

from posecfg.executors import capacity, checked, gpus
from posecfg.executors.gpus import CUDA, Gpu
from posecfg.runs import placement


@pytest.mark.parametrize(
    ("workers", "dealt", "text"),
    [
        (0, 0, "this process"),
        (1, 0, "1 worker"),
        (3, 0, "3 workers"),
        (2, 2, "2 workers, one on each GPU"),
        (5, 2, "5 workers on 2 GPUs"),
        (2, 4, "2 workers, each on its own of 4 GPUs"),
        (1, 4, "1 worker, on one of 4 GPUs"),
    ],
)
def test_a_sentence_says_where_workers_are(workers, dealt, text):
    assert placement.told(workers, dealt) == text


@pytest.mark.parametrize(
    ("executor", "asked", "clips", "expected"),
    [
        ("local", "auto", 9, (3, 3, ["3 workers, one on each GPU"])),
        ("local", "auto", 2, (2, 3, ["2 workers, each on its own of 3 GPUs"])),
        ("local", "auto", 0, (1, 3, [])),
        ("local", 5, 9, (5, 3, ["5 workers on 3 GPUs"])),
        ("local", 0, 9, (1, 0, [])),
        ("slurm", 5, 9, (5, 0, [])),
    ],
)
def test_a_plan_tells_of_gpus_of_this_machine(tmp_path, monkeypatch, executor, asked, clips, expected):
    monkeypatch.setattr(capacity, "on_gpu", lambda device, packages: True)
    monkeypatch.setattr(capacity, "memory", lambda: 9 * capacity.EACH)
    monkeypatch.setattr(gpus, "visible", lambda root="/": tuple(Gpu(CUDA, str(one)) for one in range(3)))
    job = job_of(tmp_path, "detector=rtmdet", "device=cuda", f"executor={executor}")
    job.config["executor"]["workers"] = asked
    assert (placement.workers(job, clips), placement.dealt(job), placement.remarks(job, clips)) == expected


def test_an_executor_of_others_tells_of_no_gpu():
    class Executor:
        workers, gpus = 2, "many"

    assert checked.dealt(Executor()) == 0
    Executor.gpus = 3
    assert checked.dealt(Executor()) == 3
    del Executor.gpus
    assert checked.dealt(Executor()) == 0


@pytest.mark.parametrize(("typed", "told"), [(1, 0), (2, 0), (4, 1)])
def test_hosts_are_counted_by_their_names(tmp_path, typed, told):
    job = job_of(tmp_path, "executor=hosts", "executor.hosts=[localhost,node1]", f"workers={typed}")
    assert placement.workers(job, 9) == 2
    said = placement.remarks(job, 9)
    assert len(said) == told
    assert all("and so 2 workers: workers=4 changes nothing" in text for text in said)
