"""Files of calibrated cameras: each make tells of the same ones, and what is wrong with one is a sentence."""

from __future__ import annotations

import json
from pathlib import Path

import manyviews
import numpy as np
import pytest

from posecfg.datasets.calibration.reading import load
from posecfg.errors import ConfigError
from posecfg.types.projection import rays, seen

MAKES = {
    "Calib.qca.txt": (manyviews.qca, {}, "z"),
    "Calib.toml": (manyviews.toml, {}, "z"),
    "cameras.json": (manyviews.listed, {"unit": "cm"}, "y"),
    "calibration.cal": (manyviews.cal, {}, "y"),
}


@pytest.fixture
def cameras():
    """Four cameras whose lenses have one radial term, which all makes know."""
    return manyviews.ring(lens=(-0.05, 0, 0, 0, 0))


@pytest.mark.parametrize("name", MAKES)
def test_each_make_tells_of_the_same_cameras(tmp_path, cameras, name):
    write, words, up = MAKES[name]
    told = load(write(tmp_path / name, cameras), **words)
    assert told.up == up
    assert len(told.cameras) == 4
    for one, known in zip(told.cameras.values(), cameras.values(), strict=True):
        for part in ("matrix", "rotation", "translation"):
            np.testing.assert_allclose(getattr(one, part), getattr(known, part), atol=1e-9)
        np.testing.assert_allclose(np.concatenate([one.distortion, np.zeros(5)])[:5], known.distortion, atol=1e-12)
        assert one.size == known.size


def test_places_in_pictures_are_those_of_opencv():
    cv2 = pytest.importorskip("cv2", reason="OpenCV is not installed")
    for one in manyviews.ring().values():
        points = manyviews.person([0.0, 0.4])[0]
        vector = cv2.Rodrigues(one.rotation)[0]
        wanted = cv2.projectPoints(points, vector, one.translation, one.matrix, one.distortion)[0][:, 0]
        places = seen(points, one)
        np.testing.assert_allclose(places, wanted, atol=1e-6)
        back = cv2.undistortPoints(places[:, None], one.matrix, one.distortion)[:, 0]
        np.testing.assert_allclose(rays(places, one), back, atol=1e-4)
        straight = points @ one.rotation.T + one.translation
        np.testing.assert_allclose(rays(places, one), straight[:, :2] / straight[:, 2:], atol=1e-8)


def change(name, old, new):
    """Write a calibration in which a text is replaced."""

    def write(folder, cameras):
        path = MAKES[name][0](folder / name, cameras)
        text = (folder / name).read_text()
        assert old in text
        (folder / name).write_text(text.replace(old, new, 1))
        return path

    return write


def text(name, content):
    def write(folder, cameras):
        (folder / name).write_bytes(content)
        return str(folder / name)

    return write


