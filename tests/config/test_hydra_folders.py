"""Hydra's own files take no place of a file of the user."""

from __future__ import annotations

import pytest

from posecfg.config.compose import compose
from posecfg.errors import ConfigError
from posecfg.layout import HOME

pytestmark = pytest.mark.deep

WORDS = ["dataset=synthetic", "detector=synthetic", "dataset.clips=1", "dataset.frames=2", "dataset.size=[32,24]"]


@pytest.fixture(autouse=True)
def mine(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine").mkdir()
    return tmp_path / "mine"


def run(monkeypatch, *words):
    from posecfg import cli

    monkeypatch.setattr("sys.argv", ["posecfg", *WORDS, "workers=0", "--json", *words])
    with pytest.raises(SystemExit) as caught:
        cli.main()
    return caught.value.code


@pytest.mark.parametrize(
    "name", ["config.yaml", "hydra.yaml", "overrides.yaml", "posecfg.json", "posecfg.log", "x.log"]
)
def test_a_folder_with_files_of_the_user_is_refused(mine, monkeypatch, capsys, name):
    (mine / name).write_text("precious")
    assert run(monkeypatch, "hydra.run.dir=mine") == 1
    told = f"hydra.run.dir is 'mine', where Hydra would write over 'mine/{name}', which posecfg did not write: "
    assert told in capsys.readouterr().err
    assert [(path.name, path.read_text()) for path in mine.iterdir()] == [(name, "precious")]


def test_a_folder_of_a_sweep_is_refused(mine, monkeypatch):
    (mine / "0").mkdir()
    (mine / "0" / "config.yaml").write_text("precious")
    with pytest.raises(ConfigError, match=r"^hydra.sweep.dir is 'mine', .*'mine/0/config.yaml'"):
        compose([*WORDS, "hydra.sweep.dir=mine", "bbox_thr=0.2,0.5"], multirun=True)


def test_a_link_is_refused_even_among_our_own(mine, monkeypatch):
    assert run(monkeypatch, "hydra.run.dir=mine") == 0
    (mine / "config.yaml").unlink()
    (mine / "config.yaml").symlink_to("/nowhere")
    assert run(monkeypatch, "hydra.run.dir=mine") == 1


def test_the_same_command_may_be_typed_again(mine, monkeypatch):
    for _ in range(2):
        assert run(monkeypatch, "output_dir=out", "hydra.run.dir=mine") == 0
        assert run(monkeypatch, "-m", "hydra.sweep.dir=swept", "bbox_thr=0.2,0.5") == 0
    assert (mine / "config.yaml").is_file()
    assert not (mine / HOME).exists()


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("hydra.output_subdir=..", "hydra.output_subdir is '..', which leads out"),
        ("hydra.output_subdir=/tmp", "hydra.output_subdir is '/tmp', which leads out"),
        ("+hydra.job_logging.handlers.file.filename=notes", "expected the name of a log file"),
        ("hydra.job_logging.handlers.file.filename=/home/notes.log", "expected the name of a log file"),
    ],
)
def test_names_that_lead_elsewhere_are_refused(word, told):
    with pytest.raises(ConfigError) as caught:
        compose([*WORDS, word.replace("+", "++")])
    assert told in str(caught.value)


def test_what_was_typed_cannot_control_the_terminal(monkeypatch, capsys):
    red = "\x1b[31m\x9b31m"
    assert run(monkeypatch, f"detector={red}") != 0
    assert run(monkeypatch, f"output_dir='{red}'") == 0
    from posecfg import cli

    for words in (["verify", red], [red], ["models", "fetch", red], ["plan", *WORDS, f"output_dir='{red}'"]):
        monkeypatch.setattr("sys.argv", ["posecfg", *words])
        with pytest.raises(SystemExit):
            cli.main()
    monkeypatch.setattr("sys.argv", ["posecfg", *WORDS, "workers=0", f"output_dir='{red}'", "overwrite=true"])
    with pytest.raises(SystemExit):
        cli.main()
    said = "".join(capsys.readouterr())
    assert "[31m" in said
    assert "\x1b" not in said
    assert "\x9b" not in said


def test_a_link_in_the_place_of_the_folder_of_starts_is_refused(mine, monkeypatch, capsys):
    (mine.parent / "outputs").mkdir()
    (mine.parent / "outputs" / ".hydra").symlink_to(mine)
    assert run(monkeypatch) == 1
    assert "'outputs/.hydra' is a link" in capsys.readouterr().err
    assert not list(mine.iterdir())
