"""Annotated films and JSON: what can be wrong with them, for ``tools/corpus.py``; the poses are made up."""

from __future__ import annotations

from corpus_scenes import RUN, Check, film, films, room_again
from corpus_stage import Case, Stage, mounting, partly, refused, works

DRAWN = f"{RUN} writer=[overlay]"
BOTH = f"{RUN} writer=[overlay,json]"
GOOD = ("out/a.mp4", "out/a.json")


def noise(stage: Stage) -> None:
    """Write a film that cannot be made small, and a small disk for it."""
    import av
    import numpy as np

    rng = np.random.default_rng(1)
    with av.open(str(stage / "a.mp4"), "w") as out:
        stream = out.add_stream("libx264", rate=30, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
        for _ in range(16):
            image = rng.integers(0, 256, (120, 160, 3), dtype=np.uint8)
            out.mux(stream.encode(av.VideoFrame.from_ndarray(image, "rgb24")))
        out.mux(stream.encode(None))
    stage.mount("out", "220k")


def nothing_half(words: str) -> Check:
    """Return a check that no part of a film is left, and that all is done once there is room."""

    def check(stage: Stage) -> str | None:
        found = stage.root.glob("out/**/*")
        left = [str(path.relative_to(stage.root)) for path in found if path.suffix in (".mp4", ".part")]
        return f"half written: {', '.join(left)}" if left else room_again(words)(stage)

    return check


def photos(stage: Stage) -> None:
    films.pictures(stage / "photos", ["1.png", "2.png"])


def stored(stage: Stage) -> None:
    """Store the poses of one film, and put another film of its name elsewhere."""
    film("a.mp4")(stage)
    film("other/a.mp4", frames=9)(stage)
    stage.run("a.mp4", "detector=synthetic", "writer=[npz]", "output_dir=outputs/a", "workers=0")


def marked(stage: Stage) -> None:
    """Give films names that a terminal library would obey."""
    film("films/good.mp4")(stage)
    for name in ("[/red].mp4", "[red]x.mp4", ":smile:.mp4"):
        (stage / f"films/{name}").write_text("no film")


def drawn(name: str, typed: str, *says: str) -> Case:
    """An overlay that is refused for what was typed."""
    return refused(f"overlay {name}", f"a.mp4 {DRAWN} {typed}", *says, make=film("a.mp4"))


CASES = [
    refused(
        "overlay disk full",
        f"a.mp4 {DRAWN} writer.overlay.crf=0",
        "'out'",
        "is full",
        "same command again",
        make=noise,
        after=nothing_half(f"a.mp4 {DRAWN} writer.overlay.crf=0"),
        needs=mounting,
    ),
    refused(
        "overlay one for all",
        f"films {BOTH} writer.overlay.path=out.mp4",
        "'out.mp4'",
        "for 2 clips: put {id}",
        make=film("films/a.mp4", "films/b.mp4"),
    ),
    refused(
        "overlay one for two",
        f"films {BOTH} writer.overlay.path={{name}}",
        "'a.mp4', for 2 clips: put {id}",
        make=film("films/x/a.mp4", "films/y/a.mp4", "films/y/b.mp4"),
    ),
    works(
        "overlay beside json",
        f"a.mp4 {BOTH} writer.overlay.path=b/{{id}} writer.json.path=b/{{id}}",
        make=film("a.mp4"),
        good=("out/b/a.mp4", "out/b/a.json"),
    ),
    works(
        "overlay one clip",
        f"a.mp4 {BOTH} writer.overlay.path=x.mkv writer.json.path=x.json",
        make=film("a.mp4"),
        good=("out/x.mkv", "out/x.json"),
    ),
    drawn("outside", "writer.overlay.path=../x.mp4", "inside the output folder", "'../x.mp4'"),
    drawn("to root", "writer.overlay.path=/tmp/x.mp4", "inside the output folder", "'/tmp/x.mp4'"),
    drawn("among records", "writer.overlay.path=.posecfg/x.mp4", "out of .posecfg", "'.posecfg/x.mp4'"),
    drawn("unknown format", "writer.overlay.path=x.avi", "'x.avi'", ".mp4"),
    drawn("preset", "writer.overlay.preset=nonsense", "ultrafast, superfast", "'nonsense'"),
    drawn("colour", "writer.overlay.joints=[grene]", "green", "'ff8800'", "'grene'"),
    drawn("colour of digits", "writer.overlay.joints=[112233]", "writer.overlay.joints", "in quotes", "[112233]"),
    drawn("no colours", "writer.overlay.bones=[]", "bones", "one or more colours"),
    drawn("colour alone", "writer.overlay.bones=red", "writer.overlay.bones", "a list such as [a,b]", "'red'"),
    drawn("threshold", "kpt_thr=101", "kpt_thr", "from 0 to 100", "101"),
    drawn("threshold inf", "writer.overlay.kpt_thr=inf", "writer.overlay.kpt_thr", "finite number", "inf"),
    drawn("threshold nan", "writer.overlay.kpt_thr=nan", "writer.overlay.kpt_thr", "finite number", "nan"),
    drawn("misspelt", "writer.overlay.presett=fast", "'writer.overlay.presett'", "'writer.overlay.preset'?"),
    refused("json keypoint", f"a.mp4 {BOTH} writer.json.keypoints=[noze]", "'noze'", "'nose'?", make=film("a.mp4")),
    refused(
        "overlay of the film itself",
        "films writer=[overlay] detector=synthetic output_dir=films",
        "films/a.mp4",
        "already there",
        "output_dir=",
        make=film("films/a.mp4"),
        writes=("films/.posecfg",),
    ),
    refused(
        "overlay of photographs",
        f"photos {DRAWN} dataset.images=true dataset.independent=true",
        "photos: Expected a clip whose frames belong together",
        "writer=[preview] for pictures",
        make=photos,
    ),
    works("overlay of pictures", f"photos {DRAWN} dataset.images=true", make=photos, good=("out/photos.mp4",)),
    works(
        "overlay of stored",
        "a.mp4 writer=[overlay,json] detector=stored detector.path=outputs/a output_dir=out",
        make=stored,
        good=GOOD,
    ),
    refused(
        "overlay of another",
        "other/a.mp4 writer=[overlay,json] detector=stored detector.path=outputs/a output_dir=out",
        "another film ('a')",
        "'other/a.mp4'",
        make=stored,
    ),
    partly(
        "overlay worker dies",
        f"films {BOTH} detector.crash=segfault:bad",
        "worker process died",
        make=film("films/a.mp4", "films/bad.mp4"),
        good=GOOD,
        after=lambda stage: "half written" if list(stage.root.glob("out/bad.*")) else None,
    ),
    partly(
        "marks in names",
        f"films {RUN}",
        "[/red]: FAILED: Expected",
        "[red]x",
        ":smile:",
        make=marked,
        good=("out/good.npy",),
    ),
]
