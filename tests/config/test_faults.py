"""What people mistype: one sentence a fault, naming the thing and what to type, and never a word of Hydra's."""

from __future__ import annotations

import re

import pytest

from posecfg.config.schema import parse_shard

# The faults of one group are told together, by one composition.
KEYS = {
    "bbox_tr=0.2": "nothing reads 'bbox_tr'. Did you mean 'bbox_thr'?",
    "+bbox_tre=0.2": "nothing reads 'bbox_tre'. Did you mean 'bbox_thr'?",
    "++BBOX_THR=0.2": "nothing reads 'BBOX_THR'. Did you mean 'bbox_thr'?",
    "threshold=0.2": "nothing reads 'threshold'. Did you mean 'bbox_thr'?",
    "detecter=blazepose": "nothing reads 'detecter': type detector=blazepose.",
    "detektor.complexity=1": "nothing reads 'detektor'. Did you mean 'detector'?",
    "complexity=1": "nothing reads 'complexity': type detector.complexity=1.",
    "video.strat=1": "nothing reads 'video.strat'. Did you mean 'video.start'? video reads: start, end,",
    "models.foo=1": "nothing reads 'models.foo'. models reads: dir, autofetch, mmpose.",
    "detector.complexty=1": "nothing reads 'detector.complexty'. Did you mean 'detector.complexity'?",
    "+detector.smoth=1": "nothing reads 'detector.smoth'. Did you mean 'detector.smooth'?",
    "detector._args_=[1]": "nothing reads 'detector._args_'.",
    "writer.npy.chanels=[x]": "nothing reads 'writer.npy.chanels'. Did you mean 'writer.npy.channels'?",
    "sampler.rate=24": "sampler=all does not read 'rate', but sampler=fps does: choose it, or leave 'sampler.rate' out",
    "dataset.overwrite=true": "nothing reads 'dataset.overwrite'. Did you mean 'overwrite'?",
    "sampler.foo=1": "nothing reads 'sampler.foo'. sampler=all reads: nothing.",
    "dataset.end=1": "nothing reads 'dataset.end'. Did you mean 'video.end'? dataset=demo reads: nothing.",
    "dataset.subjects=[1]": "dataset=demo does not read 'subjects', but dataset=totalcapture does",
    "persons.nobody=1": "nothing reads 'persons.nobody'. persons=best reads: bbox_thr, follow, overlap, patience.",
}
MEMBERS = {
    "writer.csv.path=x": "nothing reads 'writer.csv': the chosen ones are [npy]. Type 'writer=[npy,csv]' to add it.",
    "writer.cvs.path=x": "nothing reads 'writer.cvs': the chosen ones are [npy]. Did you mean 'csv'?",
    "refine.fill.max_gap=1": "nothing reads 'refine.fill': no refine is chosen. Type 'refine=[fill]' to add it.",
}
OPTIONS = {
    "detector=blazpose": "detector has no option 'blazpose'. Did you mean 'blazepose'? Options: annotations,",
    "lifter=npy": "lifter has no option 'npy': type 'writer=[npy]' (options: none, videopose3d).",
    "writer=[npy,vcs,fps]": "writer has no option 'vcs'. Did you mean 'csv'?",
    "=": "writer has no option 'fps': type sampler=fps (options: angles,",
    "refine=smoothe": "refine has no option 'smoothe'. Did you mean 'smooth'?",
    "metric=nothing": "metric has no option 'nothing'. Options: ",
    "sampler=2": "sampler has no option '2': type sampler=fps sampler.rate=2 (options: all, annotated, fps, motion,",
    "persons=null": "persons=null: a run cannot do without; choose one of all,",
    "device=[cpu]": "device: expected one option, but got a list; type device=cpu.",
    "dataset={clips:2}": "'dataset' is a group: type dataset=NAME to choose, and dataset.KEY=... to set.",
    "experiment=nothing": "experiment has no option 'nothing'.",
    "~executor": "'~executor': a run cannot do without; type executor=NAME, one of ",
    "~video.start": "'~video.start': a setting cannot be removed; type video.start=null where it may be empty.",
    "detector/poses=x": "there is no group 'detector/poses'. Did you mean 'detector/pose'?",
    "video/end=1": "there is no group 'video/end'. Did you mean video.end=...?",
    "writer/npy/missing=zero": "there is no group 'writer/npy/missing'. Did you mean writer.npy.missing=...?",
    "writer/csv.space=xy": "'writer/csv.space' has a slash, but only groups have: type writer.csv.space=...",
    "detector@there=blazepose": "'detector@there': the place of a group is fixed; leave '@there' out.",
    "bbox_thr=0.2,0.5": "bbox_thr=0.2,0.5 has several values: put -m in front to sweep over them.",
    "kpt_thr=0,5": "put -m in front to sweep over them, or use a point for a decimal, kpt_thr=0.5.",
    "seed=range(0,1)": "seed=range(0,1) is a sweep: put -m in front.",
    "writer.npy.channels=x,y": "put -m in front to sweep over them, or type 'writer.npy.channels=[x,y]' for a list.",
    "limit=(": "limit has a value with special characters, (: type it in quotes, \"limit='('\".",
    "=x": "expected key=value, but got '=x'.",
    "a*b=c": "expected key=value, but got 'a*b=c'.",
}
PLUSES = {
    "+experiment=x": "'+experiment' needs no plus: type experiment=NAME, one of ",
    "+detector=blazepose": "'+detector' needs no plus: type detector=NAME, one of annotations, blazepose,",
    "+writer=csv": "'+writer': name all of them in one list, such as 'writer=[angles,csv]'.",
    "++metric=[pck,oks]": "'++metric': name all of them in one list, such as 'metric=[epe,pck,oks]'.",
    "~refine": "'~refine': type refine=null for none.",
    "seed=1 seed=2": "'seed' is given twice: keep one of them.",
    "bbox_thr=0.2 +bbox_thr=0.2 ++bbox_thr=0.3": "'bbox_thr' is given 3 times: keep one of them.",
}
TYPES = {
    "bbox_thr=abc": "bbox_thr: expected a number, but got 'abc'.",
    "kpt_thr=": "kpt_thr: expected a number, but got ''.",
    "seed=null": "seed: expected a whole number, but got null.",
    "limit=1.5": "limit: expected a whole number, but got '1.5'.",
    "overwrite=maybe": "overwrite: expected true or false, but got 'maybe'.",
    "video=5": "video: expected its settings one by one (video.KEY=...), but got 5.",
    "models=null": "models: expected a value, but got null.",
}
ARGUMENTS = (
    "detector.complexity=one detector.threads=null detector.smooth=1 persons.overlap=true "
    "writer.npy.channels=x writer.npy.dtype=[float32] sampler=fps sampler.rate=fast sampler.mode=near "
    "dataset=folder dataset.path= bbox_thr=1.5 kpt_thr=inf seed=-1 workers=-1 limit=0 shard=5/4 redo=[[a]] "
    "on_error=ignore console=pretty output_dir= video.fps=[60,24] video.threads=0 video.start=5 video.end=2 "
    "video.max_duration=-2 "
)
UNFIT = [
    "detector.complexity: expected a whole number, but got 'one'.",
    "detector.threads: expected a whole number, but got null.",
    "detector.smooth: expected true or false, but got 1.",
    "persons.overlap: expected a number, but got true.",
    "writer.npy.channels: expected a list such as [a,b] or null, but got 'x'.",
    "writer.npy.dtype: expected float32 or float64 or float16, but got ['float32'].",
    "sampler.rate: expected a number, but got 'fast'.",
    "sampler.mode: expected exact or accumulator or resample, but got 'near'.",
    "dataset.path: expected a path, but got ''.",
    "bbox_thr: expected a number from 0 to 1, but got 1.5.",
    "kpt_thr: expected a number from 0 to 100, but got inf.",
    "seed: expected a whole number from 0, but got -1.",
    "workers: expected auto, or a whole number from 0 to 1024, but got -1: type workers=auto.",
    "limit: expected a whole number from 1, or null, but got 0.",
    "shard: expected 'i/n' with i from 1 to n, but got '5/4'.",
    "redo: expected true, false, the name of a clip or of a file of names, or a list of these, but got [['a']].",
    "on_error: expected continue or stop, but got 'ignore': type on_error=continue.",
    "console: expected auto or lines, but got 'pretty'.",
    "output_dir: expected a folder, or null, but got ''.",
    "video.fps: expected [lowest,highest] frames per second, or null, but got [60,24].",
    "video.threads: expected auto, or a whole number from 1 to 256, but got 0.",
    "video.end: expected more than video.start, which is 5, but got 2.",
    "video.max_duration: expected seconds from 0 or a time such as 00:01:30, or null, but got -2.",
]
ALONE = {
    "workers=two": "workers: expected auto, or a whole number from 0 to 1024, but got 'two'.",
    "bbox_thr=nan": "bbox_thr: expected a number from 0 to 1, but got nan.",
    "score_floor=0.9": "score_floor: expected a number from 0 to bbox_thr, which is 0.3, but got 0.9.",
    "writer.npy=5": "writer.npy: expected its settings one by one (writer.npy.KEY=...), but got 5.",
    "+bbox_thr=0.5": "'bbox_thr' is there already: type it without the plus.",
    "persons.bbox_thr=${bbox_tr}": "persons.bbox_thr refers to 'bbox_tr', which is not there. Did you mean 'bbox_thr'?",
    "hydra.vrbose=true": "nothing reads 'hydra.vrbose'.",
    "dataset=folder": "dataset.path must be given: type dataset.path=... A path alone does the same: 'run.py films'.",
    "detector=stored": "detector.path must be given: type detector.path=...",
    "writer=[npy,npy]": "writer names 'npy' twice.",
}


