"""Differences between releases of a vocabulary, what they touch, and how to ask for them."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from io import StringIO
from itertools import permutations
from pathlib import Path

import httpx
import pytest
import rdflib
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Triple

from conftest import serve
from helpers import CF, EXV, P02
from oceankg import changelog, impact, sources
from oceankg.build import build
from oceankg.changes import (
    KINDS_OF_CHANGE,
    Change,
    Concept,
    Difference,
    Release,
    Text,
    difference,
    patched,
    release,
)
from oceankg.errors import SnapshotError, SourceError, UnknownTermError
from oceankg.harvest import Harvest
from oceankg.model import Recording
from oceankg.namespaces import DCT, OKG, OWL, RDF, SKOS
from oceankg.releases import Read, read_release
from oceankg.store import Snapshot, Snapshots

README = (Path(__file__).parents[1] / "README.md").read_text("utf-8")
P06 = P02.replace("P02", "P06")
EX = "http://example.org/list/"
OPPOSITES = {"added": "removed", "deprecated": "reinstated", "linked": "unlinked"}


# ------------------------------------------------------------------ laws

names = st.sampled_from([NamedNode(EX + letter) for letter in "abcd"])
literals = st.builds(
    lambda text, language: Literal(text, language=language) if language else Literal(text),
    st.sampled_from(["salt", "Salz", "sel", "m-1", "K", "|"]),
    st.sampled_from(["en", "fr", None]),
)
texts = st.builds(
    Triple,
    names,
    st.sampled_from([SKOS.prefLabel, SKOS.altLabel, SKOS.notation, OKG.canonicalUnit]),
    literals,
)
links = st.builds(
    Triple,
    names,
    st.sampled_from(
        [SKOS.broader, SKOS.narrower, SKOS.exactMatch, SKOS.narrowMatch, DCT.isReplacedBy]
    ),
    names,
)
marks = st.builds(
    Triple,
    names,
    st.just(OWL.deprecated),
    st.sampled_from([Literal(value=True), Literal(value=False)]),
)
kinds = st.builds(Triple, names, st.just(RDF.type), st.just(SKOS.Concept))
triples = st.lists(st.one_of(texts, links, marks, kinds), max_size=30)
releases = st.builds(release, triples)


@given(releases)
def test_nothing_differs_between_a_release_and_itself(one: Release) -> None:
    assert not difference(one, one)
    assert patched(one, difference(one, one)) == one


@given(triples, st.randoms(use_true_random=False))
def test_a_release_does_not_depend_on_the_order_of_its_triples(said, random) -> None:
    shuffled = [*said, *said[:3]]
    random.shuffle(shuffled)
    assert release(shuffled) == release(said)


def turned(change: object) -> object:
    if isinstance(change, Change):
        return Change(change.concept, change.language, change.after, change.before)
    return change


@given(releases, releases)
def test_the_way_back_is_the_way_there_with_the_ends_swapped(one: Release, two: Release) -> None:
    there, back = difference(one, two), difference(two, one)
    mirror = OPPOSITES | {v: k for k, v in OPPOSITES.items()}
    for kind in KINDS_OF_CHANGE:
        swapped = tuple(turned(change) for change in getattr(back, mirror.get(kind, kind)))
        assert getattr(there, kind) == swapped


@given(releases, releases)
def test_the_difference_laid_on_the_old_release_gives_the_new_one(
    one: Release, two: Release
) -> None:
    found = difference(one, two)
    again = patched(one, found)
    out_of_use = {change.concept for change in (*found.deprecated, *found.reinstated)}
    for iri, concept in two.concepts.items():
        units = again.concepts[iri].units if iri in out_of_use else concept.units
        assert again.concepts[iri] == Concept(
            iri,
            concept.labels,
            concept.alternatives,
            concept.notations,
            units,
            concept.deprecated,
            concept.successors,
        )
    assert again.concepts.keys() == two.concepts.keys()
    assert again.links == two.links


@given(releases, releases)
def test_changes_stand_in_the_order_of_their_concepts(one: Release, two: Release) -> None:
    found = difference(one, two)
    for kind in set(KINDS_OF_CHANGE) - {"linked", "unlinked"}:
        iris = [getattr(c, "iri", None) or c.concept for c in getattr(found, kind)]
        assert iris == sorted(iris)


@given(releases, releases)
def test_what_one_form_cannot_say_is_not_compared(one: Release, two: Release) -> None:
    found = difference(one, two, alike=False)
    assert set(found.not_compared) == one.stated ^ two.stated
    for kind, field in (
        ("labels", "relabelled"),
        ("units", "units"),
        ("deprecation", "deprecated"),
    ):
        assert not (kind in found.not_compared and getattr(found, field))


def node(name: str) -> NamedNode:
    return NamedNode(EX + name)


def labelled(name: str, text: str, language: str = "en") -> Triple:
    return Triple(node(name), SKOS.prefLabel, Literal(text, language=language))


def test_a_label_changes_in_one_language_and_stays_in_the_other() -> None:
    old = release([labelled("a", "salt"), labelled("a", "sel", "fr")])
    new = release([labelled("a", "salinity"), labelled("a", "sel", "fr")])
    assert difference(old, new).relabelled == (Change(EX + "a", "en", ("salt",), ("salinity",)),)


def test_a_link_said_from_its_other_end_is_the_same_link() -> None:
    up = release([labelled("a", "salt"), Triple(node("a"), SKOS.broader, node("b"))])
    down = release([labelled("a", "salt"), Triple(node("b"), SKOS.narrower, node("a"))])
    assert not difference(up, down)


def test_another_label_that_repeats_the_label_says_nothing() -> None:
    plain = [labelled("a", "Gravity")]
    twice = [*plain, Triple(node("a"), SKOS.altLabel, Literal("Gravity"))]
    assert not difference(release(plain), release(twice))


def test_a_p06_unit_is_a_unit_and_not_a_link() -> None:
    units = [NamedNode(P06 + code) for code in ("UPAA/", "KPAX/")]
    old, new = (
        release([labelled("a", "x"), Triple(node("a"), SKOS.related, unit)]) for unit in units
    )
    found = difference(old, new)
    assert found.units == (Change(EX + "a", "", (P06 + "UPAA/",), (P06 + "KPAX/",)),)
    assert found.counts()["linked"] == 0


# ------------------------------------------------------------------ CF


def cf_table(path: Path) -> tuple[dict[str, str], dict[str, set[str]]]:
    """Names with their units, and aliases with their targets, by plain XML parsing."""
    root = ET.parse(path).getroot()
    names_ = {
        e.get("id"): (e.findtext("canonical_units") or "").strip() for e in root.iter("entry")
    }
    aliases: dict[str, set[str]] = {}
    for alias in root.iter("alias"):
        if alias.get("id") not in names_ and " " not in alias.get("id"):
            aliases.setdefault(alias.get("id"), set()).update(
                e.text.strip() for e in alias.iter("entry_id")
            )
    return names_, aliases


def cf(shared: Path, version: int) -> Path:
    return shared / "cf" / f"cf-standard-name-table-v{version}.xml"


@pytest.fixture(scope="module")
def cf_difference(shared: Path) -> Difference:
    old, new = (read_release(cf(shared, version)).release for version in (83, 93))
    assert (old.version, new.version) == ("83", "93")
    return difference(old, new)


def local(iris: object) -> set[str]:
    found = (getattr(c, "iri", None) or getattr(c, "concept", c) for c in iris)
    return {iri.removeprefix(CF).rstrip("/") for iri in found}


def test_cf_83_to_93_is_what_the_two_tables_say(shared: Path, cf_difference: Difference) -> None:
    (old, old_aliases), (new, new_aliases) = cf_table(cf(shared, 83)), cf_table(cf(shared, 93))
    before, after = {*old, *old_aliases}, {*new, *new_aliases}
    assert local(cf_difference.added) == after - before
    assert local(cf_difference.removed) == before - after == set()
    assert local(cf_difference.deprecated) == {*old} & {*new_aliases}
    assert local(cf_difference.reinstated) == {*old_aliases} & {*new}
    both = {*old_aliases} & {*new_aliases}
    assert local(cf_difference.successors) == {a for a in both if old_aliases[a] != new_aliases[a]}
    assert local(cf_difference.units) == {n for n in {*old} & {*new} if old[n] != new[n]}
    assert {c.concept: local(c.after) for c in cf_difference.deprecated} == {
        f"{CF}{name}/": new_aliases[name] for name in {*old} & {*new_aliases}
    }
    assert cf_difference.counts() == dict.fromkeys(KINDS_OF_CHANGE, 0) | {
        "added": 390,
        "deprecated": 34,
        "reinstated": 1,
        "successors": 5,
        "units": 2,
    }


def test_cf_names_that_a_user_would_look_for(cf_difference: Difference) -> None:
    successor = {c.label: local(c.after) for c in cf_difference.deprecated}
    assert successor["ocean_volume_fraction"] == {"sea_water_volume_fraction"}
    assert "tendency_of_sea_water_salinity_expressed_as_salt_content" in " ".join(successor)
    assert "acoustic_centre_of_mass_in_sea_water" in local(cf_difference.added)
    assert {(c.before, c.after) for c in cf_difference.units} == {(("radian",), ("rad",))}


def test_cf_83_is_read_and_its_five_aliases_with_a_space_are_left_out(shared: Path) -> None:
    path = cf(shared, 83)
    facts = sources.read(Recording(path.name, path.read_bytes(), "cf-table"))
    left_out = {item.item for item in facts.left_out if "space" in item.reason}
    aliases = (alias.get("id").strip() for alias in ET.parse(path).getroot().iter("alias"))
    assert left_out == {f"alias {name}" for name in aliases if " " in name}
    assert len(left_out) == 5


TABLE = """<?xml version="1.0"?><standard_name_table><version_number>{}</version_number>
<entry id="{}"><canonical_units>K</canonical_units></entry>
<entry id="b"><canonical_units>K</canonical_units></entry>
<entry id="c"><canonical_units>K</canonical_units></entry>{}</standard_name_table>"""
ALIAS = '<alias id="a"><entry_id>b</entry_id><entry_id>c</entry_id></alias>'


def test_a_name_that_became_an_alias_of_two_names_has_both_as_successors(tmp_path: Path) -> None:
    (tmp_path / "1.xml").write_text(TABLE.format(1, "a", ""), "utf-8")
    (tmp_path / "2.xml").write_text(TABLE.format(2, "d", ALIAS), "utf-8")
    old, new = (read_release(tmp_path / f"{n}.xml").release for n in (1, 2))
    found = difference(old, new)
    assert found.deprecated == (Change(f"{CF}a/", "", (), (f"{CF}b/", f"{CF}c/")),)
    assert local(found.added) == {"d"}
    assert not found.removed
    assert not found.units


# ------------------------------------------------------------------ NVS, in its several forms


def p02(shared: Path, path: str) -> Read:
    return read_release(shared / path)


LDES_2024 = "nvs/p02-ldes/P02-ldes-2024.ttl"
LDES_2026 = "nvs/p02-ldes/P02-ldes-2026"


def raw_labels(*files: Path) -> dict[str, str]:
    """The labels by code as rdflib finds them in the files of a stream."""
    graph = rdflib.Graph()
    for file in files:
        graph.parse(file, format="turtle")
    labels = {(str(s), str(label)) for s, label in graph.subject_objects(rdflib.SKOS.prefLabel)}
    return {iri: " ".join(label.split()) for iri, label in labels if iri.count("/") == 7}


def test_the_two_streams_of_p02_say_the_same(shared: Path) -> None:
    """The stream of 2026 was written anew, in pages, from what was known in 2023."""
    old, new = p02(shared, LDES_2024), p02(shared, LDES_2026)
    assert (old.format, new.format) == ("ldes", "ldes")
    for read, files in (
        (old, [shared / LDES_2024]),
        (new, sorted((shared / LDES_2026).glob("*.ttl"))),
    ):
        labels = {iri: concept.label for iri, concept in read.release.concepts.items()}
        assert labels == raw_labels(*files)
        assert len(labels) == 468
    assert not difference(old.release, new.release)


def test_p02_has_eight_more_concepts_in_2026_than_its_stream(shared: Path) -> None:
    old, new = p02(shared, LDES_2024), p02(shared, "nvs/sdn/sdn__P02.csv")
    found = difference(old.release, new.release, alike=False)
    with (shared / "nvs/sdn/sdn__P02.csv").open(encoding="utf-8") as file:
        codes = {row["id"] for row in csv.DictReader(file)}
    known = {n.text for c in old.release.concepts.values() for n in c.notations}
    assert {n.text for c in found.added for n in c.notations} == codes - known
    assert len(found.added) == 8
    assert "Carbonate chemistry in hydrothermal fluids" in {c.label for c in found.added}
    assert not difference(old.release, new.release, alike=False).removed


def test_p02_of_2014_as_sextant_keeps_it_has_other_labels(shared: Path) -> None:
    old, new = p02(shared, "odatis/sextant-2016/NVS.P02.rdf"), p02(shared, LDES_2024)
    assert (old.format, old.release.version) == ("skos", "80")
    found = difference(old.release, new.release, alike=False)
    ammonium = next(c for c in found.relabelled if c.concept == f"{P02}AMON/")
    assert ammonium.before == ("Ammonium concentration parameters in the water column",)
    assert ammonium.after == ("Ammonium and ammonia concentration parameters in water bodies",)
    assert "links by broader" in found.not_compared
    assert not found.unlinked


def test_a_seadatanet_list_is_told_by_its_content(shared: Path) -> None:
    read = p02(shared, "nvs/seadatanet/SDN.P02.127..xml")
    assert (read.format, read.release.version, len(read.release.concepts)) == (
        "sdn-list",
        "127",
        448,
    )


def test_nvs_json_ld_is_told_by_its_content(shared: Path) -> None:
    read = p02(shared, "nvs/argo/R03.json")
    assert read.format == "nvs-jsonld"
    assert not difference(read.release, read.release)


def test_p06_of_a_stream_warns_that_a_stream_may_be_a_part(shared: Path) -> None:
    stream = p02(shared, "nvs/p02-ldes/P06-ldes-2024.ttl")
    assert len(stream.release.concepts) == 219
    assert "only a part" in stream.note
    table = p02(shared, "nvs/sdn/sdn__P06.csv")
    assert table.note == ""
    found = difference(stream.release, table.release, alike=False)
    assert len(found.added) == len(table.release.concepts) - 219
    assert Change(f"{P06}MMPY/", "", ("mm/y",), ("mm/yr",)) in found.alternatives


PAGE = """@prefix dc: <http://purl.org/dc/terms/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<http://vocab.nerc.ac.uk/collection/P02/current/{code}/{version}/> a skos:Concept ;
  dc:isVersionOf <http://vocab.nerc.ac.uk/collection/P02/current/{code}/> ;
  dc:modified "{stamp}"^^xsd:dateTime ; skos:prefLabel "{label}" ; skos:altLabel "{short}" .
