"""Value added: what a product has that no product of the other catalogue has.

Each essential variable is held against what the other catalogue offers for it: all of it, and
more finely what lies in the same regions or covers the globe. What one side does not state is not
compared, and said.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from oceankg.climb import EXV
from oceankg.compare import CATALOGUES, compare
from oceankg.compare.attributes import (
    BY_NAME,
    Advantage,
    Incomparable,
    Offer,
    Profile,
    advantages,
    incomparable,
    profiles,
)
from oceankg.errors import UnknownTermError
from oceankg.namespaces import BASE
from oceankg.read import UNKNOWN, Product, ReadModel
from oceankg.resolve import Resolver

GLOBAL = f"{BASE}region/global"
_PAST = frozenset({f"{BASE}kind/reanalysis", f"{BASE}kind/hindcast"})
# Kinds that fill the cell of another: the service calls a hindcast a reanalysis, too, and a record
# that says no more than "model" may be any of them.
_FILLING: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(_PAST, _PAST),
    f"{BASE}kind/model": _PAST
    | {f"{BASE}kind/{name}" for name in ("model", "analysis", "forecast")},
}
_NOTHING = Offer.of(())
OTHER: Mapping[str, str] = dict(zip(CATALOGUES, reversed(CATALOGUES), strict=True))


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of the coverage of one variable, by IRI."""

    region: str
    time_scale: str
    kind: str

    @property
    def is_known(self) -> bool:
        """Whether the record states all three."""
        return UNKNOWN not in (self.region, self.time_scale, self.kind)


@dataclass(frozen=True, slots=True)
class Added:
    """What a product adds for one essential variable, over the `others` of the other catalogue.

    `advantages` are over all of them, `nearby` over the `neighbours`: those of the same regions and
    the global ones; None where the record states no region. `empty` are the product's cells in
    which the other catalogue has nothing, neither in that region nor for the globe.
    """

    variable: str
    label: str
    others: int
    advantages: tuple[Advantage, ...]
    neighbours: int
    nearby: tuple[Advantage, ...] | None
    incomparable: tuple[Incomparable, ...]
    empty: tuple[Cell, ...]

    @property
    def is_alone(self) -> bool:
        """Whether the other catalogue has no product of this variable."""
        return self.others == 0

    @property
    def adds(self) -> bool:
        """Whether it adds anything that is known of; its stage alone adds nothing to the data."""
        ahead = any(a.attribute != "stage" for a in self.advantages)
        return self.is_alone or ahead or bool(self.empty)


@dataclass(frozen=True, slots=True)
class ValueAdded:
    """What a product adds to the catalogue that it is held `against`, variable by variable.

    Only variables that it surely serves are compared.
    """

    product: str
    id: str
    title: str
    catalogue: str
    against: str
    variables: tuple[Added, ...]


