"""Marked clips are a list that a run takes, and commands on the page can be typed as they stand."""

import json
import os
import re
import shlex
import subprocess
import sys

import reported
from conftest import jobs_of

from posecfg.runs.named_clips import again


def typed(command, cwd):
    """Type a command of the page in a shell, and return what it says."""
    place = cwd / "bin"
    place.mkdir(exist_ok=True)
    (place / "posecfg").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m posecfg "$@"\n')
    (place / "posecfg").chmod(0o755)
    path = os.pathsep.join([str(place), os.environ["PATH"]])
    environment = {**os.environ, "PATH": path, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(
        ["sh", "-c", command], cwd=cwd, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, command + done.stdout + done.stderr
    return done.stdout


def copied(page, button):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    button.click()
    return page.evaluate("navigator.clipboard.readText()")


def downloaded(page, folder):
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download marked.txt").click()
    assert waiting.value.suggested_filename == "marked.txt"
    waiting.value.save_as(folder / "marked.txt")
    return (folder / "marked.txt").read_bytes().decode("utf-8").splitlines()


def meant(command, ids):
    """Return which clips a command of the page names, as a run reads it."""
    job = jobs_of(*shlex.split(command)[1:])[0]
    return again(job.config["redo"], ids)


def test_clips_are_marked_by_the_keyboard_and_run_again(visit, tmp_path):
    page = visit(reported.one(tmp_path))
    page.get_by_role("searchbox", name="Find clips").focus()
    while page.evaluate("document.activeElement.closest('article') === null"):
        page.keyboard.press("Tab")
    page.keyboard.press("m")
    first = page.evaluate("document.activeElement.closest('article').getAttribute('aria-label')")
    page.get_by_role("button", name=re.compile("^Mark synthetic"), pressed=False).last.click()
    page.get_by_text("2 marked", exact=True).wait_for()
    page.get_by_text("change a setting of it, or add redo=true").wait_for()
    listed = downloaded(page, tmp_path)
    assert first in listed
    assert len(listed) == 2
    command = copied(page, page.get_by_role("region", name="Marked clips").get_by_role("button", name="Copy"))
    said = json.loads(typed(f"{command} redo=true --json", tmp_path))
    assert (said["clips"], said["done"]) == (2, 2)


def test_a_list_of_hostile_names_is_taken(visit, made):
    page, work = visit("hostile"), made("hostile").parent
    for button in page.get_by_role("button", name="Mark ").all():
        button.click()
    assert sorted(downloaded(page, work)) == sorted(reported.MARKUP)
    command = copied(page, page.get_by_role("region", name="Marked clips").get_by_role("button", name="Copy"))
    said = json.loads(typed(f"{command.replace('posecfg', 'posecfg plan', 1)} --json", work))
    assert said["done"] == len(reported.MARKUP)
    assert said["problems"] == []


def test_marks_stay_while_the_window_is_open(visit):
    page = visit("one")
    page.get_by_role("button", name="Mark synthetic_0001").click()
    page.reload()
    assert page.get_by_role("button", name="Mark synthetic_0001", pressed=True).count() == 1
    page.get_by_role("button", name="Unmark all").click()
    assert page.get_by_role("region", name="Marked clips").count() == 0


def test_the_command_of_a_clip_stands_for_that_clip_alone(visit, made, monkeypatch):
    page, work = visit("hostile"), made("hostile").parent
    monkeypatch.chdir(work)
    ids = reported.data_of(made("hostile"))["ids"]
    for name in ids:
        card = page.get_by_role("article", name=reported.visible(name), exact=True)
        command = copied(page, card.get_by_role("button", name="Copy"))
        assert meant(command, ids) == {name}
        assert typed(f"printf '%s\\0' {command}", work).split("\0")[:-1] == shlex.split(command)
