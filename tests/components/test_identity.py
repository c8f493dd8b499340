from __future__ import annotations

from functools import cache

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from posecfg.components.identity import digest, identity, normal
from posecfg.components.identity_diff import differences
from posecfg.config.schema import OWN, USUAL

CHAIN = ("dataset=synthetic", "detector=synthetic", "sampler=fps", "refine=fill")
OPERATIONAL = [
    "workers=4",
    "limit=2",
    "shard=1/3",
    "output_dir=elsewhere",
    "overwrite=true",
    "append=true",
    "redo=[a,b*]",
    "only=[a,b*]",
    "on_error=stop",
    "strict=true",
    "console=lines",
    "score_floor=0.1",
    "video.threads=1",
    "device.threads=3",
    "detector.batch=16",
    "executor.timeout=5",
    "models.dir=weights",
    "models.autofetch=true",
    "models.mmpose=code",
    "writer=[npz,npy]",
    "writer.npy.dtype=float64",
    "kpt_thr=0.5",
    "video.min_duration=1",
    "video.max_duration=9",
    "video.fps=[20,60]",
    "dataset.clips=7",
    "hydra.verbose=true",
    "hydra.run.dir=logs",
]
DEFAULTS = [
    "bbox_thr=0.3",
    "sampler.rate=24",
    "sampler.mode=exact",
    "detector.people=1",
    "detector.score_thr=${score_floor}",
    "persons=best",
    "persons.bbox_thr=0.3",
    "lifter=none",
    "device=auto",
    "device.precision=fp32",
    "refine.fill.edges=hold",
    "video.start=null",
    "video.hwaccel=cpu",
    "executor=local",
]
MORE = {
    "refine=null": "refine: [Fill], now []",
    "device=cuda": "device.name: auto, now cuda",
    "persons.patience=3": "persons.patience: 30, now 3",
}
DECISIVE = {
    "bbox_thr=0.4": "bbox_thr: 0.3, now 0.4",
    "sampler.rate=25": "sampler.rate: 24, now 25",
    "detector.people=2": "detector.people: 1, now 2",
    "detector.score_thr=0.5": "detector.score_thr: 0, now 0.5",
    "detector.noise=0.1234567": "detector.noise: 0, now 0.1234567",
    "seed=1": "detector.seed: 0, now 1",
    "persons.follow=false": "persons.follow: true, now false",
    "refine.fill.max_gap=5": "refine.fill.max_gap: null, now 5",
    "video.start=1": "video.start: null, now 1",
    "video.end=9.5": "video.end: null, now 9.5",
    "video.hwaccel=cuda": "video.hwaccel: cpu, now cuda",
    "device.precision=fp16": "device.precision: fp32, now fp16",
}


@pytest.fixture(scope="module")
def job(typed):
    """Compose CHAIN with words in place of its own choice of a group."""

    @cache
    def make(*words):
        chosen = {word.partition("=")[0] for word in words}
        return typed(*(w for w in CHAIN if w.partition("=")[0] not in chosen), *words)

    return make


@pytest.mark.parametrize("words", [OPERATIONAL, ["writer=null"]])
def test_what_cannot_change_the_data_does_not_change_the_hash(job, words):
    assert job(*words).identity == job().identity
    assert job(*words).hash == job().hash


@pytest.mark.parametrize("words", [DEFAULTS, ["bbox_thr=0.30"], ["bbox_thr=3e-1"]])
def test_typing_a_default_changes_nothing(job, words):
    assert job(*words).identity == job().identity


@pytest.mark.parametrize("words", [{"persons=largest": "persons: Best, now Largest"}, MORE, DECISIVE])
def test_what_can_change_the_data_changes_the_hash_and_is_named(job, words):
    assert job(*words).hash != job().hash
    assert sorted(differences(job().identity, job(*words).identity, usual=USUAL)) == sorted(words.values())


def test_the_value_of_what_is_left_out_is_told_on_both_sides(job):
    there, back = job("sampler.rate=25", "video.start=1", "device=cuda"), job()
    assert differences(there.identity, back.identity, usual=USUAL) == [
        "device.name: cuda, now auto",
        "sampler.rate: 25, now 24",
        "video.start: 1, now null",
    ]


