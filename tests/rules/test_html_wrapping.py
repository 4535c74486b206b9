from __future__ import annotations

from dataclasses import replace

import pytest
from conftest import labelled, qa

from assay.rules.html_wrapping import HtmlWrapping, unwrapped


@pytest.mark.parametrize(
    ("wrapped", "plain"),
    [
        ("<p>Cats sleep.</p>", "Cats sleep."),
        ("<p>Cats sleep.</p>\n\n<p>They <em>hunt</em> at dusk.</p>\n", "Cats sleep.\n\nThey hunt at dusk."),
        ("<P class=\"x\">Cats &amp; dogs don&rsquo;t&nbsp;talk.</P>", "Cats & dogs don’t\xa0talk."),
        ("One line<br>and the next<br />and a third", "One line\nand the next\nand a third"),
        ("<div><p>Two things:</p><ul><li>milk</li><li>bread</li></ul></div>", "Two things:\n\n- milk\n- bread"),
        ("<p>First<p>Second</p>", "First\n\nSecond"),
        ("<p>5 &lt; 6</p>", "5 &lt; 6"),
    ],
)  # fmt: skip
def test_wrapped_text_is_written_plainly(wrapped: str, plain: str) -> None:
    assert unwrapped(wrapped) == plain
    assert unwrapped(plain) == plain


@pytest.mark.parametrize(
    "text",
    [
        "x < y and y > z",
        "Use <p> for a paragraph",
        "The <br> tag breaks a line in HTML",
        '<p>See <a href="https://x.org">this</a></p>',
        "<p>Look</p><img src='a.png'>",
        "<table><tr><td>1</td></tr></table>",
        "<h1>Title</h1><p>Text</p>",
        "<p onclick='x()'>Text</p>",
        "<div><p>not closed</p>",
        "`<p>code</p>`",
        "<p></p>",
        "Dear <name>, welcome",
        "<p>&lt;p&gt;</p> and more",
        "plain",
    ],
)
def test_other_texts_stay(text: str) -> None:
    assert unwrapped(text) == text


def test_all_texts_of_a_row_are_unwrapped_in_one_edit() -> None:
    row = replace(qa("a", "<p>Do cats sleep?</p>", "<p>Yes.</p>"), context="<p>Cats sleep.</p>")
    (found,) = HtmlWrapping().check(row)
    assert found.after is not None
    assert (found.after.prompt, found.after.answer, found.after.context) == ("Do cats sleep?", "Yes.", "Cats sleep.")
    assert list(HtmlWrapping().check(found.after)) == []


@pytest.mark.parametrize("question", ["Write an HTML paragraph", "Fix this markup: <p>x</p>", "Which tag is missing?"])
def test_rows_about_html_stay(question: str) -> None:
    assert list(HtmlWrapping().check(qa("a", question, "<p>Hello</p>"))) == []


def test_a_label_that_speaks_of_markup_keeps_it() -> None:
    assert not list(HtmlWrapping().check(labelled("a", "<p>Hi</p>", "html")))
    assert list(HtmlWrapping().check(labelled("b", "<p>Hi</p>", "greeting")))
