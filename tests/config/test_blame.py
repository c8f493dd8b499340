"""A fault in a user's own YAML is told with file and line; one that was typed, or is ours, is not."""

import pytest

from posecfg.config.compose import compose
from posecfg.errors import ConfigError

MINE = """# mine
_target_: posecfg.detectors.synthetic.Synthetic
people: {people}
noise: 0.0
"""


def told(words, folder):
    with pytest.raises(ConfigError) as error:
        compose(words, config_dir=str(folder))
    return str(error.value)


@pytest.mark.parametrize(
    ("people", "sentence"),
    [
        ("two", "detector.people: expected a whole number, but got 'two'"),
        ("${nothing.here}", "detector.people refers to 'nothing.here', which is not there"),
    ],
)
def test_a_value_of_an_option_of_ones_own_is_found_in_its_file(conf, people, sentence):
    folder = conf("detector/mine.yaml", MINE.format(people=people))
    text = told(["detector=mine", "dataset=synthetic"], folder)
    assert text == f"{sentence} ('{folder}/detector/mine.yaml', line 3)."


def test_so_is_a_key_that_nothing_reads_and_a_class_that_is_not_there(conf):
    folder = conf("detector/mine.yaml", MINE.format(people=1) + "sharp: 1\n")
    assert told(["detector=mine", "dataset=synthetic"], folder).endswith(f"('{folder}/detector/mine.yaml', line 5).")
    conf("detector/mine.yaml", "_target_: posecfg.nothing.Here\n")
    assert told(["detector=mine", "dataset=synthetic"], folder).endswith(f"('{folder}/detector/mine.yaml', line 1).")


def test_a_value_of_a_writer_is_too(conf):
    text = "# @package writer.mine\n_target_: posecfg.writers.npy.Npy\nclip: perhaps\n"
    folder = conf("writer/mine.yaml", text)
    assert told(["writer=[mine]", "dataset=synthetic"], folder).endswith(f"('{folder}/writer/mine.yaml', line 3).")


@pytest.mark.parametrize(
    ("text", "sentence", "line"),
    [
        ("bbox_thr: high\n", "bbox_thr: expected a number, but got 'high'", 2),
        ("seed: 1\nvideo:\n  end: soon\n", "video.end: expected seconds", 4),
        ("detector:\n  smooth: true\n  complexity: one\n", "detector.complexity: expected a whole number", 4),
        ("smoth: 1\n", "nothing reads 'smoth'", 2),
        ("defaults:\n  - override /detector: movnet\n", "detector has no option 'movnet'. Did you mean 'movenet'?", 3),
    ],
)
def test_a_preset_of_ones_own_is_blamed_for_knobs_keys_and_choices(conf, text, sentence, line):
    folder = conf("experiment/mine.yaml", "# @package _global_\n" + text)
    said = told(["experiment=mine"], folder)
    assert said.startswith(sentence)
    assert said.endswith(f"('{folder}/experiment/mine.yaml', line {line}).")


def test_what_was_typed_is_not_blamed_on_a_file(conf):
    folder = conf("detector/mine.yaml", MINE.format(people=1))
    text = told(["detector=mine", "dataset=synthetic", "detector.people=two"], folder)
    assert text == "detector.people: expected a whole number, but got 'two'."


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("out.mp4", "type output_dir=out, and 'writer=[overlay]' writer.overlay.path=out.mp4"),
        ("a/poses.npy", "type output_dir=a/poses, and 'writer=[npy]' writer.npy.path=poses.npy"),
    ],
)
def test_a_folder_that_is_called_as_a_file_is_refused(name, advice):
    with pytest.raises(ConfigError, match="output_dir to be a folder") as error:
        compose([f"output_dir={name}"])
    assert advice in str(error.value)


def test_one_that_is_there_is_taken(tmp_path):
    (tmp_path / "clip.mp4").mkdir()
    assert compose([f"output_dir={tmp_path}/clip.mp4"])