WRONG = [
    (text("a.txt", b""), "it is no XML"),
    (text("a.txt", b"<calibration/>"), "it has 0 cameras, and 2 to 12 can be put together"),
    (text("a.txt", b'<!DOCTYPE x [<!ENTITY a "aaaa">]><calibration/>'), "it defines words of its own"),
    (change("Calib.qca.txt", "<intrinsic", "<other"), "cam01 has no <intrinsic>"),
    (change("Calib.qca.txt", 'r11="', 'r11="x'), "cam01 has 'x.*' for r11"),
    (change("Calib.qca.txt", "cam02", "cam01"), "it has the camera 'cam01' twice"),
    (change("Calib.toml", "fisheye = false", "fisheye = true"), "the lens of cam01 is a fisheye"),
    (change("Calib.toml", "matrix = [[", "matrix = [[-"), "the matrix of cam01 has no focal lengths above 0"),
    (change("Calib.toml", "translation = [", "translation = [1.0, "), "the place of cam01 has the shape"),
    (change("Calib.toml", "rotation = [", "rotation = [inf, 0, 0] # ["), "a number of cam01 is missing or infinite"),
    (
        change("Calib.toml", "distortions = [", "distortions = [0,0,0,0,0,0,7,"),
        "has 11 coefficients, of which k1 k2 p1",
    ),
    (change("Calib.toml", "size = [640.0", "size = [0.0"), "the picture of cam01 is 0x480 px"),
    (change("Calib.toml", "size = [", "other = ["), "cam01 has no size"),
    (change("Calib.toml", "size = [640.0, 480.0]", "size = [30000, 30000]"), "px, or has more than 67,108,864"),
    (text("a.toml", b"[cam"), "it is no TOML"),
    (text("a.toml", b"\xff\xfe"), "it is no TOML"),
    (text("a.json", b"[1, 2]"), "type dataset.unit=cm for AIST"),
    (text("a.cal", b"8 1 2"), "it has 1 numbers behind its first line"),
    (text("a.cal", b"9" * 5000 + b" 1"), "it cannot be read as such: cannot convert float infinity"),
    (text("a.cal", b"1 " * (1 << 20)), "it has more than 1"),
    (text("a.toml", b"[" + b"a." * 2000 + b"a]"), "it has a line with more than 1000 points"),
    (text("a.toml", b"#" * (1 << 20) + b"\n[a]"), "it has more than 1"),
    (text("a.txt", '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "a">]><b/>'.encode("utf-16")), "it is no UTF-8"),
    (change("Calib.qca.txt", 'right="', 'right="nan" other="'), "cam01 has 'nan' for right"),
    (change("Calib.qca.txt", 'right="', 'right="1e99" other="'), "the picture of cam01 is wider or higher than"),
    (change("Calib.qca.txt", 'serial="cam01', 'serial="' + "a" * 200), "'a+' is no name of a camera"),
    (change("Calib.toml", "rotation = [", "rotation = [1e308, 1e308, 1e308] # ["), "the rotation of cam01 is no turn"),
    (text("a.yaml", b""), "its name ends in '.yaml'"),
    (lambda folder, cameras: str(folder / "none.toml"), "it cannot be read .No such file or directory"),
    (lambda folder, cameras: str(folder / "none.cal"), "No such file or directory"),
]


@pytest.mark.parametrize(("write", "says"), WRONG)
def test_a_wrong_calibration_is_one_sentence(tmp_path, cameras, write, says):
    with pytest.raises(ConfigError, match=says) as raised:
        load(write(tmp_path, cameras))
    assert "\n" not in str(raised.value)
    assert len(str(raised.value)) < 700


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"[1, 2]", "its entry number 1 is no camera"),
        (b"3", "it is no list of cameras"),
        (b"[" * 100_000, "Expected dataset.calibration"),
        (
            json.dumps([{"name": "a", "size": [1], "matrix": 1, "rotation": 1, "translation": 1}]).encode(),
            "the size of a",
        ),
        (
            json.dumps([{"size": "ab", "matrix": 1, "rotation": 1, "translation": 1}]).encode(),
            "something else than numb",
        ),
    ],
)
def test_a_wrong_list_is_one_sentence(tmp_path, content, says):
    (tmp_path / "a.json").write_bytes(content)
    with pytest.raises(ConfigError, match=says):
        load(str(tmp_path / "a.json"), unit="m")


@pytest.mark.parametrize("name", ["\ud800", "\x1b[31mred", "two\nlines"])
def test_a_name_that_is_no_text_is_no_camera(tmp_path, cameras, name):
    path = Path(manyviews.listed(tmp_path / "a.json", cameras))
    content = json.loads(path.read_text())
    (content[0] if isinstance(content, list) else next(iter(content.values())))["name"] = name
    path.write_text(json.dumps(content))
    with pytest.raises(ConfigError, match="is no name of a camera") as raised:
        load(str(path), unit="m")
    assert str(raised.value).isprintable()
