"""The page is readable on a phone and on a wide screen, light and dark, on paper, and by a screen reader."""

import pytest

SCREENS = [(360, 740), (1280, 900), (2200, 1200)]


def overflow(page):
    """Return what sticks out to the right of the window, outside of what scrolls by itself."""
    return page.evaluate(
        """() => document.scrollingElement.scrollWidth <= innerWidth ? [] :
        [...document.body.querySelectorAll("*")].filter((node) => node.getBoundingClientRect().right > innerWidth + 1)
        .map((node) => node.outerHTML.slice(0, 120))"""
    )


@pytest.mark.parametrize("name", ["one", "sweep", "two", "hostile", "empty"])
def test_axe_finds_nothing_serious(visit, serious, name):
    page = visit(name)
    page.get_by_role("button", name="Mark ").first.click()
    assert serious(page) == []
    page.emulate_media(color_scheme="dark")
    assert serious(page) == []


@pytest.mark.parametrize("name", ["one", "sweep", "two", "hostile", "unseen"])
def test_nothing_sticks_out(visit, name):
    page = visit(name)
    for width, height in SCREENS:
        page.set_viewport_size({"width": width, "height": height})
        page.mouse.wheel(0, 10_000)
        assert overflow(page) == []


def test_light_and_dark_differ_and_can_be_chosen(visit):
    def paper(page):
        return page.evaluate("getComputedStyle(document.body).backgroundColor")

    light, dark = (visit("one", color_scheme=scheme) for scheme in ("light", "dark"))
    before = paper(light)
    assert paper(dark) != before
    light.get_by_role("button", name="Switch between light and dark").click()
    assert paper(light) == paper(dark)


@pytest.mark.parametrize("name", ["one", "sweep", "hostile"])
def test_it_can_be_printed(visit, name):
    page = visit(name)
    paper = page.pdf(format="A4")
    assert paper.startswith(b"%PDF")
    assert 1 <= paper.count(b"/Type /Page\n") <= 20
    page.emulate_media(media="print")
    assert not page.get_by_role("searchbox").first.is_visible()
