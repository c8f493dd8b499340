"""Films with bytes changed, lost and repeated: done or refused in a sentence of our own, and soon."""

import random
from fractions import Fraction

import pytest
from films import write

from posecfg.errors import ClipError
from posecfg.samplers.every import All
from posecfg.types import Clip
from posecfg.video.video import Video

SEEDS = {
    **{"a.mp4": {}, "a.mkv": {}, "a.ts": {}, "a.flv": {}, "raw.h264": {"container": "h264"}},
    "fragments.mp4": {"options": {"movflags": "frag_keyframe+empty_moov"}},
    "mpeg4.avi": {"codec": "mpeg4"},
    "mjpeg.avi": {"codec": "mjpeg", "pixels": "yuvj420p"},
    "vp8.webm": {"codec": "libvpx", "codec_options": {"auto-alt-ref": "1", "lag-in-frames": "16"}},
    "vp9.webm": {"codec": "libvpx-vp9"},
    "a.mpg": {"codec": "mpeg2video"},
    "moving.mjpeg": {"codec": "mjpeg", "pixels": "yuvj420p"},
    "a.gif": {"codec": "gif", "pixels": "rgb8"},
    "a.png": {"codec": "apng", "pixels": "rgb24", "container": "apng"},
}
HOW = ({}, {"start": 0.3}, {"counted": True, "start": 0.1, "end": 0.4})


def flip(data, dice):
    for _ in range(dice.choice((1, 4, 30))):
        data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)


def head(data, dice):
    for _ in range(2):
        data[dice.randrange(min(600, len(data)))] = dice.randrange(256)


def cut(data, dice):
    del data[dice.randrange(1, len(data)) :]


def splice(data, dice):
    begin, end = sorted(dice.randrange(len(data)) for _ in range(2))
    at = dice.randrange(len(data))
    data[at:at] = data[begin:end]


def blank(data, dice):
    begin = dice.randrange(len(data))
    end = min(len(data), begin + dice.choice((8, 200)))
    data[begin:end] = bytes(end - begin)


@pytest.fixture(scope="module")
def seeds(tmp_path_factory):
    folder = tmp_path_factory.mktemp("seeds")
    return {name: write(folder / name, range(15), gop=5, **how).read_bytes() for name, how in SEEDS.items()}


def said_of(video):
    try:
        shown = sum(len(batch.rgb(32)) for batch in video)
    except ClipError as error:
        return str(error)
    return "done" if shown == len(video.clock()) else f"{shown} frames shown"


@pytest.mark.deep
@pytest.mark.parametrize("name", SEEDS)
def test_a_damaged_film_is_done_or_refused_in_words(seeds, tmp_path, name):
    path = tmp_path / name
    for act in (flip, head, cut, splice, blank):
        for number in range(2):
            data = bytearray(seeds[name])
            act(data, random.Random(f"{name} {act.__name__} {number}"))
            path.write_bytes(data)
            for how in HOW:
                said = said_of(Video(Clip(id="film", path=path, **how), All(), batch=4))
                assert said.startswith("Expected") or said == "done"
                assert "Errno" not in said


def test_a_stream_that_damage_made_up_does_not_end_a_film(seeds, tmp_path, monkeypatch):
    """PyAV does not know streams that come up on the way, and says so with an IndexError."""
    from posecfg.video.container import Opened

    class Container:
        def __init__(self, real):
            self._real = real

        def __getattr__(self, name):
            return getattr(self._real, name)

        def demux(self, *streams):
            yield from (packet for packet in self._real.demux(*streams) if packet.size)
            raise IndexError("list index out of range")

    init = Opened.__init__
    monkeypatch.setattr(
        Opened, "__init__", lambda self, path, source, real, *rest: init(self, path, source, Container(real), *rest)
    )
    (tmp_path / "a.ts").write_bytes(seeds["a.ts"])
    assert sum(len(batch) for batch in Video(Clip(id="film", path=tmp_path / "a.ts"), All())) == 15


def test_a_pass_over_damaged_packets_goes_on_behind_the_damage(seeds, tmp_path, monkeypatch):
    """PyAV calls some damage a lack of data for now."""
    import av

    from posecfg.video.container import Opened
    from posecfg.video.walk import Walk

    (tmp_path / "a.mkv").write_bytes(seeds["a.mkv"])
    packets = Opened.packets

    def stumble(self, *streams, hurt):
        for number, packet in enumerate(packets(self, *streams, hurt=hurt)):
            if number == 7:
                hurt(av.error.BlockingIOError(11, "Resource temporarily unavailable"))
            yield packet

    monkeypatch.setattr(Opened, "packets", stumble)
    way = Walk(tmp_path / "a.mkv", 0)
    assert len(way.times(Fraction(1, 1000))) == 15
    assert way.key(10_000) is None  # a key frame behind damage is not trusted
