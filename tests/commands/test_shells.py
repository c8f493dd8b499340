"""Completion in the shells themselves: bash, and zsh and fish where they are installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from posecfg.commands import completion
from posecfg.commands.program import dispatch

ROOT = Path(__file__).parents[2]


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "films").mkdir()
    for name in ("films/a.mp4", "films/b c.mp4"):
        (tmp_path / name).touch()


@pytest.fixture
def program(tmp_path):
    """Return the environment of a shell that finds a posecfg, which is that of this checkout."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "posecfg").write_text(f'#!/bin/sh\nexec "{sys.executable}" "{ROOT / "run.py"}" "$@"\n')
    (folder / "posecfg").chmod(0o755)
    return os.environ | {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}


def shell(words, environment):
    done = subprocess.run(words, capture_output=True, text=True, env=environment, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


BASH = """
eval "$(posecfg completion bash)"
COMP_LINE=$1 COMP_POINT=${#1} COMP_CWORD=1 COMP_WORDS=(posecfg)
_posecfg posecfg
printf '%s\\n' "${COMPREPLY[@]}"
"""
ZSH = """
compdef() { : }
compadd() { local -a answers; answers=("${(@P)@[-1]}"); print -l -- $answers }
source <(posecfg completion zsh)
words=(posecfg "$@") CURRENT=$(($# + 1)) PREFIX=${@[-1]}
_posecfg
"""


def test_bash_completes(place, program):
    assert shell(["bash", "-c", BASH, "bash", "posecfg plan sampler=f"], program) == ["fps"]
    assert shell(["bash", "-c", BASH, "bash", "posecfg 'films/b"], program) == ["films/b c.mp4"]
    assert shell(["bash", "-c", 'eval "$(posecfg completion bash)"; complete -p posecfg'], program) == [
        "complete -F _posecfg posecfg"
    ]


@pytest.mark.skipif(shutil.which("zsh") is None, reason="zsh is not installed")
def test_zsh_completes(place, program):
    assert shell(["zsh", "-f", "-c", ZSH, "zsh", "plan", "sampler=f"], program) == ["sampler=fps"]
    assert shell(["zsh", "-f", "-c", ZSH, "zsh", "sampler=fps", "sampler.m"], program) == ["sampler.mode="]
    assert shell(["zsh", "-f", "-c", ZSH, "zsh", "films/b"], program) == ["films/b c.mp4"]


@pytest.mark.skipif(shutil.which("fish") is None, reason="fish is not installed")
def test_fish_completes(place, program):
    def of(line):
        words = ["fish", "--no-config", "-c", 'posecfg completion fish | source; complete -C "$argv"', line]
        return [one.partition("\t")[0] for one in shell(words, program)]

    assert of("posecfg plan sampler=f") == ["sampler=fps"]
    assert of("posecfg sampler=fps sampler.m") == ["sampler.mode="]
    assert of("posecfg 'writer=[npy,cs") == ["writer=[npy,csv]"]


@pytest.mark.skipif(shutil.which("fish") is None, reason="fish is not installed")
def test_the_line_of_the_docs_completes_run_py_in_a_new_fish(place, program, tmp_path):
    (tmp_path / "run.py").write_text(f"import runpy\nrunpy.run_path({str(ROOT / 'run.py')!r}, run_name='__main__')\n")
    (tmp_path / "bin" / "python").symlink_to(tmp_path / "bin" / "interpreter")
    (tmp_path / "bin" / "interpreter").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    (tmp_path / "bin" / "interpreter").chmod(0o755)
    table = (ROOT / "docs" / "install.md").read_text("utf-8")
    line = next(row.split("`")[1] for row in table.splitlines() if row.startswith("| fish |"))
    (tmp_path / ".config" / "fish" / "conf.d").mkdir(parents=True)  # as fish makes it at its first start
    home = program | {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / ".config")}
    shell(["fish", "-c", line.replace("posecfg completion", "python run.py completion")], home)
    answers = shell(["fish", "-c", 'complete -C "$argv"', "python run.py plan sampler=f"], home)
    assert "sampler=fps" in [one.partition("\t")[0] for one in answers]
    assert "sampler=fps" in "".join(shell(["fish", "-c", 'complete -C "$argv"', "posecfg plan sampler=f"], home))


def test_a_checkout_completes_its_run_py_and_an_installation_does_not(run_py):
    for name in completion.SHELLS:
        assert "python3" not in completion.script(name, False)
        assert "python3" in completion.script(name, True)
        assert run_py("completion", name) == completion.script(name, True)


@pytest.fixture
def run_py(capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["run.py"])

    def call(*words):
        assert dispatch(list(words)) == 0
        return capsys.readouterr().out

    return call
