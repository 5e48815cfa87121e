"""The coverage as it is handed out: table, matrix, one cell, rows, Markdown, RDF Data Cube."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from operator import attrgetter
from urllib.parse import urlencode

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, serialize

from oceankg import queries
from oceankg.compare import CATALOGUES
from oceankg.compare.coverage import (
    AXES,
    CELL_QUERY,
    QUERY,
    Cell,
    Count,
    Coverage,
    Place,
    State,
    coverage,
    summed,
    value_named,
)
from oceankg.compare.gaps import Gap, gap
from oceankg.namespaces import BASE, DCT, OKG, PREFIXES, QB, RDF
from oceankg.read import Product, ReadModel

TITLES: Mapping[str, str] = {
    "variable": "Essential variable",
    "region": "Region",
    "time_scale": "Time scale",
    "kind": "Kind",
}
# In which order the axes that are left open become the rows and columns of a matrix.
_SHOWN_FIRST = ("variable", "region", "kind", "time_scale")
# What stands for a state beside its colour: which half of a cell is filled.
MARKS: Mapping[State, str] = {"both": "●", "odatis": "◐", "cmems": "◑", "empty": "○"}
# How many cells that nobody fills are listed where no limit is given.
EMPTIES = 100
COLUMNS = (
    *(name for axis in AXES for name in (axis, f"{axis}_label")),
    *("state", "odatis_count", "cmems_count", "odatis", "cmems", "may_odatis", "may_cmems"),
    *("fillers", "nearest", "nearest_lacks", "query"),
)


@dataclass(frozen=True, slots=True)
class Filters:
    """Which cells are asked for: values as IRIs; None leaves an axis open.

    `catalogue` takes the cells in which it has a product.
    """

    variable: str | None = None
    region: str | None = None
    time_scale: str | None = None
    kind: str | None = None
    catalogue: str | None = None
    state: State | None = None

    def asked(self) -> dict[str, str]:
        """What is asked for, without what is left open."""
        every = {name: getattr(self, name) for name in (*AXES, "catalogue", "state")}
        return {name: value for name, value in every.items() if value}


@dataclass(frozen=True, slots=True)
class Value:
    """A value of an axis, with the distinct products of the cells that are answered."""

    iri: str
    label: str
    odatis: int = 0
    cmems: int = 0


@dataclass(frozen=True, slots=True)
class ListedCell:
    """A cell with the published query that derives it again, and its text, ready to be sent.

    `gap` is given where the empty cells are asked for.
    """

    variable: str
    region: str
    time_scale: str
    kind: str
    state: State
    odatis: tuple[str, ...]
    cmems: tuple[str, ...]
    may_odatis: tuple[str, ...]
    may_cmems: tuple[str, ...]
    query: str
    sparql: str
    gap: Gap | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """The cells that were asked for, `total` in all, and the sums of all of them.

    `query` names the published query of the whole table, `sparql` is its text. `axes` holds the
    values of each axis, also those of which nothing is counted.
    """

    snapshot: str
    query: str
    sparql: str
    filters: dict[str, str]
    products: Count
    axes: dict[str, tuple[Value, ...]]
    total: int
    offset: int
    cells: tuple[ListedCell, ...]


def filters_named(model: ReadModel, asked: Mapping[str, str | None]) -> Filters:
    """Filters from names, codes or identifiers of values; UnknownTermError names what is known."""
    found = {axis: value_named(model, axis, q) for axis in AXES if (q := asked.get(axis))}
    rest = {name: asked.get(name) for name in ("catalogue", "state")}
    return Filters(**(found | rest))  # type: ignore[arg-type]


def table(model: ReadModel, filters: Filters, limit: int | None = None, offset: int = 0) -> Table:
    """The cells that are asked for, with the sums of all of them."""
    found = coverage(model)
    # What may be counted of empty cells is what only may serve.
    counted = found.select(**filters.asked())
    total, shown = page(model, filters, limit, offset)
    return Table(
        snapshot=found.snapshot,
        query=QUERY,
        sparql=queries.get(QUERY).body,
        filters=filters.asked(),
        products=summed(counted, _as_one).get(None, Count()),
        axes={axis: _values(model, found, counted, axis) for axis in AXES},
        total=total,
        offset=offset,
        cells=tuple(_listed(model, shown, with_gaps=filters.state == "empty")),
    )


def page(
    model: ReadModel, filters: Filters, limit: int | None = None, offset: int = 0
) -> tuple[int, tuple[Cell, ...]]:
    """How many cells are asked for, and those of them that are handed out.

    All where no limit is given, but of empty ones the first `EMPTIES`. A cell whose products only
    may serve the variable is empty, and yet listed among those that hold something.
    """
    found = coverage(model)
    if filters.state != "empty":
        cells = found.select(**filters.asked())
        return len(cells), cells[offset : None if limit is None else offset + limit]
    # Where neither catalogue has a product, none of them has one.
    places = () if filters.catalogue else tuple(found.empties(**filters.asked()))
    shown = places[offset : offset + (limit or EMPTIES)]
    return len(places), tuple(map(found.at, shown))


def _as_one(_: Cell) -> None:
    """The same for all cells, so that they are summed into one."""


def _values(
    model: ReadModel, found: Coverage, cells: Iterable[Cell], axis: str
) -> tuple[Value, ...]:
    counts = summed(cells, attrgetter(axis))
    return tuple(
        Value(value, model.name(value), count.odatis, count.cmems)
        for value in found.axes[axis]
        for count in [counts.get(value, Count())]
    )


def _listed(model: ReadModel, cells: Iterable[Cell], *, with_gaps: bool) -> Iterator[ListedCell]:
    for cell in cells:
        yield ListedCell(
            *cell.place,
            cell.state,
            cell.odatis,
            cell.cmems,
            cell.may_odatis,
            cell.may_cmems,
            CELL_QUERY,
            cell.sparql,
            gap(model, cell, 1) if with_gaps else None,
        )


# ------------------------------------------------------------------ one cell


@dataclass(frozen=True, slots=True)
class Held:
    """A product in a cell; `sure` is False where it only may serve the variable."""

    iri: str
    id: str
    title: str
    catalogue: str
    sure: bool


@dataclass(frozen=True, slots=True)
class OneCell:
    """A cell with its IRI, its products, the query that derives it again, and what could fill it.

    `labels` holds a readable name of every IRI that stands here, but for the products.
    """

    iri: str
    snapshot: str
    variable: str
    region: str
    time_scale: str
    kind: str
    state: State
    products: tuple[Held, ...]
    query: str
    sparql: str
    gap: Gap | None
    labels: dict[str, str]


def cell_asked_for(model: ReadModel, filters: Filters) -> Cell:
    """The cell at the values of all four axes."""
    asked = filters.asked()
    return coverage(model).at(
        (asked["variable"], asked["region"], asked["time_scale"], asked["kind"])
    )


def one_cell(model: ReadModel, cell: Cell) -> OneCell:
    """A cell with all that is known of it."""
    held = (
        _held(model.products[iri], sure=sure)
        for catalogue in CATALOGUES
        for sure in (True, False)
        for iri in cell.of(catalogue, sure=sure)
    )
    known = gap(model, cell)
    return OneCell(
        cell_iri(cell.place, model.snapshot.id),
        model.snapshot.id,
        *cell.place,
        cell.state,
        tuple(held),
        CELL_QUERY,
        cell.sparql,
        known,
        {iri: model.name(iri) for iri in sorted(_named(cell, known))},
    )


def _held(product: Product, *, sure: bool) -> Held:
    return Held(product.iri, product.id, product.title, product.catalogue, sure)


def _named(cell: Cell, known: Gap | None) -> Iterator[str]:
    yield from set(cell.place)
    if known:
        for missing in known.missing:
            for near in missing.nearest:
                for lack in near.lacks:
                    yield from lack.has
        for filler in known.fillers:
            for ground in filler.grounds:
                yield from filter(None, (ground.variable, ground.concept))


# ------------------------------------------------------------------ matrix


@dataclass(frozen=True, slots=True)
class Matrix:
    """Distinct products by two axes: the rows and columns as values, the counts by both, and all.

    `without` are the essential variables of which nothing is counted, and which are no rows.
    """

    row_axis: str
    column_axis: str
    rows: tuple[Value, ...]
    columns: tuple[Value, ...]
    counts: Mapping[tuple[str, str], Count]
    all: Count
    without: tuple[Value, ...] = ()

    def at(self, row: Value, column: Value) -> Count:
        """The products at a row and column."""
        return self.counts.get((row.iri, column.iri), Count())


def matrix(model: ReadModel, filters: Filters) -> Matrix:
    """The first two axes that are left open against each other, the others summed."""
    asked = filters.asked()
    rows, columns = sorted(_SHOWN_FIRST, key=lambda axis: axis in asked)[:2]
    cells = coverage(model).select(**asked)
    counts = summed(cells, attrgetter(rows, columns))
    found = coverage(model)
    values = {
        axis: tuple(
            v for v in _values(model, found, cells, axis) if asked.get(axis, v.iri) == v.iri
        )
        for axis in (rows, columns)
    }
    occurring = {row for row, _ in counts}
    hidden = rows == "variable" and "variable" not in asked
    return Matrix(
        rows,
        columns,
        tuple(v for v in values[rows] if v.iri in occurring or not hidden),
        values[columns],
        counts,
        summed(cells, _as_one).get(None, Count()),
        tuple(v for v in values[rows] if v.iri not in occurring and hidden),
    )


def choices(model: ReadModel) -> dict[str, tuple[Value, ...]]:
    """The values of each axis that can be asked for, with the sums over everything."""
    found = coverage(model)
    return {axis: _values(model, found, found.cells, axis) for axis in AXES}


# ------------------------------------------------------------------ rows and Markdown


def rows(model: ReadModel, answer: Table) -> Iterator[tuple[str, ...]]:
    """The cells as rows of `COLUMNS`; several IRIs in one place are parted by a space."""
    for cell in answer.cells:
        place = (cell.variable, cell.region, cell.time_scale, cell.kind)
        nearest = [n for m in cell.gap.missing for n in m.nearest] if cell.gap else []
        yield (
            *(text for value in place for text in (value, model.name(value))),
            cell.state,
            str(len(cell.odatis)),
            str(len(cell.cmems)),
            *map(" ".join, (cell.odatis, cell.cmems, cell.may_odatis, cell.may_cmems)),
            " ".join(f.agent for f in cell.gap.fillers) if cell.gap else "",
            " ".join(n.product for n in nearest),
            " ".join(",".join(lack.axis for lack in n.lacks) for n in nearest),
            cell.query,
        )


def written(count: Count) -> str:
    """A count as `odatis / cmems`, a dash for none, `?` where products only may serve."""
    if count.state != "empty":
        return f"{count.odatis or '–'} / {count.cmems or '–'}"
    return "?" if count.may else "·"


def markdown(shown: Matrix, filters: Filters, model: ReadModel) -> str:
    """The matrix as a Markdown table under a heading."""
    asked = [f"{TITLES.get(k, k)}: {model.name(v)}" for k, v in filters.asked().items()]
    head = [TITLES[shown.row_axis], *(column.label for column in shown.columns)]
    lines = (
        [row.label, *(written(shown.at(row, column)) for column in shown.columns)]
        for row in shown.rows
    )
    return "\n".join(
        [
            "## Products of ODATIS / Copernicus Marine Service",
            "",
            *(f"- {text}" for text in (*asked, f"Snapshot: {model.snapshot.id}")),
            "",
            *(f"| {' | '.join(line)} |" for line in (head, ["---"] * len(head), *lines)),
            "",
        ]
    )


# ------------------------------------------------------------------ RDF Data Cube

_DIMENSIONS: Mapping[str, NamedNode] = {
    "variable": OKG.countedVariable,
    "region": OKG.countedRegion,
    "time_scale": OKG.countedTimeScale,
    "kind": OKG.countedKind,
}
_MEASURES: Mapping[str, NamedNode] = {
    "odatis": OKG.productsInOdatis,
    "cmems": OKG.productsInCmems,
}
_STRUCTURE = NamedNode(f"{BASE}coverage")


def cell_iri(place: Place, snapshot: str) -> str:
    """The IRI of a cell of one snapshot; the service answers it as it is."""
    asked = dict(zip(AXES, place, strict=True)) | {"release": snapshot}
    return f"{BASE}coverage/cell?{urlencode(asked)}"


def data_cube(snapshot: str, cells: Iterable[Cell]) -> Iterator[Triple]:
    """Cells as observations of an RDF Data Cube, with its structure."""
    data = NamedNode(f"{BASE}coverage?{urlencode({'release': snapshot})}")
    yield Triple(data, RDF.type, QB.DataSet)
    yield Triple(data, QB.structure, _STRUCTURE)
    yield Triple(data, DCT.title, Literal("Coverage of essential variables", language="en"))
    yield from _structure()
    for cell in cells:
        me = NamedNode(cell_iri(cell.place, snapshot))
        yield Triple(me, RDF.type, QB.Observation)
        yield Triple(me, QB.dataSet, data)
        for axis, value in zip(AXES, cell.place, strict=True):
            yield Triple(me, _DIMENSIONS[axis], NamedNode(value))
        for catalogue, measure in _MEASURES.items():
            products = cell.of(catalogue)
            yield Triple(me, measure, Literal(len(products)))
            for product in products:
                yield Triple(me, OKG.counts, NamedNode(product))


def _structure() -> Iterator[Triple]:
    yield Triple(_STRUCTURE, RDF.type, QB.DataStructureDefinition)
    parts = (
        *((name, QB.dimension, term) for name, term in _DIMENSIONS.items()),
        *((name, QB.measure, term) for name, term in _MEASURES.items()),
    )
    for order, (name, role, term) in enumerate(parts, 1):
        component = NamedNode(f"{_STRUCTURE.value}#{name}")
        is_dimension = role == QB.dimension
        yield Triple(_STRUCTURE, QB.component, component)
        yield Triple(component, RDF.type, QB.ComponentSpecification)
        yield Triple(component, role, term)
        yield Triple(component, QB.order, Literal(order))
        yield Triple(term, RDF.type, QB.DimensionProperty if is_dimension else QB.MeasureProperty)


def rdf(snapshot: str, cells: Iterable[Cell], media_type: str) -> bytes:
    """The data cube in an RDF syntax; ValueError when the media type names none."""
    form = RdfFormat.from_media_type(media_type)
    if form is None:
        raise ValueError(media_type)
    used = ("rdf", "qb", "dcterms", "okg", "xsd")
    prefixes = {name: PREFIXES[name] for name in used}
    return serialize(data_cube(snapshot, cells), format=form, prefixes=prefixes) or b""
