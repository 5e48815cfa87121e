"""The NERC Vocabulary Server: its JSON-LD, and the dumps and link files made from it."""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Iterator
from typing import Any

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from oceankg import ids, rdf
from oceankg.errors import SourceError
from oceankg.model import Facts, Recording
from oceankg.namespaces import DCT, OKG, PREFIXES, QUDT, RDF, SKOS, Namespace
from oceankg.sources import facts, skos
from oceankg.sources.facts import AGAIN

TITLES = {
    "EXV": "Essential Variables of GOOS and GCOS",
    "P01": "BODC Parameter Usage Vocabulary",
    "P02": "SeaDataNet Parameter Discovery Vocabulary",
    "P06": "BODC-approved data storage units",
    "P35": "EMODnet Chemistry aggregated parameter names",
    "L05": "SeaDataNet device categories",
    "L06": "SeaVoX Platform Categories",
    "L22": "SeaVoX Device Catalogue",
    "L35": "SenseOcean device developers and manufacturers",
    "C17": "ICES Platform Codes",
    "F02": "Marine Microbial Flow Cytometry Standardised Group Names",
    "M20": "Marine Habitat Classification for Britain and Ireland Version 04.05",
    "M21": "Marine Habitat Classification for Britain and Ireland Version 15.03",
    "M24": "Marine Habitat Classification for Britain and Ireland Version 97.06",
    "S04": "BODC parameter semantic model analytical method entity descriptions",
    "S09": "BODC parameter semantic model biological entity size terms",
    "S10": "BODC parameter semantic model biological entity sex category terms",
    "S11": "BODC parameter semantic model biological entity development stage terms",
    "S13": "BODC parameter semantic model biological entity subgroup terms",
}
_LOCAL = re.compile(r"Local_Attributes:\{([^{}]*)\}")
_IN_LIST = re.compile(r"http://vocab\.nerc\.ac\.uk/collection/([A-Z0-9]{3})/current/")
_UCUM = Namespace("http://example.org/dt/").UCUMcs


def read_jsonld(recording: Recording) -> Facts:
    """A collection or one concept in NVS's own JSON-LD, bare or inside the mirror's ``data``."""
    content = _json(recording)
    graph = content.get("data", content) if isinstance(content, dict) else None
    if not isinstance(graph, dict) or not {"@graph", "@id"} & graph.keys():
        raise SourceError(
            "no @graph is in it", file=recording.name, place="top level", remedy=AGAIN
        )
    try:
        quads = parse(json.dumps(graph).encode(), format=RdfFormat.JSON_LD)
        triples = tuple(facts.kept((q.triple for q in quads), english=True))
        attributes = tuple(_attributes(graph.get("@graph", [graph])))
    except (SyntaxError, ValueError) as error:
        raise SourceError(str(error), file=recording.name, place="@graph", remedy=AGAIN) from error
    skos.check_members(recording, triples)
    alone = _place(triples) if "@graph" not in graph else ()
    whole = (*triples, *skos.places(triples), *alone, *attributes)
    return facts.whole(recording, _upward(whole), _is_label)


def _attributes(members: object) -> Iterator[Triple]:
    """The netCDF attributes that the Argo tables give inside the text of a definition."""
    for member in members if isinstance(members, list) else ():
        match member:
            case {"@id": str(iri), "skos:definition": {"@value": str(text)}}:
                found = _LOCAL.search(text)
                if found and (me := ids.canonical(iri)):
                    pairs = (part.partition(":") for part in found[1].split(";"))
                    named = {key.strip(): value.strip() for key, _, value in pairs}
                    yield from _attribute_facts(NamedNode(me), named)


def _attribute_facts(me: NamedNode, attributes: dict[str, str]) -> Iterator[Triple]:
    named = (("standard_name", OKG.standardName), ("units", OKG.canonicalUnit))
    for key, predicate in named:
        if attributes.get(key, "-") not in ("", "-"):
            yield Triple(me, predicate, Literal(attributes[key]))


def _place(triples: tuple[Triple, ...]) -> Iterator[Triple]:
    """The place of a concept that comes without its collection, told by its IRI."""
    for triple in triples:
        iri = rdf.text_of(triple.subject)
        if _is_label(triple) and iri.startswith(ids.NVS_COLLECTION):
            yield from facts.member(NamedNode(iri), NamedNode(ids.scheme_of(iri)))


