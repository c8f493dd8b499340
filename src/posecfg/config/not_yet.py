"""What posecfg does not have yet, each with the nearest route; what is there is never looked up here."""

from __future__ import annotations

_TABLE = "'writer=[csv]' writes the same rows, and other programs make such a file of them"
_ARRAYS = "'writer=[npz]' holds everything that is known of a clip, and other programs make such a file of it"
_MARKERS = "'writer=[trc]' writes each person's markers, which OpenSim and its kin read"
_SPLIT = "start the command once on each machine, with shard=1/4, shard=2/4 and so on, and one output_dir for all"
_BODY = "detector=rtmdet finds the body's keypoints, of several people too"
_FILMS = "dataset=folder takes its films, and dataset=manifest parts of them that a table lists"
_LIFT = "lifter=videopose3d lifts 17 joints to metres"

NOT_YET: dict[str, dict[str, str]] = {
    "writer": {
        **dict.fromkeys(("sqlite", "db"), _TABLE),
        **dict.fromkeys(("feather", "arrow"), "'writer=[parquet]' writes a table that Arrow reads"),
        **dict.fromkeys(("tfrecord", "webdataset", "lmdb", "html", "mmpose"), _ARRAYS),
        **dict.fromkeys(("bvh", "fbx", "gltf", "glb", "usd", "vmd", "amc"), _MARKERS),
        **dict.fromkeys(("srt", "vtt", "elan", "eaf"), _TABLE),
        "smpl": "'writer=[trc]' writes points in space, to which other programs fit a body",
    },
    "detector": {
        **dict.fromkeys(
            ("openpose", "alphapose", "hrnet", "vitpose", "vitpose++", "dwpose", "sapiens", "posenet"), _BODY
        ),
        **dict.fromkeys(("smpl", "4dhumans", "hmr", "hmr2", "wham", "mesh"), _LIFT),
        **dict.fromkeys(
            ("onnx", "tflite", "custom", "mine"), "detector=rtmdet detector.pose.weights=FILE takes a file of yours"
        ),
    },
    "lifter": dict.fromkeys(("motionbert", "poseformer", "mixste", "motionagformer", "simplebaseline", "smpl"), _LIFT),
    "dataset": {
        **dict.fromkeys(
            ("h36m", "human36m", "human3.6m", "3dpw", "mpii", "panoptic", "mpi_inf_3dhp", "posetrack"), _FILMS
        ),
        **dict.fromkeys(("webcam", "camera", "stream", "rtsp"), "record to a file first, which dataset=folder takes"),
        **dict.fromkeys(("url", "s3", "http", "huggingface"), "fetch the films first, which dataset=folder then takes"),
    },
    "executor": dict.fromkeys(("dask", "k8s", "kubernetes", "mpi", "sge", "pbs", "submitit", "cluster"), _SPLIT),
    "verb": {
        **dict.fromkeys(
            ("clean", "clear", "gc", "prune"),
            "posecfg cache clear forgets detections; remove a folder of results below outputs/ yourself",
        ),
        **dict.fromkeys(("eval", "evaluate", "score", "benchmark"), "'metric=[pck]' scores a run against known poses"),
        **dict.fromkeys(
            ("serve", "gui", "ui", "app", "web"), "posecfg.extract is what other programs call, and view draws a file"
        ),
        **dict.fromkeys(("train", "finetune"), "'writer=[coco]' makes a data set that MMPose trains on"),
        **dict.fromkeys(
            ("convert", "merge"), "detector=stored reads what writer=npz kept, and any writer writes it again"
        ),
        **dict.fromkeys(
            ("bundle", "pack"), "posecfg models list shows the files, and models.dir=FOLDER finds copies of them"
        ),
        **dict.fromkeys(("0", "1", "webcam", "camera"), "record to a file first, whose name is typed here"),
        **dict.fromkeys(("watch", "daemon"), "the same command again takes new films and leaves finished ones alone"),
    },
    "key": {
        **dict.fromkeys(("retries", "retry", "max_retries"), "the same command again tries failed clips once more"),
        **dict.fromkeys(
            ("wandb", "mlflow", "tensorboard", "tracking_uri"), "--json prints the outcome of a run for other programs"
        ),
        **dict.fromkeys(
            ("resize", "scale", "image_size", "imgsz", "input_size"), "each model has its own size of pictures"
        ),
        **dict.fromkeys(("crop", "roi"), "cut the film first: a person is found in whole pictures"),
        **dict.fromkeys(("email", "notify"), "the exit code tells how a run ended: 0 done, 3 some clips failed"),
    },
}


def route(kind: str, name: str) -> str | None:
    """Return the nearest route to an option of a group, a 'verb' or a 'key' that is not there yet."""
    return NOT_YET.get(kind, {}).get(name.lower().replace("-", "_"))
