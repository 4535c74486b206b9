from __future__ import annotations

import pytest
from conftest import labelled, qa
from hypothesis import given
from hypothesis import strategies as st

from assay.records import Finding
from assay.rules.debris import swept
from assay.rules.web_debris import WebDebris

PROSE = "Cats sleep for most of the day; they hunt at dusk."


def _found(question: str, answer: str) -> list[Finding]:
    return list(WebDebris().check(qa("a", question, answer)))


@pytest.mark.parametrize("page", [
    "Home > Pets > Cats\n{}\nShare this: Tweet | Mail",
    "<p>{}</p>",
    '<div class="post-body"><p>{}</p></div><span id="slot-7"></span>',
    '<td style="padding:0 4px">{}</td></tr></table>',
    "{}<br/><br/>Tell a friend: <a href=\"#\">Tweet</a> | <a href=\"#\">Facebook</a>",
    "{}</span>",
    "{}\n\nSent from my phone",
    "{}\n\nOn Tue, Jan 5, 2021 at 3:04 PM, Ana wrote:\n> do cats sleep?\n> thanks",
    "{}\n-----Original Message-----\nFrom: Ana\nSent: Monday\nSubject: cats",
    "Skip to main content\n{}",
    "{}\n© 2020 Pet World Ltd. All rights reserved.",
    "{}[edit]",
    "{{{{cite web|url=x}}}} {}",
    "{}\n\n[edit] [show] References ^ a b c Jump to navigation",
    "Startseite » Haustiere » Katzen\n{}\nAlle Cookies akzeptieren",
    "Accueil | Contact | Mentions légales\n{}",
    "{}\nPrevious | Next",
    "{}\nRead more\nRelated articles",
    "Facebook Twitter Pinterest Email\n{}",
    "By John Smith | Last updated: March 5, 2021 | 4 min read\n{}",
    "We use cookies to improve your experience. Accept\n{}",
    "{}<!-- ad 3 -->",
    "window.dataLayer = window.dataLayer || [];\n{}",
    "{}\n(adsbygoogle = window.adsbygoogle || []).push({{}});",
    "{}\n\nSign up | Log in | Help Center",
    "{}\nLike 23 | Share | Comment",
    "You are here: Home / Pets / Cats\n{}",
    "{} Read more »",
    "{} Share on WhatsApp Share on Telegram",
    "{}\n\n--\nJohn Meyer\nSenior Agent | Pet World\nTel: 12 34",
    "From: a@x.org\nTo: b@y.org\nDate: Mon, 3 May 2021\nSubject: Re: cats\n\n{}",
    "{}\nBy using this site you agree to our use of cookies. OK",
    "{}\n\nPage 3 of 12",
    "&lt;p&gt;{}&lt;/p&gt;",
    "[b]{}[/b]",
    "Zurück | Drucken | Nach oben\n{}",
])  # fmt: skip
def test_debris_is_held_and_the_text_without_it_suggested(page: str) -> None:
    (found,) = _found("What do cats do all day?", page.format(PROSE))
    assert (found.action, found.field) == ("hold", "answer")
    assert found.after is not None
    assert PROSE in found.after.answer
    assert len(found.after.answer) <= len(PROSE) + len("\n\nTell a friend: Tweet | Facebook")
    assert list(WebDebris().check(found.after)) == []


