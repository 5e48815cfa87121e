"""The catalogues side by side: the same attributes, marked differences, any release, and why."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import replace
from io import StringIO
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Store

from conftest import serve
from helpers import EXV
from oceankg import build, queries
from oceankg.compare import CATALOGUES, Comparison, compare, sidebyside
from oceankg.compare.attributes import (
    ATTRIBUTES,
    BY_NAME,
    Offer,
    Profile,
    advantages,
    is_better,
    profile,
)
from oceankg.compare.differences import all_differences, differences
from oceankg.namespaces import DCAT, DCT, OKG
from oceankg.querypool import Job, evaluate
from oceankg.read import Product, ReadModel, load
from oceankg.resolve import Resolver
from oceankg.store import Snapshot, Snapshots

OXYGEN = f"{EXV}EXV028/"


@pytest.fixture(scope="module")
def model(starter: Snapshot) -> ReadModel:
    return load(starter)


@pytest.fixture(scope="module")
def oxygen(model: ReadModel) -> Comparison:
    return compare(Resolver(model), "Oxygen")


def changed(model: ReadModel, *products: Product) -> ReadModel:
    """A read model in which some products are otherwise."""
    every = {**model.products, **{p.iri: p for p in products}}
    return replace(model, products=every)


# ------------------------------------------------------------------ attributes


def test_every_product_is_shown_in_the_same_attributes(oxygen: Comparison) -> None:
    rows = list(sidebyside.records(oxygen))
    assert {tuple(row) for row in rows} == {sidebyside.COLUMNS}
    assert len(rows) == sum(len(oxygen.catalogues[name]) for name in CATALOGUES)


def test_what_is_not_stated_reads_unknown_and_nothing_is_empty(oxygen: Comparison) -> None:
    for row in sidebyside.records(oxygen):
        assert all(row[attribute.name] for attribute in ATTRIBUTES)
    silent = Product(iri="x", id="x", catalogue="odatis", title="x")
    assert {sidebyside.stated(silent, a.name) for a in ATTRIBUTES} == {sidebyside.UNKNOWN}
    assert profile(silent, 2027.0) == Profile({}, {})


def test_an_end_that_no_product_can_reach_is_shown_and_not_measured() -> None:
    # INSITU_NWS_PHYBGCWAV_DISCRETE_MYNRT_013_036 and others state such ends.
    one = Product(iri="x", id="x", catalogue="cmems", title="x", start="1990", end="2239-05-05")
    found = profile(one, 2027.9)
    assert found.values["end"] == ("2239-05-05",)
    assert not {"end", "length"} & found.measures.keys()


def test_a_product_that_is_titled_in_two_languages_is_shown_in_english(tmp_path: Path) -> None:
    product = NamedNode("https://w3id.org/oceankg/product/odatis/x")
    catalogue, graph = NamedNode("https://w3id.org/oceankg/catalogue/odatis"), NamedNode("urn:g")
    (tmp_path / "x").mkdir()
    store = Store(str(tmp_path / "x" / "store"))
    for triple in (
        (catalogue, DCAT.dataset, product),
        (product, DCT.title, Literal("Altimetrie", language="fr")),
        (product, DCT.title, Literal("Sea level", language="en")),
    ):
        store.add(Quad(*triple, graph))
    store.flush()
    del store
    (tmp_path / "x" / "manifest.json").write_text('{"created": "2026-11-27"}', "utf-8")
    assert load(Snapshot("x", tmp_path / "x")).products[product.value].title == "Sea level"


WIDTHS = st.floats(0.01, 100, allow_nan=False)


@given(st.lists(WIDTHS, min_size=1), WIDTHS)
def test_an_advantage_is_what_is_better_than_the_best_of_the_others(
    others: list[float], own: float
) -> None:
    def of(width: float) -> Profile:
        return Profile({"resolution": (f"{width} km",)}, {"resolution": width})

    found = advantages(of(own), Offer.of(map(of, others)))
    assert bool(found) == (own < min(others))
    if found:
        assert found[0].best == f"{min(others)} km"


def test_nothing_is_better_than_what_is_unknown() -> None:
    one = Profile({"resolution": ("1 km",), "level": ("L4",)}, {"resolution": 1.0})
    assert advantages(one, Offer.of([Profile({}, {})])) == ()
    assert advantages(Profile({}, {}), Offer.of([one])) == ()


@pytest.mark.parametrize("name", [a.name for a in ATTRIBUTES if a.measure])
def test_no_measure_is_better_than_itself(name: str) -> None:
    assert not is_better(name, 1.0, 1.0)
    assert is_better(name, 1.0, 2.0) != is_better(name, 2.0, 1.0)


def test_the_marks_name_what_no_product_of_the_other_catalogue_has(oxygen: Comparison) -> None:
    for name, rows in oxygen.catalogues.items():
        others = [
            r.product for n, rs in oxygen.catalogues.items() if n != name for r in rs if r.sure
        ]
        for row in rows:
            for advantage in row.differs:
                attribute = BY_NAME[advantage.attribute]
                if attribute.measure is None:
                    assert all(advantage.value not in attribute.values(p) for p in others)
                else:
                    mine = attribute.measure(row.product)
                    theirs = [m for p in others if (m := attribute.measure(p)) is not None]
                    assert mine is not None
                    assert sum(is_better(attribute.name, m, mine) for m in theirs) in (
                        0,
                        # Ends that lie in a far future are not measured.
                        sum(m > 2028 for m in theirs) if attribute.name == "end" else 0,
                        sum(m > 60 for m in theirs) if attribute.name == "length" else 0,
                    )


def test_the_overview_counts_every_sure_product_once(oxygen: Comparison) -> None:
    level = next(o for o in sidebyside.overview(oxygen) if o.attribute == "level")
    for name, text in level.catalogues.items():
        counts = [int(part.rsplit(" ", 1)[1]) for part in text.split("; ")]
        assert sum(counts) == sum(row.sure for row in oxygen.catalogues[name])


# ------------------------------------------------------------------ forms


def test_the_csv_is_read_back_as_it_was(server: str, oxygen: Comparison) -> None:
    answer = httpx.get(f"{server}/compare", params={"q": "Oxygen", "form": "csv"})
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(StringIO(answer.text)))
    assert rows == list(sidebyside.records(oxygen))


def test_the_comparison_is_a_resource_of_its_snapshot_in_every_rdf_form(
    server: str, oxygen: Comparison
) -> None:
    sizes = set()
    for media in ("text/turtle", "application/n-triples", "application/ld+json"):
        answer = httpx.get(f"{server}/compare", params={"q": "Oxygen"}, headers={"Accept": media})
        assert answer.headers["content-type"].startswith(media)
        store = Store()
        store.load(answer.content, format=RdfFormat.from_media_type(media))
        sizes.add(len(store))
        rows = list(store.quads_for_pattern(None, OKG.row, None, None))
        assert {q.subject.value for q in rows} == {oxygen.iri}
        assert len(rows) == sum(map(len, oxygen.catalogues.values()))
    assert len(sizes) == 1


def test_the_iri_of_a_comparison_leads_to_it(server: str, oxygen: Comparison) -> None:
    path = oxygen.iri.removeprefix("https://w3id.org/oceankg")
    assert httpx.get(server + path).json()["iri"] == oxygen.iri


def test_markdown_has_a_table_of_each_catalogue_and_one_side_by_side(server: str) -> None:
    text = httpx.get(f"{server}/compare", params={"q": "Sea ice", "form": "markdown"}).text
    assert text.startswith("# Sea ice\n")
    lengths = {line.count("|") for line in text.splitlines() if line.startswith("| ")}
    assert lengths == {4, len(sidebyside.BRIEF)}


def test_the_page_shows_unknowns_and_marks(server: str) -> None:
    page = httpx.get(f"{server}/compare", params={"q": "Sea ice"}, headers={"Accept": "text/html"})
    assert '<span class="unknown">unknown</span>' in page.text
    assert 'class="beyond"' in page.text


def test_a_comparison_is_sent_again_only_when_the_release_or_the_form_is_another(
    server: str,
) -> None:
    first = httpx.get(f"{server}/compare", params={"q": "Oxygen"})
    tag = {"If-None-Match": first.headers["etag"]}
    assert httpx.get(f"{server}/compare", params={"q": "Oxygen"}, headers=tag).status_code == 304
    other = httpx.get(f"{server}/compare", params={"q": "Oxygen", "form": "csv"}, headers=tag)
    assert other.status_code == 200
    nothing = httpx.get(f"{server}/compare", params={"q": "no such thing"}, headers=tag)
    assert nothing.status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/coverage?variable=Oxygen",
        "/candidates?recipe=balanced",
        "/value-added?variable=Oxygen",
        "/redirects",
        "/network",
        "/network/questions",
    ],
)
def test_every_answer_about_both_catalogues_carries_the_tag_of_its_release(
    server: str, path: str
) -> None:
    first = httpx.get(server + path, timeout=60)
    assert first.status_code == 200
    tag = {"If-None-Match": first.headers["etag"]}
    again = httpx.get(server + path, headers=tag, timeout=60)
    assert (again.status_code, again.content) == (304, b"")
    page = httpx.get(server + path, headers={**tag, "Accept": "text/html"}, timeout=60)
    assert page.status_code in (200, 304)
    assert (page.status_code == 304) == (path == "/network/questions")


def test_candidates_are_sent_again_when_the_recipe_is_another(server: str) -> None:
    one = httpx.get(f"{server}/candidates", params={"recipe": "balanced"}, timeout=60)
    tag = {"If-None-Match": one.headers["etag"]}
    asked = {"recipe": "gap-first"}
    other = httpx.get(f"{server}/candidates", params=asked, headers=tag, timeout=60)
    assert other.status_code == 200


def test_a_form_or_release_that_is_not_there_is_told(server: str) -> None:
    asked = {"q": "Oxygen"}
    assert httpx.get(f"{server}/compare", params={**asked, "form": "xls"}).status_code == 422
    gone = httpx.get(f"{server}/compare", params={**asked, "release": "20200101T000000"})
    assert gone.status_code == 404
    assert "there are:" in gone.json()["detail"]


def test_the_published_query_finds_the_same_products_with_the_same_attributes(
    starter: Snapshot, oxygen: Comparison
) -> None:
    job = Job(queries.get("compare").text, select="text/csv", bindings={"variable": OXYGEN})
    found = list(csv.DictReader(StringIO(evaluate(starter.open(), job, 2**24).content.decode())))
    expected = [r for r in sidebyside.records(oxygen) if r["sure"] == "yes"]
    assert {r["identifier"] for r in found} == {r["identifier"] for r in expected}
    stated = {r["identifier"]: r for r in expected}
    for row in found:
        mine = stated[row["identifier"]]
        for theirs, ours in (("kind", "kind"), ("timeScale", "time_scale"), ("region", "region")):
            known = set() if mine[ours] == sidebyside.UNKNOWN else set(mine[ours].split("; "))
            assert set(filter(None, row[theirs].split("; "))) == known
        for name in ("start", "doi"):
            assert (row[name] or sidebyside.UNKNOWN) == mine[name]


# ------------------------------------------------------------------ differences


def test_a_record_that_came_or_went_is_named(model: ReadModel) -> None:
    product = compare(Resolver(model), "Oxygen").catalogues["odatis"][0].product
    without = replace(
        model,
        products={i: p for i, p in model.products.items() if i != product.iri},
    )
    (gone,) = differences(model, without, OXYGEN).changes
    assert (gone.attribute, gone.before, gone.after) == ("product", "sure", "")
    assert (gone.product, gone.cause) == (product.iri, "record")
    (come,) = differences(without, model, OXYGEN).changes
    assert (come.before, come.after) == ("", "sure")
    assert come.because == ("the record is new in its catalogue",)


def test_a_word_that_a_record_reports_no_longer_is_the_cause(model: ReadModel) -> None:
    row = next(r for r in compare(Resolver(model), "Oxygen").catalogues["odatis"] if r.sure)
    silent = replace(row.product, reports=())
    (change,) = differences(model, changed(model, silent), OXYGEN).changes
    assert change.cause == "record"
    assert all(reason.startswith("- reports ") for reason in change.because)


def test_an_attribute_that_changed_is_shown_with_its_ground(model: ReadModel) -> None:
    product = next(
        p for p in model.products.values() if p.catalogue == "odatis" and OXYGEN in p.serves
    )
    longer = replace(product, start="1950", doi="10.17882/0")
    found = differences(model, changed(model, longer), OXYGEN).changes
    assert {c.attribute for c in found} >= {"start", "doi"}
    assert {c.cause for c in found} == {"record"}


def test_a_snapshot_does_not_differ_from_itself(model: ReadModel) -> None:
    assert all_differences(model, changed(model)).changes == ()


WORD = "https://w3id.org/oceankg/word/odatis/apparent-oxygen-utilization"
HEAD = """# curie_map:
#   CF: http://vocab.nerc.ac.uk/standard_name/
#   WORD: https://w3id.org/oceankg/word/odatis/
#   semapv: https://w3id.org/semapv/vocab/
#   skos: http://www.w3.org/2004/02/skos/core#
# mapping_set_id: https://example.org/mine
# license: https://creativecommons.org/publicdomain/zero/1.0/
"""
DENIAL = {
    "subject_id": "WORD:apparent-oxygen-utilization",
    "predicate_modifier": "Not",
    "predicate_id": "skos:exactMatch",
    "object_id": "CF:apparent_oxygen_utilization/",
    "mapping_justification": "semapv:ManualMappingCuration",
    "confidence": "0.9",
    "author_label": "A. Curator",
}
MAPPINGS = HEAD + "\t".join(DENIAL) + "\n" + "\t".join(DENIAL.values()) + "\n"


@pytest.fixture(scope="module")
def two_releases(starter: Snapshot, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The starter, and after it a build in which one curated mapping is denied."""
    data = tmp_path_factory.mktemp("releases")
    (data / "snapshots").mkdir()
    (data / "snapshots" / starter.id).symlink_to(starter.folder)
    (data / "mappings").mkdir()
    (data / "mappings" / "user-mine.sssom.tsv").write_text(MAPPINGS, "utf-8")
    build.build(Snapshots(data))
    yield data
    (data / "snapshots" / starter.id).unlink()


