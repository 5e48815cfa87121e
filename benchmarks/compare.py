"""Compare and coverage on a synthetic catalogue, beside SPARQL aggregates in the same run.

    python benchmarks/compare.py                 2,000 and 20,000 products
    python benchmarks/compare.py 500 1000        other sizes; five datasets to a product

A synthetic product is a real record of the starter graph under another identifier, in the regions
of another record, with one to six of what the records of its catalogue report. It is linked,
normalised and written by the pieces of the real build; only SHACL is left out. Prints medians of
several rounds and their ratios; asserts nothing.
"""

from __future__ import annotations

import os
import random
import statistics
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter
from pyoxigraph import Literal, NamedNode, Store, Triple

from oceankg import ids, normalise, queries
from oceankg.build import quads
from oceankg.compare import compare_concept
from oceankg.compare.coverage import coverage
from oceankg.compare.coverage_table import Filters, Table, matrix, table
from oceankg.gather import Part, ontology_triples, read_mapping_sets, starter_part
from oceankg.link import link_all
from oceankg.namespaces import BASE, BIBO, DCAT, DCT, OKG
from oceankg.querypool import Job, QueryPool, evaluate
from oceankg.read import ReadModel, load
from oceankg.resources import all_files
from oceankg.sources import all_sources
from oceankg.sources.catalogue import Dataset, Gathering
from oceankg.store import Snapshot, Snapshots

T = TypeVar("T")
SIZES = (2_000, 20_000)
DATASETS, ROUNDS = 5, 7
CATALOGUES = ("odatis", "cmems")
STEPS = ("PT15M", "PT1H", "P1D", "P1M")
# What is the record's own, or would tie thousands of copies to each other.
OWN = frozenset((DCT.identifier, BIBO.doi, DCT.relation, DCAT.qualifiedRelation, OKG.reports))
ANSWER = 2**30
_TABLE = TypeAdapter(Table)


def main() -> None:
    """Build, measure, print; a size after the other."""
    sizes = [int(size) for size in sys.argv[1:]] or SIZES
    medians: list[dict[str, float]] = []
    for size in sizes:
        with tempfile.TemporaryDirectory() as scratch:
            snapshot = built(Snapshots(Path(scratch)), size)
            medians.append(measure(snapshot, size))
    if len(sizes) > 1:
        print(f"growth from {sizes[0]:,} to {sizes[-1]:,} products, of the processor:")
        for what, first in medians[0].items():
            print(f"  {what}: {medians[-1][what] / first:.1f}")


def measure(snapshot: Snapshot, size: int) -> dict[str, float]:
    """The medians in seconds, and how much there is to answer, by what was asked."""
    model = timed("read model", lambda: load(snapshot))
    datasets_held = sum(len(p.datasets) for p in model.products.values())
    print(f"{len(model.products):,} products, {datasets_held:,} datasets")
    pool = QueryPool(snapshot.store_path, 2)
    try:
        [(frequent, _)] = Counter(v for p in model.products.values() for v in p.serves).most_common(
            1
        )
        ways = {
            **aggregates(snapshot.open(), pool, frequent),
            **comparisons(model),
            **coverages(model, frequent),
        }
        print(f"{size:,} products, by the clock, and of the processor in this thread:")
        medians = medians_of(ways)
    finally:
        pool.close()
    cells = coverage(model).cells
    counted = sum(len(c.odatis) + len(c.cmems) for c in cells)
    print(f"{len(cells):,} cells with {counted:,} products in them, {len(whole(model)):,} bytes")
    return {"cells": float(len(cells)), "products in cells": float(counted), **medians}


def aggregates(store: Store, pool: QueryPool, frequent: str) -> dict[str, Callable[[], object]]:
    """The published aggregates: a row a cell of a variable, a variable, a cell; and catalogue."""
    one = Job(queries.get("coverage").text, bindings={"variable": frequent})
    few = Job(queries.get("essential-variables-by-catalogue").text)
    all_ = Job(queries.get("coverage").text)
    return {
        "SPARQL aggregate of one variable": lambda: evaluate(store, one, ANSWER),
        "SPARQL aggregate of one variable, in the pool": lambda: pool.run(one),
        "SPARQL aggregate by variable": lambda: evaluate(store, few, ANSWER),
        "SPARQL aggregate by variable, in the pool": lambda: pool.run(few),
        "SPARQL aggregate of all cells": lambda: evaluate(store, all_, ANSWER),
        "SPARQL aggregate of all cells, in the pool": lambda: pool.run(all_),
    }


