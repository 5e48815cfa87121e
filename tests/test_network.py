"""The network of who is behind what: its laws, real facts of it, and how it is asked."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import httpx
import networkx as nx
import pytest
from pyoxigraph import NamedNode

from helpers import EXV, OD1
from oceankg import queries
from oceankg.compare.network import (
    AGENTS,
    CONCERNS,
    PARAMETER,
    PRODUCT,
    ROLES,
    SERVES,
    TAKES_PART,
    Network,
    around,
    as_graphml,
    as_json,
    by_catalogue,
    central,
    consortia_without_product,
    named_agent,
    named_parameter,
    network,
    parameters_only_in_one_catalogue,
    parameters_without_consortium,
    products_without_centre,
    questions,
)
from oceankg.errors import UnknownTermError
from oceankg.evidence import curie
from oceankg.faces.network import draw
from oceankg.namespaces import BASE, DCT, FOAF, OKG, ORG, PREFIXES
from oceankg.read import Party, Product, ReadModel, Tie, load
from oceankg.resolve import Resolver
from oceankg.store import Snapshot

CENTRE, CONSORTIUM, ORGANISATION = (
    f"{BASE}{kind}/" for kind in ("centre", "consortium", "organisation")
)
OXYGEN, SEA_LEVEL, SEA_STATE = f"{EXV}EXV028/", f"{EXV}EXV023/", f"{EXV}EXV024/"
OCEAN_COLOUR, INORGANIC_CARBON = f"{EXV}EXV033/", f"{EXV}EXV030/"
AVISO_NAMES = {"AVISO", "CDS-AVISO", "AVISO+, CNES's altimetry data centre"}


@pytest.fixture(scope="module")
def model(starter: Snapshot) -> ReadModel:
    return load(starter)


@pytest.fixture(scope="module")
def whole(model: ReadModel) -> Network:
    return network(model)


def iris(query: str, column: str, snapshot: Snapshot) -> list[str]:
    """One column of the answer to a published query."""
    text = queries.get(query).text
    found = snapshot.open().query(text, use_default_graph_as_union=True)
    return [row[column].value for row in found]


# ------------------------------------------------------------------ laws


def test_every_node_says_what_it_is_and_how_it_is_called(whole: Network) -> None:
    """An edge to a node that is not there would make one that says nothing."""
    for node, about in whole.graph.nodes(data=True):
        assert about["kind"] in {*AGENTS, PARAMETER, PRODUCT}, node
        assert about["label"], node


def test_every_product_agent_and_essential_variable_is_a_node(
    model: ReadModel, whole: Network
) -> None:
    products = {n: whole.graph.nodes[n]["catalogue"] for n in whole.of_kind(PRODUCT)}
    assert products == {p.iri: p.catalogue for p in model.products.values()}
    assert {a.iri for a in model.agents} <= set(whole.of_kind(*AGENTS))
    assert {c.iri for c in model.essential_variables} <= set(whole.of_kind(PARAMETER))


def test_what_products_serve_are_the_edges_and_no_others(model: ReadModel, whole: Network) -> None:
    found = Counter(
        (start, end, data["sure"])
        for start, end, data in whole.graph.edges(data=True)
        if data["kind"] == SERVES and whole.kind(start) == PRODUCT
    )
    stated = Counter(
        (product.iri, variable, sure)
        for product in model.products.values()
        for sure, served in ((True, product.serves), (False, product.may_serve))
        for variable in served
    )
    assert found == stated
    assert sum(whole.offered[SEA_LEVEL].products.values()) == sum(
        SEA_LEVEL in p.serves for p in model.products.values()
    )


def test_every_edge_is_a_statement_of_the_graph(starter: Snapshot, whole: Network) -> None:
    """Between its ends, or between a name that is one with an end, and the other end."""
    store = starter.open()
    node_of = {}
    for quad in store.quads_for_pattern(None, FOAF.name, None):
        name = " ".join(quad.object.value.split()).casefold()
        node_of[quad.subject.value] = whole.names.get(name, quad.subject.value)
    stated = {
        (node_of.get(a, a), curie(p), node_of.get(b, b))
        for p in {data["property"] for *_, data in whole.graph.edges(data=True)}
        for quad in store.quads_for_pattern(None, NamedNode(_whole_iri(p)), None)
        for a, p, b in [(quad.subject.value, quad.predicate.value, quad.object.value)]
    }
    turned = {*ROLES, TAKES_PART}
    for start, end, data in whole.graph.edges(data=True):
        a, b = (end, start) if data["kind"] in turned else (start, end)
        assert (a, data["property"], b) in stated


def _whole_iri(short: str) -> str:
    prefix, name = short.split(":")
    return PREFIXES[prefix] + name


def test_graphml_opens_again_as_the_same_graph(whole: Network) -> None:
    again = nx.read_graphml(io.BytesIO(as_graphml(whole.graph)), force_multigraph=True)
    assert dict(again.nodes(data=True)) == dict(whole.graph.nodes(data=True))
    assert edges(again) == edges(whole.graph)
    assert again.graph["snapshot"] == whole.snapshot


def test_json_opens_again_as_the_same_graph(whole: Network) -> None:
    again = nx.node_link_graph(json.loads(as_json(whole.graph)), edges="edges")
    assert dict(again.nodes(data=True)) == dict(whole.graph.nodes(data=True))
    assert edges(again) == edges(whole.graph)


def edges(graph: nx.MultiDiGraph[str]) -> dict[tuple[str, str, str], dict[str, object]]:
    return {(a, b, key): data for a, b, key, data in graph.edges(keys=True, data=True)}


def test_the_ids_of_edges_are_unique_in_graphml(whole: Network) -> None:
    root = ET.fromstring(as_graphml(whole.graph))
    ids = [e.attrib["id"] for e in root.iter("{http://graphml.graphdrawing.org/xmlns}edge")]
    assert len(ids) == len(set(ids)) == whole.graph.number_of_edges()


@pytest.mark.parametrize("start", [OXYGEN, CENTRE + "coriolis", CONSORTIUM + "flow-cytometry"])
def test_a_part_lies_within_the_whole_and_within_the_next_larger_part(
    whole: Network, start: str
) -> None:
    smaller = around(whole.graph, [start], 0)
    assert set(smaller) == {start}
    for depth in (1, 2, 3):
        part = around(whole.graph, [start], depth)
        assert set(smaller) <= set(part)
        kept = {e: data for e, data in edges(whole.graph).items() if {e[0], e[1]} <= set(part)}
        assert edges(part) == kept
        steps = nx.single_source_shortest_path_length(whole.graph.to_undirected(), start)
        assert set(part) == {node for node, far in steps.items() if far <= depth}
        smaller = part


def test_a_character_that_xml_cannot_hold_makes_no_broken_file(model: ReadModel) -> None:
    title = "Waves\x01 off \ud800Brest"
    odd = Product(f"{BASE}product/odatis/odd", "odd", "odatis", title)
    graph = network(replace(model, products={odd.iri: odd})).graph
    again = nx.read_graphml(io.BytesIO(as_graphml(graph)))
    assert again.nodes[odd.iri]["label"] == "Waves off Brest"


# ------------------------------------------------------------------ real facts


def test_coriolis_is_a_centre_of_odatis_that_holds_and_publishes(
    model: ReadModel, whole: Network
) -> None:
    coriolis = named_agent(whole, "CDS-IS-CORIOLIS")
    assert coriolis == CENTRE + "coriolis"
    assert whole.after(coriolis, "part of") == (ORGANISATION + "odatis",)
    held = [p.iri for p in model.products.values() if (p.data_centre or "").startswith("Coriolis")]
    assert set(whole.after(coriolis, "holds")) == set(held) != set()
    ranked = central(whole, f"{EXV}EXV018/").standings["centre"]
    assert coriolis in {s.iri for s in ranked}


def test_aviso_is_the_most_central_centre_for_sea_level(model: ReadModel, whole: Network) -> None:
    first = central(whole, SEA_LEVEL).standings["centre"][0]
    own = {
        p.iri
        for p in model.products.values()
        if SEA_LEVEL in p.serves
        and ({p.publisher, p.data_centre} & AVISO_NAMES or "AVISO/DUACS, CNES" in p.producers)
    }
    assert first.iri == CENTRE + "aviso"
    assert first.products == {"odatis": len(own), "cmems": 0}
    assert len(own) > 20


def test_the_ocean_colour_consortium_concerns_ocean_colour(whole: Network) -> None:
    consortium = named_agent(whole, "CES Couleur de l'Océan")
    assert consortium == CONSORTIUM + "ocean-colour"
    assert set(whole.after(consortium, CONCERNS)) == {OCEAN_COLOUR, f"{OD1}COLOUR/"}
    assert whole.after(f"{OD1}COLOUR/", SERVES) == (OCEAN_COLOUR,)


@pytest.mark.parametrize(
    ("spelling", "node"),
    [
        ("IFREMER (France)", ORGANISATION + "ifremer"),
        ("Ifremer", ORGANISATION + "ifremer"),
        ("CLS (France)", ORGANISATION + "cls"),
        ("CATDS (France)", ORGANISATION + "catds"),
        ("Ifremer/CERSAT", CENTRE + "cersat"),
        ("Shom", CENTRE + "shom"),
        ("SEANOE", BASE + "service/seanoe"),
        ("NERSC (Norway)", ORGANISATION + "nansen-environmental-and-remote-sensing-center"),
    ],
)
def test_spellings_of_one_organisation_are_one_node(
    whole: Network, spelling: str, node: str
) -> None:
    bearing = [n for n in whole.of_kind(*AGENTS) if spelling in _names(whole, n)]
    assert bearing == [node]


def _names(whole: Network, node: str) -> set[str]:
    about = whole.graph.nodes[node]
    return {about["label"], *about.get("names", "").split(" | ")}


def test_names_are_not_made_one_by_guess(whole: Network) -> None:
    """They look alike; no list says that they are one."""
    for one, other in (("ACRI (France)", "ACRI-ST"), ("CNR (Italy)", "CNR (ESA WOC project)")):
        assert named_agent(whole, one) != named_agent(whole, other)


def test_no_two_curated_agents_bear_one_name(model: ReadModel) -> None:
    bearers = Counter(
        name.casefold()
        for party in model.parties.values()
        if party.label is not None
        for name in {" ".join(n.split()).casefold() for n in party.names}
    )
    assert [name for name, number in bearers.items() if number > 1] == []


def test_who_takes_part_in_a_name_is_named_by_it(whole: Network) -> None:
    ties = whole.all_ties(TAKES_PART)
    assert len(ties) > 50
    for member, name in ties:
        said = whole.label(name).casefold()
        own = {n.casefold() for n in _names(whole, member) if n}
        assert any(re.search(rf"\b{re.escape(n)}(?!\w)", said) for n in own), (member, said)


def test_an_edmo_iri_in_a_record_is_the_centre_of_that_code(model: ReadModel) -> None:
    product = Product(f"{BASE}product/odatis/x", "x", "odatis", "x")
    tie = Tie(product.iri, DCT.publisher.value, "https://edmo.seadatanet.org/report/540")
    found = network(replace(model, products={product.iri: product}, ties=(tie,)))
    assert found.after(CENTRE + "shom", "publishes") == (product.iri,)
    assert products_without_centre(found).items == ()


def test_who_has_no_name_is_still_behind_its_product(model: ReadModel) -> None:
    product = Product(f"{BASE}product/cmems/x", "x", "cmems", "x")
    tie = Tie(product.iri, DCT.creator.value, "https://example.org/unnamed")
    found = network(replace(model, products={product.iri: product}, ties=(tie,)))
    assert found.after(tie.end, "produces") == (product.iri,)
    assert found.label(tie.end) == tie.end
    assert products_without_centre(found).items == ()


# ------------------------------------------------------------------ who is central


def test_the_figures_of_an_agent_are_those_of_its_products(
    model: ReadModel, whole: Network
) -> None:
    for parameter in (None, OXYGEN, SEA_STATE):
        for standing in central(whole, parameter).standings["organisation"]:
            own = whole.products(standing.iri)
            served = [p for p in own if parameter is None or parameter in model.products[p].serves]
            catalogues = Counter(model.products[p].catalogue for p in served)
            assert standing.products == by_catalogue(catalogues)


def test_more_products_come_first_and_consortia_come_by_what_they_concern(whole: Network) -> None:
    found = central(whole, OXYGEN)
    for standings in found.standings.values():
        numbers = [sum(s.products.values()) for s in standings]
        assert numbers == sorted(numbers, reverse=True)
    assert [s.label for s in found.standings["consortium"]] == ["Dissolved oxygen consortium"]
    assert central(whole, SEA_STATE).standings["consortium"] == ()
    assert {m.name for m in found.measures} >= {"products", "degree", "betweenness"}


def test_a_concept_stands_for_the_variable_that_it_serves(whole: Network) -> None:
    by_concept = central(whole, f"{OD1}DOXY/").standings["organisation"]
    assert by_concept == central(whole, OXYGEN).standings["organisation"]


def test_names_that_list_several_organisations_count_for_each_of_them(whole: Network) -> None:
    found = {s.label: s.products for s in central(whole).standings["organisation"]}
    assert "CNES/CLS" not in found
    assert found["CLS"]["odatis"] > 10
    assert found["CLS"]["cmems"] > 30


def test_who_joins_what_would_be_apart_has_the_betweenness(model: ReadModel) -> None:
    """One, two and three have a product each; two has products of both variables."""
    made = {"one": [OXYGEN], "two": [OXYGEN, SEA_LEVEL], "three": [SEA_LEVEL]}
    found = network(small(model, made))
    standings = {s.label: s for s in central(found).standings["organisation"]}
    assert set(standings) == {"one", "two", "three"}
    own = found.projected.subgraph([*(ORGANISATION + n for n in made), OXYGEN, SEA_LEVEL])
    assert sorted(d for _, d in own.degree()) == [1, 1, 2, 2, 2]
    assert standings["two"].betweenness > standings["one"].betweenness
    assert standings["one"].betweenness == standings["three"].betweenness == 0
    assert standings["two"].degree == pytest.approx(2 * standings["one"].degree, abs=1e-5)
    assert standings["two"].parameters == 2


def small(model: ReadModel, made: dict[str, list[str]]) -> ReadModel:
    """The starter model with no products but one of each organisation, for some variables."""
    products, ties, parties = {}, [], {}
    for name, variables in made.items():
        iri = f"{BASE}product/cmems/{name}"
        products[iri] = Product(iri, name, "cmems", name, serves=tuple(variables))
        ties.append(Tie(iri, DCT.creator.value, ORGANISATION + name))
        parties[ORGANISATION + name] = Party(ORGANISATION + name, None, (name,))
    return replace(model, products=products, ties=tuple(ties), parties=parties, agents=())


def test_twenty_thousand_products_leave_the_measured_network_small(model: ReadModel) -> None:
    variables = [c.iri for c in model.essential_variables]
    made = {f"p{n}": [variables[n % 69], variables[n * 7 % 69]] for n in range(20_000)}
    big = small(model, made)
    agents = [ORGANISATION + f"o{n}" for n in range(40)]
    ties = (replace(t, end=agents[n % 40]) for n, t in enumerate(big.ties))
    parties = {a: Party(a, None, (a.rsplit("/", 1)[-1],)) for a in agents}
    found = network(replace(big, ties=tuple(ties), parties=parties))
    answered = questions(found)
    assert len(found.projected) <= 40 + 69
    assert len(found.of_kind(PRODUCT)) == 20_000
    ranked = answered.central.standings["organisation"]
    assert sum(s.products["cmems"] for s in ranked) == 20_000


def test_what_is_no_parameter_is_refused(whole: Network) -> None:
    with pytest.raises(UnknownTermError, match="no parameter"):
        central(whole, CENTRE + "coriolis")


# ------------------------------------------------------------------ what is missing


def test_parameters_without_consortium(starter: Snapshot, whole: Network) -> None:
    found = parameters_without_consortium(whole)
    labels = {item.label for item in found.items}
    assert {"Sea state", "Sea level", "Nutrients"} <= labels
    assert labels.isdisjoint({"Oxygen", "Ocean colour", "Ocean inorganic carbon"})
    text = queries.get("parameters-without-consortium").text
    rows = starter.open().query(text, use_default_graph_as_union=True)
    by_query = {
        r["variable"].value: {"odatis": int(r["odatis"].value), "cmems": int(r["cmems"].value)}
        for r in rows
    }
    assert {item.iri: item.products for item in found.items} == by_query


def test_products_without_centre(model: ReadModel, starter: Snapshot, whole: Network) -> None:
    found = products_without_centre(whole)
    by_query = iris("products-without-centre", "product", starter)
    assert len(by_query) == len(set(by_query))
    assert {item.iri for item in found.items} == set(by_query)
    assert found.counts == Counter(item.catalogue for item in found.items)
    for item in found.items:
        product = model.products[item.iri]
        assert product.data_centre is None
        assert item.catalogue != "cmems" or product.producers == ()
        assert product.publisher not in {*AVISO_NAMES, "CERSAT", "Shom", "Coriolis / SEANOE"}


def test_consortia_without_product(whole: Network) -> None:
    found = consortia_without_product(whole)
    assert [item.label for item in found.items] == [
        "Benthic optical imagery consortium",
        "Flow cytometry consortium",
    ]
    assert {item.reason for item in found.items} == {"no parameter is stated that it concerns"}


def test_a_consortium_whose_parameter_no_product_serves_says_so(model: ReadModel) -> None:
    ties = (Tie(CONSORTIUM + "ocean-colour", OKG.concerns.value, OCEAN_COLOUR),)
    items = consortia_without_product(network(replace(model, products={}, ties=ties))).items
    reasons = {item.label: item.reason for item in items}
    assert reasons["Ocean colour consortium"] == "no product serves what it concerns"


def test_parameters_only_in_one_catalogue(model: ReadModel, whole: Network) -> None:
    having = {
        catalogue: {
            v for p in model.products.values() if p.catalogue == catalogue for v in p.serves
        }
        for catalogue in ("odatis", "cmems")
    }
    found = parameters_only_in_one_catalogue(whole)
    assert {item.iri for item in found.items} == having["odatis"] ^ having["cmems"]
    assert found.counts == {
        "odatis": len(having["odatis"] - having["cmems"]),
        "cmems": len(having["cmems"] - having["odatis"]),
    }


def test_leaders_are_the_first_of_each_kind(whole: Network) -> None:
    for leaders in questions(whole).leaders:
        ranked = central(whole, leaders.parameter).standings
        for kind, first in leaders.agents.items():
            shown = [s.iri for s in ranked[kind] if s.concerns or any(s.products.values())]
            assert [leader.iri for leader in first] == shown[:3]


# ------------------------------------------------------------------ names


def test_an_agent_is_found_by_iri_end_or_any_name(whole: Network) -> None:
    for q in (CENTRE + "coriolis", "centre/coriolis", "coriolis", "CDS-IS-Coriolis"):
        assert named_agent(whole, q) == CENTRE + "coriolis"


def test_an_unknown_agent_is_answered_with_those_that_share_a_word(whole: Network) -> None:
    with pytest.raises(UnknownTermError, match="near: CERSAT, Ifremer's satellite data centre"):
        named_agent(whole, "satellite archive")


def test_a_parameter_is_found_by_whatever_leads_to_it(model: ReadModel, whole: Network) -> None:
    resolver = Resolver(model)
    for q in ("Oxygen", "SDN:EXV::EXV028", "SDN:P02::DOXY", OXYGEN):
        assert named_parameter(whole, resolver, q) == OXYGEN
    with pytest.raises(UnknownTermError, match="no parameter of the network"):
        named_parameter(whole, resolver, "no such thing at all")


# ------------------------------------------------------------------ the drawing


def test_the_drawing_keeps_every_name_in_the_clear(whole: Network) -> None:
    parameters = [p for p, tally in whole.offered.items() if tally.products]
    agents = [s.iri for kind in ("centre", "service") for s in central(whole).standings[kind]]
    picture = draw(whole, parameters, agents, whole=True)
    assert {p.label for p in picture.places} >= {
        "Sea level",
        "Ocean colour consortium",
        "AVISO+ (51)",
    }
    columns: dict[float, list[float]] = {}
    for place in picture.places:
        columns.setdefault(place.x, []).append(place.y)
        assert 10 <= place.y <= picture.height - 10
    assert len(columns) == 3
    for heights in columns.values():
        ordered = sorted(heights)
        assert all(b - a >= 20 for a, b in pairwise(ordered))
    assert picture == draw(whole, parameters, agents, whole=True)


def test_the_drawing_of_a_part_shows_only_the_consortia_that_concern_it(whole: Network) -> None:
    picture = draw(whole, [OXYGEN], [ORGANISATION + "ifremer"], whole=False)
    assert [p.label for p in picture.places if p.kind == "consortium"] == [
        "Dissolved oxygen consortium"
    ]


# ------------------------------------------------------------------ over HTTP


def test_the_network_is_node_link_json_unless_asked_otherwise(server: str, whole: Network) -> None:
    answer = httpx.get(f"{server}/network")
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["vary"].startswith("Accept")
    assert answer.content == as_json(whole.graph)


@pytest.mark.parametrize(
    ("form", "accept"), [("graphml", "*/*"), (None, "application/graphml+xml")]
)
def test_graphml_by_accept_or_by_form(
    server: str, whole: Network, form: str | None, accept: str
) -> None:
    query = f"?form={form}" if form else ""
    answer = httpx.get(f"{server}/network{query}", headers={"Accept": accept})
    assert answer.headers["content-type"].startswith("application/graphml+xml")
    assert answer.content == as_graphml(whole.graph)


def test_a_part_is_asked_for_by_parameter_or_agent(server: str, whole: Network) -> None:
    for query, starts in (
        ({"parameter": "SDN:P02::DOXY", "depth": 1}, [OXYGEN]),
        ({"agent": "centre/aviso", "depth": 1}, [CENTRE + "aviso"]),
        ({"agent": "AVISO", "parameter": "Oxygen", "depth": 1}, [CENTRE + "aviso", OXYGEN]),
    ):
        answer = httpx.get(f"{server}/network", params=query)
        assert answer.content == as_json(around(whole.graph, starts, 1))


def test_the_page_shows_the_answers_and_a_drawing_without_scripts(server: str) -> None:
    answer = httpx.get(f"{server}/network", headers={"Accept": "text/html"})
    page = answer.text
    assert "<script" not in page
    for words in ("Who is central for what", "Ocean colour consortium", "Sea state", "betweenness"):
        assert words in page
    drawing = re.search(r"<svg.*?</svg>", page, re.DOTALL)
    assert drawing
    links = [a.attrib["href"] for a in ET.fromstring(drawing[0]).iter("a")]
    assert len(links) > 40
    for link in (links[0], links[len(links) // 2], links[-1]):
        led = httpx.get(server + link, headers={"Accept": "text/html"})
        assert led.status_code == 200
        assert "Its products" in led.text


def test_the_page_of_every_kind_of_agent_opens(server: str) -> None:
    for agent in ("project/riomar", "consortium/ocean-colour", "service/vre", "CNES/CLS", "ODATIS"):
        answer = httpx.get(f"{server}/network", params={"agent": agent, "form": "html"})
        assert answer.status_code == 200, agent


def test_the_answers_are_json_too(server: str, whole: Network) -> None:
    found = httpx.get(f"{server}/network/questions").json()
    findings = {f["name"]: f for f in found["findings"]}
    missing = parameters_without_consortium(whole)
    assert [i["iri"] for i in findings[missing.name]["items"]] == [i.iri for i in missing.items]
    assert found["snapshot"] == whole.snapshot
    oxygen = httpx.get(f"{server}/network/questions", params={"parameter": "Oxygen"}).json()
    assert oxygen["parameter"] == OXYGEN
    assert oxygen["standings"]["consortium"][0]["iri"] == CONSORTIUM + "dissolved-oxygen"


@pytest.mark.parametrize(
    ("query", "accept", "status"),
    [
        ("agent=nobody+at+all", "*/*", 404),
        ("parameter=nothing+of+this+name", "*/*", 404),
        ("form=gexf", "*/*", 422),
        ("depth=9", "*/*", 422),
        ("", "image/png", 406),
    ],
)
def test_what_cannot_be_answered_is_a_problem_document(
    server: str, query: str, accept: str, status: int
) -> None:
    answer = httpx.get(f"{server}/network?{query}", headers={"Accept": accept})
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("application/problem+json")


# ------------------------------------------------------------------ on the command line


def oceankg(*arguments: str, data: Path, seed: str = "0") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "oceankg.cli", *arguments],
        env=os.environ | {"OCEANKG_DATA": str(data), "PYTHONHASHSEED": seed},
        capture_output=True,
        check=False,
    )


def test_the_command_writes_the_same_bytes_each_time(
    starter: Snapshot, whole: Network, tmp_path: Path
) -> None:
    data, file = starter.folder.parents[1], tmp_path / "network.graphml"
    # Another order of hashing than that of this process.
    done = oceankg("network", "--form", "graphml", "--to", str(file), data=data, seed="1")
    assert (done.returncode, done.stdout) == (0, b"")
    assert file.read_bytes() == as_graphml(whole.graph)
    assert [p.name for p in tmp_path.iterdir()] == [file.name]


def test_the_command_answers_the_questions_or_says_what_it_does_not_know(
    starter: Snapshot,
) -> None:
    data = starter.folder.parents[1]
    found = json.loads(oceankg("network", "--parameter", "Oxygen", data=data).stdout)
    assert found["standings"]["consortium"][0]["label"] == "Dissolved oxygen consortium"
    unknown = oceankg("network", "--agent", "nobody", "--form", "json", data=data)
    assert unknown.returncode == 1
    assert b"no agent has that name" in unknown.stderr
    assert oceankg("network", "--agent", "Coriolis", data=data).returncode == 2


def test_an_organisation_may_be_in_a_collaboration_only_with_its_own_entry(
    starter: Snapshot, model: ReadModel
) -> None:
    for quad in starter.open().quads_for_pattern(None, ORG.hasMember, None):
        assert model.parties[quad.object.value].label is not None
        assert quad.subject.value in model.parties
