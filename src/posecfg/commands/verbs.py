"""The verbs: one row each feeds the command line, the help page and the shell's completion.

A new verb is a row here and a module in this folder with a function ``run(command)`` that returns the exit code. It is
imported when the verb is typed: the help page must appear at once.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, NamedTuple

from posecfg import startup

if TYPE_CHECKING:
    from posecfg.commands.command import Command


class Verb(NamedTuple):
    """A verb: what it does in a few words, the arguments that it takes, and the module behind it.

    ``composes`` tells that its words are overrides and paths, of which Hydra makes a configuration; else they are
    plain words. ``flags`` are those that belong to some verbs alone, by their names in ``Command``.
    """

    name: str
    sentence: str
    arguments: str
    module: str
    composes: bool = False
    flags: tuple[str, ...] = ()

    def __call__(self, command: Command) -> int:
        """Do it, and return the exit code."""
        module = importlib.import_module(f"posecfg.commands.{self.module}")
        if not self.composes:
            startup.over()
        code: int = module.run(command)
        return code


_SETTINGS = "[PATH ...] key=value ..."
_RUN = ("quiet", "verbose", "cfg", "resolve", "package")
_PLAN = ("probe", "inputs", "why", "why_again")
_TABLE = (
    Verb("run", "extract (the word may be left out)", _SETTINGS, "run", True, _RUN),
    Verb("plan", "resolve everything, open nothing (--probe opens the files)", _SETTINGS, "plan", True, _PLAN),
    Verb(
        "status",
        "how far the run in a folder is, or what a data set has of its parts",
        "FOLDER | key=value ...",
        "status",
        True,
        ("watch", "stats"),
    ),
    Verb("stop", "stop the run in a folder, from any machine that has it", "FOLDER", "stop", False, ("now", "part")),
    Verb("verify", "check a folder of results (--inputs reads its inputs too)", "FOLDER", "verify", False, ("inputs",)),
    Verb(
        "models", "weights", "list | show NAME | fetch NAME | export NAME | verify [NAME] | trust NAME SHA256", "models"
    ),
    Verb("cache", "detections that are remembered", "list | clear | check [FOLDER]", "cache"),
    Verb(
        "download",
        "get the films of a dataset that can be downloaded",
        _SETTINGS,
        "download",
        True,
        ("accept_terms", "other_views", "base"),
    ),
    Verb(
        "triangulate",
        "one person in metres from the views of calibrated cameras",
        "FOLDER dataset.calibration=FILE key=value ...",
        "triangulate",
        True,
        ("quiet", "verbose"),
    ),
    Verb(
        "view",
        "open the page of results, or draw them, an array or a pickle of AIST++ as one picture",
        "FOLDER | FILE [--out view.png]",
        "view",
        False,
        ("serve", "out"),
    ),
    Verb(
        "report",
        "one HTML page of runs or of a sweep, made to be passed on",
        "FOLDER [FOLDER ...] [--out report.html]",
        "report",
        False,
        ("out", "no_pictures", "blur_faces"),
    ),
    Verb("diff", "compare two folders of results, two clips, or two presets", "A B", "diff"),
    Verb(
        "reproduce",
        "make one clip again as its record says, and compare bytes",
        "RECORD | FILE [--out FOLDER]",
        "reproduce",
        False,
        ("out",),
    ),
    Verb("doctor", "which models are ready here, and what to type for the others", "[NAME]", "doctor"),
    Verb("completion", "the script that lets a shell complete what is typed", "bash | zsh | fish", "completion"),
    Verb("help", "what there is to say of a verb, a group, an option or a key", "[WORD ...]", "help"),
)
VERBS = {verb.name: verb for verb in _TABLE}
EXAMPLES = {
    "run": ("python run.py film.mp4", "python run.py films workers=auto 'writer=[npy,overlay]'"),
    "plan": (
        "python run.py plan films sampler=fps sampler.rate=24",
        "python run.py plan films sampler=fps --why sampler.rate",
    ),
    "status": (
        "python run.py status outputs/latest --watch",
        "python run.py status dataset=aist dataset.path=aist_plusplus --stats",
    ),
    "stop": ("python run.py stop outputs/latest", "python run.py stop outputs/latest --now"),
    "verify": ("python run.py verify outputs/latest",),
    "models": ("python run.py models show movenet_lightning_int8", "python run.py models fetch movenet_lightning_int8"),
    "cache": ("python run.py cache list", "python run.py cache clear results/.posecfg/memory"),
    "download": ("python run.py download dataset=aist dataset.path=aist_plus dataset.split=pose_val --accept-terms",),
    "triangulate": (
        "python run.py triangulate outputs/latest dataset.calibration=Calib.qca.txt",
        "python run.py triangulate outputs/latest dataset.calibration=cameras.json dataset.unit=cm 'writer=[trc,csv]'",
    ),
    "view": (
        "python run.py view outputs/latest",
        "python run.py view aist_plusplus/keypoints2d/gBR_sBM_cAll_d04_mBR0_ch01.pkl view=c03 --out c03.png",
    ),
    "report": (
        "python run.py report outputs/latest",
        "python run.py report outputs/films-one outputs/films-two --out both.html",
    ),
    "diff": (
        "python run.py diff outputs/demo-blazepose-c046ab26 outputs/latest",
        "python run.py diff experiment=rtmpose3d_youtube_asl experiment=rtmpose3d_youtube_asl_legacy",
    ),
    "reproduce": (
        "python run.py reproduce outputs/demo-blazepose-c046ab26/demo.npy",
        "python run.py reproduce outputs/latest/.posecfg/clips/demo.json --out again",
    ),
    "doctor": ("python run.py doctor movenet",),
    "completion": ("python run.py completion bash",),
    "help": ("python run.py help detector=yolox", "python run.py help sampler.rate", "python run.py help experiment"),
}
MORE = {
    "run": (
        "Films are named by their paths, or come from another data set: 'help dataset'. Results are in outputs/, or in "
        "the folder that output_dir= names; the same command again goes on where it stopped.",
    ),
    "plan": (
        "Type the words of a run: it says what would be done and written, how long it takes, and what would stop it; 1 "
        "is a problem. --why says of one key which file and line, or which word, gives it its value, and what else "
        "tried to; --why-again says of one clip, or of those of a pattern such as 'S1/*', what is to do, and why.",
    ),
    "status": (
        "FOLDER is one of results: working, dead or ended, how far, what is in work and where, and what to type. It "
        "may be worked on from another machine, whose clock does not matter. Of a folder of runs, such as outputs, it "
        "is a line each. --watch shows it until the run ends; Ctrl-C ends the watching alone.",
        "1 says that a run is dead, or ended with less than it was to do. With dataset= it is of a data set: what is "
        "there by split and view; --stats reads the files.",
    ),
    "stop": (
        "It does what Ctrl-C does in the terminal of the run: clips in work are finished, with --now they are dropped; "
        "the run's own command goes on later. It waits until the run has ended; 1 says that it has not, or that there "
        "is nothing to stop. Of a run in shards --part 1/4 stops one.",
    ),
    "cache": (
        "Runs remember what detectors found, so that another threshold, policy, lifter or writer looks at no film "
        "again; cache=off turns that off. FOLDER is what cache= named, or an output folder; without it, "
        "outputs/.memory. Results stay whatever is cleared.",
    ),
    "download": (
        "Ctrl-C is fine: the same command goes on. limit=5 gets the first five films, only=NAME one; workers=16 is the "
        "most.",
    ),
    "triangulate": (
        "FOLDER holds the results of a run over the films with writer=npz and one person a film. Views are told apart "
        "by their names (cam01, c03, view2), cameras are those of the file with the same names, or in its order; 'help "
        "dataset=views' and 'help detector=triangulated' have all settings. It is a run of its own: writers, resume, "
        "plan and status are those of any other.",
    ),
    "view": (
        "Of a folder of results it is the page that report makes, opened in a browser; with --out it is one picture of "
        "at most 48 clips, each with its poses, those with most missing rows first.",
        "Of a file, rows=0,120 chooses moments, view=c03 a camera, kpt_thr=0.3 hides what scores lower; "
        "skeleton=h36m17, array=NAME and fps=60 say what a file does not; keypoints3d=plain draws the points of "
        "AIST++ that were not optimised.",
    ),
    "report": (
        "FOLDER is one of results, one of several runs, or that of a sweep below outputs/.hydra. The page has all jobs "
        "and clips, the worst clips first, with what is wrong with them in words; it lies in the folder unless --out "
        "says otherwise, opens without a network, and sends nothing anywhere.",
    ),
    "diff": (
        "A and B are two folders of results, two clips (records in .posecfg/clips, npz or npy files), or two presets "
        "(experiment=NAME, resolved without a run). Of folders it tells other settings, versions and weights, clips of "
        "one alone, other outcomes, and how far poses are apart, the furthest first.",
        "0 says that nothing differs but settings that can change no result, such as workers; 1 that something does; 2 "
        "that they cannot be compared.",
    ),
    "reproduce": (
        "RECORD is a file in .posecfg/clips, FILE any file that was written for the clip. It is made in a temporary "
        "folder, or in --out, which stays; the folder of the run is only read.",
        "0 says that every file is identical, byte by byte; 1 that one differs, with what is different now: versions, "
        "weights, device, input. What is missing (the input, weights, a package) is told before anything is made.",
    ),
    "doctor": (
        "The first line says which models can run now. NAME is a detector, a lifter, half a detector or a package; "
        "1 says that it is not ready.",
    ),
    "completion": (
        'In bash: eval "$(posecfg completion bash)" in ~/.bashrc. In zsh: eval "$(posecfg completion zsh)" in ~/.zshrc '
        "after compinit. In fish: posecfg completion fish > ~/.config/fish/conf.d/posecfg.fish. What 'python "
        "run.py completion' prints completes 'python run.py' too.",
    ),
    "help": ("A word is a verb, a group (writer), an option (sampler=fps), or a key (bbox_thr, sampler.rate, dtype).",),
}
