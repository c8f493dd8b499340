from __future__ import annotations

import importlib
import inspect
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import av
import numpy as np
import pytest
import tinygraphs
import yaml
from tinygraphs import SIDE, Spots
from told import facts

from posecfg import backends
from posecfg.detectors import movenet, tflite
from posecfg.detectors.movenet import MoveNet
from posecfg.detectors.movenet_crop import around, whole
from posecfg.errors import BackendMissing, ClipError, ConfigError, WeightsError
from posecfg.models import files, registry, store
from posecfg.timing import Laps, measured
from posecfg.types import Clip
from posecfg.video.frames import FrameBatch
from posecfg.video.reel import Shot

CONF = Path(__file__).resolve().parents[2] / "conf" / "detector" / "movenet.yaml"
CLIP = Clip("clip", Path("clip.mp4"))
PICTURES = Clip("pictures", Path("pictures"), independent=True)
needs_litert = pytest.mark.skipif(not backends.present("ai_edge_litert"), reason="ai_edge_litert is not installed")


@pytest.fixture
def build(monkeypatch, tmp_path):
    """Build a MoveNet on a file, or on an interpreter made of Python."""
    path = tmp_path / "model.tflite"
    path.touch()
    monkeypatch.setattr(store, "find", lambda name: path)
    monkeypatch.setattr(files, "digest", lambda path: "00ff")

    def make(interpreter=None, data=None, **options):
        if data is not None:
            path.write_bytes(data)
        if interpreter is not None:
            monkeypatch.setattr(tflite, "load", lambda runtime, wanted_by: interpreter)
        return MoveNet(**options)

    make.path = path
    return make


def batches(images, size=1):
    shots = [Shot(i, i, av.VideoFrame.from_ndarray(image, "rgb24"), 0) for i, image in enumerate(images)]
    for start in range(0, len(shots), size):
        picture = shots[start].picture
        yield FrameBatch(shots[start : start + size], Fraction(1, 30), (picture.width, picture.height))


def run(detector, images, clip=CLIP, size=1):
    return list(detector(batches(images, size), clip))


def scene(frame, size=(400, 300), hidden=()):
    """Return a picture with three spots that wander to the right, and where they are: red, green, blue."""
    image = np.zeros((size[1], size[0], 3), np.uint8)
    places = [(120 + 5 * frame, 100), (122 + 5 * frame, 140), (130 + 5 * frame, 180)]
    for channel, (x, y) in enumerate(places):
        if channel not in hidden:
            image[y - 4 : y + 4, x - 4 : x + 4, channel] = 255
    return image, np.array(places, float)


def same(ones, others):
    pairs = list(zip(ones, others, strict=True))
    return all(np.array_equal(a.xy, b.xy) and np.array_equal(a.scores, b.scores) for a, b in pairs)


@pytest.fixture
def regions(monkeypatch):
    """The boxes that were asked for, but for those of frames that were passed over."""
    asked = []
    original = FrameBatch.crop

    def crop(self, boxes, *wanted, **how):
        asked.extend(tuple(int(edge) for edge in box) for box in boxes if box[2] > box[0])
        return original(self, boxes, *wanted, **how)

    monkeypatch.setattr(FrameBatch, "crop", crop)
    return asked


@needs_litert
@pytest.mark.parametrize("dtype", ["uint8", "int32", "float32"])
def test_every_number_is_that_of_the_graph(build, dtype):
    image = np.random.default_rng(3).integers(0, 256, (SIDE, SIDE, 3), np.uint8)
    found = run(build(data=tinygraphs.write(build.path, dtype).read_bytes(), crop="stretch"), [image])[0]
    y, x, score = (image[0, :17].astype(np.float32) * np.float32(1 / 255)).T
    np.testing.assert_array_equal(found.xy[0], np.stack([x, y], axis=1) * np.float32(SIDE))
    np.testing.assert_array_equal(found.scores[0], score)
    assert found.skeleton.name == "coco17"
    assert found.meaning is movenet.MEANING
    assert {a.dtype for a in (found.xy, found.scores, found.boxes.xyxy, found.boxes.scores)} == {np.dtype("f4")}


