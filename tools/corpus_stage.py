"""Type command lines in folders of their own, and judge what each gave: the workings of ``tools/corpus.py``.

Whatever a command does, its inputs stay as they were, nothing appears outside ``out/`` and ``outputs/``, and no jargon
or traceback is shown.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shlex
import shutil
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
UNPRIVILEGED = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")
"""What keeps root from reading and writing everything, as other people cannot either."""
OURS = ("out", "outputs", ".home", ".tmp")
"""What a command may write; below the last two no file may be left."""
JARGON = re.compile(
    r"Traceback|\bFile \"|HYDRA_|hydra\.errors|OmegaConf|omegaconf|full_key|object_type|struct\b|VideoKnobs|ModelKnobs"
    r"|Error executing job|mismatched input|no viable|token recognition|Incompatible value|Merge error|interpolation"
    r"|\b[A-Z]\w*(?:Error|Exception|Warning)\b|Errno|moov atom|avcodec|avformat|NoneType|DictConfig"
)


@dataclass
class Stage:
    """The folder of one case, and the commands that run in it."""

    root: Path
    env: dict[str, str] = field(default_factory=dict)
    barred: bool = False
    blocks: int | None = None
    background: list[subprocess.Popen[str]] = field(default_factory=list)
    mounts: list[Path] = field(default_factory=list)

    def __truediv__(self, name: str) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def command(self, words: Sequence[str]) -> tuple[list[str], dict[str, Any]]:
        """Return the command line and how it is to be started."""
        line = [sys.executable, str(ROOT / "run.py"), *words]
        if self.blocks is not None:
            line = ["sh", "-c", f'ulimit -f {self.blocks}; exec "$@"', "sh", *line]
        hidden = ("POSECFG_", "HYDRA_", "XDG_", "PYTHON")
        env = {key: value for key, value in os.environ.items() if not key.startswith(hidden)}
        env |= {"HOME": str(self.root / ".home"), "TMPDIR": str(self.root / ".tmp"), "COLUMNS": "240"}
        env["PYTHONDONTWRITEBYTECODE"] = "1"
        # Nothing may need a network: an address without a server answers at once.
        env |= dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:9")
        how: dict[str, Any] = {"cwd": self.root, "env": env | self.env, "text": True, "errors": "replace"}
        if self.barred and os.geteuid() == 0:
            line = [*UNPRIVILEGED, *line]
        return line, how

    def run(self, *words: str, seconds: float = 90) -> subprocess.CompletedProcess[str]:
        line, how = self.command(words)
        return subprocess.run(line, capture_output=True, timeout=seconds, stdin=subprocess.DEVNULL, check=False, **how)

    def start(self, *words: str) -> None:
        """Start a command that goes on beside the case's own."""
        line, how = self.command(words)
        quiet = subprocess.DEVNULL
        self.background.append(subprocess.Popen(line, stdin=quiet, stdout=quiet, stderr=quiet, **how))

    def mount(self, name: str, size: str) -> Path:
        """Make ``name`` a disk of its own, of ``size``."""
        folder = self / name
        folder.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], check=True)
        self.mounts.append(folder)
        return folder

    def close(self) -> None:
        for process in self.background:
            process.kill()
            process.wait()
        for folder in self.mounts:
            subprocess.run(["umount", str(folder)], check=False)
        for folder, _, _ in os.walk(self.root):
            os.chmod(folder, 0o755)

    def snapshot(self) -> dict[str, tuple[Any, ...]]:
        """Return what everything is that posecfg has no business to change."""
        found = {}
        for folder, folders, files in os.walk(self.root):
            below = Path(folder).relative_to(self.root)
            if below == Path():
                folders[:] = [name for name in folders if name not in OURS]
            for name in files + [name for name in folders if (Path(folder) / name).is_symlink()]:
                found[ascii((below / name).as_posix())] = _facts(Path(folder) / name)
        return found

    def leftovers(self) -> list[str]:
        found = [path for name in OURS[2:] for path in (self.root / name).rglob("*") if path.is_file()]
        return [str(path.relative_to(self.root)) for path in found]