"""


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_of_the_pages_of_a_stream_the_newest_version_wins(
    tmp_path: Path, order: tuple[int, ...]
) -> None:
    versions = [
        {"version": 1, "stamp": "2004-01-01T00:00:00", "label": "old", "short": "o"},
        {"version": 2, "stamp": "2014-01-01T00:00:00.0", "label": "middle", "short": "m"},
        {"version": 3, "stamp": "2024-01-01T00:00:00", "label": "new", "short": "n"},
    ]
    for name, number in zip("abc", order, strict=True):
        page = PAGE.format(code="TEMP", **versions[number])
        (tmp_path / f"{name}.ttl").write_text(page, "utf-8")
    found = read_release(tmp_path).release.concepts[f"{P02}TEMP/"]
    assert found.labels == {Text("new", "en")}
    assert found.alternatives == {Text("n")}


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.xml", b"<standard_name_table><entry id='a'>", "line 1"),
        ("a.csv", b"uri,prefLabel,altLabel,id\n", "names no NVS list"),
        (
            "a.csv",
            b"uri,prefLabel,altLabel,id\nhttp://vocab.nerc.ac.uk/collection/Z99/current/A/",
            "Z99",
        ),
        ("a.bin", b"\x00\x01", "of no known kind"),
        ("a.ttl", b"<http://ex/a> <http://ex/b> .", "line 1"),
    ],
)
def test_a_file_that_is_no_release_is_named_with_the_remedy(
    tmp_path: Path, name: str, content: bytes, says: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SourceError, match=says) as caught:
        read_release(tmp_path / name)
    assert name in str(caught.value)
    assert caught.value.remedy


def test_no_file_an_empty_folder_and_an_unknown_reader_are_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="cannot be read"):
        read_release(tmp_path / "nothing.ttl")
    with pytest.raises(SourceError, match="empty"):
        read_release(tmp_path)
    (tmp_path / "a.ttl").write_text("", "utf-8")
    with pytest.raises(SourceError, match="no reader nothing"):
        read_release(tmp_path / "a.ttl", format_="nothing")


def test_files_of_several_kinds_are_no_release(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text(TABLE.format(1, "a", ""), "utf-8")
    (tmp_path / "b.ttl").write_text(PAGE.format(code="A", version=1, stamp="", label="", short=""))
    with pytest.raises(SourceError, match="several kinds: cf-table, ldes"):
        read_release(tmp_path)


# ------------------------------------------------------------------ what is touched


@pytest.fixture(scope="module")
def held(starter: Snapshot) -> impact.Holdings:
    return impact.holdings(starter.open())


SST = f"{CF}sea_surface_temperature/"


def deprecated(concept: str, *successors: str) -> Difference:
    return Difference(deprecated=(Change(concept, "", (), successors, "x"),))


def test_products_are_touched_that_report_it_or_are_led_through_it(
    held: impact.Holdings, starter: Snapshot
) -> None:
    (found,) = impact.touched(held, deprecated(SST))
    asked = """PREFIX okg: <https://w3id.org/oceankg/ns#>
        PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
        SELECT DISTINCT ?product WHERE { ?product okg:reports ?word
          { ?path okg:start ?word ; okg:step/(rdf:subject|rdf:object) <%s> }
          UNION { ?product okg:reports <%s> } }"""
    rows = starter.open().query(asked % (SST, SST), use_default_graph_as_union=True)
    assert {p.iri for p in found.products} == {row["product"].value for row in rows}
    assert "SST_GLO_SST_L4_NRT_OBSERVATIONS_010_001" in {p.id for p in found.products}
    assert impact.Named(f"{EXV}EXV017/", "Sea-surface temperature") in found.essential_variables


def test_every_mapping_of_the_concept_is_touched_at_either_end(held: impact.Holdings) -> None:
    (found,) = impact.touched(held, deprecated(SST, f"{CF}sea_surface_skin_temperature/"))
    touched = {t.mapping for t in found.mappings}
    assert touched == {m for m in held.mappings if SST in (m.subject, m.object)}
    assert {m.mapping_set for m in touched} >= {"exv-cf", "cmems-words"}
    assert {m.subject == SST for m in touched} == {True, False}


def test_what_to_do_depends_on_the_successors(held: impact.Holdings) -> None:
    def action(*successors: str) -> str:
        (found,) = impact.touched(held, deprecated(SST, *successors))
        return next(t.action for t in found.mappings if t.mapping.mapping_set == "exv-cf")

    assert action() == "review"
    assert action(f"{CF}a_name_of_tomorrow/") == "replace"
    assert action(f"{CF}a_name_of_tomorrow/", f"{CF}another_one/") == "choose"
    # Its skin temperature is mapped to the same essential variable already.
    assert action(f"{CF}sea_surface_skin_temperature/") == "withdraw"


@pytest.mark.parametrize(
    ("changes", "action"),
    [
        (Difference(relabelled=(Change(SST, "en", ("a",), ("b",)),)), "check"),
        (Difference(units=(Change(SST, "", ("K",), ("degC",)),)), "check"),
        (Difference(reinstated=(Change(SST, "", (), ()),)), "check"),
        (Difference(notations=(Change(SST, "", ("1",), ("2",)),)), "none"),
        (Difference(added=(Concept(SST),)), "none"),
        (Difference(removed=(Concept(SST),)), "review"),
    ],
)
def test_each_kind_of_change_asks_for_what_it_must(
    held: impact.Holdings, changes: Difference, action: str
) -> None:
    (found,) = impact.touched(held, changes)
    assert {t.action for t in found.mappings} == {action}
    assert all(t.reason for t in found.mappings)


def test_a_concept_that_nothing_rests_on_touches_nothing(held: impact.Holdings) -> None:
    assert impact.touched(held, deprecated(f"{CF}no_such_name/")) == ()


def test_cf_83_to_93_touches_these_mappings_and_products(
    held: impact.Holdings, cf_difference: Difference
) -> None:
    found = {i.label: i for i in impact.touched(held, cf_difference)}
    heat = found["integral_of_sea_water_potential_temperature_wrt_depth_expressed_as_heat_content"]
    assert heat.changes == ("successors",)
    assert {p.id for p in heat.products} >= {"OMI_CLIMATE_OHC_GLOBAL_trend"}
    assert [v.label for v in heat.essential_variables] == ["Subsurface temperature"]
    (mapping,) = heat.mappings
    new = f"{CF}integral_wrt_depth_of_sea_water_potential_temperature_expressed_as_heat_content/"
    assert (mapping.action, mapping.successors) == ("replace", (new,))
    assert found["vegetation_carbon_content"].mappings[0].mapping.mapping_set == "cf-p07"


# ------------------------------------------------------------------ between snapshots

GONE = "sea_surface_skin_temperature"
OLD = "sea_water_salinity"
SUCCEEDING = ("practical", "absolute")


@pytest.fixture(scope="module")
def two(starter: Snapshot, shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Snapshots:
    """The starter's snapshot, and one whose CF table gave up two names and changed a unit."""
    data = tmp_path_factory.mktemp("two")
    shutil.copytree(starter.folder, data / "snapshots" / starter.id)
    table = cf(shared, 93).read_text("utf-8")
    entry = r'<entry id="%s">.*?</entry>'
    for name in (GONE, OLD):
        table, count = re.subn(entry % name, "", table, count=1, flags=re.DOTALL)
        assert count == 1
    # Aliases must lead to names that are there.
    table = re.sub(rf"<alias id=[^>]*>\s*<entry_id>({GONE}|{OLD})</entry_id>\s*</alias>", "", table)
    alias = "".join(f"<entry_id>sea_water_{k}_salinity</entry_id>" for k in SUCCEEDING)
    table = table.replace(
        "</standard_name_table>", f'<alias id="{OLD}">{alias}</alias></standard_name_table>'
    )
    folder = tmp_path_factory.mktemp("recorded")
    (folder / "cf").mkdir()
    (folder / "cf" / cf(shared, 93).name).write_text(table, "utf-8")
    snapshots = Snapshots(data)
    Harvest(data).copy(sources.all_sources()["cf-standard-names"], folder)
    build(snapshots)
    return snapshots


