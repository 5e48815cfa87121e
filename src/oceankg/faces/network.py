"""The network of agents, parameters and products: as data, as a drawing, and what it answers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

import networkx as nx
from fastapi import APIRouter, Query
from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import Response

from oceankg.compare.network import (
    CONCERNS,
    CONSORTIUM,
    ORGANISATION,
    SERVES,
    Centrality,
    Network,
    Questions,
    Tally,
    around,
    as_graphml,
    as_json,
    by_catalogue,
    central,
    named_agent,
    named_parameter,
    network_of,
    questions_of,
)
from oceankg.faces import pages
from oceankg.faces.negotiate import HTML, JSON, etag_of, form_of, kept_for, not_modified
from oceankg.serving import Opened, Serving

GRAPHML = "application/graphml+xml"
FORMS = {"json": JSON, "graphml": GRAPHML, "html": HTML}
# Rows of a list that a page shows; the JSON has them all.
ROWS = 200
# Agents other than centres that the drawing shows.
DRAWN = 14
DEPTH = 2

_QUESTIONS, _CENTRALITY = TypeAdapter(Questions), TypeAdapter(Centrality)

Name = Annotated[str | None, Query(min_length=1, max_length=1000)]


def router(serving: Serving) -> APIRouter:
    """The routes of the network."""
    routes = APIRouter(tags=["network"])

    @routes.get(
        "/network",
        summary="Who is behind what: the network, or its part around a parameter or an agent",
        response_class=Response,
        responses={200: {"content": {form: {} for form in FORMS.values()}}},
    )
    def whole_or_part(
        request: Request,
        parameter: Name = None,
        agent: Name = None,
        depth: Annotated[int, Query(ge=0, le=4, description="edges away, at most")] = DEPTH,
        form: Literal["json", "graphml", "html"] | None = None,
    ) -> Response:
        wanted = form_of(request, FORMS, form)
        opened = serving.now()
        asked = _asked(opened, parameter, agent)
        etag = etag_of(opened.model.snapshot.id, wanted)
        if same := not_modified(request, etag):
            return same
        if wanted == HTML:
            page = _page(request, opened, asked)
            page.headers.update(kept_for(etag))
            return page
        graph = network_of(opened.model).graph
        starts = [start for start in (asked.parameter, asked.agent) if start]
        part = around(graph, starts, depth) if starts else graph
        content = as_json(part) if wanted == JSON else as_graphml(part)
        return Response(content, media_type=wanted, headers=kept_for(etag))

    @routes.get(
        "/network/questions",
        summary="Who is central for what, which parameters have no consortium, which products no "
        "centre; or all who stand behind one parameter",
        response_model=Questions | Centrality,
    )
    def answers(request: Request, parameter: Name = None) -> Response:
        opened = serving.now()
        asked = _asked(opened, parameter, None).parameter
        etag = etag_of(opened.model.snapshot.id, JSON)
        if same := not_modified(request, etag):
            return same
        if asked:
            content = _CENTRALITY.dump_json(central(network_of(opened.model), asked))
        else:
            content = _QUESTIONS.dump_json(questions_of(opened.model))
        return Response(content, media_type=JSON, headers=kept_for(etag))

    return routes


@dataclass(frozen=True, slots=True)
class _Asked:
    """The nodes around which the network was asked for."""

    parameter: str | None
    agent: str | None


def _asked(opened: Opened, parameter: str | None, agent: str | None) -> _Asked:
    network = network_of(opened.model)
    return _Asked(
        named_parameter(network, opened.resolver, parameter) if parameter else None,
        named_agent(network, agent) if agent else None,
    )


def _page(request: Request, opened: Opened, asked: _Asked) -> Response:
    network = network_of(opened.model)
    found = central(network, asked.parameter)
    shown: dict[str, Any] = {
        "network": network,
        "asked": asked,
        "central": found,
        "picture": draw(network, *_drawn(network, asked), whole=asked == _Asked(None, None)),
        "rows": ROWS,
        "query": urlencode({k: v for k, v in request.query_params.items() if k != "form"}),
    }
    starts = [start for start in (asked.agent, asked.parameter) if start]
    if not starts:
        return pages.render(request, "network.html", questions=questions_of(opened.model), **shown)
    products = _products(network, starts)
    return pages.render(request, "network-part.html", starts=starts, products=products, **shown)


def _products(network: Network, starts: Iterable[str]) -> list[tuple[str, Mapping[str, str]]]:
    """The products next to every start, by catalogue, then by title."""
    found = frozenset.intersection(*(network.products(start) for start in starts))
    about = [(product, network.graph.nodes[product]) for product in found]
    return sorted(about, key=lambda p: (p[1]["catalogue"], p[1]["label"].casefold(), p[0]))


def _drawn(network: Network, asked: _Asked) -> tuple[Sequence[str], Sequence[str]]:
    """The parameters and the agents that a drawing shows, of the whole or of a part."""
    if asked.parameter:
        parameters: Sequence[str] = network.after(asked.parameter, SERVES) or (asked.parameter,)
    elif asked.agent:
        has = {p for p, tallies in network.tallies.items() if p and asked.agent in tallies}
        concerned = {p for p in network.after(asked.agent, CONCERNS) if p in network.offered}
        parameters = sorted(has | concerned)
    else:
        parameters = sorted(p for p, tally in network.offered.items() if tally.products)
    if asked.agent and network.kind(asked.agent) != CONSORTIUM:
        return parameters, (asked.agent,)
    return parameters, _foremost(network, parameters)


def _foremost(network: Network, parameters: Sequence[str]) -> tuple[str, ...]:
    """The centres, and the first of the other agents, that have products of some parameters."""
    one = parameters[0] if len(parameters) == 1 else None
    ranked = central(network, one).standings
    having = {a for p in parameters for a in network.tallies.get(p, {})}
    others = sorted(
        (s for kind in (ORGANISATION, "service", "project") for s in ranked[kind]),
        key=lambda s: (-sum(s.products.values()), s.label.casefold()),
    )
    centres = [s.iri for s in ranked["centre"] if s.iri in having]
    return (*centres, *[s.iri for s in others if s.iri in having][:DRAWN])


# ------------------------------------------------------------------ the drawing

ROW, LEFT, MIDDLE, HALF, RIGHT, WIDTH = 24, 265, 600, 145, 960, 1240


@dataclass(frozen=True, slots=True)
class Place:
    """A node of the drawing, with its centre in units of the drawing."""

    x: float
    y: float
    kind: str
    label: str
    title: str
    href: str


@dataclass(frozen=True, slots=True)
class Line:
    """A tie of the drawing: from point to point, as broad as it has products."""

    x1: float
    y1: float
    x2: float
    y2: float
    width: float
    kind: str
    title: str


@dataclass(frozen=True, slots=True)
class Picture:
    """Three columns: consortia, parameters, and centres with other agents."""

    width: int
    height: int
    box: int
    places: tuple[Place, ...]
    lines: tuple[Line, ...]


def draw(
    network: Network, parameters: Sequence[str], agents: Sequence[str], *, whole: bool
) -> Picture:
    """Draw parameters between the consortia that concern them and the agents that have them.

    A part shows the consortia that concern it; the whole also those that concern nothing. Agents
    are shown with the number of their products of the parameter, or of all when there are several.

    Columns keep every name in the clear, which a drawing by springs does not; within a column the
    order follows the neighbours, so that fewer lines cross.
    """
    row = {agent: float(place) for place, agent in enumerate(agents)}
    having = {p: [a for a in agents if _own(network, p, a)] for p in parameters}
    middle = sorted(parameters, key=lambda p: (_mean(row, having[p]), network.label(p)))
    row |= {parameter: float(place) for place, parameter in enumerate(middle)}
    concerned = {c: network.after(c, CONCERNS) for c in network.of_kind("consortium")}
    left = sorted(
        (c for c in concerned if c not in agents and (whole or {*middle} & {*concerned[c]})),
        key=lambda c: (_mean(row, concerned[c]), network.label(c)),
    )
    columns = (left, middle, [a for a in agents if a not in left])
    heights = _heights(columns)
    tallest = max(map(len, columns))
    lines = [
        *(_concern(network, heights, c, p) for c in left for p in middle if p in concerned[c]),
        *(_having(network, heights, p, a) for p in middle for a in having[p]),
    ]
    one = parameters[0] if len(parameters) == 1 else None
    counts = (network.tallies.get(None, {}), network.offered, network.tallies.get(one, {}))
    places = (
        _place(network, node, heights[node], column, counts[column])
        for column, nodes in enumerate(columns)
        for node in nodes
    )
    height = ROW * (tallest + 1)
    return Picture(WIDTH, height, 2 * HALF, tuple(places), tuple(lines))


def _own(network: Network, parameter: str, agent: str) -> int:
    """The products of an agent that surely serve a parameter; 1 where it concerns it."""
    tally = network.tallies.get(parameter, {}).get(agent)
    number = sum(tally.products.values()) if tally else 0
    return number or int(parameter in network.after(agent, CONCERNS))


def _mean(row: Mapping[str, float], nodes: Iterable[str]) -> float:
    known = [row[node] for node in nodes if node in row]
    return sum(known) / len(known) if known else math.inf


def _heights(columns: Sequence[Sequence[str]]) -> Mapping[str, float]:
    """The height of each node, each column in the middle."""
    layers: nx.Graph[str] = nx.Graph()
    layers.add_nodes_from(node for column in columns for node in column)
    tallest = max(map(len, columns))
    # The layout is scaled to its longest side, which is the tallest column if it has three rows.
    half = max((tallest - 1) / 2, 1) * ROW
    found = nx.multipartite_layout(layers, subset_key=dict(enumerate(columns)), scale=half)
    return {node: round(y + ROW * (tallest + 1) / 2, 1) for node, (_, y) in found.items()}


def _place(
    network: Network, node: str, height: float, column: int, counts: Mapping[str, Tally]
) -> Place:
    label = network.label(node)
    tally = counts.get(node)
    figures = by_catalogue(tally.products if tally else {})
    said = ", ".join(f"{name} {number}" for name, number in figures.items())
    # What follows the comma says what the name stands for, and is in the title.
    short = _cut(label if column == 1 else label.split(",")[0])
    if column == 2:
        short = f"{short} ({sum(figures.values())})"
    href = "/network?" + urlencode({"parameter" if column == 1 else "agent": node})
    x = (LEFT, MIDDLE, RIGHT)[column]
    return Place(x, height, network.kind(node), short, f"{label}; products: {said}", href)


def _cut(text: str, most: int = 38) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _concern(network: Network, heights: Mapping[str, float], consortium: str, end: str) -> Line:
    title = f"{network.label(consortium)} concerns {network.label(end)}"
    at = heights[consortium], heights[end]
    return Line(LEFT, at[0], MIDDLE - HALF, at[1], 2.5, "consortium", title)


def _having(network: Network, heights: Mapping[str, float], parameter: str, agent: str) -> Line:
    number = _own(network, parameter, agent)
    title = f"{network.label(agent)}: {network.label(parameter)}, {number}"
    width = round(0.7 + 2.2 * math.log10(number), 2)
    at = heights[parameter], heights[agent]
    return Line(MIDDLE + HALF, at[0], RIGHT, at[1], width, network.kind(agent), title)
