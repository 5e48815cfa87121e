"""The network of centres, consortia, projects, parameters and products, and who is central in it.

A node has the IRI of what it stands for; an edge stands for statements of the graph, and names
their property. Names of one organisation are one node only where `ontologies/organisations.ttl`
gives the name or the EDMO code; a name that lists several organisations stays a node of its own,
in which each of them takes part.
"""

from __future__ import annotations

import heapq
import io
import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from types import MappingProxyType
from typing import Any

import networkx as nx

from oceankg import ids
from oceankg.climb import EXV
from oceankg.compare import CATALOGUES
from oceankg.errors import UnknownTermError
from oceankg.evidence import curie
from oceankg.namespaces import BASE, DCT, OKG, ORG, SCHEMA
from oceankg.read import Party, ReadModel, Tie
from oceankg.resolve import Resolver, Term
from oceankg.text import fold

PARAMETER, PRODUCT = "parameter", "product"
CENTRE, CONSORTIUM, ORGANISATION = "centre", "consortium", "organisation"
AGENTS = (CENTRE, CONSORTIUM, ORGANISATION, "service", "project")
HOLDS, PRODUCES, PUBLISHES, SERVES, CONCERNS = (
    "holds",
    "produces",
    "publishes",
    "serves",
    "concerns",
)
PART, TAKES_PART = "part of", "takes part in"
ROLES = (HOLDS, PRODUCES, PUBLISHES)

# The kind of edge that each property becomes, and whether it runs the other way round.
_EDGES: Mapping[str, tuple[str, bool]] = {
    OKG.dataCentre.value: (HOLDS, True),
    DCT.creator.value: (PRODUCES, True),
    DCT.publisher.value: (PUBLISHES, True),
    OKG.concerns.value: (CONCERNS, False),
    OKG.servesEssentialVariable.value: (SERVES, False),
    ORG.subOrganizationOf.value: (PART, False),
    ORG.unitOf.value: (PART, False),
    ORG.hasMember.value: (TAKES_PART, True),
    SCHEMA.provider.value: ("provided by", False),
    DCT.relation.value: ("works with", False),
}
_SHORT = {property_: curie(property_) for property_ in _EDGES}
# The most steps over edges that betweenness may cost; beyond, it is estimated from the paths of
# as many nodes as that allows, always the same ones, but of no fewer than the second figure.
_STEPS, _PIVOTS, _SEED = 2_000_000, 20, 4
# What XML 1.0 cannot hold, so that a title never makes a file that no reader opens.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Count = Mapping[str, int]


@dataclass(frozen=True, slots=True, order=True)
class Edge:
    """One kind of tie between two nodes; `sure` only of what serves a parameter."""

    start: str
    kind: str
    end: str
    property: str
    sure: bool | None = None


