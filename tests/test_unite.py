"""A product of a catalogue that several sources tell of is one product in the graph."""

from __future__ import annotations

import pytest
from pyoxigraph import Literal, NamedNode, Triple

from oceankg import ids, shapes
from oceankg.gather import Part, starter_part
from oceankg.namespaces import BASE, BIBO, DCAT, DCT, OKG, SKOS
from oceankg.sources import Source, all_sources
from oceankg.sources.catalogue import Gathering
from oceankg.sources.metadata import Keyword, Record, Words
from oceankg.sources.telling import tell
from oceankg.unite import united

UUID = "0d0c1f7c-0000-4000-8000-0123456789ab"
DOI = "10.24400/527896/a01-2022.002"


def part(name: str, *records: Record, keep: str = "none", catalogue: str = "odatis") -> Part:
    gathering = Gathering(catalogue, "Records")
    for record in records:
        tell(gathering, record)
    facts = gathering.facts()
    source = Source(name, name, "", "facts", "", keep=keep)
    return Part(source, facts.triples, "harvested", left_out=facts.left_out)


def record(identifier: str, title: str, **said: object) -> Record:
    return Record(identifier, titles=(Words(title, "en"),), **said)


def values(parts: list[Part], predicate: NamedNode, about: str) -> list[str]:
    me = NamedNode(about)
    said = dict.fromkeys(t for p in parts for t in p.triples if t.predicate == predicate)
    return [t.object.value for t in said if t.subject == me]


def products(parts: list[Part]) -> set[str]:
    return {*values(parts, DCAT.dataset, f"{BASE}catalogue/odatis")}


def word(text: str) -> Keyword:
    return Keyword(text)


def test_the_same_identifier_is_the_same_product():
    parts = united([part("one", record(UUID, "Old")), part("two", record(UUID, "Old"))])
    assert products(parts) == {ids.product("odatis", UUID)}


def test_the_same_doi_is_the_same_product_under_the_iri_of_the_first():
    first = part("one", record(DOI, "A title", names=(DOI,)))
    second = part(
        "two",
        record(UUID, "A title", names=(DOI,), box=(0, 1, 2, 3), start="1993", stamp="2024-01-02"),
    )
    parts = united([first, second])
    me = ids.product("odatis", DOI)
    assert products(parts) == {me}
    assert values(parts, DCT.identifier, me) == [DOI]
    assert UUID in values(parts, SKOS.altLabel, me)
    # The nodes of its own went with it.
    assert values(parts, DCT.temporal, me) == [f"{me}/period"]
    assert values(parts, DCAT.startDate, f"{me}/period") == ["1993"]
    assert not [t for p in parts for t in p.triples if UUID in t.subject.value]


def test_two_products_of_one_source_with_one_doi_stay_two():
    twins = part("one", record("a", "A", names=(DOI,)), record("b", "B", names=(DOI,)))
    other = part("two", record("c", "C", names=(DOI,)))
    found = products(united([twins, other]))
    assert found == {ids.product("odatis", name) for name in "abc"}


def test_products_of_two_catalogues_stay_two():
    ours = part("one", record("a", "A", names=(DOI,)))
    theirs = part("two", record("b", "B", names=(DOI,)), catalogue="cmems")
    assert united([ours, theirs]) == [ours, theirs]


@pytest.mark.parametrize("stamps", [("2024-01-02", "2024-01-03"), ("", "2024-01-03")])
@pytest.mark.parametrize("newest_last", [True, False])
def test_what_a_product_has_once_is_that_of_the_newest_record(stamps, newest_last):
    old = part(
        "old",
        record(
            UUID,
            "The old title",
            start="1990",
            end="2000",
            box=(0, 0, 1, 1),
            rights=(("CC BY 4.0", ""),),
            keywords=(word("salinity"),),
            stamp=stamps[0],
        ),
    )
    new = part(
        "new",
        record(
            UUID,
            "The new title",
            start="1990",
            ongoing=True,
            keywords=(word("temperature"),),
            stamp=stamps[1],
        ),
    )
    parts = united([old, new] if newest_last else [new, old])
    me = ids.product("odatis", UUID)
    assert values(parts, DCT.title, me) == ["The new title"]
    assert values(parts, DCAT.endDate, f"{me}/period") == []
    assert values(parts, OKG.ongoing, f"{me}/period") == ["true"]
    # What the newer one does not say stays, and what there may be many of is the sum.
    assert values(parts, DCT.license, me) == ["https://creativecommons.org/licenses/by/4.0/"]
    assert len(values(parts, DCAT.bbox, f"{me}/extent")) == 1
    assert len(values(parts, OKG.reports, me)) == 2
    gone = [i for p in parts if p.source.id == "old" for i in p.left_out]
    assert [(i.item, i.reason) for i in gone] == [
        (
            f"product/odatis/{UUID}, period, {'record, ' if stamps[0] else ''}temporal, title",
            "what stands is told by new",
        )
    ]


def test_of_two_records_of_one_date_the_first_source_stands():
    records = [record(UUID, title, stamp="2024-01-02") for title in ("First", "Second")]
    parts = united([part("one", records[0]), part("two", records[1])])
    assert values(parts, DCT.title, ids.product("odatis", UUID)) == ["First"]


def test_a_word_keeps_the_first_of_its_spellings_as_its_name():
    first = part("one", record("a", "A", keywords=(word("Salinity"),)))
    second = part("two", record("b", "B", keywords=(word("salinity"),)))
    me = ids.word("odatis", "salinity")
    parts = united([first, second])
    assert values(parts, SKOS.prefLabel, me) == ["Salinity"]
    assert values(parts, SKOS.altLabel, me) == ["salinity"]


def test_the_starter_alone_stays_as_it_is():
    catalogues = [starter_part(all_sources()[name]) for name in ("cmems", "odatis")]
    assert united(catalogues) == catalogues


def test_with_a_live_record_of_each_product_the_starter_holds_no_more_products_than_before():
    starter = starter_part(all_sources()["odatis"])
    dois = {t.subject.value: t.object.value for t in starter.triples if t.predicate == BIBO.doi}
    named = {
        t.subject.value: t.object.value for t in starter.triples if t.predicate == DCT.identifier
    }
    live = [
        record(f"uuid-{number}" if iri in dois else named[iri], "Live", names=(dois.get(iri, ""),))
        for number, iri in enumerate(sorted(products([starter])))
    ]
    shared = {doi for doi in dois.values() if [*dois.values()].count(doi) > 1}
    parts = united([starter, part("live", *live)])
    assert not shared
    assert products(parts) == products([starter])
    shapes.validate(_quads(parts))


def _quads(parts: list[Part]):
    from pyoxigraph import Quad

    for one in parts:
        graph = NamedNode(ids.graph(one.source.id))
        for t in one.triples:
            yield Quad(t.subject, t.predicate, t.object, graph)


def test_a_title_that_only_describes_gives_way_with_its_mark():
    me = NamedNode(ids.product("odatis", UUID))
    described = part("old", record(UUID, "A description"), keep="all")
    mark = Triple(me, OKG.titleIsDescription, Literal(value=True))
    marked = Part(described.source, (*described.triples, mark), "starter")
    parts = united([marked, part("new", record(UUID, "Its title", stamp="2024-01-02"))])
    assert values(parts, OKG.titleIsDescription, me.value) == []
    assert values(parts, DCT.title, me.value) == ["Its title"]
