"""A page whose clips lie in a folder beside it, from the disk and from the server of ``view --serve``."""

from __future__ import annotations

import shutil
import urllib.error
import urllib.request

import pytest
from whole_runs import go

from posecfg.commands.program import main
from posecfg.page import document
from posecfg.page.serving import serving


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """Return a page that counts as too large for one file."""
    folder = tmp_path_factory.mktemp("large")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(document.documents, "__defaults__", (1000,))
        words = ("dataset=synthetic", "dataset.clips=3", "dataset.frames=6", "dataset.size=[64,48]", "writer=[npz]")
        go(folder / "out", *words, "detector=synthetic")
        assert main(["report", str(folder / "out"), "--out", str(folder / "large.html")]) == 0
        return folder / "large.html"


@pytest.fixture
def window(chromium):
    """Open an address with what a page says of itself."""
    contexts = []

    def go(address):
        context = chromium.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
        contexts.append(context)
        context.set_default_timeout(10_000)
        page, faults = context.new_page(), []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda said: said.type == "error" and faults.append(said.text))
        page.goto(address)
        return page, faults

    yield go
    for context in contexts:
        context.close()


def first_clip(page):
    page.locator("article").first.get_by_role("link").first.click()
    return page.get_by_role("button", name="Play")


def test_clips_are_read_from_the_folder_when_they_are_looked_at(large, window):
    assert (large.parent / f"{large.stem}_files" / "clip-0.js").is_file()
    page, faults = window(large.as_uri())
    first_clip(page).wait_for()
    assert faults == []


def test_a_page_without_its_folder_says_what_is_missing(large, tmp_path, window):
    shutil.copy(large, tmp_path / large.name)
    page, _ = window((tmp_path / large.name).as_uri())
    page.locator("article").first.get_by_role("link").first.click()
    page.get_by_text("is not beside this page: keep them together").first.wait_for()


def test_the_server_gives_the_page_and_its_clips_and_nothing_else(large, window):
    (large.parent / "secret.txt").write_text("secret")
    with serving(large) as address:
        page, faults = window(address)
        first_clip(page).wait_for()
        assert faults == []
        base = address.rpartition("/")[0]
        for name in ("secret.txt", "", "../", ".posecfg/run.json", f"{large.stem}_files/", "%2e%2e/secret.txt"):
            with pytest.raises(urllib.error.HTTPError) as caught:
                urllib.request.urlopen(f"{base}/{name}")
            assert caught.value.code == 404
            caught.value.close()
        stranger = urllib.request.Request(address, headers={"Host": "elsewhere.example:80"})
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(stranger)
        caught.value.close()