def test_what_has_no_effect_any_more_is_told_so_whatever_is_typed(typed):
    masked, plain = typed("writer.npy.mask=true", "kpt_thr=0.5"), typed("kpt_thr=0.5")
    assert differences(masked.writers(), plain.writers(), "writer") == [
        "writer.npy.kpt_thr: 0.5, now without effect",
        "writer.npy.mask: true, now false",
    ]


def test_a_default_that_another_version_had_is_not_told_as_two_equal_values(job):
    now = job().identity
    old = now | {"sampler": now["sampler"] | {"rate": 24.0}}
    assert differences(old, now) == ["sampler.rate: 24, now default"]


def test_the_default_of_a_class_that_is_not_there_any_more_has_no_value():
    old = {"_target_": "labpose.parts.Gone"}
    assert differences(old, old | {"depth": 2.0}, "detector") == ["detector.depth: default, now 2"]


def test_another_component_is_named_once(job):
    (line,) = differences(job().identity, job("detector=blazepose").identity)
    assert line == "detector: Synthetic, now BlazePose"


def test_the_order_of_words_does_not_matter(typed):
    words = ["detector.people=2", "bbox_thr=0.5", *CHAIN, "video.start=1.0"]
    assert typed(*words).hash == typed("video.start=1", *reversed(words[:-1])).hash


def test_the_order_of_refine_matters(typed, conf):
    page = "# @package refine.again\n_target_: posecfg.refine.fill.Fill\nmax_gap: 3\nedges: hold\n"
    folder = conf("refine/again.yaml", page)
    one = typed("refine=[fill,again]", config_dir=folder)
    other = typed("refine=[again,fill]", "refine.again.max_gap=3", config_dir=folder)
    assert list(one.config["refine"]) == ["fill", "again"]
    assert list(other.config["refine"]) == ["again", "fill"]
    assert one.hash != other.hash


def test_a_path_is_the_same_however_it_is_typed(typed, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    config = typed("detector=stored", "detector.path=a/b").config
    paths = ("a/b", "./a//b/", "a/c/../b", str(tmp_path / "a/b"))
    found = [identity(config | {"detector": config["detector"] | {"path": path}}, OWN) for path in paths]
    assert found[0]["detector"]["path"] == str(tmp_path / "a/b")
    assert found == found[:1] * 4


def test_writers_have_identities_of_their_own(typed):
    changes = ["writer.npy.dtype=float64", "writer.npy.mask=true", "kpt_thr=0.5"]
    one, other = typed("writer=[npy,csv]"), typed("writer=[npy,csv]", *changes)
    assert one.hash == other.hash
    assert one.writers()["csv"] == {"_target_": "posecfg.writers.csv.Csv"}
    npy = {"_target_": "posecfg.writers.npy.Npy", "dtype": "float64", "mask": True, "kpt_thr": 0.5}
    assert other.writers()["npy"] == npy


def test_a_threshold_that_nothing_heeds_changes_nothing_and_is_told(typed):
    assert typed("kpt_thr=0.5").writers() == typed().writers()
    assert typed("kpt_thr=0.5").notes == (
        "kpt_thr changes nothing here, since no writer masks or draws keypoints: type writer.npy.mask=true to leave "
        "out what scores lower",
    )
    for words in (["writer.npy.mask=true"], ["writer=[npy,overlay]"], ["writer=[preview]"]):
        assert typed("kpt_thr=0.5", *words).notes == ()
    assert typed("experiment=movenet_overlay", "kpt_thr=0.5").notes == ()
    assert typed("experiment=rtmpose3d_youtube_asl").notes == ()


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.floats(-1e9, 1e9) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(VALUES)
def test_a_normal_value_is_already_normal(value):
    assert normal(normal(value)) == normal(value)
    assert digest(normal(normal(value))) == digest(normal(value))


@given(VALUES, VALUES)
@example([False], [0])
def test_values_differ_when_their_digests_do(one, other):
    one, other = normal({"key": one}), normal({"key": other})
    assert bool(differences(one, other)) == (digest(one) != digest(other))


def test_equal_numbers_are_equal_text():
    assert digest(normal([1, 0.30, 0.1 + 0.2, -0.0])) == digest(normal([1.0, 0.3, 0.3, 0]))
    assert digest(normal(True)) != digest(normal(1))