@pytest.fixture(scope="module")
def report(two: Snapshots) -> impact.Report:
    old, new = two.all()
    return impact.between(old, new)


def test_only_the_list_that_changed_differs(
    report: impact.Report,
) -> None:
    (found,) = report.vocabularies
    assert found.id == "cf-standard-names"
    assert local(found.difference.removed) >= {GONE}
    (salinity,) = (c for c in found.difference.deprecated if OLD in c.concept)
    assert local(salinity.after) == {f"sea_water_{k}_salinity" for k in SUCCEEDING}


def test_products_that_only_the_old_snapshot_leads_through_are_touched(
    report: impact.Report, held: impact.Holdings
) -> None:
    impacts = {i.concept: i for i in report.vocabularies[0].impacts}
    salinity = impacts[f"{CF}{OLD}/"]
    (before,) = impact.touched(held, deprecated(f"{CF}{OLD}/"))
    assert {p.iri for p in salinity.products} >= {p.iri for p in before.products}
    assert len(before.products) > 20
    assert {t.action for t in salinity.mappings} <= {"choose", "withdraw"}
    assert all(len(t.successors) == 2 for t in salinity.mappings)
    assert {t.action for t in impacts[f"{CF}{GONE}/"].mappings} == {"review"}


def test_a_snapshot_does_not_differ_from_itself(starter: Snapshot) -> None:
    assert impact.between(starter, starter).vocabularies == ()