def words(faults):
    return [word for line in faults for word in line.split() if word not in ("writer", "=")]


def is_ours(sentence):
    foreign = re.search(r"append|Hydra|\bstruct\b|DictConfig|Error|config group", sentence)
    return sentence.endswith((".", "?")) and not foreign


@pytest.mark.parametrize(
    "faults", [KEYS, MEMBERS, OPTIONS, PLUSES, TYPES], ids=["keys", "members", "options", "pluses", "types"]
)
def test_every_fault_is_a_sentence_of_its_own(refused, faults):
    sentences, code = refused(*words(faults))
    assert code == 1
    for expected in faults.values():
        assert any(expected in sentence for sentence in sentences), expected
    assert len(sentences) == len(faults)
    assert all(map(is_ours, sentences))


def test_a_part_that_does_not_read_a_key_names_those_that_do(refused):
    sentences, _ = refused("detector=yolox", "detector.pose.flip_test=true", "detector.pose.foo=1")
    assert sentences == [
        "detector.pose does not read 'flip_test', but detector/pose=rtmpose_l or detector/pose=rtmpose_l_halpe26 or "
        "detector/pose=rtmpose_m does: choose it, or leave 'detector.pose.flip_test' out.",
        "nothing reads 'detector.pose.foo'. detector.pose reads: model, weights, padding, runtime, device, threads.",
    ]


