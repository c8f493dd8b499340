"""MoveNet with overlay and JSON over 1080p60 films: the preset with two workers beside the plain script, in one run.

    pip install -e '.[movenet,bench]'
    POSECFG_MODELS=FOLDER python benchmarks/movenet.py FILM... [--seconds 50] [--rounds 3]

Script and preset take turns, as the speed of a machine drifts; each turn is a whole program, start-up included. Both
draw every frame. The limit is the cores divided by the CPU seconds that a frame needs for decoding, scaling, the model,
drawing and encoding with the preset's own encoder settings, measured between the turns, one thread on each core.
"""

from __future__ import annotations

import sys
from pathlib import Path

from turns import ROOT, WORKERS, options, python, turns

NAME = "movenet_lightning_int8"

PLAIN = """
import json, sys, cv2, numpy as np
from ai_edge_litert.interpreter import Interpreter
EDGES = [(0, 1), (0, 2), (1, 3), (2, 4), (5, 6), (5, 7), (7, 9), (6, 8), (8, 10), (5, 11), (6, 12), (11, 12), (11, 13),
         (13, 15), (12, 14), (14, 16)]
model = Interpreter(sys.argv[2])
model.allocate_tensors()
put, get = model.get_input_details()[0], model.get_output_details()[0]["index"]
for path in sys.argv[3:]:
    film, rows = cv2.VideoCapture(path), []
    fps, size = film.get(cv2.CAP_PROP_FPS), (int(film.get(3)), int(film.get(4)))
    name = sys.argv[1] + "/" + path.rsplit("/", 1)[1]
    out = cv2.VideoWriter(name, cv2.VideoWriter_fourcc(*"mp4v"), fps, size)
    while True:
        ok, image = film.read()
        if not ok:
            break
        small = cv2.cvtColor(cv2.resize(image, (192, 192)), cv2.COLOR_BGR2RGB)
        model.set_tensor(put["index"], small[None].astype(put["dtype"]))
        model.invoke()
        pose = model.get_tensor(get)[0, 0]
        xy = (pose[:, [1, 0]] * size).astype(int)
        for a, b in EDGES:
            if pose[a, 2] >= 0.2 and pose[b, 2] >= 0.2:
                cv2.line(image, tuple(map(int, xy[a])), tuple(map(int, xy[b])), (255, 255, 0), 2)
        for (x, y), score in zip(xy, pose[:, 2]):
            if score >= 0.2:
                cv2.circle(image, (int(x), int(y)), 5, (0, 255, 0), -1)
        cv2.putText(image, "latency", (10, 30), cv2.FONT_HERSHEY_SIMPLEX, 0.8, (255, 255, 255), 2)
        out.write(image)
        points = [{"x": round(float(x) * size[0], 1), "y": round(float(y) * size[1], 1), "score": round(float(s), 4)}
                  for y, x, s in pose]
        rows.append({"frame_index": len(rows), "pose_score": float(pose[:, 2].mean()), "keypoints": points})
    out.release()
    with open(name + ".json", "w") as file:
        json.dump({"meta": {"fps": fps, "frame_count": len(rows)}, "frames": rows}, file)
"""

COST = """
import io, json, sys, time
from contextlib import contextmanager
from pathlib import Path
import av, numpy as np
from ai_edge_litert.interpreter import Interpreter
from posecfg import skeletons
from posecfg.samplers.every import All
from posecfg.types import Clip, Person
from posecfg.video.video import Video
from posecfg.writers.overlay import Overlay

class Files:
    @contextmanager
    def open(self, name, about=None):
        yield io.BytesIO()

model = Interpreter(sys.argv[1], num_threads=1)
model.allocate_tensors()
put, get = model.get_input_details()[0], model.get_output_details()[0]["index"]
coco, cost, frames = skeletons.load("coco17"), dict.fromkeys(("decode", "scale", "model", "draw and encode"), 0.0), 0
def lap(name, since):
    now = time.process_time()
    cost[name] += now - since
    return now
for path in sys.argv[2:]:
    clip = Clip("film", Path(path), "film")
    with Overlay(kpt_thr=0.2).begin(clip, Files()) as pen:
        since = time.process_time()
        for batch in Video(clip, All()):
            since = lap("decode", since)
            small = batch.rgb(192, 192, quick=True)
            since = lap("scale", since)
            model.set_tensor(put["index"], small.astype(put["dtype"], copy=False))
            model.invoke()
            pose = model.get_tensor(get)[0, 0]
            since = lap("model", since)
            xy = (pose[:, [1, 0]] * batch.size).astype(np.float32)
            pen(batch, [[Person(0, coco, xy, pose[:, 2])]], [0.01])
            since = lap("draw and encode", since)
            frames += 1
    lap("draw and encode", since)
print(json.dumps({name: seconds / frames for name, seconds in cost.items()}))
"""


def ours(films: Path, out: Path) -> list[str]:
    words = ["experiment=movenet_overlay", f"dataset.path={films}", f"workers={WORKERS}", f"output_dir={out}"]
    return [sys.executable, "run.py", *words]


def main() -> None:
    asked = options(__doc__)
    sys.path.insert(0, str(ROOT / "src"))
    from posecfg.models import store

    model = str(store.find(NAME))
    with turns(
        asked,
        lambda folder, films: python(PLAIN, str(folder), model, *map(str, films)),
        ours,
        lambda films: python(COST, model, *map(str, films)),
    ):
        pass


if __name__ == "__main__":
    main()
