"""MoveNet and sampling by movement: its weights, and films that are hard, for ``tools/corpus.py``."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from fractions import Fraction
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from corpus_scenes import RUN, Make, film, films, grey
from corpus_stage import ROOT, Stage, partly, refused, unprivileged, works

MODEL = "lite-model_movenet_singlepose_lightning_tflite_int8_4.tflite"
PLACES = [
    *os.environ.get("POSECFG_MODELS", "").split(os.pathsep),
    ROOT.parent / "shared/models",
    "~/.cache/posecfg/models",
]
REAL = next((path for place in PLACES if place and (path := Path(place).expanduser() / MODEL).is_file()), None)
MOVENET = "experiment=movenet_overlay output_dir=out"
POSE = f"{MOVENET} dataset.path=a.mp4"
GOOD = ("out/a.mp4", "out/a.json")


def litert() -> str | None:
    return None if find_spec("ai_edge_litert") else "ai_edge_litert is not installed"


def mediapipe() -> str | None:
    return None if find_spec("mediapipe") else "mediapipe is not installed"


def model() -> str | None:
    return litert() or (None if REAL else f"'{MODEL}' is not here; POSECFG_MODELS says where it is")


SEEN: dict[str, Any] = {"env": {"POSECFG_MODELS": str(REAL.parent) if REAL else ""}, "needs": model}
OWN: dict[str, Any] = {"env": {"POSECFG_MODELS": "{root}/models"}, "needs": litert}
POSED: dict[str, Any] = {"env": {"POSECFG_MODELS": "{root}/models", "PYTHONPATH": "{root}/hide"}, "needs": litert}
FILMS = {
    "good": ("done",),
    "nobody": ("done",),
    "odd": ("done",),
    "tiny": ("done",),
    "dot": ("done",),
    "line": ("done",),
    "huge": ("done",),
    "one": ("done",),
    "uneven": ("done",),
    "turned": ("done",),
    "resized": ("warned", "change their size 1 time"),
    "heard": ("done",),
    "unheard": ("warned", "mp4 cannot hold adpcm_ima_wav"),
    "cut_front": ("warned", "truncated"),
    "corrupt": ("warned", "damaged"),
    "pause": ("failed", "end writer.overlay.path in .mkv"),
    "sound": ("failed", "sound.mp4", "holds audio"),
    "cut": ("failed", "cut.mp4", "index (moov)"),
    "zero": ("failed", "zero.mp4", "empty"),
    "text": ("failed", "text.mp4", "no format that can be read"),
}
SMALL = {name: FILMS[name] for name in ("nobody", "tiny", "dot", "line", "one")}


def small(stage: Stage) -> None:
    """Fill ``films`` with films that are hardly any."""
    folder = (stage / "films/x").parent
    grey(stage)
    (stage / "grey.mp4").rename(folder / "nobody.mp4")
    films.write(folder / "tiny.mp4", range(4), size=(16, 16))
    for name, size in (("dot", (1, 1)), ("line", (300, 1))):
        films.write(folder / f"{name}.mkv", range(4), size=size, codec="ffv1", pixels="bgr0")
    films.write(folder / "one.mp4", [7])


def every(stage: Stage) -> None:
    """Fill ``films`` with every kind of film that can be hard to annotate."""
    import tones

    small(stage)
    film("films/good.mp4")(stage)
    folder = stage.root / "films"
    films.write(folder / "odd.mp4", range(4), size=(97, 65), pixels="yuv444p")
    films.write(folder / "huge.mp4", range(2), size=(3840, 2160), codec_options={"preset": "ultrafast"})
    films.write(folder / "uneven.mp4", range(9), times=films.vfr_times()[26:35], tick=Fraction(1, 60))
    films.write(folder / "turned.mp4", range(4), rotation=90, size=(96, 128))
    films.write(folder / "pause.mkv", range(3), times=[Fraction(t) for t in (0, 1, 400_000)], tick=Fraction(1, 1000))
    tones.write(folder / "heard.mp4", 9, onset=0.1)
    tones.write(folder / "unheard.avi", 9, onset=0.1, codec="adpcm_ima_wav")
    films.sound(folder / "sound.m4a").rename(folder / "sound.mp4")
    whole = films.write(stage / "whole.mp4", range(60))
    films.shorten(whole, folder / "cut.mp4", 0.6)
    early = films.write(stage / "early.mp4", range(60), options={"movflags": "faststart"})
    films.shorten(early, folder / "cut_front.mp4", 0.6)
    films.damage(early, folder / "corrupt.mp4")
    parts = [films.write(stage / f"{w}.ts", range(6), size=(w, h)).read_bytes() for w, h in ((96, 64), (192, 128))]
    (folder / "resized.ts").write_bytes(b"".join(parts))
    (folder / "zero.mp4").touch()
    (folder / "text.mp4").write_text("these are words, not a film\n" * 20)


def all_told(stage: Stage) -> str | None:
    """Look whether the films and numbers are what the originals were."""
    import av

    sizes = {"dot": (2, 2), "line": (300, 2), "odd": (98, 66), "turned": (96, 128), "huge": (3840, 2160)}
    for name, size in sizes.items():
        with av.open(str(stage.root / f"out/{name}.mp4")) as made:
            found = made.streams.video[0]
            if (found.width, found.height) != size:
                return f"out/{name}.mp4 is {found.width}x{found.height}, not {size}"
    for name, heard in (("heard", "copied"), ("unheard", "left out: mp4 cannot hold"), ("good", "none")):
        record = json.loads((stage.root / f"out/.posecfg/clips/{name}.json").read_bytes())
        told = record["writers"]["overlay"]["files"][0]["about"]["sound"]
        if not told.startswith(heard):
            return f"the sound of {name} is said to be {told!r}"
    left = [path.name for path in stage.root.glob("out/*") if path.stem in ("pause", "cut", "zero", "text", "sound")]
    return f"half written: {', '.join(left)}" if left else None


def weights(change: Callable[[bytes], bytes] = lambda data: data) -> Make:
    """Return a maker of a film and of the real weights in ``models``, spoilt."""

    def make(stage: Stage) -> None:
        film("a.mp4")(stage)
        data = REAL.read_bytes() if REAL else b""
        (stage / f"models/{MODEL}").write_bytes(change(data))

    return make


def closed(stage: Stage) -> None:
    weights()(stage)
    (stage / f"models/{MODEL}").chmod(0)


def folder(stage: Stage) -> None:
    film("a.mp4")(stage)
    (stage / f"models/{MODEL}").mkdir()


def posing(build: Callable[[Path], bytes]) -> Make:
    """Return a maker of a file that the registry takes for MoveNet: its hash is what it should be."""

    def make(stage: Stage) -> None:
        film("a.mp4")(stage)
        data = build(stage / f"models/{MODEL}")
        (stage / f"models/{MODEL}").write_bytes(data)
        (stage / "hide/sitecustomize.py").write_text(
            f"import dataclasses, sys\nsys.path.insert(0, {str(ROOT / 'src')!r})\n"
            "from posecfg.models import registry\nname = 'movenet_lightning_int8'\n"
            f"registry.load()[name] = dataclasses.replace(registry.entry(name), sha256={_hash(data)!r})\n"
        )

    return make


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def nonsense(path: Path) -> bytes:
    """Build a graph that answers NaN."""
    import numpy as np
    import tinygraphs

    data = tinygraphs.write(path).read_bytes()
    scale, nan = (np.array([value], np.float32).tobytes() for value in (1 / 255, np.nan))
    return data.replace(scale, nan)


def another(path: Path) -> bytes:
    """Build a graph for many people."""
    import tinygraphs

    return tinygraphs.write(path, shape=(1, 6, 56, 3), gives=(1, 6, 56, 1)).read_bytes()


def hidden(stage: Stage) -> None:
    """Hide LiteRT from Python."""
    film("a.mp4")(stage)
    (stage / "hide/sitecustomize.py").write_text("import sys\nsys.modules['ai_edge_litert'] = None\n")


CASES = [
    partly("movenet films", f"{MOVENET} dataset.path=films", make=every, clips=FILMS, after=all_told, **SEEN),
    works(
        "movenet small",
        "films detector=movenet bbox_thr=0 persons.follow=false writer=[overlay,json] output_dir=out",
        make=small,
        clips=SMALL,
        **SEEN,
    ),
    works(
        "movenet motion",
        f"{MOVENET} dataset.path=films sampler=motion refine=[fill] detector.crop=padded",
        make=small,
        clips=SMALL,
        **SEEN,
    ),
    works(
        "movenet nobody",
        "grey.mp4 detector=movenet writer=[overlay,json] output_dir=out",
        "No person was found",
        make=grey,
        good=("out/grey.mp4", "out/grey.json"),
        **SEEN,
    ),
    works(
        "movenet nan",
        "a.mp4 detector=movenet writer=[overlay,json] output_dir=out",
        "No person was found",
        make=posing(nonsense),
        good=GOOD,
        **POSED,
    ),
    refused("movenet another", POSE, "MoveNet for one person", "1x6x56x3", "choose", make=posing(another), **POSED),
    refused(
        "movenet no graph",
        POSE,
        "TensorFlow Lite model",
        "cannot be loaded",
        "fetch movenet_lightning_int8",
        make=posing(lambda path: b"no graph" * 99),
        **POSED,
    ),
    refused("movenet missing", POSE, "found none", "models fetch movenet_lightning_int8", make=film("a.mp4"), **OWN),
    refused("movenet folder", POSE, "found none", "models fetch movenet_lightning_int8", make=folder, **OWN),
    refused("movenet text", POSE, "SHA-256", "models fetch", make=weights(lambda data: b"no model"), **OWN),
    refused("movenet cut", POSE, "SHA-256", "models fetch", make=weights(lambda data: data[:99_999]), **OWN),
    refused(
        "movenet one bit",
        POSE,
        "SHA-256",
        make=weights(lambda d: d[:-1] + bytes([d[-1] ^ 1])),
        **OWN | {"needs": model},
    ),
    refused(
        "movenet unreadable",
        POSE,
        MODEL,
        "denied",
        make=closed,
        barred=True,
        env=OWN["env"],
        needs=lambda: litert() or unprivileged(),
    ),
    refused("movenet trusted", f"models trust movenet_lightning_int8 {'0' * 64}", "is published", "models fetch"),
    refused(
        "movenet uninstalled",
        POSE,
        "'ai_edge_litert'",
        "pip install 'posecfg[movenet]'",
        make=hidden,
        env={"PYTHONPATH": "{root}/hide"},
    ),
    refused("movenet no film", MOVENET, "'video.mp4'", **SEEN),
    refused("movenet crop", f"{POSE} detector.crop=middle", "tracked, padded or stretch", "'middle'", needs=litert),
    refused("movenet model", f"{POSE} detector.model=thundr", "lightning or thunder", "'thundr'", needs=litert),
    refused("movenet threads", f"{POSE} detector.threads=999", "from 1 to 256", "999", make=film("a.mp4"), **SEEN),
    refused("movenet gpu", f"{POSE} device=cuda", "device=cuda", "type device=cpu", **SEEN),
    refused(
        "motion tracked",
        "a.mp4 detector=movenet sampler=motion output_dir=out",
        "sampler=motion",
        "from frame to frame",
        "detector.crop=padded or sampler=all",
        make=film("a.mp4"),
        **SEEN,
    ),
    refused(
        "motion blazepose",
        "a.mp4 detector=blazepose sampler=motion output_dir=out",
        "from frame to frame",
        "detector.static=true or sampler=all",
        make=film("a.mp4"),
        needs=mediapipe,
    ),
    refused("motion nan", f"a.mp4 {RUN} sampler=motion sampler.luma_thr=nan", "sampler.luma_thr", "finite number"),
    refused("motion skips", f"a.mp4 {RUN} sampler=motion sampler.skipped=all", "auto or drop or rows", "'all'"),
]