@needs_litert
def test_the_box_is_the_extent_of_the_keypoints_and_its_score_their_mean(build):
    detector = build(data=tinygraphs.write(build.path).read_bytes(), crop="stretch")
    images = np.random.default_rng(4).integers(0, 256, (3, SIDE, SIDE, 3), np.uint8)
    for found in run(detector, images, size=3):
        assert len(found) == 1
        np.testing.assert_array_equal(found.boxes.xyxy[0], [*found.xy[0].min(axis=0), *found.xy[0].max(axis=0)])
        assert found.boxes.scores[0] == found.scores[0].mean()
    assert (detector.device, dict(detector.weights)) == ("cpu", {"movenet_lightning_int8": "00ff"})


@needs_litert
@pytest.mark.parametrize(
    ("graph", "sentence"),
    [
        (
            {"shape": (1, 6, 56, 3), "gives": (1, 6, 56, 1)},
            r"takes 1x6x56x3 uint8 and gives 1x6x56x1: choose",
        ),
        ({"shape": (1, 32, 48, 3)}, "takes 1x32x48x3 uint8 and gives 1x1x17x3"),
        ({"shape": (1, 32, 32, 6)}, "takes 1x32x32x6 uint8"),
        ({"gives": (1, 1, 16, 3)}, "gives 1x1x16x3"),
        ({"dtype": "int8"}, "takes 1x32x32x3 int8"),
    ],
)
def test_what_is_no_movenet_for_one_person_is_refused(build, graph, sentence):
    with pytest.raises(WeightsError, match=sentence):
        build(data=tinygraphs.write(build.path, **graph).read_bytes())


@needs_litert
@pytest.mark.parametrize("data", [b"", b"<html>not found</html>" * 40, "half", "hole"])
def test_a_damaged_file_is_one_sentence(build, data):
    if isinstance(data, str):
        whole_file = tinygraphs.write(build.path).read_bytes()
        data = whole_file[:400] if data == "half" else whole_file[:8] + bytes(200) + whole_file[208:]
    with pytest.raises(WeightsError) as caught:
        build(data=data)
    assert str(caught.value).startswith(
        f"Expected '{build.path}' to be a TensorFlow Lite model, but it cannot be loaded ("
    )
    assert str(caught.value).endswith("posecfg models fetch movenet_lightning_int8")
    assert "\n" not in str(caught.value)


def test_an_interpreter_that_fails_without_a_word_is_a_sentence(build):
    class Silent(Spots):
        def allocate_tensors(self):
            raise RuntimeError

    with pytest.raises(WeightsError, match=r"it cannot be loaded \(it does not say why\); delete it"):
        build(Silent)


def test_tracked_follows_the_person_in_even_regions(build, regions):
    images, places = zip(*(scene(frame) for frame in range(20)), strict=True)
    found = run(build(Spots), images)
    assert regions[0] == whole((400, 300)) == (0, -50, 400, 350)
    for region, before in zip(regions[1:], found, strict=False):
        assert region == around(before.xy[0], before.scores[0], (400, 300))
        assert region[2] - region[0] < 200
    for number, (pose, (red, green, blue)) in enumerate(zip(found, places, strict=True)):
        # The first look is at the whole picture, at half its size: a spot is two of its pixels wide.
        near = 1.0 if number else 4.0
        np.testing.assert_allclose(pose.xy[0, [5, 6]], [red, red], atol=near)
        np.testing.assert_allclose(pose.xy[0, [11, 12]], [green, green], atol=near)
        np.testing.assert_allclose(pose.xy[0, [0, 16]], [blue, blue], atol=near)


def test_tracked_looks_at_the_whole_again_when_the_torso_is_lost(build, regions):
    images = [scene(frame, hidden=(0,) if frame == 3 else ())[0] for frame in range(6)]
    run(build(Spots), images)
    assert [region == whole((400, 300)) for region in regions] == [True, False, False, False, True, False]


