"""Mapping sets are read strictly: whole and sound, or refused with file, line and remedy."""

from __future__ import annotations

from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import NamedNode

from helpers import CF, EXV
from oceankg import sssom
from oceankg.errors import MappingError
from oceankg.namespaces import OWL, SEMAPV, SKOS, SSSOM
from oceankg.resources import all_files

NAME = "small.sssom.tsv"
HEAD = f"""# curie_map:
#   CF: {CF}
#   EXV: {EXV}
#   semapv: {SEMAPV.iri}
#   skos: {SKOS.iri}
#   sssom: {SSSOM.iri}
# mapping_set_id: https://w3id.org/oceankg/mappings/small
# mapping_set_title: A small set
# mapping_set_version: "0.1.0"
# license: https://creativecommons.org/licenses/by/4.0/
"""
COLUMNS = (
    "subject_id",
    "predicate_modifier",
    "predicate_id",
    "object_id",
    "mapping_justification",
    "confidence",
    "author_label",
    "mapping_date",
    "comment",
)
GOOD = {
    "subject_id": "CF:sea_surface_temperature/",
    "predicate_id": "skos:exactMatch",
    "object_id": "EXV:EXV017/",
    "mapping_justification": "semapv:ManualMappingCuration",
    "confidence": "0.9",
    "author_label": "Ada",
    "mapping_date": "2026-01-31",
    "comment": "by name",
}


def row(**changes):
    values = GOOD | changes
    return "\t".join(values.get(column, "") for column in COLUMNS) + "\n"


def file_of(*rows):
    return HEAD + "\t".join(COLUMNS) + "\n" + "".join(rows)


def read(text):
    return sssom.read(text if isinstance(text, bytes) else text.encode(), NAME)


def refusal(text):
    with pytest.raises(MappingError) as caught:
        read(text)
    assert caught.value.file == NAME
    assert caught.value.remedy
    return caught.value


# ------------------------------------------------------------------ a good set


def test_a_good_set_is_read_with_its_metadata():
    found = read(file_of(row(), row(subject_id="CF:sea_water_salinity/")))
    assert (found.id, found.title, found.version) == ("small", "A small set", "0.1.0")
    assert found.licence == "https://creativecommons.org/licenses/by/4.0/"
    assert [m.subject for m in found.mappings] == [
        f"{CF}sea_surface_temperature/",
        f"{CF}sea_water_salinity/",
    ]


def test_a_row_becomes_a_mapping_with_full_iris():
    [mapping] = read(file_of(row())).mappings
    assert mapping.predicate == SKOS.exactMatch.value
    assert mapping.object == f"{EXV}EXV017/"
    assert mapping.justification == "https://w3id.org/semapv/vocab/ManualMappingCuration"
    assert (mapping.confidence, mapping.author, str(mapping.day)) == (0.9, "Ada", "2026-01-31")
    assert (mapping.comment, mapping.negated, mapping.is_absence) == ("by name", False, False)


def test_a_set_with_windows_line_breaks_is_the_same_set():
    text = file_of(row(), row(comment=""))
    assert read(text.replace("\n", "\r\n")) == read(text)


# ------------------------------------------------------------------ refused, with the line


AT_FAULT = {
    "undeclared prefix": ({"subject_id": "XX:a"}, "subject_id", "not declared"),
    "no prefix": ({"object_id": "EXV017"}, "object_id", "not declared"),
    "no valid IRI": ({"subject_id": "CF:a b<c>"}, "subject_id", "no valid IRI"),
    "score above 1": ({"confidence": "1.2"}, "confidence", "less than or equal to 1"),
    "score below 0": ({"confidence": "-0.1"}, "confidence", "greater than or equal to 0"),
    "score no number": ({"confidence": "high"}, "confidence", "valid number"),
    "no subject": ({"subject_id": ""}, "subject_id", "required"),
    "no predicate": ({"predicate_id": ""}, "predicate_id", "required"),
    "no object": ({"object_id": ""}, "object_id", "required"),
    "no justification": ({"mapping_justification": ""}, "mapping_justification", "required"),
    "unknown modifier": ({"predicate_modifier": "No"}, "predicate_modifier", "'Not'"),
    "no date": ({"mapping_date": "yesterday"}, "mapping_date", "date"),
}


@pytest.mark.parametrize("fault", AT_FAULT)
@pytest.mark.parametrize("between", ["", "\n\n"], ids=["", "after blank lines"])
def test_a_fault_in_a_row_is_refused_with_its_line_and_column(fault, between):
    changes, column, message = AT_FAULT[fault]
    bad = row(comment="the bad one", **changes)
    text = file_of(row(), between, row(), bad, row())
    error = refusal(text)
    line = text.splitlines().index(bad.rstrip("\n")) + 1
    assert f"line {line}" in str(error)
    assert column in str(error)
    assert message in error.message


