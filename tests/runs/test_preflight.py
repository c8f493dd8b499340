from __future__ import annotations

import pytest

from posecfg.detectors.synthetic import Synthetic
from posecfg.errors import ConfigError
from posecfg.facts import Facts
from posecfg.runs.preflight import problems


class Tracking(Synthetic):
    @staticmethod
    def facts(**arguments):
        return Facts(stateful=True)


class Either(Synthetic):
    def __init__(self, follow: bool = True) -> None:
        super().__init__()

    @staticmethod
    def facts(follow, **arguments):
        return Facts(stateful=follow, stateless_by="detector.follow=false")


class Inside(Synthetic):
    def __init__(self, finder=None) -> None:
        super().__init__()

    @staticmethod
    def facts(**arguments):
        return Facts()


class Misspelt(Synthetic):
    @staticmethod
    def facts(**arguments):
        return Facts(statefull=True)


class Untyped(Synthetic):
    @staticmethod
    def facts(**arguments):
        return {"stateful": True}


@pytest.fixture
def said(typed, monkeypatch):
    """Return what is said of a chain whose detector is of a class given here, or built in."""

    def say(*words, detector=None, **arguments):
        job = typed("dataset=synthetic", "detector=synthetic", *words)
        if detector is not None:
            job.config["detector"] = {"_target_": f"tests.{detector.__name__}", **arguments}
        classes = {f"tests.{kind.__name__}": kind for kind in (Tracking, Either, Inside, Misspelt, Untyped)}
        from posecfg.components import parts

        located = parts.locate
        for module in ("parts", "build"):
            name = f"posecfg.components.{module}.locate"
            monkeypatch.setattr(name, lambda target, where: classes.get(target) or located(target, where))
        return [str(error) for error in problems(job) if isinstance(error, ConfigError)]

    return say


def test_motion_needs_a_detector_that_looks_at_each_frame_by_itself(said):
    assert said("sampler=motion") == []
    (text,) = said("sampler=motion", detector=Tracking)
    assert text.startswith("sampler=motion looks at some frames only, but detector=synthetic follows from frame to")
    assert text.endswith("frame: type sampler=all.")


def test_what_to_type_for_such_a_detector_is_told_where_there_is_a_way(said):
    (text,) = said("sampler=motion", detector=Either)
    assert text.endswith("detector=synthetic follows from frame to frame: type detector.follow=false or sampler=all.")
    assert said("sampler=motion", detector=Either, follow=False) == []


def test_a_detector_inside_another_counts(said):
    (text,) = said("sampler=motion", detector=Inside, finder={"_target_": "tests.Tracking"})
    assert "detector/finder=Tracking follows" in text
    assert said("sampler=motion", detector=Inside) == []


def test_facts_that_are_none_are_refused(said):
    (text,) = said(detector=Misspelt)
    assert "detector: Misspelt.facts is wrong: " in text
    assert "statefull" in text
    (text,) = said(detector=Untyped)
    assert "expected Untyped.facts to return Facts, but got {'stateful': True}" in text


@pytest.mark.parametrize("sampler", ["all", "stride", "fps", "uniform"])
def test_other_samplers_go_with_any_detector(said, sampler):
    assert said(f"sampler={sampler}", detector=Tracking) == []


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["detector=rtmw3d", "detector.pose.intrinsics=[5]"], "detector.pose: Expected intrinsics to be [fx, fy]"),
        (["detector=rtmw3d", "detector.pose.root_z=0"], "detector.pose: Expected root_z to be metres above 0"),
        (["detector=rtmdet", "detector.boxes.most=0"], "detector.boxes: Expected most to be at least 1"),
        (["detector=rtmdet", "detector.pose.padding=0"], "detector.pose: Expected padding to be above 0"),
        (["detector=yolox", "detector.boxes.nms=7"], "detector.boxes: Expected nms to be from 0 to 1"),
        (["detector=yolox", "detector.pose.padding=-1"], "detector.pose: Expected padding to be above 0"),
        (["detector=yolox", "detector.det_every=0"], "detector: Expected det_every to be at least 1"),
        (["detector=movenet", "detector.threads=0"], "detector: Expected detector.threads to be from 1"),
        (["detector=blazepose", "detector.max_side=0"], "detector: Expected detector.max_side to be null or"),
    ],
)
def test_arguments_that_no_weights_could_make_right_are_told_before_any_are_loaded(typed, monkeypatch, words, sentence):
    monkeypatch.setattr("posecfg.backends.present", lambda module: True)
    text, *_ = problems(typed(*words))
    assert str(text).startswith(sentence)


