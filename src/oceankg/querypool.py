"""SPARQL in worker processes that can be ended: a limit on time, on memory and on the answer.

A query cannot be stopped inside the engine, so each runs in a process that holds the snapshot
read-only and is killed at the deadline; another takes its place. An answer is whole or there is
none: its bytes leave the worker only when it has finished.
"""

from __future__ import annotations

import multiprocessing
import re
import resource
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from io import BytesIO
from multiprocessing.connection import Connection
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from pyoxigraph import (
    NamedNode,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Store,
    Variable,
    serialize,
)

from oceankg.errors import (
    QueryBusyError,
    QueryError,
    QuerySyntaxError,
    QueryTimeoutError,
    QueryTooLargeError,
)
from oceankg.namespaces import PREFIXES
from oceankg.settings import Settings

if TYPE_CHECKING:
    from typing_extensions import Buffer

MEBIBYTE = 1024 * 1024
_TOKEN = re.compile(
    r"""(?P<skip> \#[^\n\r]* | <(?:[^<>"{}|^`\\\x00-\x20]|\\.)*>
        | "{3}(?:"{0,2}(?:[^"\\]|\\.))*"{3} | '{3}(?:'{0,2}(?:[^'\\]|\\.))*'{3}
        | "(?:[^"\\\n\r]|\\.)*" | '(?:[^'\\\n\r]|\\.)*' | @[\w-]+
        | [?$][\w\u00b7\u203f\u2040]+ | [\w.\u00b7-]*:(?:[\w.:%\u00b7\u203f\u2040-]|\\.)* )
      | (?P<word> [A-Za-z]+ )""",
    re.VERBOSE | re.DOTALL,
)
# The engine reads `<` now as less-than, now as the start of an IRI, so no tokeniser can be sure
# of what is text and what is not. A call to another endpoint has this shape in every reading;
# names, which may hold the word, are passed over first.
_CALL_OUT = re.compile(
    r"""[?$]\w* | :[\w-]* | (?P<call> SERVICE (?:\s|\#[^\n\r]*+)*+ (?:SILENT (?:\s|\#[^\n\r]*+)*+)?
        (?:<[^<>{}]*>|[^\s{}]+) (?:\s|\#[^\n\r]*+)*+ \{ )""",
    re.VERBOSE | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Job:
    """One query and the media types in which its answer is wanted, by kind of answer.

    `bindings` are the IRIs of its parameters.
    A media type of None means that this kind of answer is not acceptable to the asker.
    """

    query: str
    select: str | None = QueryResultsFormat.JSON.media_type
    graph: str | None = RdfFormat.TURTLE.media_type
    bindings: Mapping[str, str] = field(default_factory=dict)
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer and its media type."""

    content: bytes
    media_type: str


class NotAcceptable(QueryError):  # noqa: N818  (named as in HTTP)
    """The answer has no form that the asker takes."""


_ERRORS: Mapping[str, type[QueryError]] = {
    e.__name__: e
    for e in (QueryError, QuerySyntaxError, QueryTimeoutError, QueryTooLargeError, NotAcceptable)
}


@dataclass(frozen=True, slots=True)
class Limits:
    """What one query may take."""

    seconds: float = 30.0
    memory: int = 2048 * MEBIBYTE
    answer: int = 256 * MEBIBYTE

    @classmethod
    def of(cls, settings: Settings) -> Limits:
        """The limits that a user set."""
        memory, answer = settings.query_mebibytes, settings.answer_mebibytes
        return cls(settings.query_seconds, memory * MEBIBYTE, answer * MEBIBYTE)


def keywords(query: str) -> frozenset[str]:
    """The keywords of a query in upper case; names, texts, IRIs and comments are passed over."""
    return frozenset(
        match["word"].upper() for match in _TOKEN.finditer(query) if match["word"] is not None
    )


def calls_out(query: str) -> bool:
    """Whether a query may ask another endpoint; sure to see it, even where a text looks like it."""
    return any(match["call"] for match in _CALL_OUT.finditer(query))


class QueryPool:
    """Worker processes over one store; thread-safe."""

    def __init__(self, store: Path, workers: int = 2, limits: Limits | None = None) -> None:
        self._store = store
        self._limits = limits or Limits()
        self._context = multiprocessing.get_context("spawn")
        self._idle: SimpleQueue[_Worker] = SimpleQueue()
        self._lock = threading.Lock()
        self._all: set[_Worker] = set()
        self._closed = False
        for _ in range(workers):
            self._idle.put(self._start())

    def run(self, job: Job) -> Answer:
        """Answer a query, or raise the QueryError that says why not.

        Waits for a free worker; the time limit counts from when one takes the query.
        """
        try:
            worker = self._idle.get(timeout=self._limits.seconds)
        except Empty as error:
            raise QueryBusyError("all workers are busy; try again later") from error
        try:
            return worker.run(job, self._limits.seconds)
        except (QueryTimeoutError, EOFError, OSError) as error:
            worker.end()
            with self._lock:
                self._all.discard(worker)
            worker = self._start()
            if isinstance(error, QueryTimeoutError):
                raise
            raise QueryTooLargeError("the query took more memory than is allowed") from error
        finally:
            if self._closed:
                worker.end()
            self._idle.put(worker)

    def close(self) -> None:
        """End all workers."""
        self._closed = True
        with self._lock:
            for worker in self._all:
                worker.end()
            self._all.clear()

    def _start(self) -> _Worker:
        worker = _Worker(self._context, self._store, self._limits)
        with self._lock:
            self._all.add(worker)
        return worker


class _Worker:
    """The parent's end of one worker process."""

    def __init__(
        self, context: multiprocessing.context.SpawnContext, store: Path, limits: Limits
    ) -> None:
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(
            target=_serve, args=(theirs, str(store), limits), daemon=True, name="oceankg-query"
        )
        self._process.start()
        theirs.close()
        self._ready = False

    def run(self, job: Job, seconds: float) -> Answer:
        if not self._ready:
            # The first message says that the store is open, or why it is not; waiting for it is
            # not the query's time.
            if not self._pipe.poll(60):
                raise QueryTimeoutError("a query worker did not start")
            if fault := self._pipe.recv():
                raise QueryError(fault)
            self._ready = True
        self._pipe.send(job)
        if not self._pipe.poll(seconds):
            raise QueryTimeoutError(f"the query ran past the limit of {seconds:g} s and was ended")
        kind, detail = self._pipe.recv()
        if kind == "answer":
            return Answer(self._pipe.recv_bytes(), detail)
        raise _ERRORS[kind](detail)

    def end(self) -> None:
        with suppress(ValueError, AttributeError):
            self._process.kill()
            self._process.join()
            self._process.close()
        self._pipe.close()


def _serve(pipe: Connection, path: str, limits: Limits) -> None:
    """The worker's loop: one query after the other until the pipe closes."""
    resource.setrlimit(resource.RLIMIT_DATA, (limits.memory, limits.memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        store = Store.read_only(path)
    except OSError as error:
        pipe.send(f"the snapshot cannot be opened: {error}")
        return
    pipe.send("")
    with suppress(EOFError, KeyboardInterrupt, BrokenPipeError):
        while True:
            job: Job = pipe.recv()
            try:
                answer = evaluate(store, job, limits.answer)
            except MemoryError:
                pipe.send((QueryTooLargeError.__name__, "the query took too much memory"))
            except QueryError as error:
                pipe.send((type(error).__name__, str(error)))
            else:
                pipe.send(("answer", answer.media_type))
                pipe.send_bytes(answer.content)


def evaluate(store: Store, job: Job, limit: int) -> Answer:
    """Answer a query on an open store. Raises a QueryError; never a short answer."""
    if calls_out(job.query):
        raise QueryError("SERVICE is not offered here; ask the other endpoint yourself")
    own_dataset = bool(job.default_graphs or job.named_graphs)
    try:
        result = store.query(
            job.query,
            use_default_graph_as_union=not own_dataset and "FROM" not in keywords(job.query),
            default_graph=[NamedNode(g) for g in job.default_graphs] if own_dataset else None,
            named_graphs=[NamedNode(g) for g in job.named_graphs] if own_dataset else None,
            substitutions={Variable(k): NamedNode(v) for k, v in job.bindings.items()},
        )
        return _serialized(result, job, limit)
    except SyntaxError as error:
        raise QuerySyntaxError(str(error)) from error
    except (OSError, ValueError, RuntimeError) as error:
        if "larger than" in str(error):
            raise QueryTooLargeError(str(error)) from error
        raise QueryError(str(error)) from error


def _serialized(
    result: QuerySolutions | QueryBoolean | QueryTriples, job: Job, limit: int
) -> Answer:
    is_graph = isinstance(result, QueryTriples)
    media_type = job.graph if is_graph else job.select
    if media_type is None:
        kind = "an RDF graph" if is_graph else "a table of results"
        raise NotAcceptable(f"the answer is {kind}, which Accept does not name")
    sink = _Bounded(limit)
    if isinstance(result, QueryTriples):
        serialize(result, sink, RdfFormat.from_media_type(media_type), prefixes=PREFIXES)
    else:
        result.serialize(sink, QueryResultsFormat.from_media_type(media_type))
    return Answer(sink.getvalue(), media_type)


class _Bounded(BytesIO):
    """A file in memory, up to a limit."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self._limit = limit

    def write(self, data: Buffer) -> int:
        if self.tell() + memoryview(data).nbytes > self._limit:
            raise OSError(f"the answer is larger than {self._limit} bytes")
        return super().write(data)
