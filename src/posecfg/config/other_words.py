"""Words of other tools for options, values, keys and verbs, each with what is typed here; read once something is wrong.

Every answer can be typed: a test types them all.
"""

from __future__ import annotations

OPTIONS: dict[str, dict[str, str]] = {
    "dataset": {
        **dict.fromkeys(("how2sign", "ytasl", "youtube", "yt_asl", "asl"), "dataset=youtube_asl"),
        **dict.fromkeys(("csv", "tsv", "table", "segments", "clips"), "dataset=manifest"),
        **dict.fromkeys(("video", "videos", "film", "films", "file", "files", "dir", "directory"), "dataset=folder"),
        **dict.fromkeys(("images", "image", "pictures", "frames", "jpg", "png"), "dataset=folder dataset.images=true"),
        **dict.fromkeys(("aist++", "aistpp", "aist_plusplus", "aistplusplus"), "dataset=aist"),
        **dict.fromkeys(("coco_wholebody", "cocowholebody", "coco2017", "mscoco"), "dataset=coco"),
        "tc": "dataset=totalcapture",
        **dict.fromkeys(("test", "fake", "dummy", "random"), "dataset=synthetic"),
    },
    "detector": {
        **dict.fromkeys(("mediapipe", "mp", "mp_pose", "mediapipe_pose", "pose_landmarker"), "detector=blazepose"),
        **dict.fromkeys(("mp_holistic", "mediapipe_holistic", "holistic_landmarker"), "detector=holistic"),
        **dict.fromkeys(("hands", "hand", "face", "facemesh", "face_mesh"), "detector=holistic"),
        **dict.fromkeys(("lightning", "movenet_lightning", "singlepose"), "detector=movenet"),
        **dict.fromkeys(("thunder", "movenet_thunder"), "detector=movenet detector.model=thunder"),
        **dict.fromkeys(("rtmpose", "mmpose", "openmmlab", "mmdet", "topdown"), "detector=rtmdet"),
        **dict.fromkeys(("rtmpose3d", "rtmw", "wholebody", "3d"), "detector=rtmw3d"),
        **dict.fromkeys(("rcnn", "keypoint_rcnn", "maskrcnn", "mask_rcnn", "d2", "facebook"), "detector=detectron2"),
        **dict.fromkeys(("yolo", "yolov8", "yolo11", "ultralytics"), "detector=yolox"),
        **dict.fromkeys(("npz", "cache", "cached", "saved", "replay", "load"), "detector=stored"),
        **dict.fromkeys(("gt", "truth", "ground_truth", "annotation"), "detector=annotations"),
        **dict.fromkeys(("test", "fake", "dummy"), "detector=synthetic"),
        **dict.fromkeys(("vp3d", "lifter"), "lifter=videopose3d"),
    },
    "detector/pose": {
        **dict.fromkeys(("rtmpose", "rtm"), "detector/pose=rtmpose_m"),
        **dict.fromkeys(("rtmw", "wholebody"), "detector/pose=rtmw_l"),
        **dict.fromkeys(("rtmw3d", "3d"), "detector/pose=rtmw3d_l"),
    },
    "persons": {
        **dict.fromkeys(("2", "3", "many", "multi", "multiple", "everyone", "everybody", "any"), "persons=all"),
        **dict.fromkeys(("1", "one", "single", "first", "top", "score", "highest"), "persons=best"),
        **dict.fromkeys(("big", "biggest", "main", "max", "area"), "persons=largest"),
        **dict.fromkeys(("center", "centre", "middle", "central", "closest"), "persons=nearest"),
        **dict.fromkeys(("alone", "exactly_one", "solo"), "persons=only"),
    },
    "sampler": {
        **dict.fromkeys(("every", "nth", "skip", "step"), "sampler=stride"),
        **dict.fromkeys(("rate", "fixed", "framerate", "frame_rate"), "sampler=fps"),
        **dict.fromkeys(("random", "count", "linspace", "even"), "sampler=uniform"),
        **dict.fromkeys(("keyframes", "moving", "diff"), "sampler=motion"),
        **dict.fromkeys(("annotations", "gt", "truth"), "sampler=annotated"),
        **dict.fromkeys(("full", "none", "null", "everything"), "sampler=all"),
        "resample": "sampler=fps sampler.mode=resample",
    },
    "refine": {
        **dict.fromkeys(("butterworth", "filter", "lowpass", "kalman", "gaussian", "smoothing"), "'refine=[smooth]'"),
        **dict.fromkeys(("savgol", "savitzky_golay"), "'refine=[smooth]' refine.smooth.method=savitzky_golay"),
        **dict.fromkeys(("one_euro", "oneeuro", "1euro", "euro"), "'refine=[smooth]' refine.smooth.method=one_euro"),
        "median": "'refine=[smooth]' refine.smooth.method=median",
        **dict.fromkeys(("interpolate", "interpolation", "interp", "gaps", "linear"), "'refine=[fill]'"),
    },
    "lifter": {
        **dict.fromkeys(("3d", "vp3d", "videopose", "temporal", "true"), "lifter=videopose3d"),
        **dict.fromkeys(("null", "no", "off", "false", "2d"), "lifter=none"),
    },
    "writer": {
        **dict.fromkeys(("mp4", "video", "film", "mov", "mkv", "avi", "draw", "drawn", "vis"), "writer=overlay"),
        **dict.fromkeys(("png", "image", "thumbnail", "snapshot"), "writer=preview"),
        **dict.fromkeys(("jpg", "jpeg", "images", "pictures"), "writer=frames"),
        **dict.fromkeys(("numpy", "np", "array"), "writer=npy"),
        **dict.fromkeys(("pkl", "pickle", "h5", "hdf5", "mat", "matlab", "zarr", "all"), "writer=npz"),
        **dict.fromkeys(("tsv", "txt", "excel", "xlsx", "xls", "pandas"), "writer=csv"),
        **dict.fromkeys(("opensim", "markers"), "writer=trc"),
        "mot": "writer=angles writer.angles.format=mot",
        **dict.fromkeys(("coco_json", "cocojson", "annotations", "yolo"), "writer=coco"),
        **dict.fromkeys(("body25", "pose2sim", "openpose_json"), "writer=openpose"),
        **dict.fromkeys(("3d", "plot", "plot3d", "skeleton"), "writer=render3d"),
        **dict.fromkeys(("boxes", "bbox", "bboxes"), "writer=detections"),
        **dict.fromkeys(("vp3d", "data_2d"), "writer=videopose3d"),
    },
    "metric": {
        **dict.fromkeys(("ap", "map", "coco"), "'metric=[oks]'"),
        **dict.fromkeys(("pmpjpe", "p_mpjpe", "pa_mpjpe", "n_mpjpe", "procrustes"), "'metric=[mpjpe]'"),
        "pckh": "'metric=[pck]' metric.pck.norm=head",
        **dict.fromkeys(("pixel", "px", "l2", "error", "distance"), "'metric=[epe]'"),
        **dict.fromkeys(("auc", "pdj"), "'metric=[pck]'"),
    },
    "device": {
        **dict.fromkeys(("gpu", "nvidia", "0", "cuda:0", "cuda0", "gpu:0"), "device=cuda"),
        **dict.fromkeys(("trt", "rt"), "device=tensorrt"),
        **dict.fromkeys(("metal", "apple", "m1", "m2"), "device=mps"),
        **dict.fromkeys(("intel", "ov"), "device=openvino"),
        **dict.fromkeys(("null", "default", "best", "any"), "device=auto"),
        **dict.fromkeys(("fp16", "half"), "device.precision=fp16"),
    },
    "executor": {
        **dict.fromkeys(
            ("process", "processes", "multiprocessing", "pool", "joblib", "threads", "thread"), "executor=local"
        ),
        **dict.fromkeys(("none", "null", "serial", "single", "sync"), "workers=0"),
    },
    "experiment": {
        **dict.fromkeys(("movenet", "overlay"), "experiment=movenet_overlay"),
        **dict.fromkeys(("videopose3d", "vp3d", "wild", "detectron2"), "experiment=videopose3d_wild"),
        **dict.fromkeys(("blazepose", "totalcapture", "mediapipe"), "experiment=blazepose_totalcapture"),
        **dict.fromkeys(("youtube_asl", "how2sign", "rtmpose3d", "rtmw3d"), "experiment=rtmpose3d_youtube_asl"),
        **dict.fromkeys(("aist", "coco"), "experiment=aist_coco"),
        **dict.fromkeys(("signs", "holistic", "sign_language", "pose_format", "slt"), "experiment=signs_holistic"),
    },
}
"""Options by the group that they are looked for in."""