def test_a_device_that_the_installed_build_lacks_is_told_before_the_run(typed):
    runtime = pytest.importorskip("onnxruntime")
    if "OpenVINOExecutionProvider" in runtime.get_available_providers():
        pytest.skip("this build of ONNX Runtime has OpenVINO")
    told = [str(error) for error in problems(typed("detector=rtmdet", "device=openvino"))]
    assert "detector.boxes: device=openvino was asked for, but the installed ONNX Runtime" in told[0]


def test_builds_of_a_package_that_overwrote_each_other_are_told_before_the_run(typed, monkeypatch):
    pytest.importorskip("onnxruntime")
    both = ("onnxruntime", "onnxruntime-openvino")
    monkeypatch.setattr("posecfg.backends.version", lambda name: "1.20" if name in both else None)
    told = [str(error) for error in problems(typed("detector=rtmdet"))]
    assert "onnxruntime and onnxruntime-openvino are installed together" in told[0]
    assert told[0].endswith("pip install 'posecfg[onnx-openvino]'")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["detector=movenet", "writer.npy.channels=[x,y,z]"], r"writer.npy: 'z' is not in this data: "),
        (["detector=movenet", "writer=[csv]", "writer.csv.space=xyz"], r"writer.csv: 'x' is not in this data: "),
        (["experiment=rtmpose3d_youtube_asl", "writer.npy.channels=[x,y,z]"], "type writer.npy.channels=[x,y,depth]"),
        (["detector=synthetic", "writer.npy.space=xyz"], "type writer.npy.space=auto"),
    ],
)
def test_numbers_that_no_frame_will_have_are_told_before_any_is_looked_at(typed, words, sentence):
    assert any(sentence in str(error) for error in problems(typed(*words)))


@pytest.mark.parametrize(
    "words",
    [
        ["detector=blazepose", "writer.npy.channels=[x,y,z,depth]", "writer.npy.space=xyz"],
        ["detector=synthetic", "detector.xyz=true", "writer.npy.space=xyz"],
        ["detector=rtmw3d", "detector.pose.intrinsics=[1145,1144]", "writer.npy.channels=[x,y,z]"],
        ["detector=stored", "detector.path=.", "writer.npy.channels=[x,y,z]"],
    ],
)
def test_numbers_that_frames_will_have_are_not_refused(typed, words):
    assert not any("is not in this data" in str(error) for error in problems(typed(*words)))


class Half:
    """Runs clips, and cannot be stopped."""

    def __init__(self):
        self.workers = 1

    def prepare(self, config, clips=None): ...

    def run(self, setup, works, mend): ...


class Numberless(Half):
    def __init__(self): ...

    def stop(self): ...


LACKS = [(Half, "it has no 'stop'"), (Numberless, "it has no number of 'workers'")]


@pytest.mark.parametrize(("kind", "lack"), LACKS, ids=["method", "value"])
def test_an_executor_with_only_some_of_the_contract_is_refused_with_what_it_lacks(typed, monkeypatch, kind, lack):
    from posecfg.components import parts

    job, located = typed("dataset=synthetic", "detector=synthetic"), parts.locate
    job.config["executor"] = {"_target_": "tests.Executor"}
    for module in ("parts", "build"):
        name = f"posecfg.components.{module}.locate"
        monkeypatch.setattr(name, lambda target, where: kind if target == "tests.Executor" else located(target, where))
    assert [str(error) for error in problems(job)] == [f"executor={kind.__name__} is no executor: {lack}."]
