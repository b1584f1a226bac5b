"""A guess is told as people write numbers."""

from nktrade.teach.guessing import Guess


def test_large_numbers_are_written_out():
    """Millions stood with an exponent: 1.83e+03."""
    said = Guess(1500, 2500, "million").see(1830.2) + Guess(2e7, 3e7)._repr_html_()
    assert "1,500 to 2,500 million; it is 1,830: inside." in said
    assert "20,000,000 to 30,000,000" in said
