from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.fuzz import ratio

from nktrade.codes.likeness import measure

WORDS = st.text("aábc비료", max_size=12)


@settings(max_examples=200)
@given(WORDS, WORDS)
def test_without_rapidfuzz_words_are_as_alike(one, other):
    assert abs(measure(one, other) - ratio(one, other)) < 1e-9