@dataclass
class Tally:
    """What there is for one parameter, or for all; products by catalogue and by role."""

    products: Counter[str] = field(default_factory=Counter)
    may: Counter[str] = field(default_factory=Counter)
    roles: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Network:
    """The graph of one snapshot, with the names by which its agents are asked for."""

    snapshot: str
    graph: nx.MultiDiGraph[str]
    names: Mapping[str, str]

    def label(self, node: str) -> str:
        """The name of a node."""
        return str(self.graph.nodes[node]["label"])

    def kind(self, node: str) -> str:
        """What a node is: a kind of agent, a parameter or a product."""
        return str(self.graph.nodes[node]["kind"])

    def of_kind(self, *kinds: str) -> tuple[str, ...]:
        """The nodes of some kinds, in order."""
        return tuple(n for n in self.graph.nodes if self.kind(n) in kinds)

    @cached_property
    def ends(self) -> Mapping[str, tuple[tuple[str, str], ...]]:
        """The ends of all edges, by kind of edge."""
        found: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for start, end, data in self.graph.edges(data=True):
            found[data["kind"]].append((start, end))
        return {kind: tuple(ends) for kind, ends in found.items()}

    def all_ties(self, kind: str) -> tuple[tuple[str, str], ...]:
        """The ends of all edges of a kind."""
        return self.ends.get(kind, ())

    def leads(self, node: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Where the edges from a node lead, and what they say."""
        return ((end, data) for _, end, data in self.graph.out_edges(node, data=True))

    def comes(self, node: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Whence the edges to a node come, and what they say."""
        return ((start, data) for start, _, data in self.graph.in_edges(node, data=True))

    def after(self, node: str, kind: str) -> tuple[str, ...]:
        """Where the edges of one kind lead from a node."""
        return tuple(end for end, data in self.leads(node) if data["kind"] == kind)

    def products(self, node: str) -> frozenset[str]:
        """The products next to a parameter, or to an agent under any name that lists it."""
        names = self.parties.get(node, (node,))
        ends = (end for n in names for end, _ in (*self.leads(n), *self.comes(n)))
        return frozenset(end for end in ends if self.kind(end) == PRODUCT)

    @cached_property
    def parties(self) -> Mapping[str, tuple[str, ...]]:
        """Each agent that ranks, with the names under which it has products.

        A name that lists several organisations does not rank: it counts for each of them.
        """
        joint = {name for _, name in self.all_ties(TAKES_PART)}
        agents = (a for a in self.of_kind(*AGENTS) if a not in joint)
        return {a: (a, *self.after(a, TAKES_PART)) for a in agents}

    @cached_property
    def tallies(self) -> Mapping[str | None, Mapping[str, Tally]]:
        """What each agent has, by essential variable; under None what it has at all."""
        behind: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        for agent, names in self.parties.items():
            for name in names:
                for end, data in self.leads(name):
                    if data["kind"] in ROLES:
                        behind[end][agent].add(data["kind"])
        found: dict[str | None, dict[str, Tally]] = defaultdict(lambda: defaultdict(Tally))
        for product, agents in behind.items():
            for parameter, sure in ((None, True), *self._served(product)):
                for agent, roles in agents.items():
                    self._count(found[parameter][agent], product, roles, sure=sure)
        return {parameter: dict(agents) for parameter, agents in found.items()}

    def _served(self, product: str) -> Iterator[tuple[str, bool]]:
        for end, data in self.leads(product):
            if data["kind"] == SERVES:
                yield end, data["sure"]

    def _count(self, tally: Tally, product: str, roles: Iterable[str], *, sure: bool) -> None:
        catalogue = self.graph.nodes[product]["catalogue"]
        (tally.products if sure else tally.may)[catalogue] += 1
        if sure:
            tally.roles.update(roles)

    @cached_property
    def breadth(self) -> Counter[str]:
        """How many essential variables the products of each agent surely serve."""
        several = (t.items() for parameter, t in self.tallies.items() if parameter is not None)
        return Counter(agent for items in several for agent, tally in items if tally.products)

    @cached_property
    def offered(self) -> Mapping[str, Tally]:
        """The products that serve each essential variable, whoever is behind them."""
        found: dict[str, Tally] = defaultdict(Tally)
        for product in self.of_kind(PRODUCT):
            for parameter, sure in self._served(product):
                self._count(found[parameter], product, (), sure=sure)
        return dict(found)

    @cached_property
    def projected(self) -> nx.Graph[str]:
        """Agents and parameters without the products between them.

        An agent is tied to each parameter that a product of it surely serves, or that it
        concerns, and to the agents that it is part of, works with or is provided by.
        """
        projected: nx.Graph[str] = nx.Graph()
        agents = self.parties
        projected.add_nodes_from(agents)
        for parameter, tallies in self.tallies.items():
            if parameter is not None:
                projected.add_edges_from((a, parameter) for a, t in tallies.items() if t.products)
        for agent in agents:
            for end, data in self.leads(agent):
                if data["kind"] == CONCERNS or end in agents:
                    projected.add_edge(agent, end)
        return projected

    @cached_property
    def betweenness(self) -> Mapping[str, float]:
        """Betweenness centrality in the projected network."""
        size, edges = len(self.projected), self.projected.number_of_edges()
        pivots = None if size * edges <= _STEPS else min(size, max(_PIVOTS, _STEPS // edges))
        found = nx.betweenness_centrality(self.projected, k=pivots, seed=_SEED)
        return {node: round(value, 6) for node, value in found.items()}

    @cached_property
    def degree(self) -> Mapping[str, float]:
        """Degree centrality in the projected network."""
        return {n: round(v, 6) for n, v in nx.degree_centrality(self.projected).items()}


# ------------------------------------------------------------------ making it


def network(model: ReadModel) -> Network:
    """The network of a snapshot: the same nodes and edges in the same order each time."""
    names = _curated_names(model.parties.values())
    one = _one_node(model.parties, names)
    edges = sorted({*_tied(model, one), *_serving(model)})
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph(snapshot=model.snapshot.id)
    known = {end for edge in edges for end in (edge.start, edge.end)}
    curated = {p.iri for p in model.parties.values() if p.label is not None}
    variables = (c.iri for c in model.essential_variables)
    spellings = _spellings(model.parties, one)
    for node in sorted(known.union(curated, variables, model.products)):
        graph.add_node(node, **_attributes(model, node, spellings.get(node, ())))
    for number, edge in enumerate(edges):
        sure = {} if edge.sure is None else {"sure": edge.sure}
        about = {"kind": edge.kind, "property": edge.property, **sure}
        graph.add_edge(edge.start, edge.end, key=f"e{number}", **about)
    said = {_plain(n): node for node, own in spellings.items() if node in graph for n in own}
    return Network(model.snapshot.id, graph, MappingProxyType(said | names))


def network_of(model: ReadModel) -> Network:
    """The network of a snapshot, made when it is first asked for and then kept."""
    return model.once("network", network)


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()


def _curated_names(parties: Iterable[Party]) -> dict[str, str]:
    """The curated agent of each name, where only one has it."""
    found: dict[str, set[str]] = defaultdict(set)
    for party in parties:
        if party.label is not None:
            for name in party.names:
                found[_plain(name)].add(party.iri)
    return {name: min(agents) for name, agents in found.items() if len(agents) == 1}


def _one_node(parties: Mapping[str, Party], names: Mapping[str, str]) -> Callable[[str], str]:
    """What a party is one with: the curated agent that bears its name or its EDMO code."""
    codes = {ids.EDMO + p.edmo: p.iri for p in parties.values() if p.label and p.edmo}

    def one(iri: str) -> str:
        party = parties.get(iri)
        if party is None or party.label is not None:
            return codes.get(iri, iri)
        found = {names[_plain(n)] for n in party.names if _plain(n) in names}
        return codes.get(iri) or (found.pop() if len(found) == 1 else iri)

    return one


def _spellings(
    parties: Mapping[str, Party], one: Callable[[str], str]
) -> dict[str, tuple[str, ...]]:
    found: dict[str, set[str]] = defaultdict(set)
    for party in parties.values():
        found[one(party.iri)].update(party.names)
    return {node: tuple(sorted(names)) for node, names in found.items()}


def _tied(model: ReadModel, one: Callable[[str], str]) -> Iterator[Edge]:
    for tie in model.ties:
        kind, turned = _EDGES[tie.property]
        start, end = (one(n) for n in ((tie.end, tie.start) if turned else (tie.start, tie.end)))
        if start != end and _stands(model, tie):
            sure = True if kind == SERVES else None
            yield Edge(start, kind, end, _SHORT[tie.property], sure)


def _stands(model: ReadModel, tie: Tie) -> bool:
    """Whether the tie is of what the network holds; who is behind a product may have no name."""
    if tie.start in model.products:
        return True
    known = (model.parties, model.concepts)
    return all(any(end in things for things in known) for end in (tie.start, tie.end))


def _serving(model: ReadModel) -> Iterator[Edge]:
    for product in model.products.values():
        for variable in product.serves:
            yield Edge(product.iri, SERVES, variable, "okg:servesEssentialVariable", sure=True)
        for variable in product.may_serve:
            yield Edge(product.iri, SERVES, variable, "okg:mayServeEssentialVariable", sure=False)


def _attributes(model: ReadModel, node: str, spellings: tuple[str, ...]) -> dict[str, str]:
    if node in model.products:
        product = model.products[node]
        about = {"kind": PRODUCT, "label": product.title or product.id, "identifier": product.id}
        about["catalogue"] = product.catalogue
    elif node in model.concepts:
        about = {"kind": PARAMETER, "label": model.name(node)}
    else:
        party = model.parties.get(node)
        label = party.label if party and party.label else min(spellings, default=node)
        about = {"kind": _kind(node), "label": label}
        if len(spellings) > 1:
            about["names"] = " | ".join(spellings)
    return {key: _NOT_XML.sub("", value) for key, value in about.items()}


def _kind(iri: str) -> str:
    kind = iri.removeprefix(BASE).split("/", 1)[0]
    return kind if kind in AGENTS else ORGANISATION


# ------------------------------------------------------------------ a part of it


def named_agent(network: Network, q: str) -> str:
    """The agent that a name, an IRI or its end (``centre/coriolis``) stands for.

    Raises UnknownTermError when no agent has that name.
    """
    graph = network.graph
    for node in (q, BASE + q.strip("/"), network.names.get(_plain(q), "")):
        if node in graph and network.kind(node) in AGENTS:
            return node
    wanted = set(fold(q).split())
    near = sorted(
        network.label(a) for a in network.of_kind(*AGENTS) if wanted & set(_words(network, a))
    )
    raise UnknownTermError(
        f"{q!r}: no agent has that name" + (f"; near: {'; '.join(near[:5])}" if near else "")
    )


def _words(network: Network, agent: str) -> list[str]:
    return fold(network.label(agent).replace(",", " ")).split()


def named_parameter(network: Network, resolver: Resolver, q: str) -> str:
    """The parameter of the network that a term stands for, by itself or by what it serves.

    Raises UnknownTermError when nothing has that name, or it serves no essential variable.
    """
    resolution = resolver.resolve_many([Term(q)])[0]
    for candidate in resolution.candidates:
        served = (s.iri for s in candidate.essential_variables if s.sure)
        for iri in (candidate.iri, *served):
            if iri in network.graph and network.kind(iri) == PARAMETER:
                return iri
    near = ", ".join(resolution.suggestions[:5])
    raise UnknownTermError(
        f"{q!r}: no parameter of the network has that name" + (f"; near: {near}" if near else "")
    )


def around(graph: nx.MultiDiGraph[str], starts: Iterable[str], depth: int) -> nx.MultiDiGraph[str]:
    """The part of a graph that is at most `depth` edges away from any start, whichever way."""
    near: set[str] = set()
    for start in starts:
        either = graph.to_undirected(as_view=True)
        near.update(nx.single_source_shortest_path_length(either, start, cutoff=depth))
    part: nx.MultiDiGraph[str] = nx.MultiDiGraph(**graph.graph)
    part.add_nodes_from((n, data) for n, data in graph.nodes(data=True) if n in near)
    for start, end, key, data in graph.edges(keys=True, data=True):
        if start in near and end in near:
            part.add_edge(start, end, key=key, **data)
    return part


# ------------------------------------------------------------------ files


def as_graphml(graph: nx.MultiDiGraph[str]) -> bytes:
    """The graph in GraphML, typed; the same bytes for the same graph."""
    file = io.BytesIO()
    nx.write_graphml_xml(graph, file)
    return file.getvalue()


def as_json(graph: nx.MultiDiGraph[str]) -> bytes:
    """The graph as node-link JSON, one node or edge a line."""
    data: dict[str, Any] = nx.node_link_data(graph, edges="edges")
    head = {key: value for key, value in data.items() if key not in ("nodes", "edges")}
    lists = (
        f'"{key}": [\n' + ",\n".join(json.dumps(o, ensure_ascii=False) for o in data[key]) + "\n]"
        for key in ("nodes", "edges")
    )
    start = json.dumps(head, ensure_ascii=False)[:-1]
    return f"{start}, {', '.join(lists)}}}\n".encode()


# ------------------------------------------------------------------ who is central


@dataclass(frozen=True, slots=True)
class Measure:
    """What a figure of a standing means."""

    name: str
    meaning: str


MEASURES = (
    Measure(
        "products",
        "products that it holds, produces or publishes, alone or under a name that lists several "
        "organisations, and that surely serve the parameter; by catalogue",
    ),
    Measure("may", "products of it whose words are broader than the parameter; by catalogue"),
    Measure("roles", "how many of its products it holds, produces and publishes"),
    Measure("concerns", "the parameters that it states to have expertise in"),
    Measure("parameters", "how many essential variables its products surely serve"),
    Measure(
        "degree",
        "degree centrality in the network of agents and parameters, the products projected out: "
        "the part of all other nodes to which it is tied; high for who has many parameters",
    ),
    Measure(
        "betweenness",
        "betweenness centrality in the same network, each tie of length one: the part of the "
        "shortest paths between other nodes that run through it; high for who joins what would "
        "else be far apart; in a network of thousands of agents it is an estimate",
    ),
)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an agent stands for a parameter, or over all; the figures are those of MEASURES."""

    iri: str
    label: str
    products: Count
    may: Count
    roles: Count
    concerns: tuple[str, ...]
    parameters: int
    degree: float
    betweenness: float


@dataclass(frozen=True, slots=True)
class Centrality:
    """Who is central for a parameter (None: over all), by kind of agent, the first one most.

    Ranked by number of products, then by betweenness, then by name.
    """

    parameter: str | None
    label: str
    measures: tuple[Measure, ...]
    standings: Mapping[str, tuple[Standing, ...]]


def central(network: Network, parameter: str | None = None) -> Centrality:
    """Who is central for a parameter of the network, or over all of them.

    A concept that is no essential variable stands for those that it serves; the products that
    serve several of them count once for each. Raises UnknownTermError for what is no parameter.
    """
    if parameter is not None and parameter not in network.of_kind(PARAMETER):
        raise UnknownTermError(f"{parameter} is no parameter of the network")
    tallies = _tallied(network, parameter)
    found: dict[str, list[str]] = {kind: [] for kind in AGENTS}
    for agent in {**tallies, **dict.fromkeys(_concerned(network, parameter))}:
        found[network.kind(agent)].append(agent)
    order = partial(_order, network, tallies)
    return Centrality(
        parameter,
        "all parameters" if parameter is None else network.label(parameter),
        MEASURES,
        {
            kind: tuple(_standing(network, a, tallies.get(a)) for a in sorted(agents, key=order))
            for kind, agents in found.items()
        },
    )


def _concerned(network: Network, parameter: str | None) -> Iterator[str]:
    """The agents that state that they concern the parameter, or any."""
    return (a for a, end in network.all_ties(CONCERNS) if parameter in (None, end))


def _tallied(network: Network, parameter: str | None) -> Mapping[str, Tally]:
    served = network.after(parameter, SERVES) if parameter else ()
    if not served:
        return network.tallies.get(parameter, {})
    found: dict[str, Tally] = defaultdict(Tally)
    for variable in served:
        for agent, tally in network.tallies.get(variable, {}).items():
            found[agent].products.update(tally.products)
            found[agent].may.update(tally.may)
            found[agent].roles.update(tally.roles)
    return found


def _standing(network: Network, agent: str, tally: Tally | None) -> Standing:
    own = tally or Tally()
    return Standing(
        agent,
        network.label(agent),
        by_catalogue(own.products),
        by_catalogue(own.may),
        {role: own.roles[role] for role in ROLES},
        tuple(dict.fromkeys(network.label(p) for p in network.after(agent, CONCERNS))),
        network.breadth[agent],
        network.degree[agent],
        network.betweenness[agent],
    )


def _order(
    network: Network, tallies: Mapping[str, Tally], agent: str
) -> tuple[int, float, str, str]:
    number = tallies[agent].products.total() if agent in tallies else 0
    return -number, -network.betweenness[agent], network.label(agent).casefold(), agent


def by_catalogue(counter: Count) -> Count:
    """A count with every catalogue in its order, also those that have none."""
    return {name: counter.get(name, 0) for name in dict.fromkeys((*CATALOGUES, *sorted(counter)))}


# ------------------------------------------------------------------ what is missing


@dataclass(frozen=True, slots=True)
class Item:
    """One find: an agent or parameter with the products that it has, or a product itself."""

    iri: str
    label: str
    products: Count
    may: Count
    catalogue: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """The answer to one question, what it means, and how many items touch each catalogue.

    `query` names the published query that finds the same items.
    """

    name: str
    question: str
    meaning: str
    counts: Count
    items: tuple[Item, ...]
    query: str | None = None


def parameters_without_consortium(network: Network) -> Finding:
    """The essential variables that no consortium states to concern itself with."""
    concerned = {parameter for _, parameter in network.all_ties(CONCERNS)}
    items = [_parameter(network, p) for p in _variables(network) if p not in concerned]
    return Finding(
        "parameters_without_consortium",
        "Which essential variables have no scientific expertise consortium?",
        "No consortium states that it concerns the essential variable itself. The counts are of "
        "those that products of the catalogue surely serve.",
        _touched(items),
        _most_first(items),
        "parameters-without-consortium",
    )


def parameters_only_in_one_catalogue(network: Network) -> Finding:
    """The essential variables that products of one catalogue only surely serve."""
    items = [_parameter(network, p) for p in _variables(network)]
    only = [item for item in items if sum(n > 0 for n in item.products.values()) == 1]
    return Finding(
        "parameters_only_in_one_catalogue",
        "Which essential variables does only one of the catalogues have?",
        "Products of one catalogue surely serve it and none of another does; what a product only "
        "may serve does not count, and is shown.",
        _touched(only),
        _most_first(only),
    )


def consortia_without_product(network: Network) -> Finding:
    """The consortia of which no parameter is surely served by a product."""
    items = []
    for consortium in network.of_kind(CONSORTIUM):
        concerned = network.after(consortium, CONCERNS)
        served = [network.offered[p] for p in concerned if p in network.offered]
        if not any(tally.products for tally in served):
            may = by_catalogue(sum((tally.may for tally in served), Counter()))
            reason = "no product serves what it concerns" if concerned else _UNSAID
            label = network.label(consortium)
            items.append(Item(consortium, label, by_catalogue({}), may, reason=reason))
    return Finding(
        "consortia_without_product",
        "Which consortia have no product of their parameters?",
        "No product surely serves a parameter that the consortium concerns, or the graph states "
        "no parameter that it concerns. A consortium belongs to no catalogue, so the counts are 0.",
        by_catalogue({}),
        tuple(sorted(items, key=lambda i: i.label.casefold())),
    )


_UNSAID = "no parameter is stated that it concerns"
_NO_CENTRE = {
    "odatis": "no data centre of ODATIS is stated to hold, produce or publish it",
    "cmems": "no producer is stated",
}


def products_without_centre(network: Network) -> Finding:
    """The products behind which no centre is stated; see `_NO_CENTRE` for each catalogue."""
    joint: dict[str, list[str]] = defaultdict(list)
    for member, name in network.all_ties(TAKES_PART):
        joint[name].append(member)
    items = []
    for product in network.of_kind(PRODUCT):
        catalogue = network.graph.nodes[product]["catalogue"]
        if not _has_centre(network, product, catalogue, joint):
            reason = _NO_CENTRE.get(catalogue, _NO_CENTRE["cmems"])
            own: Count = by_catalogue({catalogue: 1})
            label = network.label(product)
            items.append(Item(product, label, own, by_catalogue({}), catalogue, reason))
    return Finding(
        "products_without_centre",
        "Behind which products stands no centre?",
        "Only ODATIS has data centres. "
        + " ".join(f"{name}: {meaning}." for name, meaning in _NO_CENTRE.items())
        + " A centre within a name that lists several organisations counts.",
        _touched(items),
        tuple(sorted(items, key=lambda i: (i.catalogue or "", i.label.casefold(), i.iri))),
        "products-without-centre",
    )


def _has_centre(
    network: Network, product: str, catalogue: str, joint: Mapping[str, list[str]]
) -> bool:
    behind = [(name, data["kind"]) for name, data in network.comes(product)]
    if catalogue != "odatis":
        return any(kind == PRODUCES for _, kind in behind)
    agents = {a for name, kind in behind if kind in ROLES for a in (name, *joint.get(name, ()))}
    return any(network.kind(agent) == CENTRE for agent in agents)


def _variables(network: Network) -> Iterator[str]:
    return (p for p in network.of_kind(PARAMETER) if p.startswith(EXV))


def _parameter(network: Network, iri: str) -> Item:
    tally = network.offered.get(iri, Tally())
    counts = by_catalogue(tally.products), by_catalogue(tally.may)
    return Item(iri, network.label(iri), *counts)


def _touched(items: Iterable[Item]) -> Count:
    return by_catalogue(Counter(c for i in items for c, number in i.products.items() if number))


def _most_first(items: Iterable[Item]) -> tuple[Item, ...]:
    return tuple(
        sorted(items, key=lambda i: (-sum(i.products.values()), i.label.casefold(), i.iri))
    )


@dataclass(frozen=True, slots=True)
class Leader:
    """An agent and the number of its products that surely serve a parameter."""

    iri: str
    label: str
    products: int


@dataclass(frozen=True, slots=True)
class Leaders:
    """Who is most central for a parameter, by kind of agent; a consortium by what it concerns."""

    parameter: str
    label: str
    products: Count
    agents: Mapping[str, tuple[Leader, ...]]


@dataclass(frozen=True, slots=True)
class Questions:
    """What the network answers: who is central over all and for each parameter; what is missing."""

    snapshot: str
    central: Centrality
    leaders: tuple[Leaders, ...]
    findings: tuple[Finding, ...]


def questions(network: Network) -> Questions:
    """Everything that is asked of the network of a snapshot."""
    return Questions(
        network.snapshot,
        central(network),
        tuple(_leaders(network)),
        (
            parameters_without_consortium(network),
            products_without_centre(network),
            consortia_without_product(network),
            parameters_only_in_one_catalogue(network),
        ),
    )


def questions_of(model: ReadModel) -> Questions:
    """Everything that is asked of the network, answered once for a snapshot."""
    return model.once("network questions", lambda m: questions(network_of(m)))


def _leaders(network: Network, most: int = 3) -> Iterator[Leaders]:
    for parameter in sorted(_variables(network), key=lambda p: network.label(p).casefold()):
        offered = network.offered.get(parameter)
        if offered and offered.products:
            tallies = network.tallies.get(parameter, {})
            behind = {a for a, tally in tallies.items() if tally.products}
            behind.update(_concerned(network, parameter))
            yield Leaders(
                parameter,
                network.label(parameter),
                by_catalogue(offered.products),
                {k: tuple(_first(network, tallies, behind, k, most)) for k in AGENTS},
            )


def _first(
    network: Network, tallies: Mapping[str, Tally], behind: Iterable[str], kind: str, most: int
) -> Iterator[Leader]:
    agents = (agent for agent in behind if network.kind(agent) == kind)
    for agent in heapq.nsmallest(most, agents, key=partial(_order, network, tallies)):
        number = tallies[agent].products.total() if agent in tallies else 0
        yield Leader(agent, network.label(agent), number)