def test_values_are_held_against_their_reader_and_range(refused):
    sentences, _ = refused(*ARGUMENTS.split())
    assert sorted(sentences) == sorted(UNFIT)


@pytest.mark.parametrize("line", ALONE)
def test_a_fault_alone_is_one_sentence(refused, line):
    sentences, code = refused(line)
    assert sentences == [ALONE[line]]
    assert code == 1
    assert is_ours(sentences[0])


@pytest.mark.parametrize("shard", ["0/4", "half", "1/0", "1/", "-1/2", "²/³"])
def test_a_shard_is_one_of_its_parts(shard):
    assert parse_shard(shard) is None


def test_every_fault_of_a_line_is_named(refused):
    sentences, _ = refused("bbox_tr=1", "wrkers=2", "video.strat=3", "limit=two", "strict=perhaps")
    assert [s.split(".")[0] for s in sentences] == [
        "nothing reads 'bbox_tr'",
        "nothing reads 'wrkers'",
        "nothing reads 'video",
        "limit: expected a whole number, but got 'two'",
        "strict: expected true or false, but got 'perhaps'",
    ]


def test_what_can_be_understood_is_accepted(typed):
    job = typed(
        "writer=csv", "metric=null", "refine=fill", "++kpt_thr=0.5", "strict=1", "video.fps=[24,60]", "shard=2/4"
    )
    assert (list(job.config["writer"]), list(job.config["refine"]), list(job.config["metric"])) == (
        ["csv"],
        ["fill"],
        [],
    )
    assert (job.config["kpt_thr"], job.config["strict"], job.config["video"]["fps"]) == (0.5, True, [24, 60])
    job = typed("writer=null", "bbox_thr=0.7", "score_floor=0.1")
    assert (job.config["writer"], job.config["score_floor"]) == ({}, 0.1)


def test_a_yaml_of_ones_own_is_told_its_faults(refused, conf):
    conf("experiment/broken.yaml", "# @package _global_\ndefaults: [\n")
    conf("experiment/strange.yaml", "# @package _global_\ndefaults:\n  - override /detektor: blazepose\n")
    conf("experiment/missing.yaml", "# @package _global_\ndefaults:\n  - override /detector: blazpose\n")
    conf("experiment/plain.yaml", "# @package _global_\ndefaults:\n  - /detector: stored\n")
    conf("experiment/typo.yaml", "# @package _global_\nbbox_tr: 0.2\ndetector:\n  smoth: true\nworkers: many\n")
    conf("experiment/bytes.yaml", "").joinpath("experiment/bytes.yaml").write_bytes(b"# \xff\xfe\n")
    folder = conf("experiment/loop.yaml", "# @package _global_\nbbox_thr: ${kpt_thr}\nkpt_thr: ${bbox_thr}\n")

    def sentences(name):
        found, code = refused(f"experiment={name}", config_dir=folder)
        assert code == 1
        return found

    assert "YAML file cannot be read" in sentences("broken")[0]
    assert sentences("strange") == [
        "in conf/experiment/strange.yaml: nothing reads 'detektor'. Did you mean 'detector'?"
    ]
    assert "detector has no option 'blazpose'. Did you mean 'blazepose'?" in sentences("missing")[0]
    assert "write '- override /detector: NAME'" in sentences("plain")[0]
    assert len(sentences("typo")) == 3
    assert len(sentences("bytes")) == 1
    assert len(sentences("loop")) == 1


def test_a_folder_that_is_not_there_is_named(refused, tmp_path):
    sentences, _ = refused("--config-dir", str(tmp_path / "none"))
    assert sentences == [f"--config-dir: expected a folder, but there is none at '{tmp_path / 'none'}'."]


def test_an_option_of_a_folder_that_would_not_be_read_is_refused(refused, tmp_path):
    (tmp_path / "persons").mkdir()
    file = tmp_path / "persons" / "best.yaml"
    file.write_text("_target_: posecfg.persons.largest.Largest\n")
    sentences, _ = refused("--config-dir", str(tmp_path))
    (sentence,) = sentences
    assert sentence.startswith(f"--config-dir: persons=best is there already, so '{file}' would not be read")