@pytest.mark.parametrize("crop", ["padded", "stretch"])
def test_the_whole_picture_is_looked_at_without_a_memory(build, crop):
    images, places = zip(*(scene(frame) for frame in range(4)), strict=True)
    found = run(build(Spots, crop=crop), images)
    assert same(found[::-1], run(build(Spots, crop=crop), images[::-1]))
    for pose, (red, green, _) in zip(found, places, strict=True):
        np.testing.assert_allclose(pose.xy[0, [5, 11]], [red, green], atol=4.0)


@pytest.mark.parametrize("crop", ["tracked", "padded", "stretch"])
def test_batches_change_nothing(build, crop):
    images = [scene(frame)[0] for frame in range(7)]
    detector = build(Spots, crop=crop)
    assert same(run(detector, images), run(detector, images, size=3))


def test_every_clip_starts_afresh_and_two_at_once_do_not_mix(build):
    images = [scene(frame)[0] for frame in range(6)]
    detector = build(Spots)
    alone = run(detector, images), run(detector, images[::-1])
    assert not same(alone[0][::-1], alone[1])
    pairs = list(zip(detector(batches(images), CLIP), detector(batches(images[::-1]), CLIP), strict=True))
    assert same([a for a, _ in pairs], alone[0])
    assert same([b for _, b in pairs], alone[1])


@pytest.mark.parametrize(
    ("size", "crop", "told"),
    [
        ((300, 150), "stretch", 1),
        ((150, 300), "stretch", 1),
        ((300, 200), "stretch", 0),
        ((300, 150), "tracked", 0),
        ((300, 150), "padded", 0),
    ],
)
def test_pictures_that_a_square_squeezes_too_much_are_told_once(build, caplog, size, crop, told):
    detector = build(Spots, crop=crop)
    for _ in range(2):
        run(detector, [scene(frame, size)[0] for frame in range(3)])
    assert [record.message.endswith("detector.crop=tracked fits them better.") for record in caplog.records] == [
        True
    ] * told


def test_unrelated_pictures_are_each_looked_at_as_a_whole(build, regions):
    images = [scene(0)[0], scene(1, (200, 240))[0], scene(2)[0]]
    found = run(build(Spots), images, PICTURES)
    assert regions == [whole((400, 300)), whole((200, 240)), whole((400, 300))]
    assert same(found, run(build(Spots, crop="padded"), images, PICTURES))


@pytest.mark.parametrize("nonsense", [np.nan, np.inf, -np.inf, 1e30])
@pytest.mark.parametrize("column", [0, 1, 2])
def test_an_answer_that_is_no_number_is_nobody(build, regions, nonsense, column):
    class Confused(Spots):
        calls = 0

        def get_tensor(self, index):
            points = super().get_tensor(index)
            Confused.calls += 1
            if Confused.calls == 3:
                points[0, 0, 4, column] = nonsense
            return points

    found = run(build(Confused), [scene(frame)[0] for frame in range(5)])
    assert [len(pose) for pose in found] == [1, 1, 0, 1, 1]
    assert found[2].xy.shape == (0, 17, 2)
    assert found[2].boxes.xyxy.shape == (0, 4)
    assert [region == whole((400, 300)) for region in regions] == [True, False, False, True, False]


def test_a_graph_that_fails_costs_its_clip(build):
    class Broken(Spots):
        def invoke(self):
            raise RuntimeError("node 7\n failed to invoke.")

    with pytest.raises(ClipError, match=r"^The TensorFlow Lite model did not work: node 7 failed to invoke$"):
        run(build(Broken), [scene(0)[0]])


def test_threads_and_path_reach_the_interpreter(build):
    made = []
    build(lambda **options: made.append(options) or Spots(**options), threads=3)
    assert made == [{"model_path": str(build.path), "num_threads": 3}]


