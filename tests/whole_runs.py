"""Whole runs on tiny computed or real films, and what they leave on the disk."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass, replace
from functools import cache

from posecfg.config.compose import compose
from posecfg.pipeline.provenance import made_with
from posecfg.runs.resume import survey
from posecfg.runs.run import _setup, run
from posecfg.runs.scope import scope
from posecfg.store.inputs import Inputs
from posecfg.terminal.progress import Quiet

SMALL = ("dataset.frames=3", "dataset.size=[32,24]", "dataset.clips=3")

KNOBS = {
    **{"workers": int, "limit": int, "shard": str, "on_error": str, "accept": str},
    **{"overwrite": "true".__eq__, "append": "true".__eq__, "strict": "true".__eq__},
    "redo": lambda value: value == "true" or (value[1:-1].split(",") if value.startswith("[") else value),
    "only": lambda value: value[1:-1].split(",") if value.startswith("[") else value,
}


@cache
def _composed(overrides):
    return compose(list(overrides))[0]


def job_of(out, *overrides):
    """Compose a job; what changes no byte is set afterwards, so that equal overrides are composed once."""
    words = [override.partition("=") for override in overrides]
    later = {key: value for key, _, value in words if key in KNOBS}
    path = next((value for key, _, value in words if key == "dataset.path"), None)
    rest = [f"{key}={'.' if key == 'dataset.path' else value}" for key, _, value in words if key not in KNOBS]
    dataset = () if any(key == "dataset" for key, _, _ in words) else ("dataset=synthetic", *SMALL)
    detector = () if any(o.startswith("detector=") for o in rest) else ("detector=synthetic",)
    job = _composed((*detector, *dataset, *rest))
    config = copy.deepcopy(job.config)
    config |= {"output_dir": str(out), "workers": 0} | {key: KNOBS[key](value) for key, value in later.items()}
    config["executor"]["workers"] = config["workers"]
    if path is not None:
        config["dataset"]["path"] = path
    return replace(job, config=config)


class Spy(Quiet):
    """A screen that remembers."""

    def __init__(self):
        self.found, self.events, self.said, self.excluded = None, [], [], ()

    def begin(self, job, report, found, excluded):
        self.found, self.excluded = found, excluded

    def event(self, event):
        self.events.append((type(event).__name__.lower(), getattr(event, "clip_id", "")))

    def say(self, text):
        self.said.append(text)


@dataclass
class Went:
    report: object
    screen: Spy

    def __getattr__(self, name):
        return getattr(self.report, name)

    @property
    def why(self):
        return dict(self.screen.found.why)

    @property
    def todo(self):
        return {work.clip.id: work.writers for work in self.screen.found.work}


def go(out, *overrides, executor=None):
    """Run a job into a folder; the answer is its report, with what the screen was told."""
    screen = Spy()
    return Went(run(job_of(out, *overrides), screen, executor=executor), screen)


def parcel(out, *overrides):
    """Return what an executor is given for a job: the setup, the works and how to mend."""
    job = job_of(out, *overrides)
    place = scope(job)
    place.directory.home.mkdir(parents=True)
    found = survey(place.clips, {}, place.wanted(job))
    return _setup(job, place, made_with(job.config), Inputs()), found.work, place.directory.mend


def run_and_exit(out, *overrides):
    """Run a job as the whole of a process."""
    raise SystemExit(go(out, *overrides).exit_code)


def published(root):
    """Map every file outside our own folder to its bytes."""
    found = {p.relative_to(root).as_posix(): p for p in root.rglob("*") if p.is_file() or p.is_symlink()}
    return {name: p.read_bytes() for name, p in sorted(found.items()) if not name.startswith(".posecfg/")}


def leftovers(root):
    """List temporary files and intents."""
    home = root / ".posecfg"
    return [p.name for kind in ("tmp*", "intents*") for folder in home.glob(kind) for p in folder.rglob("*.*")]


def sidecar_of(root, clip_id):
    return json.loads((root / ".posecfg" / "clips" / f"{clip_id}.json").read_text())