@pytest.mark.parametrize("name", ["cf-standard-names", "CF", "cf"])
def test_a_list_is_named_by_its_source_or_its_code(two: Snapshots, name: str) -> None:
    old, new = two.all()
    assert [v.id for v in impact.between(old, new, name).vocabularies] == ["cf-standard-names"]
    assert impact.between(old, new, "P02").vocabularies == ()


def test_an_unknown_list_is_answered_with_the_known_ones(starter: Snapshot) -> None:
    with pytest.raises(UnknownTermError, match="nvs-p02"):
        impact.between(starter, starter, "X99")


def test_a_snapshot_that_is_not_there_cannot_be_read(starter: Snapshot, tmp_path: Path) -> None:
    with pytest.raises(SnapshotError, match="cannot be opened"):
        impact.between(Snapshot("gone", tmp_path / "gone"), starter)


def test_the_table_has_a_row_for_each_change(report: impact.Report) -> None:
    rows = list(changelog.table(report))
    counts = report.vocabularies[0].difference.counts()
    assert len(rows) == sum(counts.values())
    assert {len(row) for row in rows} == {len(changelog.COLUMNS)}
    row = dict(zip(changelog.COLUMNS, next(r for r in rows if r[2] == f"{CF}{OLD}/"), strict=True))
    assert row["change"] == "deprecated"
    assert row["successors"].split(" | ") == sorted(
        f"{CF}sea_water_{kind}_salinity/" for kind in SUCCEEDING
    )


