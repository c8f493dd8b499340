"""Overlays as a browser plays them, with no player of its own beside it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess

import pytest
from whole_runs import go

CHROMIUM = shutil.which("chromium")
PAGE = """<video id="film" muted src="film.mp4"></video><pre id="told">waiting</pre><script>
const film = document.getElementById("film"), told = document.getElementById("told");
film.onerror = () => { told.textContent = JSON.stringify({error: film.error.code}); };
film.onloadeddata = () => { film.currentTime = 0.2; };
film.onseeked = () => { told.textContent = JSON.stringify(
  {width: film.videoWidth, height: film.videoHeight, seconds: film.duration, at: film.currentTime}); };
</script>"""


def told_by(folder):
    """Return what the page tells; its clock does not wait for the film, so a busy machine needs more of its time."""
    command = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder / 'profile'}"]
    for seconds in (10, 100, 1000):
        words = [f"--virtual-time-budget={seconds}000", "--dump-dom", (folder / "page.html").as_uri()]
        shown = subprocess.run([*command, *words], capture_output=True, text=True, timeout=120, check=False).stdout
        told = re.search(r'<pre id="told">(.*?)</pre>', shown)[1]
        if told != "waiting":
            break
    return told


@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not here (Debian's package chromium)")
def test_a_browser_plays_an_overlay(tmp_path):
    words = ("dataset=synthetic", "dataset.clips=1", "dataset.frames=15", "dataset.size=[321,241]", "writer=[overlay]")
    go(tmp_path / "out", *words)
    (film,) = (tmp_path / "out").glob("*.mp4")
    shutil.copy(film, tmp_path / "film.mp4")
    (tmp_path / "page.html").write_text(PAGE)
    found = json.loads(told_by(tmp_path))
    assert (found["width"], found["height"]) == (322, 242)
    assert found["seconds"] == pytest.approx(0.5, abs=0.05)
    assert found["at"] == pytest.approx(0.2, abs=0.01)
