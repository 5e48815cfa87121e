"""Coverage: essential variable x region x time scale x kind, with the products of each catalogue.

A product is counted in every cell of the regions, time scales and kinds that stand for it in the
graph `normalised` (`Product.cells`). Where its record states none it is counted at `UNKNOWN`, a
value of its own that is shown and never filled in. Only cells that hold something are kept;
whatever else can be asked for is empty.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import product as combinations
from typing import Literal, TypeVar

from rapidfuzz import process

from oceankg import ids
from oceankg.compare import CATALOGUES
from oceankg.errors import UnknownTermError
from oceankg.evidence import terms, with_values
from oceankg.namespaces import BASE
from oceankg.read import UNKNOWN, Product, ReadModel, collector_paused
from oceankg.text import fold

AXES = ("variable", "region", "time_scale", "kind")
# The published queries: one cell with its products, and all cells with their counts.
CELL_QUERY, QUERY = "coverage-cell", "coverage"
GLOBAL = f"{BASE}region/global"
# The axis on which the concepts of a scheme are values.
_AXIS_OF: Mapping[str, str] = {
    f"{BASE}region": "region",
    f"{BASE}area": "region",
    f"{BASE}time-scale": "time_scale",
    f"{BASE}kind": "kind",
}
# How many of the nearest names an error tells.
_NEAR = 5

State = Literal["both", "odatis", "cmems", "empty"]
Place = tuple[str, str, str, str]
K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: the IRIs of the products that serve its variable, sorted, by catalogue.

    Those that only may serve it stand apart and do not count.
    """

    variable: str
    region: str
    time_scale: str
    kind: str
    odatis: tuple[str, ...] = ()
    cmems: tuple[str, ...] = ()
    may_odatis: tuple[str, ...] = ()
    may_cmems: tuple[str, ...] = ()

    @property
    def place(self) -> Place:
        """Where it stands: a value of each axis."""
        return self.variable, self.region, self.time_scale, self.kind

    @property
    def state(self) -> State:
        """Which catalogue has a product in it."""
        if self.odatis:
            return "both" if self.cmems else "odatis"
        return "cmems" if self.cmems else "empty"

    @property
    def sparql(self) -> str:
        """The query by which it is derived again, ready to be sent."""
        return with_values(CELL_QUERY, "?variable ?region ?timeScale ?kind", [terms(*self.place)])

    def of(self, catalogue: str, *, sure: bool = True) -> tuple[str, ...]:
        """The products of a catalogue that serve the variable, or that only may."""
        products: tuple[str, ...] = getattr(self, catalogue if sure else f"may_{catalogue}")
        return products


@dataclass(frozen=True, slots=True)
class Count:
    """Distinct products by catalogue that serve a variable, and those that all told only may."""

    odatis: int = 0
    cmems: int = 0
    may: int = 0

    @property
    def state(self) -> State:
        """Which catalogue has any."""
        if self.odatis:
            return "both" if self.cmems else "odatis"
        return "cmems" if self.cmems else "empty"


@dataclass(frozen=True, eq=False)
class Coverage:
    """The cells of one snapshot, in the order of the axes.

    `axes` has the values of each axis in the order in which they are shown: all essential
    variables, regions, areas, time scales and kinds of the graph, and whatever else occurs.
    """

    snapshot: str
    axes: Mapping[str, tuple[str, ...]]
    cells: tuple[Cell, ...]
    _at: Mapping[Place, Cell] = field(repr=False)
    _having: Mapping[tuple[str, str], frozenset[int]] = field(repr=False)

    def at(self, place: Place) -> Cell:
        """The cell at a place; an empty one where nothing is counted."""
        return self._at.get(place) or Cell(*place)

    def select(self, **wanted: str | None) -> tuple[Cell, ...]:
        """The cells that hold something and have these values; None leaves an axis open.

        Besides the axes, `state` and `catalogue` (which has a product there) may be given. Costs
        what the rarest of the values has.
        """
        pairs = ((name, value) for name, value in wanted.items() if value is not None)
        having = sorted((self._having.get(pair, frozenset()) for pair in pairs), key=len)
        if not having:
            return self.cells
        return tuple(self.cells[i] for i in sorted(having[0].intersection(*having[1:])))

    def empties(self, **wanted: str | None) -> Iterator[Place]:
        """The places between stated values at which neither catalogue has a product.

        First those whose time scale and kind some product of any variable has together: that a
        satellite sees the future is no gap.
        """
        variables, regions, time_scales, kinds = (
            [v for v in self.axes[axis] if v != UNKNOWN and wanted.get(axis) in (None, v)]
            for axis in AXES
        )
        for together in (True, False):
            pairs = [p for p in combinations(time_scales, kinds) if self.occurs(*p) is together]
            for variable, region, (time_scale, kind) in combinations(variables, regions, pairs):
                place = (variable, region, time_scale, kind)
                if place not in self._at or self._at[place].state == "empty":
                    yield place

    def occurs(self, time_scale: str, kind: str) -> bool:
        """Whether any product of any variable has this time scale together with this kind."""
        one, other = (("time_scale", time_scale), ("kind", kind))
        nothing: frozenset[int] = frozenset()
        return not self._having.get(one, nothing).isdisjoint(self._having.get(other, nothing))


