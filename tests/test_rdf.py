"""RDF is read strictly, with the place of each fault, and written the same way every time."""

from __future__ import annotations

import random
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse, serialize

from oceankg import rdf
from oceankg.errors import SourceError
from oceankg.namespaces import RDF, SKOS, XSD

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
         xmlns:skos="http://www.w3.org/2004/02/skos/core#">
"""
CONCEPT = """<skos:Concept rdf:about="{}">
<skos:prefLabel xml:lang="en">Salinity</skos:prefLabel>
</skos:Concept>
"""
TAIL = "</rdf:RDF>\n"
ONE = Triple(NamedNode("http://ex.org/a"), SKOS.prefLabel, Literal("Salinity", language="en"))


def refusal(text, name):
    with pytest.raises(SourceError) as caught:
        rdf.read(text if isinstance(text, bytes) else text.encode(), name)
    assert caught.value.file == name
    assert caught.value.remedy
    return caught.value


# ------------------------------------------------------------------ reading


@pytest.mark.parametrize("ending", rdf.FORMATS)
def test_the_ending_tells_the_syntax(ending):
    content = serialize([ONE], format=rdf.FORMATS[ending])
    assert rdf.read(content, f"folder.v2/list{ending.upper()}") == (ONE,)


def test_an_empty_turtle_file_says_nothing():
    assert rdf.read(b"", "a.ttl") == ()


def test_blank_nodes_of_two_files_are_not_the_same():
    content = b"_:a <http://ex.org/p> <http://ex.org/o> ."
    [one], [other] = rdf.read(content, "a.ttl"), rdf.read(content, "b.ttl")
    assert one.subject != other.subject


# ------------------------------------------------------------------ refused, with the place


@pytest.mark.parametrize("name", ["list.csv", "list", "", "list.ttl.gz"])
def test_an_unknown_ending_is_refused_and_the_known_ones_are_named(name):
    error = refusal("", name)
    assert ".ttl" in error.remedy
    assert ".jsonld" in error.remedy


def test_an_undeclared_prefix_is_refused_with_its_line():
    error = refusal("@prefix a: <http://ex.org/> .\n\na:b a:c a:d .\na:b osa:c a:d .\n", "a.ttl")
    assert error.place == "line 4"
    assert "osa" in error.message
    assert "Declare the prefix" in error.remedy


@pytest.mark.parametrize("iri", ["http://ex.org/a b", "http://ex.org/a##b"])
def test_an_invalid_iri_in_rdf_xml_is_refused_with_its_line(iri):
    text = HEAD + CONCEPT.format("http://ex.org/a") + CONCEPT.format(iri) + TAIL
    error = refusal(text, "a.rdf")
    assert error.place == "line 7"
    assert iri in error.message
    assert "valid IRI" in error.remedy


def test_an_invalid_iri_in_turtle_is_refused_with_its_line():
    error = refusal("\n\n<http://ex.org/a b> a <http://ex.org/c> .", "a.ttl")
    assert error.place == "line 3"


def test_rdf_xml_that_is_cut_off_is_refused_though_pyoxigraph_takes_it_for_whole():
    text = HEAD + CONCEPT.format("http://ex.org/a")
    assert len(list(parse(text.encode(), format=RdfFormat.RDF_XML))) == 2
    error = refusal(text, "a.rdf")
    assert error.place == "line 7, column 0"
    assert "fetch it again" in error.remedy


@given(cut=st.integers(1, len(CONCEPT.format("http://ex.org/a") + TAIL)))
def test_rdf_xml_cut_anywhere_is_refused_unless_only_white_space_was_lost(cut):
    text = HEAD + CONCEPT.format("http://ex.org/a") + TAIL
    if text[:-cut].rstrip() == text.rstrip():
        assert rdf.read(text[:-cut].encode(), "a.rdf") == rdf.read(text.encode(), "a.rdf")
    else:
        assert refusal(text[:-cut], "a.rdf").place.startswith("line ")


@pytest.mark.parametrize("ending", [".rdf", ".xml", ".owl"])
@pytest.mark.parametrize(
    "entities",
    [
        '<!ENTITY skos "http://www.w3.org/2004/02/skos/core#">',
        '<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;">',
        '<!ENTITY a SYSTEM "file:///etc/passwd">',
    ],
)
def test_a_doctype_with_entities_is_refused(entities, ending):
    text = HEAD.replace("<rdf:RDF", f"<!DOCTYPE rdf:RDF [{entities}]>\n<rdf:RDF", 1) + TAIL
    error = refusal(text, "a" + ending)
    assert "entities" in error.message
    assert error.place == "document type"
    assert "DOCTYPE" in error.remedy


@pytest.mark.parametrize("ending", rdf.FORMATS)
@given(content=st.binary(max_size=60))
def test_no_bytes_lead_to_another_exception(ending, content):
    with suppress(SourceError):
        rdf.read(content, "a" + ending)


def test_an_undeclared_prefix_in_rdf_xml_is_refused_with_its_line():
    text = HEAD.replace("xmlns:skos", "xmlns:other") + CONCEPT.format("http://ex.org/a") + TAIL
    error = refusal(text, "a.rdf")
    assert error.place == "line 4"
    assert "Declare the prefix" in error.remedy


def test_an_encoding_that_cannot_be_read_is_refused():
    assert refusal('<?xml version="1.0" encoding="utf-7"?><a/>', "a.rdf").place == "line 1"


@pytest.mark.parametrize("ending", rdf.FORMATS)
def test_deep_nesting_leads_to_no_other_exception(ending):
    for content in (b"[" * 100_000, b"<a>" * 100_000, b'{"a":' * 100_000):
        refusal(content, "a" + ending)


# ------------------------------------------------------------------ writing


words = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    ['"', "\\", "\n", "\r\n", '"""', "'''", "\t", "a\\", '\\"', "\x00", "\x7f", "\u2028", "é", "😀"]
)
segments = st.text(
    st.characters(codec="utf-8", categories=["L", "N"]) | st.sampled_from("-_.~/#:;,()'@&=+$!*%"),
    max_size=8,
)


