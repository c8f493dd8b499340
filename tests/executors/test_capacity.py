import os

import pytest

from posecfg.executors import capacity

PAGES = {"SC_PHYS_PAGES": 5 << 20, "SC_PAGE_SIZE": 4096}


@pytest.fixture
def pages(monkeypatch):
    pages = dict(PAGES)
    monkeypatch.setattr(capacity.os, "sched_getaffinity", lambda pid: set(range(12)), raising=False)
    monkeypatch.setattr(capacity.os, "sysconf", pages.__getitem__)
    monkeypatch.setattr(capacity, "CGROUPS", "/nowhere")
    return pages


@pytest.fixture
def granted(pages, tmp_path, monkeypatch):
    """Return a machine whose control groups hold the files given here."""
    monkeypatch.setattr(capacity, "CGROUPS", "/sys/fs/cgroup")

    def grant(own, files):
        (tmp_path / "proc/self").mkdir(parents=True)
        (tmp_path / "proc/self/cgroup").write_text(own)
        for name, text in files.items():
            path = tmp_path / "sys/fs/cgroup" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return capacity.cores(str(tmp_path)), capacity.memory(str(tmp_path)) >> 20

    return grant


def test_a_worker_a_core_where_there_is_memory(pages):
    assert capacity.fitting() == 10
    pages["SC_PHYS_PAGES"] = 1 << 10
    assert capacity.fitting() == 1
    pages["SC_PHYS_PAGES"] = 1 << 30
    assert capacity.fitting() == 12


@pytest.mark.parametrize(
    ("build", "card", "package", "there"),
    [
        ("pytest", True, "onnxruntime", True),
        ("pytest", False, "onnxruntime", False),
        ("no-such-distribution", True, "onnxruntime", False),
        ("pytest", True, "mediapipe", False),
    ],
)
def test_a_gpu_counts_where_it_is_there_and_the_models_would_use_it(monkeypatch, tmp_path, build, card, package, there):
    monkeypatch.setattr(capacity, "GPU_BUILDS", {"onnxruntime": build})
    monkeypatch.setattr(capacity, "GPU_FILES", (str(tmp_path if card else tmp_path / "absent"),))
    assert capacity.on_gpu("auto", {package, "cv2"}) == there
    assert capacity.on_gpu("cuda", {package})
    assert not capacity.on_gpu("cpu", {package})


@pytest.mark.parametrize(
    ("build", "card", "package", "there"),
    [
        ("2.9.0+rocm6.4", True, "torch", True),
        ("2.9.0+rocm6.4", False, "torch", False),
        ("2.9.0+cu128", True, "torch", False),
        (None, True, "torch", False),
        ("2.9.0+rocm6.4", True, "onnxruntime", False),
    ],
)
def test_amds_gpus_count_for_a_torch_that_is_built_for_them(monkeypatch, tmp_path, build, card, package, there):
    monkeypatch.setattr(capacity.backends, "version", lambda name: build)
    monkeypatch.setattr(capacity, "GPU_FILES", ())
    monkeypatch.setattr(capacity, "AMD_FILE", str(tmp_path if card else tmp_path / "absent"))
    assert capacity.on_gpu("auto", {package}) == there


def test_a_machine_without_control_groups_is_all_ours(granted, tmp_path):
    assert (capacity.cores(str(tmp_path)), capacity.memory(str(tmp_path)) >> 20) == (12, 20480)
    assert granted("nonsense", {}) == (12, 20480)


@pytest.mark.parametrize(
    ("own", "files"),
    [
        ("0::/\n", {"cpu.max": "250000 100000\n", "memory.max": str(3 << 30)}),
        (
            "0::/batch/job_7/step\n",
            {
                "batch/job_7/step/cpu.max": "max 100000",
                "batch/job_7/step/memory.max": "max",
                "batch/job_7/cpu.max": "300000 100000",
                "batch/job_7/memory.max": str(3 << 30),
                "batch/memory.max": str(9 << 30),
                "other/memory.max": "1",
            },
        ),
        (
            "9:name=systemd:/\n5:cpu,cpuacct:/box\n4:memory:/box\n0::/\n",
            {
                "cpu/box/cpu.cfs_quota_us": "300000",
                "cpu/box/cpu.cfs_period_us": "100000",
                "cpu/cpu.cfs_quota_us": "-1",
                "memory/box/memory.limit_in_bytes": str(3 << 30),
                "memory/memory.limit_in_bytes": "9223372036854771712",
            },
        ),
    ],
)
def test_what_a_container_or_a_batch_system_grants_is_the_limit(granted, own, files):
    assert granted(own, files) == (3, 3072)


def test_a_grant_cannot_be_more_than_there_is(granted):
    assert granted("0::/\n", {"cpu.max": "9900000 100000", "memory.max": str(1 << 50)}) == (12, 20480)


def test_less_than_a_core_is_one(granted):
    assert granted("0::/\n", {"cpu.max": "10000 100000"})[0] == 1


@pytest.mark.parametrize(("version", "able"), [("2.13.0", True), ("2.13.0+cu130", True), ("2.13.0+cpu", False)])
def test_a_torch_for_processors_is_no_build_for_gpus(monkeypatch, version, able):
    monkeypatch.setattr(capacity, "GPU_FILES", (os.devnull,))
    monkeypatch.setattr(capacity.backends, "version", lambda name: {"torch": version}[name])
    assert capacity.on_gpu("auto", {"torch"}) is able
