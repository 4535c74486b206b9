import json
import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from assay.report import Ledger, write
from assay.report.figures import percent, percent_range, points
from assay.report.page import render

from .sample import hostile, ladder, sample

ALLOWED = set(
    re.findall(
        r"\w+",
        """html head meta title style body a header p h1 h2 h3 dl div dt dd span main section strong figure svg g path
        rect line text circle desc table thead tbody tr th td details summary bdi ul li code pre del ins blockquote
        article footer tspan""",
    )
)


class Page(HTMLParser):
    """Tags, attributes and text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, key, value or "") for key, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        self.words.append(" " if tag in ("td", "th") else "")

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", "".join(self.words))


@pytest.fixture(scope="module")
def page() -> Page:
    return Page(render(sample()))


@pytest.fixture(scope="module")
def attacked() -> Page:
    return Page(render(hostile()))


def test_a_hostile_dataset_adds_no_tag_and_no_handler(attacked: Page) -> None:
    assert set(attacked.tags) <= ALLOWED
    assert [key for _, key, _ in attacked.attributes if key.startswith("on")] == []
    assert "<script>alert(1)</script>" in attacked.text  # shown, as text


def test_a_page_names_no_address_outside_itself(attacked: Page) -> None:
    addresses = {
        value for _, key, value in attacked.attributes if key in ("href", "src", "xlink:href", "action", "data")
    }
    assert addresses == {"#effect"}
    assert not re.search(r"url\(|@import", render(sample()))
    policy = next(value for _, key, value in attacked.attributes if key == "content" and "default-src" in value)
    assert policy.startswith("default-src 'none'")


def test_hostile_text_is_cut_and_its_unseen_characters_are_named(attacked: Page) -> None:
    assert "⟨U+202E⟩" in attacked.text
    assert "\u202e" not in attacked.text
    assert "A" * 9000 not in attacked.text
    assert "characters in all" in attacked.text


def test_the_page_shows_the_numbers_of_its_twin(page: Page, tmp_path: Path) -> None:
    write(sample(), tmp_path / "r.html", tmp_path / "r.json")
    twin = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    plain = " ".join(page.text.split())
    rungs = [f"{percent(r['value'])} {percent_range(r['low'], r['high'])} n = {r['n']}" for r in twin["ladder"]]
    pairs = [points(pair["difference"]) for pair in twin["evaluation"]["pairs"]]
    signals = [f"{part[when]['value']:.3f}" for part in twin["dimensions"] for when in ("before", "after")]
    faults = [percent(fault[rate]["value"]) for fault in twin["planted"] for rate in ("recall", "precision")]
    counts = [f"{entry['name']} {entry['action']} {entry['count']}" for entry in twin["ledger"]["by_code"]]
    expected = [*rungs, *pairs, *signals, *faults, *counts]
    assert len(expected) == 8 + 6 + 10 + 6 + 5
    assert [number for number in expected if number not in plain] == []


def test_headings_come_in_order_and_there_is_one_of_the_first(page: Page) -> None:
    levels = [int(tag[1]) for tag in page.tags if re.fullmatch("h[1-6]", tag)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_every_table_has_headers_and_every_drawing_has_words(page: Page) -> None:
    assert page.tags.count("table") == page.tags.count("thead") > 4
    scopes = [tag for tag, key, _ in page.attributes if key == "scope"]
    assert len(scopes) == page.tags.count("th")
    described = page.tags.count("desc") + sum(tag == "svg" and key == "aria-label" for tag, key, _ in page.attributes)
    assert described == page.tags.count("svg") == 4 + 5


def test_the_smallest_effect_stands_before_the_first_plot(page: Page) -> None:
    text = render(sample())
    assert text.index("smallest effect this test set can show is 4.1 points") < text.index("<figure>")


def test_the_reviewers_note_stands_wherever_his_effect_is_shown() -> None:
    note = "A scripted reviewer stands in for a person."
    assert render(sample()).count(note) == 5  # first screen, ladder, ledger, diff, method
    assert "†" not in render(sample(reviewer_note="")).split("<main>")[0]


@pytest.mark.parametrize(
    ("verdict", "said"),
    [
        ("better", "11.9 points more often"),
        ("worse", "11.9 points less often"),
        ("no measurable effect (x)", "as far as this test set can tell"),
    ],
)
def test_the_headline_says_what_the_paired_test_found(verdict: str, said: str) -> None:
    tree = ladder()
    tree["pairs"][0]["verdict"] = verdict
    assert said in render(sample(ladder=tree)).split("</h1>")[0]


def test_a_report_without_evaluation_findings_or_anything_but_one_row_is_still_a_page() -> None:
    bare = sample(
        ledger=Ledger(1, 1, 0, 0, 0), sources=(), dimensions=(), findings=(), diff=None, ladder=None, planted=None,
        good_rows_touched=None, reviewer_note="", timings=(), environment={}, recipe="", parent=None,
    )  # fmt: skip
    text = Page(render(bare)).text
    assert "no model was evaluated" in text
    assert "Nothing: no rule had anything to say" in text
    assert "1 row to learn from" in text


def test_a_ladder_of_one_bare_rung_is_shown() -> None:
    one = {"name": "raw", "value": 0.5, "low": 0.1, "high": 0.9, "n": 2}
    text = Page(render(sample(ladder={"task": "classify", "metric": "accuracy", "n": 2, "ladder": [one]}))).text
    assert "50.0% (10.0 to 90.0" in text


def test_the_page_is_small(page: Page) -> None:
    assert len(render(sample()).encode()) < 150_000
    assert len(render(hostile()).encode()) < 200_000


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_a_browser_runs_nothing_fetches_nothing_and_needs_no_sideways_scroll(
    tmp_path: Path, width: int, scheme: str
) -> None:
    sync_api = pytest.importorskip("playwright.sync_api")
    chromium = Path("/usr/bin/chromium")
    if not chromium.exists():
        pytest.skip("needs chromium: apt-get install chromium")
    for name, contents in (("sample", sample()), ("hostile", hostile())):
        out, events = tmp_path / f"{name}.html", []
        write(contents, out, tmp_path / f"{name}.json")
        with sync_api.sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=str(chromium), args=["--no-sandbox"])
            opened = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
            opened.on("request", lambda request, seen=events: seen.append(request.url))
            opened.on("dialog", lambda dialog, seen=events: seen.append(dialog.message))
            opened.on("pageerror", lambda error, seen=events: seen.append(str(error)))
            opened.goto(out.as_uri())
            opened.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
            assert opened.evaluate("document.documentElement.scrollWidth") <= width
            assert opened.evaluate("document.scripts.length") == 0
            background = opened.evaluate("getComputedStyle(document.documentElement).backgroundColor")
            browser.close()
        assert events == [out.as_uri()]
        assert (background == "rgb(21, 23, 26)") == (scheme == "dark")
