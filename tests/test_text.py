"""Text is compared without regard to case, accents, hyphens, underscores and spacing."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oceankg.text import fold


@given(st.text())
def test_fold_is_idempotent(text):
    assert fold(fold(text)) == fold(text)


@given(st.text(alphabet=st.characters(codec="latin-1")))
def test_fold_ignores_case(text):
    assert fold(text.upper()) == fold(text.lower()) == fold(text)


@given(st.text())
def test_fold_ignores_how_accents_are_encoded(text):
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text))


@given(st.lists(st.text("abcé", min_size=1), min_size=1), st.sampled_from(["-", "_", "  ", "\n"]))
def test_fold_ignores_what_stands_between_words(words, between):
    assert fold(between.join(words)) == fold(" ".join(words))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Température de surface", "temperature  DE-surface"),
        ("sea_surface_temperature", "Sea Surface Temperature"),
        ("Chlorophyll-a", "chlorophyll a"),
    ],
)
def test_labels_that_are_one(one, other):
    assert fold(one) == fold(other)


def test_labels_that_differ_stay_apart():
    assert fold("salinity") != fold("salinities")
