"""Type bad and hostile things at posecfg, and print what each gave.

    python tools/corpus.py [--only NAME] [--keep DIR] [--jobs 2]

Each case is one command line in a folder of its own: ``corpus_scenes.py`` makes the folders, ``corpus_stage.py`` runs
the commands and judges; ``corpus_movenet.py``, ``corpus_overlay.py``, ``corpus_tables.py`` and ``corpus_weights.py``
hold the cases of their areas. A case fails when the exit code, the words of the answer, the good clips or the inputs
are not as they should be.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import corpus_movenet
import corpus_overlay
import corpus_scenes as scenes
import corpus_tables
import corpus_weights
from corpus_scenes import RUN, film
from corpus_stage import BARRED, Case, mounting, partly, play, refused, table, works


def proc() -> str | None:
    return None if sys.platform == "linux" else "needs /proc"


GOOD = {"good": ("out/good.npy",)}
LONG = f"dataset=synthetic dataset.frames=120 dataset.clips=2 dataset.size=[32,32] {RUN} writer=[npy,json]"
BAD_FILMS = {
    "good": ("done",),
    "zz good": ("done",),
    "named.mp4/inner": ("done",),
    "zero": ("failed", "zero.mp4", "empty"),
    "text": ("failed", "text.mp4", "no format that can be read"),
    "zeros": ("failed", "zeros.mp4"),
    "noise": ("failed", "noise.mp4"),
    "sound": ("failed", "sound.mp4", "holds audio"),
    "cut": ("failed", "cut.mp4", "index (moov)"),
    "head": ("failed", "head.mp4", "index (moov)"),
    "cut_front": ("warned", "truncated", "300 declared"),
    "corrupt": ("warned", "corrupt", "damaged"),
    "resized": ("warned", "change their size 1 time"),
    "one": ("done",),
    "odd": ("done",),
    "tiny": ("done",),
    "moving": ("done",),
    "really_mkv": ("done",),
    "picture": ("done",),
    "gone.mp4": ("left out", "broken link"),
    "pipe.mp4": ("left out", "not a regular file"),
    "1 file .txt": ("left out", "not a video suffix"),
}
FILES = [
    refused("missing folder", f"dataset.path=flims {RUN}", "'flims'", "'films'", make=film("films/good.mp4")),
    Case("missing path", f"flims {RUN}", 2, ("'flims'", "'films'"), film("films/good.mp4")),
    refused("missing film", f"films/god.mp4 {RUN}", "god.mp4", "'films/good.mp4'?", make=film("films/good.mp4")),
    refused("empty folder", f"films {RUN}", "'films'", "found nothing", make=scenes.nothing_yet),
    refused("folder of text", f"films {RUN}", "'films'", "2 files .txt", make=scenes.texts),
    partly("bad films", f"films {RUN} workers=2", make=scenes.bad_films, clips=BAD_FILMS, **GOOD),
    refused("one bad film", f"zero.mp4 {RUN}", "zero.mp4", "0 bytes", make=lambda s: (s / "zero.mp4").touch()),
    partly("strict", f"films {RUN} strict=true", "cut_front.mp4", "strict=true", make=scenes.bad_films, **GOOD),
    refused("broken link", f"a.mp4 {RUN}", "a.mp4", "broken link", make=lambda s: (s / "a.mp4").symlink_to("x")),
    refused("pipe", f"pipe.mp4 {RUN}", "pipe.mp4", "folder or a file", make=lambda s: os.mkfifo(s / "pipe.mp4")),
    refused("device file", f"/dev/zero {RUN}", "/dev/zero", "folder or a file", needs=proc),
    works(
        "picture", f"still/1.png {RUN}", "Results: out", make=lambda s: scenes.films.pictures(s / "still", ["1.png"])
    ),
    refused("pictures unlike", f"photos dataset.images=true {RUN}", "3.png", "48x32", "independent", make=scenes.sizes),
    works("picture damaged", f"photos dataset.images=true {RUN}", "1 damaged", make=scenes.unlike),
    refused("pictures unasked", f"photos {RUN}", "'photos'", "dataset.images=true", make=scenes.sizes),
    partly(
        "unreadable",
        f"films {RUN}",
        "locked.mp4",
        "denied",
        make=scenes.closed("films/locked.mp4", 0),
        **BARRED,
        **GOOD,
    ),
    works(
        "closed folder",
        f"films {RUN}",
        "deep",
        "cannot be listed",
        make=scenes.closed("films/deep", 0),
        **BARRED,
        **GOOD,
    ),
    works("nobody there", "grey.mp4 output_dir=out", "No person was found", make=scenes.grey, good=("out/grey.npy",)),
    works(
        "several",
        f"a.mp4 persons=only detector.people=2 {RUN}",
        "more than one person: 2 above",
        "every clip was skipped",
        make=film("a.mp4"),
    ),
    refused("address", f"https://example.com/a.mp4 {RUN}", "https://example.com/a.mp4", "fetch it first"),
    refused("no match", f"*.avi {RUN}", "'*.avi'", "found nothing"),
    refused("plan opens", f"plan --probe films {RUN}", "1 of 2", "'zero'", "0 bytes", make=scenes.one_bad),
    Case("two paths", f"a.mp4 b.mp4 {RUN}", 2, ("a.mp4, b.mp4", "glob"), film("a.mp4", "b.mp4")),
    works("past the end", f"a.mp4 video.start=1000 {RUN}", "a: skipped: shorter", "it lasts 0.4 s", make=film("a.mp4")),
    refused("empty range", f"a.mp4 video.end=0 {RUN}", "video.end", "seconds above 0", make=film("a.mp4")),
    works("gated out", f"a.mp4 video.min_duration=100 {RUN}", "too short", "at least 100 s", make=film("a.mp4")),
]
OUTPUTS = [
    refused(
        "full disk",
        LONG,
        "'out'",
        "is full",
        "same command again",
        make=scenes.small_disk,
        after=scenes.room_again(LONG),
        needs=mounting,
    ),
    refused("disk full at once", LONG, "is full", make=lambda s: s.mount("out", "40k"), needs=mounting),
    refused("file size limit", LONG, "'out'", "is full", "same command again", blocks=200),
    refused("output is a file", "good.mp4 detector=synthetic output_dir=taken", "'taken", make=scenes.file_as_output),
    refused(
        "output in proc",
        "dataset=synthetic detector=synthetic output_dir=/proc/x",
        "'/proc/x",
        "output_dir=",
        needs=proc,
    ),
    refused(
        "output closed",
        "films/good.mp4 detector=synthetic output_dir=shut/out",
        "shut/out",
        "output_dir=",
        make=scenes.closed("shut", 0o555),
        **BARRED,
    ),
    refused("folder closed", f"films/good.mp4 {RUN}", "cannot be written", make=scenes.closed(".", 0o555), **BARRED),
    works(
        "output beside films",
        "films detector=synthetic output_dir=films",
        "Results: films",
        make=film("films/good.mp4"),
        writes=("films/.posecfg", "films/good.npy"),
        after=scenes.again("films detector=synthetic output_dir=films", "Nothing was left to do"),
    ),
    refused("two at once", f"good.mp4 {RUN} detector.delay=5", "'out' is in use by", "output_dir=", make=scenes.in_use),
    refused("other results", f"good.mp4 {RUN} bbox_thr=0.5", "'out'", "overwrite=true", make=scenes.finished()),
    refused("other data set", f"dataset=synthetic {RUN}", "'out'", "synthetic", "append=true", make=scenes.finished()),
    refused("redo of no clip", f"good.mp4 {RUN} redo=goof", "'goof'", "redo='good'", make=scenes.finished()),
    partly(
        "file in the way",
        f"films {RUN}",
        "out/good.npy",
        "already there",
        "output_dir=",
        make=scenes.in_the_way,
        after=scenes.still_mine,
        good=("out/other.npy",),
    ),
    partly("link in output", f"films {RUN}", "out/deep", "is a link", make=scenes.link_out, **GOOD),
    partly(
        "worker dies",
        f"films {RUN} detector.crash=segfault:bad",
        "bad",
        "worker process died",
        make=film("films/bad.mp4", "films/good.mp4"),
        **GOOD,
    ),
    partly(
        "worker hangs",
        f"films {RUN} detector.crash=hang:bad executor.timeout=2",
        "bad",
        "executor.timeout",
        make=film("films/bad.mp4", "films/good.mp4"),
        **GOOD,
    ),
    works(
        "record damaged",
        f"good.mp4 {RUN}",
        "record is damaged",
        "Results: out",
        make=scenes.harmed("out/.posecfg/clips/good.json", b"{"),
        after=scenes.again("verify out", "All is well"),
    ),
    works(
        "ledger damaged",
        f"good.mp4 {RUN}",
        "ledger was damaged",
        "rebuilt from 1",
        make=scenes.harmed("out/.posecfg/ledger.db", b"no database" * 500),
        after=scenes.again("verify out", "All is well"),
    ),
    works("ledger torn", f"good.mp4 {RUN}", "ledger was damaged", "Nothing was left", make=scenes.torn_ledger),
    refused("ledger and record", f"good.mp4 {RUN}", "out/good.npy", "already there", "move it", make=scenes.both_gone),
    works("record points out", f"good.mp4 {RUN}", "Results: out", make=scenes.outward, **GOOD),
    refused(
        "run.json damaged", f"good.mp4 {RUN}", "run.json", "remove", make=scenes.harmed("out/.posecfg/run.json", b"[]")
    ),
    Case("verify nothing", "verify nowhere", 2, ("'nowhere'", "folder of results")),
    refused("verify films", "verify films", "'films'", "no result", make=film("films/good.mp4")),
    refused(
        "verify damaged", "verify out", "good.npy", "run again", make=scenes.harmed("out/good.npy", b"\x93NUMPY ?")
    ),
]
WORDS = [
    Case("unknown verb", "frobnicate", 2, ("'frobnicate'", "key=value")),
    Case("misspelt verb", "verfy out", 2, ("'verfy'", "Did you mean 'verify'?")),
    Case("unknown flag", "--jsn", 2, ("'--jsn'", "Did you mean '--json'?")),
    refused("unknown option", "detector=openpose", "'openpose'", "blazepose, movenet"),
    refused("misspelt option", "detector=blazpose", "'blazpose'", "Did you mean 'blazepose'?"),
    refused("option elsewhere", "sampler=best", "'best'", "persons=best"),
    refused("unknown writer", "writer=[npy,nzp]", "'nzp'", "Did you mean 'npz'?"),
    refused("unknown key", "bbox_tr=0.2", "'bbox_tr'", "'bbox_thr'"),
    refused("unknown key +", "+bbox_tr=0.2", "'bbox_tr'", "'bbox_thr'"),
    refused("unknown key ++", "++bbox_tr=0.2", "'bbox_tr'", "'bbox_thr'"),
    refused("unknown nested", "detector.complexitty=1", "'detector.complexitty'", "'detector.complexity'"),
    refused("unknown nested +", "+detector.complexitty=1", "'detector.complexitty'", "complexity'?"),
    refused("unknown nested ++", "++writer.npy.dtpe=float64", "'writer.npy.dtpe'", "dtype'?"),
    refused("key of another", "sampler=stride sampler.rate=5", "'sampler.rate'", "sampler=fps"),
    refused("misspelt path", "dataset.paht=films", "'dataset.paht'", "dataset.path"),
    refused("wrong type", "bbox_thr=abc", "bbox_thr", "number", "'abc'"),
    refused("wrong type nested", "detector.smooth=perhaps", "detector.smooth", "true or false", "perhaps"),
    refused("wrong type group", "video=3", "video"),
    refused("null knob", "kpt_thr=null", "kpt_thr", "number"),
    refused("out of range", "bbox_thr=7", "bbox_thr", "from 0 to 1", "7"),
    refused("out of range nan", "bbox_thr=nan", "bbox_thr", "from 0 to 1"),
    refused("out of range nested", "detector.complexity=5", "detector.complexity", "0, 1 or 2"),
    refused("rate zero", "sampler=fps sampler.rate=0", "sampler.rate", "above 0"),
    refused("limit zero", "limit=0", "limit", "from 1"),
    refused("bad shard", "shard=3/2", "shard", "i/n", "3/2"),
    refused("bad in sweep", "-m bbox_thr=0.2,7", "job 1", "bbox_thr=7", "from 0 to 1"),
    refused("sweep without -m", "bbox_thr=0.2,0.3", "bbox_thr", "-m"),
    refused("missing value", "dataset=folder", "dataset.path", "type dataset.path="),
    refused("empty value", f"dataset.path= {RUN}", "dataset.path"),
    refused("empty output", "output_dir=", "output_dir", "folder"),
    refused("emptied group", "~detector", "detector", "blazepose, movenet"),
    refused("no writer", f"dataset=synthetic writer=null {RUN}", "No writer", "writer=[npy]"),
    refused("no writer ~", f"dataset=synthetic ~writer {RUN}", "~writer", "writer="),
    refused("plus writer", f"dataset=synthetic +writer=csv {RUN}", "writer", "writer=["),
    refused("no key", "=3", "'=3'", "key=value"),
    refused("open bracket", "writer=[npy", "[npy", "quote"),
    refused("unknown variable", "seed=${oc.env:NOWHERE}", "seed", "NOWHERE"),
    refused("unknown reference", "seed=${bbox_tr}", "seed", "bbox_tr"),
    refused("missing backend", "", "'mediapipe'", "pip install", make=scenes.hidden, env={"PYTHONPATH": "{root}/hide"}),
    refused("missing weights", "detector.complexity=0", "'blazepose_lite'", "models fetch blazepose_lite"),
    refused(
        "missing weights folder", "detector.complexity=0 models.dir=nowhere", "nowhere", "make it, or name another"
    ),
    refused(
        "wrong weights",
        "detector.complexity=0",
        "lite.tflite",
        "SHA-256",
        "models fetch blazepose_lite",
        make=scenes.weights,
        env={"POSECFG_MODELS": "{root}/weights"},
    ),
    refused("unreadable option", "--config-dir conf detector=bad", "bad.yaml", make=scenes.bad_option),
    refused("option without end", "--config-dir conf detector=torn", "torn.yaml", make=scenes.bad_option),
    refused("no such options", "--config-dir nowhere", "--config-dir", "'nowhere'"),
    refused("unknown weights", "models fetch blazepose_havy", "'blazepose_havy'", "Did you mean 'blazepose_heavy'?"),
    refused("no network", "models fetch blazepose_lite", "'blazepose_lite'", "Connection refused", "by hand"),
    refused("not on a gpu", "device=cuda", "device=cuda", "type device=cpu"),
    refused("no decoder", f"video.hwaccel=nonsense {RUN}", "hwaccel", "'nonsense'", "cpu"),
    refused("stored nothing", "detector=stored", "detector.path", "type detector.path="),
    refused("stored nowhere", "detector=stored detector.path=nowhere", "detector.path", "'nowhere'"),
    refused(
        "stored another",
        "b.mp4 detector=stored detector.path=outputs/a output_dir=out",
        "outputs/a",
        "'b'",
        make=scenes.stored_elsewhere,
    ),
    refused(
        "stored damaged", "a.mp4 detector=stored detector.path=stored output_dir=out", "a.npz", make=scenes.bad_store
    ),
    refused(
        "no such subject", f"dataset=totalcapture dataset.path=v dataset.subjects=[9] {RUN}", "dataset.subjects", "S5"
    ),
    refused("no such start", f"dataset=totalcapture dataset.path=v dataset.start_from=S9 {RUN}", "start_from", "S5"),
    refused("no TotalCapture", f"dataset=totalcapture {RUN}", "dataset.path"),
    refused("foreign target", "detector._target_=os.system +detector.command='touch canary'", "'os.system'", "trusted"),
    refused("target through ours", "detector._target_=posecfg.cli.os.system", "'posecfg.cli.os.system'"),
    refused("target of another role", "detector._target_=posecfg.store.ledger.Ledger", "Ledger'", "no detector"),
    refused(
        "foreign option", "--config-dir conf detector=evil", "'subprocess.Popen'", "trusted", make=scenes.evil_config
    ),
    refused("foreign callback", "+hydra.callbacks.x._target_=os.system", "'os.system'", "trusted"),
    refused("foreign launcher", "hydra.sweeper._target_=os.system -m seed=1,2", "'os.system'", "trusted"),
    refused("foreign logging", "+hydra.job_logging.handlers.x.class=os.system", "'os.system'", "logging"),
    refused("writes outside", "writer.npy.path=../{id}", "writer.npy", "inside the output folder"),
    refused("writes to root", "writer.npy.path=/tmp/{id}", "writer.npy", "inside the output folder"),
]
NAMES = (
    "blank name.mp4",
    " blank .mp4",
    "bracket [1](2){3}.mp4",
    "comma,s.mp4",
    "it's.mp4",
    'double"quote.mp4',
    "equals=1.mp4",
    "hash#1.mp4",
    "and&1;|.mp4",
    "élève ñ.mp4",
    "e\u0301le\u0300ve.mp4",
    "🎬 日本.mp4",
    "-dash.mp4",
    "+plus.mp4",
    "~tilde.mp4",
    "${bbox_thr}.mp4",
    "$HOME.mp4",
    "what?*.mp4",
    "a:b.mp4",
    "c:\\film.mp4",
    "..\\..\\up.mp4",
    "back\\slash\\.mp4",
    "new\nline.mp4",
    "\x1b[31mred.mp4",
    "...mp4.mp4",
    "x" * 251 + ".mp4",
    "é" * 125 + ".mp4",
    os.fsdecode(b"latin\xe9.mp4"),
)
FILMS = [f"films/{name}" for name in NAMES if not name.startswith(".")]
FOLDER = works(
    "names in a folder",
    f"films {RUN} workers=2",
    f"{len(FILMS)} clips",
    f"done {len(FILMS)}",
    "Results: out",
    make=film(*FILMS),
    after=scenes.again("verify out", "All is well"),
)
NAMED = [
    FOLDER,
    works(
        "names one by one",
        f"plan films {RUN}",
        f"{len(FILMS)} to do",
        make=film(*(f"films/{name}" for name in NAMES)),
        after=scenes.planned,
    ),
    replace(
        FOLDER, name="names in ascii", says=("26 to do", "26/26"), env={"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    ),
    Case("comma in a sweep", ("-m", "dataset.path=a,b.mp4", *RUN.split(), "seed=1,2"), 0, ("job 1",), film("a,b.mp4")),
    *(
        Case(
            f"name {n:02}",
            (name, *RUN.split(), "workers=0"),
            0,
            ("Results: out",),
            film(name),
        )
        for n, name in enumerate(NAMES, 1)
    ),
]
AREAS = (corpus_movenet, corpus_overlay, corpus_tables, corpus_weights)
CASES = [*FILES, *OUTPUTS, *WORDS, *(case for area in AREAS for case in area.CASES), *NAMED]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="cases whose name begins so")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="a new folder for the cases, which is kept")
    parser.add_argument("--jobs", type=int, default=2, help="cases at a time")
    args = parser.parse_args()
    cases = [case for case in CASES if not args.only or case.name.startswith(tuple(args.only))]
    if not cases:
        parser.error(f"no case begins with {' or '.join(args.only)}; there are: {', '.join(c.name for c in CASES)}")
    began = time.monotonic()
    root = args.keep or Path(tempfile.mkdtemp(prefix="corpus-"))
    root.mkdir(parents=True, exist_ok=True)
    root.chmod(0o755)
    try:
        answers = play(cases, root.resolve(), args.jobs)
    finally:
        if not args.keep:
            shutil.rmtree(root, ignore_errors=True)
    print(table(answers))
    bad = sum(bool(row.faults) for row in answers)
    spent = time.monotonic() - began
    print(f"\n{len(cases)} cases, {len(answers)} rows, {bad} at fault, in {spent:.0f} s")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