WEIGHTS = ("weights", "weight", "weights_path", "weights_file", "checkpoint", "ckpt", "ckpt_path", "model_path")
"""Keys that name a file of weights, or a folder of them."""
GPU = ("gpu", "cuda", "use_gpu", "use_cuda", "gpus", "gpu_id")
KEYS: dict[str, str] = {
    **dict.fromkeys(("fps", "rate", "framerate", "frame_rate", "reduce_fps_to"), "sampler=fps sampler.rate={}"),
    **dict.fromkeys(("skip", "step", "stride", "frame_skip", "every", "nth"), "sampler=stride sampler.every={}"),
    **dict.fromkeys(("num_frames", "max_frames", "nframes"), "sampler=uniform sampler.count={}"),
    **dict.fromkeys(("fp16", "half", "amp"), "device.precision=fp16"),
    **dict.fromkeys(("dry_run", "dryrun", "simulate"), "posecfg plan"),
    **dict.fromkeys(("debug", "serial"), "workers=0"),
    **dict.fromkeys(
        ("draw", "show", "display", "save_video", "visualize", "visualise", "vis", "render"), "writer=overlay"
    ),
    **dict.fromkeys(("interpolate", "interp", "fill_gaps", "fill"), "'refine=[fill]'"),
    **dict.fromkeys(("filter", "smoothing", "lowpass", "filtering"), "'refine=[smooth]'"),
    **dict.fromkeys(("lift", "lift_3d", "to_3d", "3d", "lifting"), "lifter=videopose3d"),
    **dict.fromkeys(
        ("multi_person", "multiperson", "max_persons", "num_people", "max_people", "num_poses"), "persons=all"
    ),
    **dict.fromkeys(("single_person", "one_person"), "persons=best"),
    **dict.fromkeys(("force", "rerun", "recompute", "again"), "redo=true"),
    **dict.fromkeys(("offline", "download", "auto_download", "fetch"), "models.autofetch=true"),
    **dict.fromkeys(("verbose", "v", "loglevel", "log_level"), "-v"),
    **dict.fromkeys(("quiet", "silent", "q"), "-q"),
    "cpu": "device=cpu",
    "split": "dataset.split={}",
    "start": "video.start={}",
    "end": "video.end={}",
    "to": "video.end={}",
    "from": "video.start={}",
    "seek": "video.start={}",
    "duration": "video.end={}",
    "video": "dataset.path={}",
    "sweep": "-m",
    "multirun": "-m",
    "json": "--json",
    "list_models": "posecfg models list",
    "config_name": "experiment={}",
    "config_path": "--config-dir DIR",
}
"""Keys that mean more than another key; ``{}`` stands for the value that was typed."""
SWITCHES = ("true", "1", "yes", "on", "...")
"""Values of keys that are switched on."""