@dataclass(frozen=True)
class Offers:
    """What each catalogue offers for each essential variable.

    `offers`, `places` and `cells` are by catalogue and variable; the places hold the products of
    each region, by their IRIs.
    """

    model: ReadModel
    offers: Mapping[tuple[str, str], Offer]
    places: Mapping[tuple[str, str], Mapping[str, tuple[str, ...]]]
    cells: Mapping[tuple[str, str], frozenset[Cell]]
    _near: dict[tuple[str, str, tuple[str, ...]], Offer] = field(default_factory=dict)

    @classmethod
    def of(cls, model: ReadModel) -> Offers:
        """What the products of a snapshot offer, gathered once."""
        return model.once("offers", cls._gathered)

    @classmethod
    def _gathered(cls, model: ReadModel) -> Offers:
        known = profiles(model)
        serving: dict[tuple[str, str], list[Profile]] = defaultdict(list)
        places: dict[tuple[str, str], dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        cells: dict[tuple[str, str], set[Cell]] = defaultdict(set)
        for product in model.products.values():
            for variable in product.serves:
                key = (product.catalogue, variable)
                serving[key].append(known[product.iri])
                for region in product.cells.regions:
                    places[key][region].append(product.iri)
                cells[key].update(_cells(product))
        return cls(
            model,
            {key: Offer.of(every) for key, every in serving.items()},
            {
                key: {region: tuple(iris) for region, iris in regions.items()}
                for key, regions in places.items()
            },
            {key: frozenset(every) for key, every in cells.items()},
        )

    def all_of(self, catalogue: str, variable: str) -> Offer:
        """All that a catalogue offers for a variable."""
        return self.offers.get((catalogue, variable), _NOTHING)

    def near(self, catalogue: str, variable: str, regions: Iterable[str]) -> Offer:
        """What a catalogue offers for a variable in any of some regions, and for the globe."""
        key = (catalogue, variable, tuple(sorted({*regions, GLOBAL})))
        if key not in self._near:
            held, known = self.places.get(key[:2], {}), profiles(self.model)
            near = dict.fromkeys(iri for region in key[2] for iri in held.get(region, ()))
            self._near[key] = Offer.of(known[iri] for iri in near)
        return self._near[key]

    def only(self, catalogue: str) -> tuple[str, ...]:
        """The variables of a catalogue for which the other has no product, by label."""
        other = OTHER[catalogue]
        found = (v for c, v in self.offers if c == catalogue and (other, v) not in self.offers)
        return tuple(sorted(found, key=self.model.name))


def _cells(product: Product) -> Iterator[Cell]:
    for region in product.cells.regions:
        for time_scale in product.cells.time_scales:
            for kind in product.cells.kinds:
                yield Cell(region, time_scale, kind)


def empty_cells(model: ReadModel, product: Product, variable: str) -> tuple[Cell, ...]:
    """The known cells of a product in which the other catalogue has nothing for a variable."""
    held = Offers.of(model).cells.get((OTHER[product.catalogue], variable), frozenset())
    return tuple(c for c in _cells(product) if c.is_known and not _is_filled(c, held))


def _is_filled(cell: Cell, held: frozenset[Cell]) -> bool:
    kinds = _FILLING.get(cell.kind, frozenset({cell.kind}))
    return any(
        replace(cell, region=region, kind=kind) in held
        for region in (cell.region, GLOBAL)
        for kind in kinds
    )


def value_added(model: ReadModel, product: Product) -> ValueAdded:
    """What a product has that the other catalogue has not, for each variable that it serves."""
    return ValueAdded(
        product.iri,
        product.id,
        product.title,
        product.catalogue,
        OTHER[product.catalogue],
        tuple(_added(model, product, variable) for variable in product.serves),
    )


def _added(model: ReadModel, product: Product, variable: str) -> Added:
    offers, own = Offers.of(model), profiles(model)[product.iri]
    against = OTHER[product.catalogue]
    others = offers.all_of(against, variable)
    regions = [region for region in product.cells.regions if region != UNKNOWN]
    neighbours = offers.near(against, variable, regions) if regions else _NOTHING
    return Added(
        variable=variable,
        label=model.name(variable),
        others=others.products,
        advantages=advantages(own, others),
        neighbours=neighbours.products,
        nearby=advantages(own, neighbours) if regions else None,
        incomparable=tuple(incomparable(own, others)) if others.products else (),
        empty=empty_cells(model, product, variable),
    )


def added_map(model: ReadModel) -> Mapping[str, ValueAdded]:
    """What every product that serves a variable adds to the other catalogue, by its IRI."""
    return model.once("value added", _added_map)


def _added_map(model: ReadModel) -> dict[str, ValueAdded]:
    return {
        iri: value_added(model, product)
        for iri, product in model.products.items()
        if product.serves
    }


@dataclass(frozen=True, slots=True)
class Balance:
    """One essential variable: the products of each catalogue, and how many of them add something.

    `ahead` are those with an advantage or an empty cell; where the other catalogue has none, all.
    """

    variable: str
    label: str
    products: dict[str, int]
    ahead: dict[str, int]


@dataclass(frozen=True, slots=True)
class Balances:
    """The map in figures: every essential variable that any product surely serves."""

    snapshot: str
    variables: tuple[Balance, ...]


@dataclass(frozen=True, slots=True)
class Findings:
    """What some products add, with the snapshot that says so."""

    snapshot: str
    products: tuple[ValueAdded, ...]


def balances(model: ReadModel) -> Balances:
    """The map of value added, counted."""
    products: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(CATALOGUES, 0))
    ahead: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(CATALOGUES, 0))
    for one in added_map(model).values():
        for added in one.variables:
            products[added.variable][one.catalogue] += 1
            ahead[added.variable][one.catalogue] += added.adds
    return Balances(
        model.snapshot.id,
        tuple(
            Balance(variable, model.name(variable), products[variable], ahead[variable])
            for variable in sorted(products, key=model.name)
        ),
    )


