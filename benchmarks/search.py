"""Autocomplete, keystroke by keystroke, beside SQLite FTS5 and SPARQL CONTAINS on the same labels.

Called by `run.py`, with the snapshot that was built there.
"""

from __future__ import annotations

import os
import socket
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import httpx
from pyoxigraph import Literal, Store, Variable

from oceankg.read import ReadModel
from oceankg.search import Query, Search, texts_of
from oceankg.store import Snapshot
from oceankg.text import words

T = TypeVar("T")
LABELS, LONGEST = 100, 30
CONTAINS = """PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT DISTINCT ?concept ?typed { ?concept skos:prefLabel|skos:altLabel ?label
  FILTER(CONTAINS(LCASE(STR(?label)), ?typed)) } LIMIT 10"""


def measure_search(snapshot: Snapshot, model: ReadModel) -> None:
    """Build both indexes, type the same labels into each, print medians and 95th percentiles."""
    search = _built("tantivy", lambda: Search(model))
    fts5 = _built("SQLite FTS5", lambda: _fts5(search))
    keys = list(_keystrokes(model))
    typos = [key[:-3] + key[-2] + key[-3] + key[-1] for key in keys if len(key) % 5 == 0]
    store = snapshot.open()
    bm25, in_order = (_asker(fts5, order) for order in ("rank", "rowid"))
    _print("tantivy, in process", keys, lambda q: search.find(Query(q)))
    _print("tantivy, two letters exchanged", typos, lambda q: search.find(Query(q)))
    _print("SQLite FTS5, by bm25, no typing errors", keys, bm25)
    _print("SQLite FTS5, as they stand, no typing errors", keys, in_order)
    few = keys[:: len(keys) // 20]
    _print("SPARQL CONTAINS", few, lambda q: _contains(store, q))
    with _server(snapshot) as url, httpx.Client(base_url=url, timeout=60) as client:
        _print(
            "tantivy, over HTTP",
            keys,
            lambda q: client.get("/autocomplete", params={"q": q}).raise_for_status(),
        )


def _contains(store: Store, q: str) -> int:
    bound = {Variable("typed"): Literal(q.lower())}
    result: Any = store.query(CONTAINS, use_default_graph_as_union=True, substitutions=bound)
    return sum(1 for _ in result)


def _keystrokes(model: ReadModel) -> Iterator[str]:
    labels = sorted({concept.label() for concept in model.concepts.values()})
    for label in labels[:: max(len(labels) // LABELS, 1)]:
        yield from (label[:end] for end in range(1, min(len(label), LONGEST) + 1))


def _built(what: str, build: Callable[[], T]) -> T:
    before, start, busy = _resident(), time.perf_counter(), time.process_time()
    built = build()
    print(
        f"index of {what}: {time.perf_counter() - start:.1f} s, of the processor "
        f"{time.process_time() - busy:.1f} s, memory +{_resident() - before:.0f} MiB"
    )
    return built


def _resident() -> float:
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def _print(what: str, asked: Sequence[str], ask: Callable[[str], object]) -> None:
    """Of the clock, and of the processor in this thread, which other work does not disturb."""
    times: dict[str, list[float]] = {"by the clock": [], "of this thread": []}
    for q in asked:
        clock, thread = time.perf_counter(), time.thread_time()
        ask(q)
        times["of this thread"].append((time.thread_time() - thread) * 1000)
        times["by the clock"].append((time.perf_counter() - clock) * 1000)
    shown = (
        f"{name} median {statistics.median(taken):.2f} ms, "
        f"p95 {sorted(taken)[int(0.95 * len(taken))]:.2f} ms"
        for name, taken in times.items()
    )
    print(f"{len(asked)} keystrokes: {what}: {'; '.join(shown)}")


def _fts5(search: Search) -> sqlite3.Connection:
    """The same texts in the same order, with an index of prefixes."""
    database = sqlite3.connect(":memory:")
    database.execute(
        "CREATE VIRTUAL TABLE label USING fts5(texts, prefix='1 2 3 4 5 6', content='', "
        "tokenize='unicode61 remove_diacritics 2')"
    )
    rows = (
        (place, " ".join(word for text in texts_of(thing) for word in words(text.text)))
        for place, thing in enumerate(search.things)
    )
    database.executemany("INSERT INTO label(rowid, texts) VALUES (?, ?)", rows)
    database.execute("INSERT INTO label(label) VALUES ('optimize')")
    database.commit()
    pages, size = (
        database.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size")
    )
    print(f"SQLite FTS5: {pages * size / 2**20:.0f} MiB")
    return database


def _asker(database: sqlite3.Connection, order: str) -> Callable[[str], object]:
    sql = f"SELECT rowid FROM label WHERE label MATCH ? ORDER BY {order} LIMIT 10"

    def ask(q: str) -> object:
        match = " ".join(f'"{word}"*' for word in words(q))
        return database.execute(sql, [match]).fetchall() if match else []

    return ask


@contextmanager
def _server(snapshot: Snapshot) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = {"OCEANKG_DATA": str(snapshot.folder.parents[1]), "OCEANKG_PORT": str(port)}
    command = [sys.executable, "-m", "oceankg.cli", "serve"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, env=os.environ | own, **quiet) as process:
        url = f"http://127.0.0.1:{port}"
        try:
            while process.poll() is None:
                try:
                    httpx.get(f"{url}/health", timeout=60)
                    break
                except httpx.TransportError:
                    time.sleep(0.2)
            yield url
        finally:
            process.terminate()
            process.wait(30)