def test_the_time_is_spent_in_stages(build):
    with measured(Laps("wait")) as laps:
        run(build(Spots), [scene(0)[0]])
    assert {"preprocess", "inference", "postprocess"} <= set(laps.stages)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"model": "storm"}, "detector.model to be lightning or thunder, but got 'storm'"),
        (
            {"weights": "int4"},
            "detector.weights to be int8 or float16, or a path such as ./mine.tflite, but got 'int4'",
        ),
        ({"crop": "center"}, "detector.crop to be tracked, padded or stretch, but got 'center'"),
        ({"start": "first"}, "detector.start to be best, largest or nearest, but got 'first'"),
        ({"runtime": "onnx"}, "detector.runtime to be litert or tensorflow, but got 'onnx'"),
        ({"threads": 0}, "detector.threads to be from 1 to 256, but got 0"),
        ({"threads": 100_000}, "detector.threads to be from 1 to 256, but got 100000"),
        ({"device": "cuda"}, "device=cuda was asked for: use device=cpu or device=auto"),
    ],
)
def test_wrong_options_are_sentences(options, sentence):
    with pytest.raises(ConfigError, match=sentence):
        MoveNet(**options)


def test_facts_follow_the_arguments():
    assert facts(MoveNet).stateful
    assert not facts(MoveNet, crop="padded", device="auto").stateful
    assert not facts(MoveNet, crop=facts(MoveNet).stateless_by.partition("=")[2]).stateful
    assert facts(MoveNet, crop="padded").packages == ("ai_edge_litert",)
    assert facts(MoveNet, runtime="tensorflow").packages == ("tensorflow",)
    with pytest.raises(ConfigError, match="runtime to be litert or tensorflow"):
        facts(MoveNet, runtime="onnx")
    with pytest.raises(ConfigError, match="tracked, padded or stretch"):
        facts(MoveNet, crop="center", threads=1)


def test_every_movenet_in_the_registry_is_what_its_command_loads():
    entries = [entry for name, entry in registry.load().items() if name.startswith("movenet_")]
    assert len(entries) == 4
    for entry in entries:
        first, *overrides = entry.used_by[0].split()
        assert first == "detector=movenet"
        arguments = dict(override.removeprefix("detector.").split("=") for override in overrides)
        assert facts(MoveNet, **arguments).weights == (entry.name,)
        assert entry.sha256
        assert entry.bytes


def test_the_option_states_every_argument_with_its_default():
    lines = CONF.read_text("utf-8").splitlines()
    assert lines[1].startswith("# python run.py film.mp4 detector=movenet")
    node = yaml.safe_load("\n".join(lines))
    assert node.pop("_target_") == "posecfg.detectors.movenet.MoveNet"
    defaults = {name: one.default for name, one in inspect.signature(MoveNet).parameters.items()}
    wired = {"start": "${start:${persons._target_}}", "device": "${device.name}", "threads": "${device.threads}"}
    assert node == {**defaults, **wired}


def test_importing_the_module_loads_no_backend():
    code = """
import sys
import posecfg.detectors.movenet
sys.stdout.write(" ".join(sorted({"numpy", "ai_edge_litert", "tensorflow", "av"} & set(sys.modules))))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("runtime", "command"),
    [("litert", r"'ai_edge_litert'.*: pip install 'posecfg\[movenet\]'$"), ("tensorflow", "pip install tensorflow")],
)
def test_an_absent_runtime_is_a_command_to_type(monkeypatch, runtime, command):
    monkeypatch.setattr(backends, "present", lambda module: False)
    with pytest.raises(BackendMissing, match=command):
        MoveNet(runtime=runtime)


def test_tensorflow_is_asked_for_its_interpreter(monkeypatch):
    package = SimpleNamespace(lite=SimpleNamespace(Interpreter=Spots))
    monkeypatch.setattr(backends, "present", lambda module: module == "tensorflow")
    monkeypatch.setitem(sys.modules, "tensorflow", package)
    assert tflite.load("tensorflow", "detector=movenet") is Spots
    del package.lite.Interpreter
    with pytest.raises(BackendMissing, match=r"the installed tensorflow has no longer: .*detector\.runtime=litert"):
        tflite.load("tensorflow", "detector=movenet")


def test_a_broken_runtime_names_the_package(monkeypatch):
    monkeypatch.setattr(backends, "present", lambda module: module == "ai_edge_litert")
    monkeypatch.setattr(importlib, "import_module", lambda name: (_ for _ in ()).throw(ImportError("no libfoo")))
    with pytest.raises(BackendMissing, match=r"needs 'ai_edge_litert', which .* imported \(no libfoo\): pip install"):
        tflite.load("litert", "detector=movenet")
