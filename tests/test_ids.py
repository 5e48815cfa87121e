"""Every spelling of an identifier has one canonical IRI."""

from __future__ import annotations

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import NamedNode

from oceankg import ids
from oceankg.ids import canonical

collections = st.from_regex(r"[A-Z][A-Z0-9]{2}", fullmatch=True)
codes = st.text(string.ascii_letters + string.digits + "_+.-", min_size=1).filter(
    lambda code: code not in (".", "..", "current")
)
cf_names = st.from_regex(r"[a-z][a-z0-9_]{0,30}", fullmatch=True)
catalogues = st.sampled_from(["odatis", "cmems"])


# ------------------------------------------------------------------ NVS


@given(collections, codes, st.integers(1, 999))
def test_every_spelling_of_an_nvs_concept_is_one(collection, code, version):
    path = f"vocab.nerc.ac.uk/collection/{collection}/current/{code}"
    spellings = {
        *(f"{scheme}://{path}{end}" for scheme in ("http", "https") for end in ("", "/")),
        *(f"http://{path}/{version}{end}" for end in ("", "/")),
        f"<http://{path}/>",
        f"SDN:{collection}::{code}",
        f"SDN:{collection}:{version}:{code}",
        f"urn:SDN:{collection}::{code}",
        f"sdn:{collection.lower()}::{code}",
        f"{collection}:{code}",
        f"nvs:{collection}/{code}",
        f"  {collection}:{code}\n",
    }
    assert {canonical(s) for s in spellings} == {ids.nvs_concept(collection, code)}


def test_the_canonical_form_is_the_one_that_nvs_mints():
    assert canonical("P02:TEMP") == "http://vocab.nerc.ac.uk/collection/P02/current/TEMP/"


@pytest.mark.parametrize("end", ["", "/", "/current", "/current/"])
def test_every_spelling_of_an_nvs_collection_is_one(end):
    assert canonical(f"https://vocab.nerc.ac.uk/collection/P02{end}") == ids.nvs_collection("P02")


# ------------------------------------------------------------------ CF


@given(cf_names, st.sampled_from(["", "/"]))
def test_every_spelling_of_a_cf_name_is_one(name, end):
    spellings = {
        f"http://vocab.nerc.ac.uk/standard_name/{name}{end}",
        f"https://vocab.nerc.ac.uk/standard_name/{name}{end}",
        f"http://mmisw.org/ont/cf/parameter/{name}{end}",
    }
    assert {canonical(s) for s in spellings} == {ids.cf_name(name)}


# ------------------------------------------------------------------ DOI


@pytest.mark.parametrize(
    "text",
    [
        "10.48670/moi-00016",
        "doi:10.48670/moi-00016",
        "DOI:10.48670/MOI-00016",
        "http://doi.org/10.48670/moi-00016",
        "https://dx.doi.org/10.48670/moi-00016",
        " https://doi.org/10.48670/MOI-00016 ",
    ],
)
def test_every_spelling_of_a_doi_is_one(text):
    assert ids.doi(text) == "10.48670/moi-00016"
    assert canonical(text) == "https://doi.org/10.48670/moi-00016"


@pytest.mark.parametrize("text", ["", "10.1", "10.48670", "https://doi.org/", "see 10.48670/x"])
def test_what_is_no_doi_is_none(text):
    assert ids.doi(text) is None


# ------------------------------------------------------------------ any text


anything = st.one_of(
    st.text(),
    st.builds(
        str.__add__, st.sampled_from(["http://", ids.NVS_COLLECTION, ids.CF_NAME]), st.text()
    ),
    st.builds("{}:{}".format, collections, st.text()),
    st.builds("10.1234/{}".format, st.text()),
)


@given(anything)
def test_canonical_takes_any_text_and_gives_an_iri_or_none(text):
    iri = canonical(text)
    assert iri is None or NamedNode(iri).value == iri


@given(anything)
def test_canonical_is_its_own_canonical_form(text):
    iri = canonical(text)
    assert iri is None or canonical(iri) == iri


@pytest.mark.parametrize("text", ["", "TEMP", "sea surface temperature", "a:b", "ftp://x/y"])
def test_a_bare_code_or_name_is_no_identifier(text):
    assert canonical(text) is None


def test_an_iri_of_somebody_else_stays_as_it_is():
    assert canonical("https://example.org/Thing") == "https://example.org/Thing"


# ------------------------------------------------------------------ our own


@given(st.text())
def test_a_slug_is_one_iri_segment(text):
    assert re.fullmatch(r"[A-Za-z0-9%._~-]*", ids.slug(text))


@given(catalogues, st.text(min_size=1))
def test_a_word_or_product_of_any_text_is_an_iri(catalogue, text):
    for iri in (ids.word(catalogue, text), ids.product(catalogue, text)):
        assert NamedNode(iri).value == iri


@given(catalogues, st.lists(st.text(string.ascii_letters, min_size=1), min_size=1))
def test_case_and_spacing_of_a_word_do_not_matter(catalogue, parts):
    one, other = " ".join(parts), "  " + " \t".join(parts).upper() + " "
    assert ids.word(catalogue, one) == ids.word(catalogue, other)


@given(catalogues, st.text(), st.text())
def test_products_with_different_identifiers_stay_apart(catalogue, one, other):
    same = ids.product(catalogue, one) == ids.product(catalogue, other)
    assert same == (one == other)


def test_what_follows_a_question_mark_asks_for_a_form_and_names_nothing():
    asked = (
        "https://vocab.nerc.ac.uk/collection/P02/current/TEMP/?_profile=nvs&_mediatype=text/turtle"
    )
    assert ids.canonical(asked) == ids.nvs_concept("P02", "TEMP")
    listed = "http://vocab.nerc.ac.uk/collection/P02/current/?_profile=nvs"
    assert ids.canonical(listed) == ids.nvs_collection("P02")