def is_iri(text):
    try:
        NamedNode(text)
    except ValueError:
        return False
    return True


iris = (
    segments.map("http://ex.org/".__add__).filter(is_iri).map(NamedNode)
    | segments.map(SKOS.iri.__add__).filter(is_iri).map(NamedNode)
    | st.sampled_from([RDF.type, SKOS.prefLabel, SKOS.Concept])
)
literals = (
    words.map(Literal)
    | st.builds(lambda w, t: Literal(w, language=t), words, st.sampled_from(["en", "fr", "pt-br"]))
    | st.builds(
        lambda w, t: Literal(w, datatype=t),
        words | st.sampled_from(["1", "01", "1.", "-1.50", "1e3", "true", "TRUE", "2026-01-31"]),
        st.sampled_from([XSD.integer, XSD.decimal, XSD.double, XSD.boolean, XSD.date, SKOS.odd])
        | iris,
    )
)
triples = st.lists(st.builds(Triple, iris, iris, iris | literals), max_size=12)


@given(triples)
def test_what_is_written_reads_back_equal(given_triples):
    assert set(rdf.read(rdf.write_turtle(given_triples), "a.ttl")) == set(given_triples)


@given(triples, st.randoms(use_true_random=False))
def test_the_same_facts_are_the_same_bytes_in_any_order_and_repetition(given_triples, luck):
    again = given_triples * 2
    luck.shuffle(again)
    assert rdf.write_turtle(again) == rdf.write_turtle(given_triples)


@given(triples)
def test_writing_what_was_written_changes_nothing(given_triples):
    once = rdf.write_turtle(given_triples)
    assert rdf.write_turtle(rdf.read(once, "a.ttl")) == once


def test_known_namespaces_are_written_short_and_subjects_stand_in_order():
    many = [Triple(NamedNode(f"http://ex.org/{n}"), RDF.type, SKOS.Concept) for n in range(9)]
    random.Random(0).shuffle(many)
    lines = rdf.write_turtle(many).decode().splitlines()
    written = [line for line in lines if not line.startswith("@prefix")]
    assert written == [f"<http://ex.org/{n}> a skos:Concept ." for n in range(9)]


def test_nothing_is_written_as_prefixes_or_less():
    assert rdf.read(rdf.write_turtle([]), "a.ttl") == ()


def test_the_text_of_a_term_is_its_value():
    assert rdf.text_of(SKOS.broader) == SKOS.broader.value
    assert rdf.text_of(Literal("Salinité", language="fr")) == "Salinité"