NEVER: dict[str, str] = {
    **dict.fromkeys(
        ("resume", "continue", "skip_existing", "incremental"),
        "runs always resume: type the same command again (redo=true makes finished clips again)",
    ),
    **dict.fromkeys(
        ("log", "log_dir", "logging", "logs"), "logs lie in .posecfg/logs, in output_dir, by themselves: leave it out"
    ),
    **dict.fromkeys(
        ("pretrained", "train", "epochs", "lr"), "nothing is trained here: type posecfg models list for weights"
    ),
    **dict.fromkeys(("yes", "y", "confirm"), "nothing is asked before a run: leave it out"),
}
"""Keys that need no other."""

SHORT = {
    "o": "output_dir",
    "i": "dataset.path",
    "f": "redo",
    "j": "workers",
    "w": "workers",
    "n": "limit",
    "d": "device",
    "t": "bbox_thr",
    "s": "video.start",
    "e": "video.end",
    "r": "fps",
    "b": "detector.batch",
    "V": "version",
}
"""Letters of flags that other tools have."""

VERBS: dict[str, str] = {
    **dict.fromkeys(("browse", "show", "open", "display", "look", "plot", "draw", "see"), "view FILE"),
    **dict.fromkeys(("check", "validate", "test", "fsck"), "verify FOLDER"),
    **dict.fromkeys(("dry", "dryrun", "dry_run", "explain", "simulate"), "plan"),
    **dict.fromkeys(("fetch", "pull", "weights", "model"), "models list"),
    **dict.fromkeys(("get", "downloads"), "download"),
    "export": "models export NAME",
    "compare": "diff A B",
    **dict.fromkeys(("extract", "process", "infer", "predict", "detect", "start", "go", "exec", "execute"), "run"),
    **dict.fromkeys(("info", "about", "env", "install", "setup", "check_install"), "doctor"),
    **dict.fromkeys(("stats", "state", "stat"), "status"),
    **dict.fromkeys(("watch", "ps", "top", "progress", "monitor", "follow"), "status FOLDER --watch"),
    **dict.fromkeys(("kill", "cancel", "abort", "halt", "terminate", "quit"), "stop FOLDER"),
    **dict.fromkeys(("man", "usage", "docs", "options", "keys", "list", "commands"), "help"),
    **dict.fromkeys(("config", "cfg", "conf"), "--cfg job"),
    **dict.fromkeys(("complete", "autocomplete", "completions"), "completion bash"),
    **dict.fromkeys(("replay", "rerun", "remake"), "reproduce RECORD"),
    "sweep": "run -m",
    "version": "--version",
}
"""Verbs of other tools, each with what stands behind posecfg here."""