@given(st.text(max_size=20))
def test_no_label_breaks_a_markdown_table(label: str) -> None:
    concept = Concept(EX + "a", frozenset({Text(label)}))
    change = Change(EX + "a", "en", (label,), ("b",), label)
    found = Difference(added=(concept,), relabelled=(change,))
    text = changelog.markdown(impact.Vocabulary("l", label, "", "", found, ()))
    table = [line for line in text.split("\n") if line.startswith("| ")]
    assert len(table) == 3
    pipes = {len(re.findall(r"(?<!\\)(?:\\\\)*\|", line)) for line in table}
    assert pipes == {len(changelog.BRIEF_COLUMNS) + 1}


# ------------------------------------------------------------------ the web


@pytest.fixture(scope="module")
def web(two: Snapshots) -> Iterator[httpx.Client]:
    with serve(two.data) as address, httpx.Client(base_url=address, timeout=60) as client:
        yield client


def test_the_kept_snapshots_are_listed(web: httpx.Client, two: Snapshots) -> None:
    listed = web.get("/snapshots").json()["snapshots"]
    assert [s["id"] for s in listed] == [s.id for s in two.all()]
    assert [s["in_service"] for s in listed] == [False, True]
    page = web.get("/snapshots", headers={"Accept": "text/html"})
    assert f"/changes?from={two.all()[0].id}&amp;to={two.all()[1].id}" in page.text


