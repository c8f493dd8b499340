"""Peak memory of a run over a film, and over the same film ten times as long.

    python benchmarks/memory.py [FILM] [--with detector=blazepose]
    POSECFG_MODELS=FOLDER python benchmarks/memory.py FILM --with experiment=movenet_overlay

Without a film, one of 100 frames of 1080p is made. Prints the largest resident size of any process of the run.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from fractions import Fraction
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TIMES = 10


def longer(source: Path | None, target: Path, repeats: int) -> int:
    """Write the frames of ``source`` ``repeats`` times over; without a source, moving bands."""
    import av
    import numpy as np

    frames = 0
    with av.open(str(target), "w") as out:
        stream = out.add_stream("libx264", rate=60, options={"preset": "ultrafast"})
        stream.pix_fmt, stream.codec_context.time_base = "yuv420p", Fraction(1, 60)
        for repeat in range(repeats):
            if source is None:
                pictures = (
                    av.VideoFrame.from_ndarray(np.full((1080, 1920, 3), (n + repeat) % 256, np.uint8), "rgb24")
                    for n in range(100)
                )
            else:
                pictures = av.open(str(source)).decode(video=0)
            for picture in pictures:
                if not frames:
                    stream.width, stream.height = picture.width, picture.height
                picture.pts, picture.time_base = frames, Fraction(1, 60)
                picture.pict_type = av.video.frame.PictureType.NONE
                out.mux(stream.encode(picture))
                frames += 1
        out.mux(stream.encode(None))
    return frames


def peak(film: Path, out: Path, words: list[str]) -> float:
    """Return the peak in MB, measured by a process whose only children are the run."""
    command = [sys.executable, "run.py", *words, f"dataset.path={film}", "workers=1", f"output_dir={out}"]
    code = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL);"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    done = subprocess.run([sys.executable, "-c", code, *command], cwd=ROOT, check=True, capture_output=True, text=True)
    unit = 1 if sys.platform == "darwin" else 1024
    return int(done.stdout) * unit / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("film", nargs="?", type=Path)
    parser.add_argument("--with", dest="words", nargs="+", default=["dataset=folder", "detector=blazepose"])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        peaks = []
        for repeats in (1, TIMES):
            film = home / f"times{repeats}.mp4"
            frames = longer(options.film and options.film.resolve(), film, repeats)
            peaks.append(peak(film, home / f"out{repeats}", options.words))
            print(f"{frames:6,} frames: {peaks[-1]:6.0f} MB")
        print(f"{TIMES} times longer: {peaks[1] / peaks[0] - 1:+.1%}")


if __name__ == "__main__":
    main()
