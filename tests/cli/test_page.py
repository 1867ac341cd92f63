"""The page of `vmstate compare --format html`: as text, and in a real browser."""

from __future__ import annotations

import re
import shutil
import subprocess
from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.cli.command import Command
from tests.cli.dumps import HOSTILE, field, hostile, pair, section
from vmstate_cli.printable import printable

VOID = {"meta", "input"}
TAGS = {
    "html", "head", "meta", "title", "style", "script", "body", "header", "main", "footer", "h1", "h2", "h3", "p",
    "div", "span", "strong", "small", "b", "code", "form", "label", "input", "select", "option", "output", "details",
    "summary", "article", "ul", "li", "dl", "dt", "dd", "mark",
}
ATTRIBUTES = {
    "lang", "charset", "http-equiv", "content", "name", "class", "hidden", "type", "value", "checked", "open", "title",
    "data-severity", "data-rules",
}
Page = Callable[..., str]


@pytest.fixture
def page(vmstate: Command, tmp_path: Path) -> Page:
    """The page of two sides, written to a file."""
    def made(sides: tuple[Path, Path], *arguments: str) -> str:
        path = tmp_path / "report.html"
        assert vmstate("compare", *sides, *arguments, "--format", "html", "-o", path).err == ""
        return path.read_text("utf-8")
    return made


@pytest.fixture
def changed(tmp_path: Path) -> tuple[Path, Path]:
    """Two sides with findings of several rules and severities."""
    many = [field(f"m{i}", 4) for i in range(30)]
    old = (section("dev", *many, field("z", 2)), section("other", field("x", 4), field("y", 1)), section("same"))
    new = (section("dev", *many, field("z", 4)), section("other", field("w", 4), field("y", 1)), section("same"))
    return pair(tmp_path, old, new)


class Read(HTMLParser):
    """What a page is made of."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags, self.attributes, self.words = set[str](), set[str](), list[str]()
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] not in (["style"], ["script"]):
            self.words.append(data)


# -- as text

def test_it_is_whole(page: Page, changed: tuple[Path, Path]) -> None:
    read = Read(page(changed))
    assert not read.open
    assert read.tags <= TAGS
    assert read.attributes <= ATTRIBUTES  # so that it loads nothing, and refers to nothing
    words = " ".join(" ".join(read.words).split())
    for text in ("dev::z", "VM307", "violated", "without findings", "backward", "forward", "Fix:"):
        assert text in words


def test_a_witness_shows_the_byte(page: Page, tmp_path: Path) -> None:
    text = page(pair(tmp_path, (section("dev", field("a", 4), field("b", 2)),),
                     (section("dev", field("a", 4), field("b", 2), field("c", 1)),)))
    assert "<dt>forward</dt><dd>byte 0x6 of 0x7 was written as c, and is read as nothing; refused: 0x6: 1 byte" in text
    assert re.search(r'<code class="bytes"><span class="at">0x0000</span>(.. ){6}<mark>..</mark></code>', text)
    assert "behind the last of 0x6 bytes, c is read" in text


def test_a_hostile_name_is_text(page: Page, tmp_path: Path) -> None:
    text = page(hostile(tmp_path))
    read = Read(text)
    assert (read.open, read.tags <= TAGS, read.attributes <= ATTRIBUTES) == ([], True, True)
    assert printable(HOSTILE) in read.words
    assert text.count("<script>") == text.count("</script>") == 1


def test_the_policy_knows_its_own_script_and_style(page: Page, changed: tuple[Path, Path]) -> None:
    text = page(changed)
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', text)
    for name in ("script", "style"):
        (source,) = re.findall(rf"<{name}>(.*?)</{name}>", text, re.DOTALL)
        assert f"{name}-src 'sha256-{b64encode(sha256(source.encode()).digest()).decode()}'" in policy
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy


def test_the_layout(page: Page, changed: tuple[Path, Path]) -> None:
    text = page(changed)
    assert '<summary>28 the same</summary>' in text  # two are shown beside what has changed
    assert re.search(r'class="row changed">.*<code>z</code> <small>u16</small>.*<small>u32</small>', text)
    assert re.search(r'class="row renamed">.*<code>x</code>.*<code>w</code>', text)
    assert '<span class="at">0x0078</span><code>z</code>' in text


def test_nothing_was_found(page: Page, changed: tuple[Path, Path]) -> None:
    text = page((changed[0], changed[0]))
    assert "no findings" in text
    assert 'class="verdict good"' in text
    assert '<details class="device"' not in text
    Read(text)


# -- in a browser

Browse = Callable[..., str]


@pytest.fixture
def browse(tmp_path: Path) -> Browse:
    """What a page has become after a browser has run it; `also` is a script of the test's. Skips without Chromium."""
    chromium = shutil.which("chromium") or pytest.skip("chromium is not installed")

    def run(text: str, also: str = "", width: int = 1280) -> str:
        if also:  # which the page's policy would not let run
            text = re.sub(r"<meta http-equiv[^>]*>", "", text).replace("</body>", f"<script>{also}</script></body>")
        path = tmp_path / "run.html"
        path.write_text(text, "utf-8")
        done = subprocess.run(
            [chromium, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}",
             f"--window-size={width},900", "--virtual-time-budget=2000", "--dump-dom", path.as_uri()],
            capture_output=True, text=True, check=True, timeout=120)
        return done.stdout
    return run