def read_rows(recording: Recording) -> Facts:
    """A page of the answer of NVS's SPARQL endpoint about the members of a collection."""
    triples = tuple(facts.kept(facts.solutions(recording), english=True))
    kinds = (Triple(t.subject, RDF.type, SKOS.Concept) for t in triples if _is_label(t))
    return Facts(tuple(dict.fromkeys(_upward((*triples, *kinds, *_place(triples))))))


def _upward(triples: tuple[Triple, ...]) -> Iterator[Triple]:
    """Narrower links between lists as broader ones, so that each has one direction."""
    for triple in triples:
        if triple.predicate == SKOS.narrower and isinstance(triple.object, NamedNode):
            yield Triple(triple.object, SKOS.broader, triple.subject)
        else:
            yield triple


def _is_label(triple: Triple) -> bool:
    return triple.predicate == SKOS.prefLabel


def read_dump(recording: Recording) -> Facts:
    """Rows of a dump by BODC: identifier, label, abbreviation, deprecated, and (P01) the unit.

    The option ``collection`` picks the rows of one list, or of several; the option
    ``only = "deprecated"`` takes nothing but the mark of deprecated concepts, because the labels
    are ASCII-folded.
    """
    names = recording.options["collection"].split()
    found = [
        (name, line, row)
        for line, row in facts.rows(
            recording, _unzipped(recording), ("preflabel", "deprecated", "uri")
        )
        if (name := _list_of(row)) in names
    ]
    if recording.options.get("only") == "deprecated":
        marks = (_deprecation(recording, *place) for place in found)
        return facts.whole(recording, (t for mark in marks for t in mark))
    triples = (t for place in found for t in _dump_row(recording, *place))
    titles = (t for name in names for t in facts.collection(name, TITLES[name]))
    return facts.whole(recording, (*titles, *triples), _is_label)


def _list_of(row: dict[str, str]) -> str:
    """The list of a row by its identifier; one of the dumps has none, but the concept's IRI."""
    if "identifier" in row:
        return row["identifier"].removeprefix("SDN:").split("::")[0]
    found = _IN_LIST.match(row["uri"])
    return found[1] if found else ""


def _deprecation(
    recording: Recording, name: str, line: int, row: dict[str, str]
) -> Iterator[Triple]:
    if row["deprecated"].lower() == "true":
        iri = _concept(recording, row["uri"], name, f"line {line}, column uri")
        yield facts.deprecated(NamedNode(iri))


def _dump_row(recording: Recording, name: str, line: int, row: dict[str, str]) -> Iterator[Triple]:
    iri = _concept(recording, row["uri"], name, f"line {line}, column uri")
    me, label = NamedNode(iri), row["preflabel"]
    yield from facts.concept(iri, label, collection=name)
    yield from facts.alternative(me, row.get("altLabel", ""), label)
    yield from _deprecation(recording, name, line, row)
    unit = row.get("standardUnitID", "")
    if "/P06/" in unit:
        place = f"line {line}, column standardUnitID"
        yield Triple(me, SKOS.related, facts.iri(recording, unit, place))


def read_csv(recording: Recording) -> Facts:
    """A list as CSV with the columns uri, prefLabel, altLabel and id."""
    name = recording.options["collection"]
    content, needed = facts.text(recording), ("uri", "prefLabel", "altLabel", "id")
    triples: list[Triple] = list(facts.collection(name, TITLES[name]))
    for line, row in facts.rows(recording, content, needed):
        iri = _concept(recording, row["uri"], name, f"line {line}, column uri")
        triples += facts.concept(iri, row["prefLabel"], collection=name)
        triples += facts.alternative(NamedNode(iri), row["altLabel"], row["prefLabel"])
    return facts.whole(recording, triples, _is_label)


def read_links(recording: Recording) -> Facts:
    """Links as ``{concept: [targets]}``; options ``predicate`` and ``to``, the list to keep.

    Narrower links are written as broader ones from the other end.
    """
    content = _json(recording)
    predicate, wanted = recording.options["predicate"], ids.nvs_collection(recording.options["to"])
    if not isinstance(content, dict) or not all(map(_is_texts, content.values())):
        raise SourceError(
            "not an object of lists", file=recording.name, place="top level", remedy=AGAIN
        )
    return facts.whole(
        recording,
        (
            _link(recording, predicate, concept, target)
            for concept, targets in content.items()
            for target in targets
            if facts.spelled(target).startswith(wanted)
        ),
    )


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(text, str) for text in value)