@pytest.mark.parametrize(("question", "answer"), [
    ("What do cats do?", PROSE),
    ("What does the tag <br> do?", "The <br> tag breaks a line."),
    ("Write some HTML", "<p>hello</p>"),
    ("Write a form", '<form>\n  <h2>Feedback</h2>\n  <input type="text">\n  <button>Send</button>\n</form>'),
    ("Show me", "```\n<p>hello</p>\n```"),
    ("How do I break a line?", "Put `<br>` where it should break."),
    ("Which path?", "Go to Settings > Privacy > Cookies and switch it off."),
    ("Which entry of the menu?", "Settings > Privacy > Cookies"),
    ("Classify the animals", "Cat | Dog | Fish"),
    ("Make a table", "| a | b |\n| --- | --- |\n| home | contact |"),
    ("Write an ad for tea", "Try our tea. It is good for you.\nBuy now!"),
    ("Write a blog post on cats", PROSE + "\n\nSubscribe to our newsletter!"),
    ("Name social networks", "Facebook\nTwitter\nInstagram"),
    ("Name apps", "Some apps are:\n- WhatsApp\n- Facebook\n- Reddit"),
    ("What is water?", "Water is H<sub>2</sub>O, at least most of it."),
    ("Is 5 < 7 > 3?", "Yes, 5 <b and c> 3. Use vector<int> or List<A>."),
    ("Who said so?", "> To be or not to be\n\nThat is Hamlet."),
    ("Write an email to Bob", "Subject: Hi\n\nDear Bob,\n\nHello.\n\nBest regards,\nAna"),
    ("What does it mean?", "Copyright protects works. All rights reserved means the owner keeps them."),
    ("Put it in steps", "1. Home\n2. Search\n3. Contact"),
    ("Is it stored?", "Privacy policy pages tell what is stored. They are required by law in many countries."),
    ("Pros and cons?", "Pros:\n- cheap\nCons:\n- slow"),
    ("How do I make a pie?", "Press the cookies into the pan. The recipe uses cookies for the crust."),
    ("What happened?", "Copyright law changed in 1976. It now covers works for longer."),
    ("Order them", "--\n* first one\n* second one"),
    ("See?", "Read more books. They help."),
    ("Write a Django loop in a template", "{% for cat in cats %}{{ cat }}{% endfor %}"),
    ("Fill it in", "<your name> lives in <city>."),
])  # fmt: skip
def test_what_is_meant_is_left_alone(question: str, answer: str) -> None:
    assert _found(question, answer) == []


def test_a_page_in_the_prompt_is_found_there() -> None:
    prompt = f'Summarise:\n<div class="x"><p>{PROSE}</p></div>'
    (found,) = _found(prompt, "Cats sleep.")
    assert found.field == "prompt"
    assert found.after is not None
    assert found.after.prompt.split() == f"Summarise: {PROSE}".split()


def test_in_a_prompt_a_tag_with_attributes_is_sure_and_a_bare_one_is_not() -> None:
    assert len(_found(f'Summarise: {PROSE} <a href="/x">more</a>', "Cats sleep.")) == 1
    assert _found(f"Summarise: {PROSE}<br>", "Cats sleep.") == []


def test_a_mail_in_the_prompt_is_what_people_write() -> None:
    assert _found(f"{PROSE}\n\nSent from my phone", "Cats sleep.") == []


def test_a_label_carries_no_debris() -> None:
    assert list(WebDebris().check(labelled("a", "which?", "<p>cats</p>"))) == []


@given(st.text(st.characters(codec="utf-8", exclude_characters="<|[^©»›"), max_size=200))
def test_a_text_without_signs_comes_back_as_it_was(text: str) -> None:
    cleaned = swept(text)
    assert cleaned.signs or cleaned.text == text


@pytest.mark.parametrize(
    ("question", "answer", "fields"),
    [
        ("How do I show bold text on the intranet?", "Write <b>text</b>; for a paragraph use <p>.", []),
        ("Wie schreibe ich kursiv?", "Mit <i>Wort</i>, und einen neuen Absatz mit <p>.", []),
        ("How do I pay?", "Use <p><b>Pay</b> and <i>wait</i>.</p>", ["answer"]),
        ("How is the report formatted?", "<p><b>Neatly</b>, <i>always</i>.</p>", ["answer"]),
    ],
)
def test_tags_stay_where_the_answer_teaches_how_a_text_is_formatted(
    question: str, answer: str, fields: list[str]
) -> None:
    assert [found.field for found in WebDebris().check(qa("a", question, answer))] == fields