def test_changes_are_by_default_those_since_the_snapshot_before(
    web: httpx.Client, report: impact.Report
) -> None:
    answer = web.get("/changes")
    assert answer.json() == json.loads(json.dumps(changelog.as_json(report)))
    named = web.get("/changes", params={"from": report.old, "to": report.new, "vocabulary": "CF"})
    assert named.json() == answer.json()
    assert answer.headers["vary"].lower().startswith("accept")


def test_changes_as_csv_and_as_a_page(web: httpx.Client, report: impact.Report) -> None:
    table = web.get("/changes", headers={"Accept": "text/csv"})
    assert table.headers["content-type"].startswith("text/csv")
    rows = list(csv.reader(StringIO(table.text)))
    assert rows == [list(row) for row in (changelog.COLUMNS, *changelog.table(report))]
    page = web.get("/changes", headers={"Accept": "text/html"}).text
    assert "CF standard names" in page
    assert "choose" in page


def test_the_way_back_swaps_added_and_removed(web: httpx.Client, report: impact.Report) -> None:
    back = web.get("/changes", params={"from": report.new, "to": report.old}).json()
    counts = back["vocabularies"][0]["difference"]["counts"]
    there = report.vocabularies[0].difference.counts()
    assert (counts["added"], counts["reinstated"]) == (there["removed"], there["deprecated"])


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"from": "nothing"}, "there is no snapshot nothing"),
        ({"to": "../../etc"}, "there is no snapshot"),
        ({"vocabulary": "X99"}, "nvs-p02"),
    ],
)
def test_what_is_not_there_is_a_404(web: httpx.Client, query: dict[str, str], says: str) -> None:
    answer = web.get("/changes", params=query)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert says in answer.json()["detail"]


