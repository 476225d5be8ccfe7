"""Values in texts: in both forms, and never as markup or as further variables."""

from __future__ import annotations

from markupsafe import Markup

from portal.reminder_texts.filling import filled, passages

VALUES = {"name": "<b>Maya</b> *R* {{ left }} \ue000left\ue001", "left": "£1,000.00", "link": ""}


def test_a_paragraph_has_both_forms() -> None:
    (one,), (two,) = passages("**Hello** {{ name }},\nyou\n\n{{ link }}\n\nBye _now_.", VALUES)
    assert one.text == f"Hello {VALUES['name']}, you"
    assert one.html == Markup("<strong>Hello</strong> {}, you").format(VALUES["name"])
    assert (two.text, two.html) == ("Bye now.", "Bye <em>now</em>.")


def test_a_list_is_a_list_and_html_of_the_owners_is_cleaned() -> None:
    (points, rest), _after = passages("- one\n- two\n  lines\n\n<script>x</script>a <img src=x> b", VALUES)
    assert [point.text for point in points.points] == ["one", "two lines"]
    assert "<" not in rest.html


def test_a_subject_is_filled_once() -> None:
    assert filled("{{ left }}: {{name}}", VALUES) == f"£1,000.00: {VALUES['name']}"