def coverage(model: ReadModel) -> Coverage:
    """The coverage of a snapshot, computed when it is first asked for."""
    return model.once("coverage", _computed)


@collector_paused()
def _computed(model: ReadModel) -> Coverage:
    held: dict[Place, tuple[list[str], ...]] = defaultdict(lambda: ([], [], [], []))
    for product in model.products.values():
        if product.catalogue in CATALOGUES:
            _count(product, held)
    axes = _axes(model, held)
    order = [{value: i for i, value in enumerate(axes[axis])} for axis in AXES]
    places = sorted(held, key=lambda p: tuple(o[v] for o, v in zip(order, p, strict=True)))
    cells = tuple(Cell(*place, *map(tuple, held[place])) for place in places)
    return Coverage(
        model.snapshot.id,
        axes,
        cells,
        dict(zip(places, cells, strict=True)),
        _having(cells),
    )


def _count(product: Product, held: Mapping[Place, tuple[list[str], ...]]) -> None:
    place = CATALOGUES.index(product.catalogue)
    own = product.cells
    where = tuple(combinations(own.regions, own.time_scales, own.kinds))
    for column, variables in ((place, product.serves), (place + 2, product.may_serve)):
        for variable in variables:
            for at in where:
                held[variable, *at][column].append(product.iri)


def _axes(model: ReadModel, held: Iterable[Place]) -> dict[str, tuple[str, ...]]:
    found = dict(zip(AXES, map(set, zip(*held, strict=True)), strict=False))
    found = {axis: found.get(axis, set()) | {UNKNOWN} for axis in AXES}
    found["variable"].update(c.iri for c in model.essential_variables)
    found["variable"].discard(UNKNOWN)
    for concept in model.concepts.values():
        if axis := _AXIS_OF.get(concept.scheme):
            found[axis].add(concept.iri)
    return {axis: tuple(sorted(found[axis], key=partial(_order, model))) for axis in AXES}


def _order(model: ReadModel, value: str) -> tuple[bool, bool, bool, str, str]:
    """The global ocean first, wider areas after the regions, what is not stated last."""
    is_area = value.startswith(f"{BASE}area/")
    return value == UNKNOWN, value != GLOBAL, is_area, model.name(value).casefold(), value


def _having(cells: Iterable[Cell]) -> dict[tuple[str, str], frozenset[int]]:
    found: dict[tuple[str, str], set[int]] = defaultdict(set)
    for position, cell in enumerate(cells):
        for pair in zip(AXES, cell.place, strict=True):
            found[pair].add(position)
        found["state", cell.state].add(position)
        for catalogue in CATALOGUES:
            if cell.of(catalogue):
                found["catalogue", catalogue].add(position)
    return {pair: frozenset(positions) for pair, positions in found.items()}


# ------------------------------------------------------------------ sums


def summed(cells: Iterable[Cell], by: Callable[[Cell], K]) -> dict[K, Count]:
    """The distinct products in cells by any of their features.

    A product stands in several cells, so counts of cells would not add up to products.
    """
    found: dict[K, tuple[set[str], set[str], set[str]]] = defaultdict(lambda: (set(), set(), set()))
    for cell in cells:
        odatis, cmems, may = found[by(cell)]
        odatis.update(cell.odatis)
        cmems.update(cell.cmems)
        may.update(cell.may_odatis, cell.may_cmems)
    return {
        key: Count(len(odatis), len(cmems), len(may - odatis - cmems))
        for key, (odatis, cmems, may) in found.items()
    }


# ------------------------------------------------------------------ names


def value_named(model: ReadModel, axis: str, q: str) -> str:
    """The value of an axis by its IRI in any spelling, code, or label in any language.

    Raises UnknownTermError, with those of the nearest names, when none is named so.
    """
    values = coverage(model).axes[axis]
    wanted = {q, ids.canonical(q), fold(q)}
    for value in values:
        if not wanted.isdisjoint({value, *_names(model, value)}):
            return value
    labels = [model.name(value) for value in values]
    near = [found for found, *_ in process.extract(q, labels, limit=_NEAR, processor=fold)]
    what = "essential variable" if axis == "variable" else axis.replace("_", " ")
    raise UnknownTermError(f"{q[:100]!r}: no {what} has that name; nearest: {', '.join(near)}")


def _names(model: ReadModel, value: str) -> Iterator[str]:
    yield fold(value.rstrip("/").rsplit("/", 1)[-1])
    if concept := model.concepts.get(value):
        yield from map(fold, (*concept.labels.values(), *concept.alternatives, *concept.codes))