def _link(recording: Recording, predicate: str, concept: str, target: str) -> Triple:
    place = f"concept {concept}"
    one, other = (facts.iri(recording, text, place) for text in (concept, target))
    if predicate == "skos:narrower":
        return Triple(other, SKOS.broader, one)
    prefix, _, name = predicate.partition(":")
    return Triple(one, NamedNode(PREFIXES[prefix] + name), other)


def read_exv(recording: Recording) -> Facts:
    """EXV as a table without head: code, label, source document."""
    triples: list[Triple] = list(facts.collection("EXV", TITLES["EXV"]))
    for line, row in facts.records(recording, facts.text(recording), delimiter="\t"):
        if len(row) != 3 or not (row[0].startswith("EXV") and row[2].startswith("https://")):
            raise SourceError(
                "a row is a code, a label and the address of a document",
                file=recording.name,
                place=f"line {line}",
                remedy=AGAIN,
            )
        iri = _concept(recording, ids.nvs_concept("EXV", row[0]), "EXV", f"line {line}")
        triples += facts.concept(iri, row[1], collection="EXV")
        triples.append(
            Triple(NamedNode(iri), DCT.source, facts.iri(recording, row[2], f"line {line}"))
        )
    return facts.whole(recording, triples, _is_label)


def read_p01_links(recording: Recording) -> Facts:
    """The links of a sample of P01 concepts: broader to P02 and A05, related to P06."""
    content = _json(recording)
    sample = content.get("p01") if isinstance(content, dict) else None
    if not isinstance(sample, dict):
        raise SourceError("no p01 is in it", file=recording.name, place="top level", remedy=AGAIN)
    return facts.whole(
        recording,
        (link for concept, links in sample.items() for link in _p01(recording, concept, links)),
    )


def _p01(recording: Recording, concept: str, links: object) -> Iterator[Triple]:
    if not isinstance(links, dict) or not all(map(_is_texts, links.values())):
        raise SourceError(
            "not an object of lists",
            file=recording.name,
            place=f"concept {concept}",
            remedy=AGAIN,
        )
    for predicate, wanted in (("broader", ("P02", "A05")), ("related", ("P06",))):
        for target in links.get(predicate, ()):
            if facts.spelled(target).startswith(tuple(map(ids.nvs_collection, wanted))):
                yield _link(recording, f"skos:{predicate}", concept, target)


def read_ucum(recording: Recording) -> Facts:
    """The UCUM codes of P06 units."""
    return facts.whole(
        recording,
        (
            Triple(t.subject, QUDT.ucumCode, Literal(t.object.value))
            for t in rdf.read(recording.content, recording.name)
            if t.predicate == SKOS.notation
            and isinstance(t.subject, NamedNode)
            and isinstance(t.object, Literal)
            and t.object.datatype == _UCUM
        ),
    )


def _concept(recording: Recording, iri: str, collection: str, place: str) -> str:
    spelled = facts.iri(recording, iri, place).value
    if not spelled.startswith(ids.nvs_collection(collection)):
        raise SourceError(
            f"{iri!r} is no concept of {collection}",
            file=recording.name,
            place=place,
            remedy=AGAIN,
        )
    return spelled


def _json(recording: Recording) -> Any:  # noqa: ANN401  (any JSON)
    try:
        return json.loads(facts.text(recording))
    except json.JSONDecodeError as error:
        raise SourceError(
            error.msg,
            file=recording.name,
            place=f"line {error.lineno}, column {error.colno}",
            remedy=AGAIN,
        ) from error
    except (ValueError, RecursionError) as error:
        raise SourceError(
            str(error), file=recording.name, place="whole file", remedy=AGAIN
        ) from error


def _unzipped(recording: Recording) -> str:
    if not recording.name.endswith(".gz"):
        return facts.text(recording)
    try:
        content = gzip.decompress(recording.content)
    except (OSError, EOFError, zlib.error) as error:
        raise SourceError(
            f"not a whole gzip file: {error}",
            file=recording.name,
            place="compressed data",
            remedy=AGAIN,
        ) from error
    return facts.text(Recording(recording.name, content, recording.format))
