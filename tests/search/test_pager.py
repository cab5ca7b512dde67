import pytest

from isthmus.search.pager import shown_page


@pytest.mark.parametrize(
    ("number", "n_pages", "shown"),
    [
        (1, 1, "1"),
        (1, 3, "1 2 3"),
        (1, 9, "1 2 3 … 9"),
        (5, 9, "1 2 3 4 5 6 7 8 9"),
        (50, 99, "1 … 48 49 50 51 52 … 99"),
        (99, 99, "1 … 97 98 99"),
    ],
)
def test_pager_offers_both_ends_and_the_neighbours(number: int, n_pages: int, shown: str):
    page = shown_page(number, n_pages, str)

    assert " ".join(str(step.number) if step else "…" for step in page.numbers) == shown
    assert [step.number for step in page.numbers if step and step.current] == [number]


def test_first_and_last_page_lead_no_further():
    assert (shown_page(1, 2, str).newer_url, shown_page(1, 2, str).older_url) == (None, "2")
    assert (shown_page(2, 2, str).newer_url, shown_page(2, 2, str).older_url) == ("1", None)
