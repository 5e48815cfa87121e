"""SeaDataNet: its XML lists and mappings, EDMO and EDMERP."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from pyoxigraph import Literal, NamedNode, Triple

from oceankg import ids, rdf
from oceankg.errors import SourceError
from oceankg.model import Facts, Recording
from oceankg.namespaces import DCT, FOAF, ORG, RDF, SKOS
from oceankg.sources import facts, xml
from oceankg.sources.facts import AGAIN

# A match names the concept of the second list, then by which relation those of the first list
# stand to it: <narrow> says that the inner one is narrower than the outer one.
# A code is related to its unit, as in the other lists.
_MATCHES = {
    "exact": SKOS.exactMatch,
    "broad": SKOS.broadMatch,
    "narrow": SKOS.narrowMatch,
    "related": SKOS.related,
}

# The catalogues write https://edmo.seadatanet.org/report/308, the endpoints also
# http://edmo.seadatanet.org/308.
_DIRECTORY = re.compile(r"https?://(?:edmo|edmerp)\.seadatanet\.org/(?:report/)?(\d+)/?$", re.ASCII)


def read_list(recording: Recording) -> Facts:
    """A vocabulary as an XML list: key, label, short label, date."""
    vocabulary = xml.root(recording, "vocabulary")
    name = _list(recording, vocabulary)
    title = facts.collection(name, vocabulary.get("title", name), vocabulary.get("version", ""))
    triples = list(title)
    for element in vocabulary.iter("element"):
        iri = _concept(recording, element, name)
        me, label = NamedNode(iri), element.get("label", "")
        triples += facts.concept(iri, label, collection=name)
        triples += facts.alternative(me, element.get("shortLabel", ""), label)
        triples += facts.modified(me, element.get("date", ""))
    return facts.whole(recording, triples, lambda t: t.predicate == SKOS.prefLabel)


def read_titles(recording: Recording) -> Facts:
    """The titles and versions of all lists of NVS, without their members."""
    triples: list[Triple] = []
    for entry in xml.root(recording, "vocabularies").iter("vocabulary"):
        name, title = _list(recording, entry), entry.get("title", "")
        triples += facts.collection(name, title, entry.get("version", ""))
    return facts.whole(recording, (t for t in triples if t.predicate != RDF.type))


def read_mapping(recording: Recording) -> Facts:
    """A mapping between two lists, as SKOS matches from the outer concept to the inner ones."""
    mapping = xml.root(recording, "mapping")
    inner = mapping.find("vocabulary")
    outer = mapping.find("mapped/vocabulary")
    if inner is None or outer is None:
        raise SourceError(
            "it does not say which lists it maps",
            file=recording.name,
            place="head",
            remedy=AGAIN,
        )
    ends = _list(recording, inner), _list(recording, outer)
    return facts.whole(recording, _matches(recording, mapping, *ends))


def _matches(recording: Recording, mapping: Element, inner: str, outer: str) -> Iterator[Triple]:
    for match in mapping.iter("match"):
        subject = match.find("element")
        if subject is None:
            raise SourceError(
                "a match has no element", file=recording.name, place="match", remedy=AGAIN
            )
        me = NamedNode(_concept(recording, subject, outer))
        for kind, predicate in _MATCHES.items():
            for element in match.findall(f"{kind}/element"):
                other = NamedNode(_concept(recording, element, inner))
                yield Triple(me, predicate, other)


def _list(recording: Recording, vocabulary: Element) -> str:
    """The list of a name such as ``SDN:P09:77:``."""
    name = vocabulary.get("list", "")
    if not (match := re.match(r"SDN:([A-Z][A-Z0-9]{2}):", name)):
        raise SourceError(
            f"{name!r} is not the name of a list",
            file=recording.name,
            place="vocabulary",
            remedy=AGAIN,
        )
    return match[1]


def _concept(recording: Recording, element: Element, name: str) -> str:
    """The concept of a key ``SDN:P09::DMTW`` or ``SDN:P09:77:DMTW``."""
    key = element.get("key", "")
    parts = key.split(":", 3)
    if len(parts) != 4 or parts[1] != name or not parts[3]:
        raise SourceError(
            f"the key {key!r} is not one of {name}",
            file=recording.name,
            place=f"element {key or element.get('label', '')}",
            remedy=AGAIN,
        )
    return ids.nvs_concept(name, parts[3])


def read_edmo(recording: Recording) -> Facts:
    """EDMO as CSV: uri, code, name."""
    triples: list[Triple] = []
    content = facts.text(recording)
    for line, row in facts.rows(recording, content, ("uri", "code", "name")):
        if row["uri"] != ids.EDMO + row["code"] or not row["code"].isdecimal():
            raise SourceError(
                f"{row['uri']!r} is not the address of EDMO {row['code']}",
                file=recording.name,
                place=f"line {line}, column uri",
                remedy=AGAIN,
            )
        me = NamedNode(row["uri"])
        triples += [
            Triple(me, RDF.type, ORG.Organization),
            Triple(me, FOAF.name, Literal(" ".join(row["name"].split()))),
            Triple(me, DCT.identifier, Literal(row["code"])),
        ]
    return facts.whole(recording, triples)


def read_edmo_rows(recording: Recording) -> Facts:
    """A page of the answer of EDMO's SPARQL endpoint: organisations and their names."""
    triples: list[Triple] = []
    for triple in facts.solutions(recording):
        if (code := _code(triple)) and isinstance(triple.object, Literal):
            me, name = NamedNode(ids.EDMO + code), " ".join(triple.object.value.split())
            triples += [
                Triple(me, RDF.type, ORG.Organization),
                Triple(me, FOAF.name, Literal(name)),
                Triple(me, DCT.identifier, Literal(code)),
            ]
    return Facts(tuple(dict.fromkeys(triples)))


def read_edmerp_rows(recording: Recording) -> Facts:
    """A page of the answer of EDMERP's SPARQL endpoint: projects and their titles."""
    triples: list[Triple] = []
    for triple in facts.solutions(recording):
        if (code := _code(triple)) and isinstance(triple.object, Literal):
            me, title = NamedNode(ids.EDMERP + code), " ".join(triple.object.value.split())
            triples += [
                Triple(me, RDF.type, FOAF.Project),
                Triple(me, DCT.title, Literal(title)),
                Triple(me, DCT.identifier, Literal(code)),
            ]
    return Facts(tuple(dict.fromkeys(triples)))


def _code(triple: Triple) -> str:
    """The number by which EDMO or EDMERP names a thing, whatever stands before it in the IRI."""
    found = _DIRECTORY.match(rdf.text_of(triple.subject))
    return found[1] if found else ""


def read_edmerp(recording: Recording) -> Facts:
    """EDMERP as XML: id, title, acronym."""
    triples: list[Triple] = []
    for entry in xml.root(recording, "SimpleMetadataList").iter("SimpleMetadata"):
        code, title = (entry.findtext("Id") or "").strip(), entry.findtext("Title") or ""
        if not code.isdigit() or not title.strip():
            raise SourceError(
                "an entry needs Id and Title",
                file=recording.name,
                place=f"entry {code or title}",
                remedy=AGAIN,
            )
        me = NamedNode(ids.EDMERP + code)
        acronym = (entry.findtext("Acronym") or "").strip()
        triples += [
            Triple(me, RDF.type, FOAF.Project),
            Triple(me, DCT.title, Literal(" ".join(title.split()))),
            Triple(me, DCT.identifier, Literal(code)),
        ]
        if acronym.lower() not in ("", "unknown"):
            triples.append(Triple(me, SKOS.altLabel, Literal(acronym)))
    return facts.whole(recording, triples)
