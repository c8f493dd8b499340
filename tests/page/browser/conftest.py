"""A browser without a network that opens reports from the disk, and notes whatever a page does that it should not."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import reported

FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
]
AXE = Path(__file__).resolve().parents[1] / "js" / "node_modules" / "axe-core" / "axe.min.js"
WATCH = """
globalThis.noted = [];
globalThis.hacked = () => globalThis.noted.push("a name was run as a script");
addEventListener("securitypolicyviolation", (event) =>
  globalThis.noted.push(`${event.violatedDirective}: ${event.blockedURI} ${event.sample}`));
"""


@pytest.fixture(scope="session")
def chromium():
    """Start Chromium with a new, empty profile."""
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not here: make test-page installs it")
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("Chromium is not here: make test-page installs it where it may")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=program, headless=True, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """Return a function that makes a report of tests/reported.py once, and returns its file."""
    known: dict[str, Path] = {}

    def make(name: str) -> Path:
        if name not in known:
            known[name] = getattr(reported, name)(tmp_path_factory.mktemp(name))
        return known[name]

    return make


@pytest.fixture
def visit(chromium, made):
    """Return a function that opens a report in a window of its own; afterwards, the page must have behaved."""
    contexts, faults, asked = [], [], []

    def open_one(name: str | Path, address: str = "", **how):
        file = made(name) if isinstance(name, str) else name
        how = {"viewport": {"width": 1280, "height": 900}, "accept_downloads": True, "reduced_motion": "reduce"} | how
        context = chromium.new_context(**how)
        contexts.append(context)
        context.set_offline(True)
        context.set_default_timeout(10_000)
        context.add_init_script(WATCH)
        context.on("request", lambda request: asked.append((request.url, file.as_uri())))
        page = context.new_page()
        page.on("console", lambda said: said.type in ("error", "warning") and faults.append(said.text))
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("dialog", lambda dialog: (faults.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.goto(file.as_uri() + (f"#{address}" if address else ""))
        page.wait_for_load_state()
        return page

    yield open_one
    for context in contexts:
        for page in context.pages:
            faults += page.evaluate("globalThis.noted ?? []")
        context.close()
    assert faults == []
    fetched = {url for url, file in asked if not url.startswith(("data:", "blob:", f"{file}#")) and url != file}
    assert fetched == set()


@pytest.fixture
def serious():
    """Return a function that names what axe-core finds serious in a page."""
    if not AXE.exists():
        pytest.skip("axe-core is not here: make test-page installs it where npm is")

    def found(page) -> list[str]:
        page.evaluate(AXE.read_text("utf-8"))
        result = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        return [
            f"{one['id']}: {one['help']}: {node['html'][:200]} {node['failureSummary'][:200]}"
            for one in result["violations"]
            if one["impact"] in ("serious", "critical")
            for node in one["nodes"][:3]
        ]

    return found