def test_the_mapping_that_changed_a_cell_is_named_with_its_set(two_releases: Path) -> None:
    old, new = (load(snapshot) for snapshot in Snapshots(two_releases).all())
    found = differences(old, new, OXYGEN).changes
    assert len(found) == 1
    (change,) = found
    assert (change.catalogue, change.attribute, change.after) == ("odatis", "product", "")
    assert change.cause == "mapping"
    assert WORD in old.products[change.product].reports
    assert any("of user-mine" in why and "denied by" in why for why in change.because)
    assert {c.product for c in all_differences(old, new).changes} == {change.product}


def test_an_older_release_is_compared_and_the_changes_asked_over_http(two_releases: Path) -> None:
    older, newer = (s.id for s in Snapshots(two_releases).all())
    with serve(two_releases) as address:
        ask = {"q": "Oxygen", "release": older}
        then = httpx.get(f"{address}/compare", params=ask, timeout=60).json()
        now = httpx.get(f"{address}/compare", params={"q": "Oxygen"}, timeout=60).json()
        assert (then["snapshot"], now["snapshot"]) == (older, newer)
        assert len(then["catalogues"]["odatis"]) == len(now["catalogues"]["odatis"]) + 1
        query = f'{{ then: compare(q: "Oxygen", release: "{older}") {{ snapshot iri }} }}'
        answer = httpx.post(f"{address}/graphql", json={"query": query}, timeout=60).json()
        assert answer["data"]["then"] == {"snapshot": older, "iri": then["iri"]}
        asked = {"from": older, "q": "Oxygen"}
        changes = httpx.get(f"{address}/compare/changes", params=asked, timeout=60)
        assert {c["cause"] for c in changes.json()["changes"]} == {"mapping"}
        as_csv = httpx.get(
            f"{address}/compare/changes", params={**asked, "form": "csv"}, timeout=60
        )
        assert len(list(csv.DictReader(StringIO(as_csv.text)))) == len(changes.json()["changes"])
        page = httpx.get(f"{address}/compare/changes", params={**asked, "form": "html"}, timeout=60)
        assert "of user-mine" in page.text
        assert json.dumps(older)[1:-1] in page.text
