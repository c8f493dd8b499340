"""What Hydra is asked for by flags."""

from __future__ import annotations

import sys

import pytest
import yaml

from posecfg.commands import hydra_app
from posecfg.commands.command_line import parse
from posecfg.errors import UsageError


@pytest.mark.parametrize("own", [False, True])
def test_the_configuration_is_printed_with_and_without_options_of_the_users_own(conf, capsys, own):
    folder = conf("sampler/mine.yaml", "_target_: posecfg.samplers.stride.Stride\nevery: 7\n")
    words = ["--config-dir", str(folder), "sampler=mine"] if own else ["sampler=stride"]
    assert hydra_app.show(parse(["--cfg", "job", *words])) == 0
    page = yaml.safe_load(capsys.readouterr().out)
    assert page["sampler"]["_target_"].startswith("posecfg.samplers.")
    assert (page["sampler"]["every"] == 7) == own


@pytest.mark.parametrize(
    ("words", "key"),
    [
        (["--cfg", "job", "-p", "detector"], "_target_"),
        (["--cfg", "job", "-p", "_global_"], "detector"),
        (["--cfg", "hydra", "-p", "hydra.run"], "dir"),
        (["--cfg", "all", "-p", "detector"], "_target_"),
    ],
)
def test_a_part_of_the_configuration_is_printed(words, key, capsys):
    assert hydra_app.show(parse(words)) == 0
    assert key in yaml.safe_load(capsys.readouterr().out)


@pytest.mark.parametrize("name", ["\x1b[31mred", "detector.\x1b", "detektor", "a[", "@x", "hydra.run", "limit"])
def test_a_part_that_is_not_there_is_refused_before_hydra_prints_it(name, capsys):
    with pytest.raises(UsageError, match="--package: expected a part of the configuration") as caught:
        hydra_app.show(parse(["--cfg", "job", "-p", name]))
    assert capsys.readouterr() == ("", "")
    assert ("Did you mean 'detector'?" in str(caught.value)) == (name == "detektor")


def test_hydra_gets_the_name_of_the_program_and_no_other_words(monkeypatch, tmp_path):
    seen, words = [], ["sampler=stride", "hydra.run.dir=.", "hydra.output_subdir=null"]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["posecfg", "run", "film.mp4"])
    hydra_app.call(words, lambda config: seen.extend(sys.argv))
    assert seen == ["posecfg", *words]
    assert sys.argv == ["posecfg", "run", "film.mp4"]
