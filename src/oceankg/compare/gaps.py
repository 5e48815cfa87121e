"""Gaps: who could fill a cell of the coverage that is empty, and the products that come nearest.

Nothing is proposed without its ground: a concept that somebody states to have expertise in, or
products that a record names somebody for. A cell at a value that is not stated is no gap.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from oceankg.climb import Path
from oceankg.compare import CATALOGUES
from oceankg.compare.attributes import width_km, years
from oceankg.compare.coverage import AXES, GLOBAL, Cell, Coverage, coverage
from oceankg.compare.network import CENTRE, CONCERNS, CONSORTIUM, ROLES, Network, network_of
from oceankg.evidence import Step, explain
from oceankg.read import UNKNOWN, Product, ReadModel

FILLERS = (CENTRE, CONSORTIUM, "project")
# How many of the nearest products are named.
NEAREST = 5


@dataclass(frozen=True, slots=True)
class Lack:
    """An axis on which a product differs from a cell: what is wanted there and what it has.

    `covers` says that it is global where a region is wanted, so that it holds the region.
    """

    axis: str
    wanted: str
    has: tuple[str, ...]
    covers: bool = False


@dataclass(frozen=True, slots=True)
class Near:
    """A product near an empty cell, and what it lacks to stand in it.

    `sure` is False where it only may serve the variable.
    """

    product: str
    title: str
    catalogue: str
    sure: bool
    lacks: tuple[Lack, ...]


@dataclass(frozen=True, slots=True)
class Ground:
    """Why somebody could fill a gap, by a statement of the graph.

    It `concerns` the variable when its expertise in `concept` leads there by `path`. It `holds`,
    `produces` or `publishes` products that serve the variable when their records name it; `under`
    is the name that they give where that lists several. The variable is that of the cell, or the
    same property at the surface or below.
    """

    relation: str
    variable: str
    concept: str | None = None
    path: tuple[Step, ...] = ()
    under: str | None = None
    products: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Filler:
    """A centre, consortium or project that could fill a gap, with its grounds."""

    agent: str
    label: str
    kind: str
    grounds: tuple[Ground, ...]


@dataclass(frozen=True, slots=True)
class Missing:
    """A catalogue without a product in a cell: those of its products that come nearest."""

    catalogue: str
    nearest: tuple[Near, ...]


@dataclass(frozen=True, slots=True)
class Gap:
    """What is known of a cell that is empty in a catalogue or in both.

    `measured` is whether any product serves the variable at all, anywhere. `occurs` is whether
    any product of any variable has this time scale together with this kind.
    """

    measured: bool
    occurs: bool
    missing: tuple[Missing, ...]
    fillers: tuple[Filler, ...]


def gap(model: ReadModel, cell: Cell, limit: int = NEAREST) -> Gap | None:
    """What could fill a cell; None where both catalogues have a product, or a value is unstated.

    Of each catalogue that has none there, at most `limit` of the nearest products are named.
    """
    absent = [name for name in CATALOGUES if not cell.of(name)]
    if not absent or UNKNOWN in cell.place:
        return None
    table = coverage(model)
    return Gap(
        measured=any(c.state != "empty" for c in table.select(variable=cell.variable)),
        occurs=table.occurs(cell.time_scale, cell.kind),
        missing=tuple(Missing(name, nearest(model, cell, (name,), limit)) for name in absent),
        fillers=fillers(model, cell.variable),
    )


# ------------------------------------------------------------------ nearest


def nearest(
    model: ReadModel, cell: Cell, catalogues: Iterable[str] = CATALOGUES, limit: int = NEAREST
) -> tuple[Near, ...]:
    """The products of the same variable that differ from the cell on the fewest axes.

    Among equals a global product comes before one of another region; then the catalogues in
    their order, the finer resolution, the longer series. Products that only may serve the
    variable stand in where none surely does.
    """
    others = coverage(model).select(variable=cell.variable)
    for sure in (True, False):
        found = tuple(islice(_by_distance(model, others, cell, tuple(catalogues), sure), limit))
        if found:
            return tuple(_near(model.products[iri], cell, sure=sure) for iri in found)
    return ()


def _by_distance(
    model: ReadModel, others: Iterable[Cell], cell: Cell, catalogues: tuple[str, ...], sure: bool
) -> Iterator[str]:
    """Product by product; of the cells in which one is counted the nearest is its own."""
    groups: dict[tuple[int, bool], list[Cell]] = defaultdict(list)
    for other in others:
        differing = sum(a != b for a, b in zip(other.place, cell.place, strict=True))
        groups[differing, not _covers(other.region, cell.region)].append(other)
    seen: set[str] = set()
    for _, group in sorted(groups.items(), key=lambda item: item[0]):
        for catalogue in catalogues:
            held = {iri for other in group for iri in other.of(catalogue, sure=sure)} - seen
            seen |= held
            yield from sorted(held, key=lambda iri: _worth(model.products[iri]))


def _covers(region: str, wanted: str) -> bool:
    return region == GLOBAL != wanted


def _worth(product: Product) -> tuple[bool, float, float, str]:
    """The finer first, then the longer; what is not stated comes last."""
    width, length = width_km(product), years(product)
    return width is None, width or 0, -(length or 0), product.iri


def _near(product: Product, cell: Cell, *, sure: bool) -> Near:
    has = (product.cells.regions, product.cells.time_scales, product.cells.kinds)
    lacks = tuple(
        Lack(axis, wanted, own, axis == "region" and GLOBAL in own)
        for axis, wanted, own in zip(AXES[1:], cell.place[1:], has, strict=True)
        if wanted not in own
    )
    return Near(product.iri, product.title, product.catalogue, sure, lacks)


# ------------------------------------------------------------------ fillers


def fillers(model: ReadModel, variable: str) -> tuple[Filler, ...]:
    """Who could fill a gap of a variable: those with stated expertise first, then by holdings."""
    return model.once(f"fillers of {variable}", lambda _: _fillers(model, variable))


def _fillers(model: ReadModel, variable: str) -> tuple[Filler, ...]:
    known = network_of(model)
    variables = (variable, *_counterparts(model, variable))
    serving = {one: _serving(coverage(model), one) for one in variables}
    found = (
        Filler(agent, known.label(agent), known.kind(agent), grounds)
        for agent in known.of_kind(*FILLERS)
        if (
            grounds := tuple(
                ground
                for one in variables
                for ground in (
                    *_concerns(model, known, agent, one),
                    *_has(known, agent, one, serving[one]),
                )
            )
        )
    )
    return tuple(sorted(found, key=_strength))


def _serving(table: Coverage, variable: str) -> frozenset[str]:
    cells = table.select(variable=variable)
    return frozenset(iri for cell in cells for name in CATALOGUES for iri in cell.of(name))


def _strength(filler: Filler) -> tuple[bool, int, str]:
    concerned = any(g.relation == "concerns" for g in filler.grounds)
    held = {iri for ground in filler.grounds for iri in ground.products}
    return not concerned, -len(held), filler.label.casefold()


def _counterparts(model: ReadModel, variable: str) -> Iterator[str]:
    """The same property at the surface, or below it."""
    for below, statement in model.counterparts.items():
        if variable == below:
            yield statement.object
        elif variable == statement.object:
            yield below


def _concerns(model: ReadModel, known: Network, agent: str, variable: str) -> Iterator[Ground]:
    for concept in known.after(agent, CONCERNS):
        direct = (Path(concept, concept, (), sure=True),) if concept == variable else ()
        for path in direct or model.paths(concept):
            if path.end == variable and path.sure:
                yield Ground("concerns", variable, concept, explain(model, path))


def _has(known: Network, agent: str, variable: str, serving: frozenset[str]) -> Iterator[Ground]:
    """The products that serve a variable and whose records name the agent, alone or with others."""
    for name in sorted(known.parties.get(agent, (agent,))):
        under = None if name == agent else known.label(name)
        for role in ROLES:
            products = tuple(sorted(serving.intersection(known.after(name, role))))
            if products:
                yield Ground(role, variable, under=under, products=products)
