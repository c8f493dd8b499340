"""From a command line to an exit code, with errors in one line. Nothing heavy is imported before it is needed."""

from __future__ import annotations

import os
import sys

from posecfg import startup
from posecfg.commands.streams import Output, guarded
from posecfg.errors import PosecfgError
from posecfg.interruption import came
from posecfg.text import printable, shortened
from posecfg.version import __version__

INTERRUPTED = 130
NAMED = 300
"""Most characters of a file's name in a sentence."""
HYDRAS = ("--info", "--hydra-help")
COMPLETION = ("-sc", "--shell-completion")


def main(argv: list[str]) -> int:
    """Do what ``argv`` asks for, and return the exit code once all is said."""
    startup.begin()
    with guarded() as out:
        return _code(argv, out)


def _code(argv: list[str], out: Output) -> int:
    """Do what ``argv`` asks for, say what went wrong, and return the exit code."""
    try:
        os.getcwd()
        code = dispatch(argv)
        out.flush()
    except (Exception, KeyboardInterrupt) as error:
        return _failed(error, "--json" in argv)
    if code and came():
        # Where the signal was taken for an error of something else.
        return INTERRUPTED
    if out.error is None or isinstance(out.error, BrokenPipeError):
        return code
    # What a run writes is its files; what the others write is their result.
    is_run = _is_run(argv)
    _complain(f"The output cannot be written ({out.error.strerror}){'; the run itself went on' if is_run else ''}.", 1)
    return code if is_run else code or 1


def _failed(error: BaseException, as_json: bool) -> int:
    """Say what ended the program, and return the exit code; what is no user's mistake is raised."""
    if came() or isinstance(error, KeyboardInterrupt):
        return _complain("stopped.", INTERRUPTED, as_json)
    if isinstance(error, PosecfgError):
        return _complain(str(error), error.exit_code, as_json)
    if not isinstance(error, OSError):
        raise error
    if isinstance(error, FileNotFoundError) and _is_folder_gone():
        return _complain("The current folder is gone: change to one that is there.", 1)
    where = f"'{shortened(os.fsdecode(error.filename), NAMED)}'" if error.filename else "A file"
    return _complain(f"{where} cannot be read or written ({error.strerror or error}).", 1)


def _is_folder_gone() -> bool:
    try:
        os.getcwd()
    except FileNotFoundError:
        return True
    return False


def _is_run(argv: list[str]) -> bool:
    """Tell whether ``argv`` is a run that shows its progress, of which nothing else depends."""
    from posecfg.commands.command_line import parse

    try:
        command = parse(argv)
    except PosecfgError:
        return False
    return command.verb == "run" and not command.json and not command.cfg


def _complain(text: str, code: int, as_json: bool = False) -> int:
    for line in text.split("\n"):
        sys.stderr.write(f"posecfg: {printable(line)}\n")
    if as_json:
        from posecfg.commands.output import print_json

        print_json({"error": text, "exit_code": code})
    return code


def dispatch(argv: list[str]) -> int:
    """Do what ``argv`` asks for and return the exit code."""
    if argv[:2] == ["completion", "answer"]:
        from posecfg.commands import completion

        return completion.answer(argv[2:])
    words = argv[: argv.index("--")] if "--" in argv else argv
    if any(word in ("-h", "--help") for word in words):
        sys.stdout.write(_help(words))
        return 0
    if "--version" in words:
        sys.stdout.write(f"posecfg {__version__}\n")
        return 0
    if any(word.partition("=")[0] in HYDRAS for word in words):
        from posecfg.commands import info

        return info.run(words)
    if any(word in COMPLETION for word in words):
        from posecfg.commands import completion

        return completion.query(argv)

    from posecfg.commands.command_line import parse
    from posecfg.commands.verbs import VERBS

    command = parse(argv)
    return VERBS[command.verb](command)


def _help(argv: list[str]) -> str:
    """Return the page that ``--help`` means: of the verb, else of the settings that are typed, else of everything."""
    from posecfg.commands import help as pages
    from posecfg.commands.verbs import VERBS

    words = [word for word in argv if not word.startswith("-")]
    if words and words[0] in VERBS:
        return pages.verb_page(words[0])
    return pages.text([word for word in words if pages.knows(word)])
