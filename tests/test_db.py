"""What people decided: added, taken back, never lost."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from assay.db import open_events
from assay.records import Decision, Example, Message


def decision(name: str, action: str = "keep", by: str = "reviewer:ana", label: str = "y") -> Decision:
    example = Example(name, "classify", (Message("user", "t"), Message("assistant", "x")), label="x")
    after = example.with_answer(label) if action == "edit" else None
    return Decision(name, example.digest, action, "A004", by, {"é": "ü"}, after)


@pytest.fixture
def events(tmp_path):
    opened = open_events(f"sqlite:///{tmp_path / 'people.db'}")
    yield opened
    opened.close()


def test_the_newest_decision_counts_and_an_undo_brings_the_last_one_back(events):
    events.add([decision("a", "keep"), decision("a", "edit"), decision("b", "drop")])
    assert events.current() == [decision("a", "edit"), decision("b", "drop")]
    assert events.undo("a", "ben")
    assert events.current() == [decision("a", "keep"), decision("b", "drop")]
    told = [(event["id"], event["undone"], event["undone_by"]) for event in events.history()]
    assert told == [("a", False, None), ("a", True, "ben"), ("b", False, None)]


def test_undo_of_nothing_says_so(events):
    assert not events.undo("nobody", "ana")


def test_a_rules_decision_is_never_stored(events):
    with pytest.raises(ValueError, match="recomputed"):
        events.add([decision("a"), decision("b", by="rule:near-duplicate")])
    assert events.current() == []


def test_two_reviewers_at_once_lose_nothing(tmp_path):
    url = f"sqlite:///{tmp_path / 'people.db'}"
    open_events(url).close()

    def review(who: int) -> None:
        events = open_events(url)
        for i in range(25):
            events.add([decision(f"{who}-{i}", by=f"reviewer:{who}")])
        events.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(review, range(4)))
    events = open_events(url)
    assert len(events.current()) == 100
    events.close()