MODELS: dict[str, str] = {
    **dict.fromkeys(("get", "install", "download", "pull", "add"), "fetch NAME"),
    **dict.fromkeys(("check", "validate", "hash"), "verify"),
    **dict.fromkeys(("make", "convert", "build", "onnx"), "export NAME"),
    **dict.fromkeys(("ls", "all", "status"), "list"),
    **dict.fromkeys(("info", "describe", "about"), "show NAME"),
    "accept": "trust NAME SHA256",
}
"""Actions of the verb models."""

VALUES: dict[str, dict[str, str]] = {
    "precision": {
        **dict.fromkeys(("half", "16", "float16", "f16"), "fp16"),
        **dict.fromkeys(("32", "float32", "full"), "fp32"),
    },
    "dtype": {
        "float": "float32",
        "double": "float64",
        "half": "float16",
        "fp16": "float16",
        "fp32": "float32",
        "f4": "float32",
    },
    "workers": dict.fromkeys(("all", "max", "-1", "cores", "cpu"), "auto")
    | dict.fromkeys(("none", "null", "false"), "0"),
    "video.threads": dict.fromkeys(("all", "max", "-1"), "auto"),
    "on_error": dict.fromkeys(("ignore", "skip", "warn", "go_on"), "continue")
    | dict.fromkeys(("raise", "fail", "abort"), "stop"),
    "limit": dict.fromkeys(("all", "none", "-1"), "null"),
    "console": dict.fromkeys(("line", "plain", "log", "verbose"), "lines")
    | dict.fromkeys(("live", "rich", "default"), "auto"),
    "accept": dict.fromkeys(("version", "true", "all"), "versions"),
}
"""Values of keys, by the key or its last part."""