@pytest.mark.parametrize("cells", ["more\tcells", '"never closed'])
def test_a_row_of_another_shape_is_refused_with_its_line(cells):
    text = file_of(row(), row(comment=cells), row())
    assert refusal(text).place == f"line {HEAD.count(chr(10)) + 3}"


@given(st.data())
def test_a_file_cut_off_in_the_middle_of_a_row_is_refused(data):
    text = file_of(row(), row())
    cut = data.draw(st.integers(len(text) - len(row()) + 1, len(text) - 1))
    assert refusal(text[:cut]).place == f"line {text.count(chr(10))}"


# ------------------------------------------------------------------ refused as a whole


@pytest.mark.parametrize("text", [HEAD, file_of()], ids=["head", "head and columns"])
def test_a_file_without_mappings_is_refused(text):
    assert "no mapping" in refusal(text).message


def test_a_file_that_is_not_utf8_is_refused_with_the_byte():
    content = file_of(row()).encode()
    assert refusal(content + b"\xe9").place == f"byte {len(content)}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        file_of(row()).removeprefix(HEAD),
        file_of(row()).replace("# curie_map:", "# curie_map: ["),
        file_of(row()).replace("# mapping_set_id:", "# name:"),
        "# only words\n" + row(),
        "# - a list\n" + row(),
        "<html><body>Moved</body></html>\n",
    ],
    ids=["empty", "blank", "no head", "no YAML", "no id", "words", "a list", "HTML"],
)
def test_a_file_without_a_sound_head_is_refused(text):
    error = refusal(text)
    assert error.place == "head"
    assert "curie_map" in error.remedy


@given(st.binary(max_size=300) | st.text(max_size=200).map(lambda t: (HEAD + t).encode()))
def test_any_other_bytes_are_refused_and_never_with_a_foreign_error(content):
    refusal(content)


# ------------------------------------------------------------------ the mapping's own IRI


def test_the_same_statement_on_the_same_ground_is_the_same_mapping():
    one, other = read(file_of(row(), row(confidence="0.5", author_label="Bo"))).mappings
    assert one.iri == other.iri


@pytest.mark.parametrize(
    "changes",
    [
        {"subject_id": "CF:other/"},
        {"predicate_id": "skos:closeMatch"},
        {"object_id": "EXV:EXV018/"},
        {"predicate_modifier": "Not"},
        {"mapping_justification": "semapv:LexicalMatching"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_another_statement_or_ground_is_another_mapping(changes):
    one, other = read(file_of(row(), row(**changes))).mappings
    assert one.iri != other.iri


# ------------------------------------------------------------------ as RDF


def plain(mapping_set):
    return [t for t in sssom.triples(mapping_set) if t.predicate == SKOS.exactMatch]


def test_a_positive_mapping_is_also_a_plain_triple():
    [triple] = plain(read(file_of(row())))
    assert triple.subject == NamedNode(f"{CF}sea_surface_temperature/")
    assert triple.object == NamedNode(f"{EXV}EXV017/")


@pytest.mark.parametrize(
    "changes", [{"predicate_modifier": "Not"}, {"object_id": "sssom:NoTermFound"}]
)
def test_a_negative_mapping_or_an_absence_is_no_plain_triple(changes):
    found = read(file_of(row(**changes)))
    assert plain(found) == []
    targets = [t for t in sssom.triples(found) if t.predicate == OWL.annotatedTarget]
    assert [t.subject.value for t in targets] == [found.mappings[0].iri]


# ------------------------------------------------------------------ the sets of the package


PACKAGED = {p.name: p for p in all_files("mappings", "*.sssom.tsv")}


def test_the_package_has_mapping_sets():
    assert PACKAGED


@pytest.mark.parametrize("name", PACKAGED)
def test_a_packaged_set_is_sound_and_does_not_contradict_itself(name):
    found = sssom.read(PACKAGED[name].read_bytes(), name)
    assert f"{found.id}.sssom.tsv" == name
    assert found.title != name
    assert found.licence
    assert len({m.iri for m in found.mappings}) == len(found.mappings)
    pairs = sorted((m.subject, m.object, m.negated) for m in found.mappings)
    both = [
        pair
        for pair, same in groupby(pairs, key=lambda p: p[:2])
        if len({negated for *_, negated in same}) > 1
    ]
    assert both == []
