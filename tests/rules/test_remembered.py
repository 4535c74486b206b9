from __future__ import annotations

from assay.rules.remembered import SHORT, remembered


def test_a_short_text_is_read_once_and_a_long_one_is_not_kept() -> None:
    read: list[str] = []

    @remembered
    def length(text: str) -> int:
        read.append(text)
        return len(text)

    short, long = "card_arrival", "x" * (SHORT + 1)
    assert [length(text) for text in (short, long, short, long)] == [12, SHORT + 1, 12, SHORT + 1]
    assert read == [short, long, long]