def test_the_filter_is_there_where_scripts_run(page: Page, changed: tuple[Path, Path], browse: Browse) -> None:
    """The script is let run by the page's own policy."""
    text = page(changed)
    assert '<form class="filter" hidden>' in text
    dom = browse(text)
    assert '<form class="filter">' in dom
    (shown,) = re.findall(r"<output[^>]*>(\d+) of (\d+) shown</output>", dom)
    assert shown[0] == shown[1] == str(text.count("<article"))


CHOOSE = """
const form = document.querySelector(".filter");
form.querySelector("select").value = "VM307";
form.dispatchEvent(new Event("input"));
"""
UNCHECK = """
for (const box of document.querySelectorAll(".filter input")) if (box.value === "error") box.checked = false;
document.querySelector(".filter").dispatchEvent(new Event("input"));
"""


@pytest.mark.parametrize(("script", "left"), [(CHOOSE, {"VM307"}), (UNCHECK, {"VM305"})], ids=["rule", "severity"])
def test_the_filter_filters(
    script: str, left: set[str], page: Page, changed: tuple[Path, Path], browse: Browse
) -> None:
    dom = browse(page(changed), script)
    articles = re.findall(r'<article class="finding[^>]*data-rules="([^"]*)"([^>]*)>', dom)
    assert {rules for rules, more in articles if "hidden" not in more} == left
    assert len(articles) > len(left)
    devices = re.findall(r'<details class="device"([^>]*)>', dom)
    assert sorted("hidden" in one for one in devices) == [False, True]


@pytest.mark.parametrize("with_policy", [True, False])
def test_a_hostile_name_does_nothing(with_policy: bool, page: Page, tmp_path: Path, browse: Browse) -> None:
    """Neither where the page's policy holds, nor by its text alone."""
    also = "" if with_policy else "document.body.dataset.ran = 'yes'"
    text = page(hostile(tmp_path)).replace("onerror=alert(1)", "onerror=document.title=1")
    dom = browse(text, also)
    assert ("data-ran" in dom) is not with_policy
    assert "<img" not in dom
    assert re.findall(r"<title>(.*?)</title>", dom) == re.findall(r"<title>(.*?)</title>", text)


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_is_wider_than_the_screen(width: int, page: Page, tmp_path: Path, browse: Browse) -> None:
    """Each row in a frame as wide as a phone: Chromium's own window is never so narrow."""
    long = "a_name_" + "of_many_words_" * 12
    sides = pair(tmp_path, (section(long, field(long, 4), field("b", 1)),), (section(long, field(long, 8)),))
    inside = page(sides).replace("&", "&amp;").replace('"', "&quot;")
    inside = re.sub(r"<meta http-equiv[^>]*>", "", inside)
    frame = f'<body><iframe style="width: {width}px; height: 900px; border: 0" srcdoc="{inside}"></iframe></body>'
    measure = ("window.onload = () => { const it = document.querySelector('iframe').contentDocument.documentElement; "
               "document.body.dataset.wide = `${it.scrollWidth} ${it.clientWidth}`; };")
    dom = browse(frame, measure)
    ((whole, seen),) = re.findall(r'data-wide="(\d+) (\d+)"', dom)
    assert whole == seen
    assert width - 20 <= int(seen) <= width  # but for a scroll bar
