"""Make the embedded demo clip: a portrait under a slowly moving, turning and zooming camera.

    python tools/make_demo.py astronaut.png src/posecfg/assets/demo.mp4

Without a picture it is taken from scikit-image (`skimage.data.astronaut`), if that is installed.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np

SIDE, FPS, FRAMES = 480, 30, 105


def picture(path: Path | None) -> np.ndarray:
    if path is None:
        from skimage import data

        return np.asarray(data.astronaut(), dtype=np.float64)
    with av.open(str(path)) as file:
        return next(file.decode(video=0)).to_ndarray(format="rgb24").astype(np.float64)


def camera(share: float) -> np.ndarray:
    """Return the (2, 3) matrix from output pixels to picture pixels, at a share 0..1 of the clip."""
    turn = 2 * np.pi * share
    angle = np.radians(5.0) * np.sin(turn)
    window = 440.0 - 25.0 * np.cos(turn)
    middle = np.array([245.0 + 9.0 * np.sin(turn), 238.0 + 8.0 * np.sin(2 * turn)])
    zoom = window / SIDE
    axes = zoom * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return np.column_stack([axes, middle - axes @ np.array([SIDE / 2, SIDE / 2])])


def resampled(image: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Sample between pixels by cubic convolution, so that motion below one pixel is smooth."""
    y, x = np.mgrid[:SIDE, :SIDE] + 0.5
    at_x, at_y = (row[0] * x + row[1] * y + row[2] - 0.5 for row in matrix)
    left, top = np.floor(at_x).astype(int), np.floor(at_y).astype(int)
    across, down = taps(at_x - left), taps(at_y - top)
    total = np.zeros((SIDE, SIDE, 3))
    for j in range(4):
        rows = np.clip(top + j - 1, 0, image.shape[0] - 1)
        for i in range(4):
            columns = np.clip(left + i - 1, 0, image.shape[1] - 1)
            total += (down[j] * across[i])[..., None] * image[rows, columns]
    return np.clip(np.rint(total), 0, 255).astype(np.uint8)


def taps(t: np.ndarray) -> list[np.ndarray]:
    """Return the four weights of cubic convolution (a = -0.5) at fraction ``t``."""
    near = [1.5 * d**3 - 2.5 * d**2 + 1 for d in (t, 1 - t)]
    far = [-0.5 * d**3 + 2.5 * d**2 - 4 * d + 2 for d in (1 + t, 2 - t)]
    return [far[0], near[0], near[1], far[1]]


def frames(image: np.ndarray) -> Iterator[np.ndarray]:
    for index in range(FRAMES):
        yield resampled(image, camera(index / FRAMES))


def encode(images: Iterator[np.ndarray], path: Path) -> None:
    with av.open(str(path), "w", options={"movflags": "+faststart"}) as file:
        stream = file.add_stream("libx264", rate=FPS, options={"crf": "27", "preset": "veryslow", "g": "30"})
        stream.width = stream.height = SIDE
        stream.pix_fmt = "yuv420p"
        stream.codec_context.thread_count = 1
        for image in images:
            file.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        file.mux(stream.encode())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("picture", type=Path, nargs="?", help="astronaut.png, 512 x 512")
    parser.add_argument("output", type=Path, nargs="?", default=Path("src/posecfg/assets/demo.mp4"))
    args = parser.parse_args()
    encode(frames(picture(args.picture)), args.output)
    print(f"{args.output}: {args.output.stat().st_size} bytes")


if __name__ == "__main__":
    main()
