"""What tells agents of a driver, and what tells a later run of its jobs: each run removes its own only."""

from __future__ import annotations

import json

from posecfg.executors.remote import crew_file, slurm_jobs


def test_what_tells_of_another_run_is_left_there(tmp_path):
    place = tmp_path / ".posecfg" / "crew.json"
    ours, other = crew_file.CrewFile(["a"], 1), crew_file.CrewFile(["a"], 1)
    ours.write(place)
    slurm_jobs.note(place, ["7", "8"])
    ours.remove(place)
    slurm_jobs.forget(place, ["7", "8", "9"])
    assert [*place.parent.iterdir()] == []
    other.write(place)
    slurm_jobs.note(place, ["10"])
    ours.remove(place)
    slurm_jobs.forget(place, ["7", "8", "9"])
    assert json.loads(place.read_text())["token"] == other.token
    assert len([*place.parent.iterdir()]) == 2