def of_variable(model: ReadModel, variable: str, catalogue: str | None = None) -> Findings:
    """What the products of a variable add for it, of one catalogue or of both; the most first."""
    found = [
        replace(one, variables=tuple(a for a in one.variables if a.variable == variable))
        for one in added_map(model).values()
        if catalogue in (None, one.catalogue) and any(a.variable == variable for a in one.variables)
    ]
    found.sort(key=lambda one: (CATALOGUES.index(one.catalogue), *_most_first(one)))
    return Findings(model.snapshot.id, tuple(found))


def _most_first(one: ValueAdded) -> tuple[int, str, str]:
    number = sum(len(a.advantages) + len(a.empty) for a in one.variables)
    return (-number, one.title.casefold(), one.product)


def of_product(model: ReadModel, name: str) -> Findings:
    """What the product of an identifier or IRI adds; UnknownTermError when there is none."""
    for product in model.products.values():
        if name in (product.iri, product.id):
            return Findings(model.snapshot.id, (value_added(model, product),))
    raise UnknownTermError(f"no product {name!r}: neither an identifier nor an IRI of one")


def essential(resolver: Resolver, text: str) -> str:
    """The essential variable that is asked for by identifier, code or label.

    Raises UnknownTermError when nothing has that name, or it leads to no essential variable.
    """
    comparison = compare(resolver, text)
    if comparison.parameter.startswith(EXV):
        return comparison.parameter
    for served in comparison.essential_variables:
        if served.sure:
            return served.iri
    raise UnknownTermError(f"{text!r} ({comparison.parameter}) serves no essential variable")


def label_of(attribute: str) -> str:
    """The label of an attribute by its name."""
    return BY_NAME[attribute].label


# ------------------------------------------------------------------ as rows

COLUMNS = (
    "product", "id", "title", "catalogue", "variable", "variable_label", "scope", "finding",
    "attribute", "value", "best_of_others", "held_by", "stated_by", "others",
)  # fmt: skip


def rows(found: Iterable[ValueAdded], model: ReadModel) -> Iterator[tuple[str, ...]]:
    """Value added as rows of `COLUMNS`: a row for each advantage, empty cell and open attribute.

    The scope is ``all``, or ``nearby`` for what is an advantage only among the neighbours.
    """
    for one in found:
        head = (one.product, one.id, one.title, one.catalogue)
        for added in one.variables:
            for tail in _findings(added, model):
                yield (*head, added.variable, added.label, *tail)


def _findings(added: Added, model: ReadModel) -> Iterator[tuple[str, ...]]:
    others = str(added.others)
    if added.is_alone:
        yield ("all", "no other product", "", "", "", "", "", others)
    for scope, found in (("all", added.advantages), ("nearby", added.nearby or ())):
        for a in found:
            if scope == "all" or not _is_held(a, added.advantages):
                tail = (a.attribute, a.value, a.best, a.holder, str(a.stated), str(a.others))
                yield (scope, "advantage", *tail)
    for cell in added.empty if not added.is_alone else ():
        named = ", ".join(model.name(i) for i in (cell.region, cell.time_scale, cell.kind))
        yield ("all", "empty cell", "", named, "", "", "", others)
    for open_ in added.incomparable:
        yield ("all", f"not stated by {open_.unstated}", open_.attribute, *[""] * 4, others)


def _is_held(one: Advantage, found: Iterable[Advantage]) -> bool:
    return any((a.attribute, a.value) == (one.attribute, one.value) for a in found)