def test_nothing_before_the_first_snapshot_is_a_404(web: httpx.Client, two: Snapshots) -> None:
    answer = web.get("/changes", params={"to": two.all()[0].id})
    assert answer.status_code == 404
    assert "from before" in answer.json()["detail"]


def test_a_form_that_is_not_offered_is_a_406(web: httpx.Client) -> None:
    assert web.get("/changes", headers={"Accept": "image/png"}).status_code == 406
    assert web.get("/snapshots", headers={"Accept": "image/png"}).status_code == 406


# ------------------------------------------------------------------ the command line


def oceankg(*arguments: object, data: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "oceankg.cli", "changes", *map(str, arguments)],
        env=os.environ | {"OCEANKG_DATA": str(data), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_example_in_the_readme_is_really_printed(shared: Path, starter: Snapshot) -> None:
    done = oceankg(
        cf(shared, 83), cf(shared, 93), "--form", "markdown", data=starter.folder.parents[1]
    )
    assert done.returncode == 0
    shown = re.search(r"oceankg changes cf-.*\n\n((?:    .*\n|\n)+)", README)
    assert shown
    lines = [line.strip() for line in shown[1].splitlines() if line.strip() not in ("", "…")]
    assert len(lines) > 5
    assert [line for line in lines if line not in done.stdout.splitlines()] == []


def test_two_snapshots_by_the_command_line(two: Snapshots, report: impact.Report) -> None:
    old, new = (s.id for s in two.all())
    done = oceankg("--snapshots", old, new, "--vocabulary", "CF", "--form", "tsv", data=two.data)
    rows = list(csv.reader(StringIO(done.stdout), delimiter="\t"))
    assert rows == [list(row) for row in (changelog.COLUMNS, *changelog.table(report))]
    unknown = oceankg("--snapshots", "nothing", new, data=two.data)
    assert unknown.returncode == 1
    assert f"there are: {old}, {new}" in unknown.stderr
    assert "Traceback" not in unknown.stderr


def test_a_table_and_the_error_of_a_broken_file(
    shared: Path, starter: Snapshot, tmp_path: Path
) -> None:
    data = starter.folder.parents[1]
    stream = shared / LDES_2024
    done = oceankg(stream, shared / "nvs/sdn/sdn__P02.csv", data=data)
    assert done.returncode == 0
    assert "8 added" in done.stdout
    assert "only a part" in done.stdout
    assert "P02:CCHF" in done.stdout
    cut = tmp_path / "cut.ttl"
    cut.write_bytes(stream.read_bytes()[:5000])
    broken = oceankg(cut, stream, data=data)
    assert broken.returncode == 1
    assert "cut.ttl" in broken.stderr
    assert "Remedy" in broken.stderr
