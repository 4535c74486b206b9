from __future__ import annotations

import pytest
from conftest import qa

from assay.rules.active_content import ActiveContent


@pytest.mark.parametrize(
    ("text", "kind", "left"),
    [
        ("Thanks! <script>steal(document.cookie)</script> Bye.", "script", "Thanks!  Bye."),
        ("Hi <SCRIPT SRC=//evil.example/x.js>", "script", "Hi"),
        ("Nice <img src=x onerror=alert(1)> cat", "event", "Nice  cat"),
        ('Hello <svg/onload="fetch(1)"> there', "event", "Hello  there"),
        ("See [our offer](javascript:alert(1)) now", "script URL", "See  now"),
        ('<a href="java\tscript:alert(1)">win</a>', "script URL", None),
        ("Open data:text/html;base64,PHNjcmlwdD4= please", "data URL", "Open  please"),
        ("Look: <iframe src='https://evil.example'></iframe>", "frame", "Look:"),
        ("Go <meta http-equiv=refresh content='0;url=//evil.example'>", "refresh", "Go"),
    ],
)
def test_what_runs_is_held_and_the_edit_leaves_it_out(text: str, kind: str, left: str | None) -> None:
    (found,) = ActiveContent().check(qa("a", "Where is my parcel?", text))
    assert found.action == "hold"
    assert found.field == "answer"
    assert [place["kind"] for place in found.evidence["places"]] == [kind]
    assert found.after is not None
    if left is not None:
        assert found.after.answer == left
    assert list(ActiveContent().check(found.after)) == []


def test_a_scheme_hidden_behind_character_references_is_found() -> None:
    (found,) = ActiveContent().check(qa("a", "q", '<a href="&#106;avascript:alert(1)">x</a>'))
    assert "script URL" in found.message


@pytest.mark.parametrize(
    ("prompt", "answer"),
    [
        ("How do I add a script to a web page?", "Put <script src='app.js'></script> before </body>."),
        ("Write a button in HTML", '<button onclick="go()">Go</button>'),
        ("What does this do?", "```html\n<script>alert(1)</script>\n```"),
        ("What does `<script>` do?", "It runs a program."),
        ("Is 3 < 4 and on = 5 > 2?", "Yes: 3 <4 on=5>."),
        ("Where is the manuscript?", "The script is in <b>bold</b>, on the table; data: see page 4."),
        ("How can I avoid XSS?", "Escape <img src=x onerror=alert(1)> before you show it."),
        ("Show the logo", "![logo](data:image/png;base64,iVBORw0KGgo=)"),
        ("Link?", "[docs](https://example.org/javascript:guide)"),
    ],
)
def test_code_that_was_asked_for_and_plain_markup_stay(prompt: str, answer: str) -> None:
    assert list(ActiveContent().check(qa("a", prompt, answer))) == []


def test_a_text_that_is_nothing_else_is_held_without_an_edit() -> None:
    (found,) = ActiveContent().check(qa("a", "q", "<script>x()</script>"))
    assert found.after is None
