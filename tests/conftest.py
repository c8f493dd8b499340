"""What tests of many rooms need: command lines that are composed or refused, and films in folders."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

# As the program does it, before NumPy is loaded: tests share the cores.
os.environ.setdefault("OPENBLAS_THREAD_TIMEOUT", "4")

import films
import pytest
from hypothesis import settings

from posecfg.commands.command_line import parse
from posecfg.components import plugins, trust
from posecfg.config.compose import compose
from posecfg.errors import PosecfgError

# The same examples every time, however busy the machine is.
EXAMPLES = int(os.environ.get("POSECFG_EXAMPLES", "40"))
settings.register_profile("posecfg", deadline=None, derandomize=True, max_examples=EXAMPLES)
settings.load_profile("posecfg")

MEMORY, ROOM = Path("/dev/shm"), 2 << 30


def pytest_configure(config):
    """Let temporary files be in memory where there is room, unless TMPDIR says where: a run waits for a disk often."""
    told = config.option.basetemp or "TMPDIR" in os.environ or hasattr(config, "workerinput")
    if told or not (MEMORY.is_dir() and os.access(MEMORY, os.W_OK)):
        return
    about = os.statvfs(MEMORY)
    if about.f_bavail * about.f_frsize >= ROOM and not about.f_flag & os.ST_NOEXEC:
        os.environ["TMPDIR"] = str(MEMORY)
        tempfile.tempdir = None


def jobs_of(*words, config_dir=None):
    """Compose what a person types."""
    command = parse(list(words))
    return compose(command.overrides, command.multirun, str(config_dir) if config_dir else command.config_dir)


@pytest.fixture(scope="session")
def typed():
    """Return the only job of a command line."""

    def compose_one(*words, config_dir=None):
        (job,) = jobs_of(*words, config_dir=config_dir)
        return job

    return compose_one


@pytest.fixture(scope="session")
def swept():
    return jobs_of


@pytest.fixture(scope="session")
def refused():
    """Return the sentences and the exit code that a command line is refused with."""

    def refuse(*words, config_dir=None):
        with pytest.raises(PosecfgError) as caught:
            jobs_of(*words, config_dir=config_dir)
        return str(caught.value).splitlines(), caught.value.exit_code

    return refuse


@pytest.fixture
def conf(tmp_path):
    """Write a YAML below a folder for --config-dir, and return that folder."""

    def write(name: str, text: str) -> Path:
        path = tmp_path / "conf" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return tmp_path / "conf"

    return write


@pytest.fixture
def plugin(monkeypatch, tmp_path):
    """Register a package as a plugin, as an installed distribution would."""

    caches = (plugins.packages, plugins.folders, trust.locate)

    def register(package: str) -> None:
        told = tmp_path / "registered" / f"{package}-1.0.dist-info"
        told.mkdir(parents=True)
        (told / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n", "utf-8")
        (told / "entry_points.txt").write_text(f"[{plugins.GROUP}]\nany = {package}.parts:Any\n", "utf-8")
        monkeypatch.syspath_prepend(told.parent)
        for known in caches:
            known.cache_clear()

    yield register
    monkeypatch.undo()
    for known in caches:
        known.cache_clear()


@pytest.fixture(scope="session")
def film(tmp_path_factory):
    """Return a film of four frames."""
    return films.write(tmp_path_factory.mktemp("film") / "four.mp4", range(4), fps=10)


@pytest.fixture(scope="session")
def other_film(tmp_path_factory):
    """Return a film of six frames."""
    return films.write(tmp_path_factory.mktemp("film") / "six.mp4", range(6), fps=10)


@pytest.fixture
def folder(tmp_path, film):
    """Return a function that fills a folder with copies of the film and returns the overrides that name it."""

    def fill(*names):
        where = tmp_path / "films"
        for name in names or ("a.mp4", "b.mp4"):
            (where / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(film, where / name)
        return "dataset=folder", f"dataset.path={where}"

    return fill