def _facts(path: Path) -> tuple[Any, ...]:
    about = path.lstat()
    if stat.S_ISLNK(about.st_mode):
        return ("link", os.readlink(path))
    if not stat.S_ISREG(about.st_mode):
        return (about.st_mode,)
    return (about.st_mode, about.st_mtime_ns, hashlib.sha256(path.read_bytes()).hexdigest())


@dataclass(frozen=True)
class Case:
    """One command line, what it must answer, and how its folder is made.

    ``clips`` maps a clip id to its fate (done, warned, failed, skipped, left out) and words of its reason; the command
    then runs with ``--json`` and each clip has a row of its own. ``good`` are outputs that must be there all the same,
    ``writes`` what else it may write. ``barred`` takes root's privileges away, ``blocks`` limits the size of files,
    ``after`` looks at what is left and returns a fault, ``needs`` says why the case cannot be tried here.
    """

    name: str
    typed: str | tuple[str, ...]
    code: int
    says: tuple[str, ...] = ()
    make: Callable[[Stage], object] = lambda stage: None
    clips: dict[str, tuple[str, ...]] = field(default_factory=dict)
    good: tuple[str, ...] = ()
    after: Callable[[Stage], str | None] = lambda stage: None
    env: dict[str, str] = field(default_factory=dict)
    barred: bool = False
    blocks: int | None = None
    needs: Callable[[], str | None] = lambda: None
    writes: tuple[str, ...] = ()

    @property
    def words(self) -> list[str]:
        return shlex.split(self.typed) if isinstance(self.typed, str) else list(self.typed)


def refused(name: str, typed: str, *says: str, **more: Any) -> Case:
    """Nothing usable comes of it: exit code 1."""
    return Case(name, typed, 1, says, **more)


def partly(name: str, typed: str, *says: str, **more: Any) -> Case:
    """Some clips fail, the good ones are done: exit code 3."""
    return Case(name, typed, 3, says, **more)


def works(name: str, typed: str, *says: str, **more: Any) -> Case:
    """It looks bad and is not: exit code 0."""
    return Case(name, typed, 0, says, **more)


def mounting() -> str | None:
    return None if os.geteuid() == 0 and sys.platform == "linux" else "needs root, to mount a small disk"


def unprivileged() -> str | None:
    barred = os.geteuid() != 0 or shutil.which("setpriv")
    return None if barred else "root reads everything, and setpriv is not here"


BARRED: dict[str, Any] = {"barred": True, "needs": unprivileged}


@dataclass(frozen=True)
class Answer:
    """One row of the table; ``faults`` is empty when all is as it should be."""

    case: str
    typed: str
    code: int | str
    sentence: str
    faults: tuple[str, ...] = ()


def attempt(case: Case, root: Path) -> list[Answer]:
    """Play one case in a new folder and judge it."""
    typed = shlex.join(case.words)
    skipped = case.needs()
    if skipped:
        return [Answer(case.name, typed, "-", f"not tried: {skipped}")]
    stage = Stage(root, {key: value.format(root=root) for key, value in case.env.items()}, case.barred, case.blocks)
    for name in ("", *OURS[2:]):
        (root / name).mkdir(parents=True)
    try:
        case.make(stage)
        before = stage.snapshot()
        began = time.monotonic()
        try:
            done = stage.run(*case.words, *(["--json"] if case.clips else []))
        except subprocess.TimeoutExpired:
            return [Answer(case.name, typed, "-", "", (f"it hung for {time.monotonic() - began:.0f} s",))]
        faults = _judge(case, stage, before, done)
        rows = _rows(case, stage, done, faults) if case.clips else []
        late = case.after(stage)
        faults += [late] if late else []
        shown = _sentence(case, done) if not case.clips else f"{len(case.clips)} clips, below"
        return [Answer(case.name, typed, done.returncode, shown, tuple(faults)), *rows]
    finally:
        stage.close()


