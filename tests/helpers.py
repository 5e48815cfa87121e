"""Small real doubles that several test files share."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

P02 = "http://vocab.nerc.ac.uk/collection/P02/current/"
EXV = "http://vocab.nerc.ac.uk/collection/EXV/current/"
CF = "http://vocab.nerc.ac.uk/standard_name/"
OD1 = "http://vocab.nerc.ac.uk/collection/OD1/current/"


@dataclass(frozen=True)
class Reply:
    """What the server on the loopback answers; `length` is what it says, `stall` never answers."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    length: int | None = None
    stall: bool = False


@dataclass
class Loopback:
    """A running server: its address, and the requests that it has seen as (path, headers)."""

    url: str
    requests: list[tuple[str, dict[str, str]]]


@contextmanager
def loopback(
    replies: Mapping[str, Sequence[Reply]],
    otherwise: Callable[[str], Reply] = lambda _: Reply(404),
) -> Iterator[Loopback]:
    """A real HTTP server: to each path its replies in order, the last one again and again.

    What `otherwise` makes of a path is the answer where no reply is given for it.
    """
    requests: list[tuple[str, dict[str, str]]] = []
    stop = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            before = sum(path == self.path for path, _ in requests)
            requests.append((self.path, {k.lower(): v for k, v in self.headers.items()}))
            offered = replies.get(self.path) or [otherwise(self.path)]
            self._send(offered[min(before, len(offered) - 1)])

        def do_POST(self) -> None:
            """As GET; the question is kept among the headers, under its own name."""
            question = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.headers["Question"] = question.decode()
            self.do_GET()

        def _send(self, reply: Reply) -> None:
            if reply.stall:
                stop.wait()
                return
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            length = len(reply.body) if reply.length is None else reply.length
            self.send_header("Content-Length", str(length))
            self.end_headers()
            self.wfile.write(reply.body)

        def log_message(self, *_: object) -> None:
            """Keep the output of the tests clean."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield Loopback(f"http://127.0.0.1:{server.server_port}", requests)
        finally:
            stop.set()
            server.shutdown()
            thread.join()