def comparisons(model: ReadModel) -> dict[str, Callable[[], object]]:
    """Of the variables that most, half way and fewest products serve, each made anew; then kept."""
    served = Counter(v for p in model.products.values() for v in p.serves).most_common()
    ways: dict[str, Callable[[], object]] = {}
    for name, place in (("most", 0), ("median", len(served) // 2), ("fewest", -1)):
        variable, number = served[place]
        print(f"{name} products: {model.name(variable)}, {number:,}")
        ask = partial(compare_concept, model, variable)
        ways[f"compare, {name} products, made"] = partial(
            anew, model, f"comparison of {variable}", ask
        )
    ways["compare, most products, as kept"] = partial(compare_concept, model, served[0][0])
    return ways


def coverages(model: ReadModel, frequent: str) -> dict[str, Callable[[], object]]:
    """The table computed and handed out, and parts of it."""
    return {
        "coverage, computed": lambda: anew(model, "coverage", lambda: coverage(model)),
        "coverage, the full table": lambda: table(model, Filters()),
        "coverage, the full table as JSON": lambda: whole(model),
        "coverage, computed, the full table as JSON": lambda: anew(
            model, "coverage", lambda: whole(model)
        ),
        "coverage, one variable": lambda: table(model, Filters(variable=frequent)),
        "coverage, the matrix of a page": lambda: matrix(model, Filters()),
        "coverage, a hundred gaps": lambda: table(model, Filters(state="empty")),
    }


def medians_of(ways: dict[str, Callable[[], object]]) -> dict[str, float]:
    """The median of each by the clock, printed with that of the processor in this thread.

    Other work on the machine disturbs the first, not the second; what another process does, as in
    the pool, is only in the first. The ratio is to the first of all.
    """
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            clock, thread = time.perf_counter(), time.thread_time()
            way()
            taken[name].append((time.perf_counter() - clock, time.thread_time() - thread))
    medians = {
        name: [statistics.median(seconds) for seconds in zip(*pairs, strict=True)]
        for name, pairs in taken.items()
    }
    [first, _] = next(iter(medians.values()))
    for name, (clock, thread) in medians.items():
        print(
            f"  {name}: {clock * 1000:,.2f} ms, ratio {clock / first:.3f}; {thread * 1000:,.2f} ms"
        )
    return {name: thread for name, (_, thread) in medians.items()}


def anew(model: ReadModel, name: str, ask: Callable[[], object]) -> object:
    """An answer that is made, because what is kept of it is forgotten."""
    model._kept.pop(name, None)
    return ask()


def whole(model: ReadModel) -> bytes:
    """The full table, as it is sent."""
    return _TABLE.dump_json(table(model, Filters()))


def timed(what: str, make: Callable[[], T]) -> T:
    """Make something; print its seconds and what it added to the resident memory."""
    before, start = resident(), time.perf_counter()
    made = make()
    seconds = time.perf_counter() - start
    print(f"{what}: {seconds:.1f} s, memory {resident() - before:+,.0f} MiB")
    return made


def resident() -> float:
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


# ------------------------------------------------------------------ the synthetic catalogue


def built(snapshots: Snapshots, size: int) -> Snapshot:
    """A snapshot with so many products, the real ones among them."""

    def write() -> Snapshot:
        parts = [starter_part(s) for s in all_sources().values() if s.keep != "none"]
        own = [p for p in parts if p.source.id in CATALOGUES]
        known = sum(t.predicate == DCAT.dataset for p in own for t in p.triples)
        wanted = dict(zip(CATALOGUES, halves(max(size - known, 0)), strict=True))
        parts = [
            replace(p, triples=(*p.triples, *synthetic(p, wanted[p.source.id])))
            if p.source.id in CATALOGUES
            else p
            for p in parts
        ]
        curated, _ = read_mapping_sets(all_files("mappings", "*.sssom.tsv"))
        linked = link_all(parts, curated, ontology_triples())
        found = normalise.normalise(parts, linked.triples["derived"], curated)
        linked.triples[normalise.GRAPH] = list(found)
        with snapshots.staging() as staged:
            store = Store(str(staged / "store"))
            store.bulk_extend(quads(parts, linked))
            store.optimize()
            store.flush()
            print(f"{size:,} products: {len(store):,} triples")
            manifest = '{"id": "synthetic", "created": "2026-01-01T00:00:00", "sources": []}'
            (staged / "manifest.json").write_text(manifest, "utf-8")
            return snapshots.settle(staged, "synthetic")

    return timed(f"{size:,} products: build", write)


def halves(number: int) -> tuple[int, int]:
    return number // 2, number - number // 2


def synthetic(part: Part, wanted: int) -> Iterator[Triple]:
    """So many copies of the records of a catalogue, each of another one; always the same."""
    chance = random.Random(part.source.id)
    records = grouped(part)
    reported = [t.object for t in part.triples if t.predicate == OKG.reports]
    for number in range(wanted):
        one, other = chance.choice(records), chance.choice(records)
        yield from copied(part.source.id, number, one, other)
        me = product_iri(part.source.id, number)
        words = [chance.choice(reported) for _ in range(chance.randint(1, 6))]
        for word in words:
            yield Triple(me, OKG.reports, word)
        yield from datasets(part.source.id, number, words, chance)


def grouped(part: Part) -> list[tuple[str, list[Triple]]]:
    """Each product with what is said of it, its period and its extent."""
    products = {t.object.value for t in part.triples if t.predicate == DCAT.dataset}
    found: dict[str, list[Triple]] = defaultdict(list)
    for triple in part.triples:
        iri = triple.subject.value.removesuffix("/period").removesuffix("/extent")
        if iri in products and triple.predicate not in OWN:
            found[iri].append(triple)
    return sorted(found.items())


def product_iri(catalogue: str, number: int) -> NamedNode:
    return NamedNode(ids.product(catalogue, f"SYNTHETIC_{number}"))


def copied(
    catalogue: str,
    number: int,
    one: tuple[str, list[Triple]],
    other: tuple[str, list[Triple]],
) -> Iterator[Triple]:
    """One record under another name, in the regions of the other."""
    me = product_iri(catalogue, number)
    yield Triple(NamedNode(f"{BASE}catalogue/{catalogue}"), DCAT.dataset, me)
    own = ids.product(catalogue, "").rstrip("/")
    identifier = one[0].removeprefix(own).strip("/")
    yield Triple(me, DCT.identifier, Literal(f"{identifier}_{number}"))
    for (iri, triples), regions in ((one, False), (other, True)):
        for t in triples:
            if is_region(t) is regions:
                yield Triple(moved(t.subject, iri, me), t.predicate, moved(t.object, iri, me))


def is_region(triple: Triple) -> bool:
    value = triple.object.value
    return triple.predicate == DCT.spatial and value.startswith((f"{BASE}region/", f"{BASE}area/"))


def moved(term: NamedNode | Literal, old: str, new: NamedNode) -> NamedNode | Literal:
    """A node of one record as that of another."""
    if isinstance(term, NamedNode) and term.value.startswith(old):
        return NamedNode(new.value + term.value[len(old) :])
    return term


def datasets(
    catalogue: str, number: int, words: Sequence[NamedNode], chance: random.Random
) -> Iterator[Triple]:
    """The datasets of a product: a step, a grid, depths, words and two addresses of each."""
    gathering = Gathering(catalogue, catalogue)
    for i in range(DATASETS):
        name = f"synthetic_{number}_{i}"
        dataset = Dataset(gathering, f"SYNTHETIC_{number}", name, f"Dataset {name}", "en")
        dataset.step(chance.choice(STEPS))
        dataset.grid(degrees=chance.choice((0.25, 0.083333, 0.0625)))
        dataset.depths(0, chance.choice((0, 500, 5500)))
        dataset.say(OKG.reports, chance.choice(words))
        for protocol in ("WMTS", "ARCO"):
            address = f"https://example.org/{protocol}/{catalogue}/{name}"
            dataset.access(address, title=protocol, protocol=protocol)
    # The first two say what the catalogue is, which its own part says.
    yield from gathering.triples[2:]


if __name__ == "__main__":
    main()
