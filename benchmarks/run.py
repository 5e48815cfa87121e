"""Build and ask, measured beside something else in the same run; machines are noisy.

    make bench            the starter graph
    make bench FULL=1     all of ../shared/data, the whole of P01 included

Prints medians of several rounds and their ratios; asserts nothing.
"""

from __future__ import annotations

import os
import random
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from search import measure_search

from oceankg.compare import compare
from oceankg.namespaces import SKOS
from oceankg.querypool import Job, QueryPool, evaluate
from oceankg.read import load
from oceankg.resolve import Resolver, Term
from oceankg.store import Snapshot, Snapshots

ROOT = Path(__file__).parents[1]
ROUNDS = 7
LOOK_UP = "SELECT ?p ?o { <http://vocab.nerc.ac.uk/collection/P02/current/DOXY/> ?p ?o }"


def main() -> None:
    """Measure, print."""
    with tempfile.TemporaryDirectory() as scratch:
        data = Path(scratch)
        measure_build(data, full="FULL" in os.environ)
        snapshot = Snapshots(data).current()
        assert snapshot is not None
        measure_asking(snapshot)


def measure_build(data: Path, *, full: bool) -> None:
    """One build in a process of its own: seconds, peak memory, size."""
    command = [sys.executable, "-m", "oceankg.cli", "build"]
    if full:
        command += ["--from", str(ROOT.parent / "shared" / "data")]
    start = time.perf_counter()
    subprocess.run(
        command,
        check=True,
        env=os.environ | {"OCEANKG_DATA": str(data)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    snapshot = Snapshots(data).current()
    assert snapshot is not None
    size = sum(f.stat().st_size for f in snapshot.store_path.rglob("*") if f.is_file())
    triples = snapshot.manifest()["triples"]
    print(
        f"build{' of all recordings' if full else ' of the starter'}: {triples:,} triples, "
        f"{seconds:.1f} s, peak {peak:,.0f} MiB, store {size / 2**20:,.0f} MiB"
    )


def measure_asking(snapshot: Snapshot) -> None:
    """Medians of asking in several ways, as ratios to the plainest of them."""
    store = snapshot.open()
    start = time.perf_counter()
    resolver = Resolver(load(snapshot))
    print(f"read model: opened in {time.perf_counter() - start:.2f} s")
    labels = sorted(
        {q.object.value for q in store.quads_for_pattern(None, SKOS.prefLabel, None, None)}
    )
    terms = [Term(label) for label in random.Random(1).sample(labels, min(50_000, len(labels)))]
    pool = QueryPool(snapshot.store_path, 2)
    try:
        pool.run(Job(LOOK_UP))
        compare_medians(
            "one look-up",
            {
                "SPARQL in this process": lambda: evaluate(store, Job(LOOK_UP), 2**20),
                "SPARQL in the pool": lambda: pool.run(Job(LOOK_UP)),
            },
            repeat=200,
        )
        measure_batch(resolver, terms)
        compare_medians(
            "products of an essential variable",
            {
                "compare": lambda: compare(resolver, "Oxygen"),
                "compare, a P02 group": lambda: compare(resolver, "SDN:P02::DOXY"),
            },
        )
    finally:
        pool.close()
    measure_search(snapshot, resolver.model)


def measure_batch(resolver: Resolver, terms: Sequence[Term]) -> None:
    """Exact labels, many at once: asked for the first time, again, and of an index in SQLite."""
    table = sqlite3.connect(":memory:")
    table.execute("CREATE TABLE label (text TEXT, iri TEXT)")
    rows = ((text, c.iri) for c in resolver.model.concepts.values() for text in c.labels.values())
    table.executemany("INSERT INTO label VALUES (?, ?)", rows)
    table.execute("CREATE INDEX by_text ON label (text)")
    one = "SELECT iri FROM label WHERE text = ?"
    started = time.perf_counter()
    resolver.resolve_many(terms, limit=1)
    first = time.perf_counter() - started
    print(f"{len(terms)} labels, the first time: {len(terms) / first:,.0f} terms a second")
    medians = compare_medians(
        f"{len(terms)} labels",
        {
            "SQLite, by index": lambda: [table.execute(one, (t.q,)).fetchall() for t in terms],
            "resolve, asked before": lambda: resolver.resolve_many(terms, limit=1),
        },
    )
    again = medians["resolve, asked before"]
    print(f"{len(terms)} labels, asked before: {len(terms) / again:,.0f} terms a second")


def compare_medians(
    what: str, ways: dict[str, Callable[[], object]], *, repeat: int = 1
) -> dict[str, float]:
    """Print the median of each way, and its ratio to the first, taken in turn; give the medians."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            start = time.perf_counter()
            for _ in range(repeat):
                way()
            seconds[name].append((time.perf_counter() - start) / repeat)
    medians = {name: statistics.median(taken) for name, taken in seconds.items()}
    first = next(iter(medians.values()))
    for name, median in medians.items():
        print(f"{what}: {name}: {median * 1000:.3f} ms, ratio {median / first:.2f}")
    return medians


if __name__ == "__main__":
    main()