def _judge(case: Case, stage: Stage, before: dict[str, Any], done: subprocess.CompletedProcess[str]) -> list[str]:
    faults = []
    if done.returncode != case.code:
        faults.append(f"expected exit code {case.code}")
    text = f"{done.stdout}\n{done.stderr}"
    flat = " ".join(text.split())
    faults += [f"does not say {part!r}" for part in case.says if part not in flat]
    if jargon := JARGON.search(text):
        faults.append(f"jargon: {jargon[0]!r}")
    complaints = done.stderr.splitlines()
    faults += [f"stray line: {line[:60]!r}" for line in complaints if not line.startswith("posecfg: ")][:2]
    if len(complaints) > 1:
        faults.append(f"{len(complaints)} lines, not one sentence")
    after = stage.snapshot()
    faults += [f"input changed: {name}" for name, facts in before.items() if after.get(name) != facts]
    strays = [name for name in after.keys() - before.keys() if not name.strip("'").startswith(case.writes or "\0")]
    faults += [f"written outside: {name}" for name in strays]
    faults += [f"left behind: {name}" for name in stage.leftovers()]
    faults += [f"good clip not done: {name}" for name in case.good if not (stage.root / name).is_file()]
    return faults


def _rows(case: Case, stage: Stage, done: subprocess.CompletedProcess[str], faults: list[str]) -> list[Answer]:
    """Judge each clip of a folder from the report, the records and, for what was left out, the plan."""
    try:
        report = json.loads(done.stdout)
        unseen = any(fate[0] == "left out" for fate in case.clips.values())
        plan = json.loads(stage.run("plan", "--json", *case.words).stdout) if unseen else {}
    except ValueError:
        faults.append("no report")
        return []
    left_out = {item["name"]: item["reason"] for item in plan.get("excluded", ())}
    rows = []
    for clip, (wanted, *says) in case.clips.items():
        record = stage.root / "out/.posecfg/clips" / f"{clip}.json"
        kept = json.loads(record.read_bytes()) if record.is_file() else {"status": "absent", "reason": ""}
        fate, reason = kept["status"], kept["reason"]
        for other, known in (("left out", left_out), ("failed", report["failed"]), ("warned", report["warnings"])):
            if clip in known:
                fate, reason = other, known[clip]
        wrong = [f"expected to be {wanted}, but is {fate}"] if fate != wanted else []
        wrong += [f"does not say {part!r}" for part in says if part not in reason]
        if fate in ("done", "warned") and not list((stage.root / "out").glob(f"{clip.replace('[', '[[]')}.*")):
            wrong.append("no output file")
        rows.append(Answer(f"  {ascii(clip)[1:-1]}", "", "", f"{fate}: {reason}".rstrip(": "), tuple(wrong)))
    return rows


def _sentence(case: Case, done: subprocess.CompletedProcess[str]) -> str:
    """Pick the line that answers the user: our complaint, else the line that holds what is to be said."""
    if done.stderr.strip():
        return " / ".join(line.removeprefix("posecfg: ") for line in done.stderr.splitlines()[-3:])
    lines = [" ".join(line.split()) for line in done.stdout.splitlines() if line.strip()]
    best = max(lines, key=lambda line: (*(part in line for part in case.says), "FAILED" in line), default="")
    return best if "FAILED" in best or any(part in best for part in case.says) else lines[-1] if lines else ""


def table(answers: Sequence[Answer]) -> str:
    """Return the rows as a Markdown table, faults below their row."""
    lines = ["| case | what was typed | exit | what it said |", "|---|---|---|---|"]
    for row in answers:
        typed = row.typed if len(row.typed) <= 70 else f"{row.typed[:45]}…{row.typed[-24:]}"
        cells = [_cell(text) for text in (row.case, typed, str(row.code), row.sentence)]
        lines.append(f"| {' | '.join(cells)} |")
        lines += [f"    FAULT in {row.case.strip()}: {_cell(fault)}" for fault in row.faults]
    return "\n".join(lines)


def _cell(text: str) -> str:
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text).replace("|", "\\|")


def play(cases: Sequence[Case], root: Path, jobs: int) -> list[Answer]:
    """Try every case, ``jobs`` at a time, and return their rows in order."""
    with ThreadPoolExecutor(jobs) as pool:
        rows = [row for found in pool.map(lambda case: attempt(case, root / case.name), cases) for row in found]
    strays = sorted({path.name for path in root.iterdir()} - {case.name for case in cases})
    if strays:
        rows.append(Answer("everywhere", "", "", "", (f"written outside of all cases: {', '.join(strays)}",)))
    return rows
