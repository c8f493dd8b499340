"""The verb ``completion``: print the script that lets a shell complete verbs, flags, options and keys.

Each script asks ``posecfg completion answer SHELL -- WORDS`` for what may stand in the place of the last of the words;
bash, which knows the line only, hands it over in ``COMP_LINE``, ``COMP_POINT`` and ``COMP_WORDBREAKS``.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from posecfg.commands.candidates import Candidate, candidates
from posecfg.commands.command import Command
from posecfg.commands.shell_words import BREAKS, escaped, split_line, without_program
from posecfg.errors import PosecfgError, UsageError

SHELLS = ("bash", "zsh", "fish")
BASH = r"""# Completion of posecfg for bash.
_posecfg() {
    local answer program=("$1")
    [[ $1 == *python* ]] && program=("$1" "${COMP_WORDS[1]}")
    COMPREPLY=()
    while IFS= read -r answer; do
        COMPREPLY+=("$answer")
    done < <(COMP_LINE=$COMP_LINE COMP_POINT=$COMP_POINT COMP_WORDBREAKS=$COMP_WORDBREAKS \
        "${program[@]}" completion answer bash 2>/dev/null)
    if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[=./,] ]]; then compopt -o nospace 2>/dev/null; fi
}
complete -F _posecfg posecfg
"""
BASH_PYTHON = r"""_posecfg_python() {
    if [[ ${COMP_WORDS[1]##*/} == run.py && $COMP_CWORD -gt 1 ]]; then _posecfg "$@"; fi
}
complete -o default -F _posecfg_python python python3
"""
ZSH = r"""#compdef posecfg
# Completion of posecfg for zsh.
_posecfg() {
    local word told
    local -a program joined shown open opened
    program=("${(Q)words[1]}")
    [[ $words[1] == *python* ]] && program+=("${(Q)words[2]}")
    while IFS=$'\t' read -r word told; do
        if [[ $word == *[=./,] ]]; then
            open+=("$word"); opened+=("$word${told:+  -- $told}")
        else
            joined+=("$word"); shown+=("$word${told:+  -- $told}")
        fi
    done < <("${program[@]}" completion answer zsh -- "${(@Q)words[1,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)
    (( $#joined )) && compadd -l -d shown -a joined
    (( $#open )) && compadd -l -S '' -d opened -a open
    (( $#joined + $#open ))
}
"""
ZSH_END = r"""if [[ $funcstack[1] == _posecfg ]]; then _posecfg "$@"; else compdef _posecfg posecfg; fi
"""
ZSH_PYTHON = r"""_posecfg_python() {
    if [[ ${words[2]:t} == run.py && $CURRENT -gt 2 ]]; then _posecfg; else _python 2>/dev/null || _files; fi
}
compdef _posecfg posecfg
compdef _posecfg_python python python3
"""
FISH = r"""# Completion of posecfg for fish.
function __posecfg_answers
    set -l words (commandline -opc)
    set -l program $words[1]
    string match -q '*python*' -- $program; and set program $words[1..2]
    $program completion answer fish -- $words (commandline -ct) 2>/dev/null
end
complete -c posecfg -f -a '(__posecfg_answers)'
"""
FISH_PYTHON = r"""function __posecfg_is_run
    set -l words (commandline -opc)
    test (count $words) -gt 1; and string match -qr '(^|/)run\.py$' -- $words[2]
end
complete -c python -n __posecfg_is_run -f -a '(__posecfg_answers)'
complete -c python3 -n __posecfg_is_run -f -a '(__posecfg_answers)'
"""


def run(command: Command) -> int:
    """Print the script of a shell."""
    if len(command.words) != 1 or command.words[0] not in SHELLS:
        came = f"'{' '.join(command.words)}'" if command.words else "none"
        raise UsageError(f"completion: expected a shell, {', '.join(SHELLS[:-1])} or {SHELLS[-1]}, but got {came}.")
    text = script(command.words[0], os.path.basename(sys.argv[0]) == "run.py")
    if command.json:
        from posecfg.commands.output import print_json

        print_json({"shell": command.words[0], "script": text})
    else:
        sys.stdout.write(text)
    return 0


def script(shell: str, checkout: bool) -> str:
    """Return the script of a shell; in a ``checkout`` it completes ``python run.py`` too."""
    if shell == "bash":
        return BASH + (BASH_PYTHON if checkout else "")
    if shell == "zsh":
        return ZSH + (ZSH_PYTHON if checkout else ZSH_END)
    return FISH + (FISH_PYTHON if checkout else "")


def answer(words: Sequence[str]) -> int:
    """Print what may stand in the place of the last word, one a line, with what it means where the shell shows that."""
    shell, rest = words[0] if words else "bash", list(words[2:])
    raw = ""
    if shell == "bash":
        line = os.environ.get("COMP_LINE", "")
        point = os.environ.get("COMP_POINT", "")
        rest, raw = split_line(line[: int(point)] if point.isdecimal() else line)
    elif shell == "fish" and rest:
        rest[-1] = split_line(rest[-1])[0][-1]
    found = _found(rest)
    if shell == "bash":
        breaks = os.environ.get("COMP_WORDBREAKS", BREAKS)
        lines = [escaped(one.word, raw, breaks) for one in found]
    else:
        lines = [f"{one.word}\t{one.told}".rstrip() for one in found if not set("\t\n") & set(one.word)]
    sys.stdout.write("".join(f"{one}\n" for one in lines))
    return 0


def query(words: Sequence[str]) -> int:
    """Answer Hydra's own flag: ``-sc query=bash`` prints whole words, ``-sc install=bash`` the script."""
    what, _, shell = next((word for word in words if "=" in word), "query=bash").partition("=")
    if what == "install" and shell in SHELLS:
        sys.stdout.write(script(shell, os.path.basename(sys.argv[0]) == "run.py"))
        return 0
    if what != "query":
        raise UsageError("--shell-completion: type 'posecfg completion bash', or zsh or fish, for a script.")
    line, point = os.environ.get("COMP_LINE", ""), os.environ.get("COMP_POINT", "")
    found = _found(split_line(line[: int(point)] if point.isdecimal() else line)[0])
    sys.stdout.write("".join(f"{one.word}\n" for one in found))
    return 0


def _found(words: Sequence[str]) -> list[Candidate]:
    """Return what fits; a line that cannot be read has nothing that fits, and an error would be in the user's way."""
    before, current = (list(words[:-1]), words[-1]) if words else ([], "")
    try:
        return candidates(without_program(before), current)
    except (PosecfgError, OSError):
        return []
