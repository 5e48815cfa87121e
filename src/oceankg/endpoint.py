"""A SPARQL endpoint of an authority, asked page by page.

A page is the answer as it came. Values are bound by a VALUES clause of terms that the RDF library
has written, so that no text of ours or of theirs becomes part of a query.
"""

from __future__ import annotations

import http.client
import json
import math
from collections.abc import Mapping
from typing import Any
from urllib.error import HTTPError, URLError

from pyoxigraph import NamedNode
from SPARQLWrapper import JSON, SPARQLWrapper
from SPARQLWrapper.SPARQLExceptions import SPARQLWrapperException

from oceankg import http as polite
from oceankg.errors import FetchError

# Below the 10,000 rows at which common servers stop by themselves.
PAGE = 5_000
_CHUNK = 1 << 16


def bound(query: str, bindings: Mapping[str, str], limit: int, offset: int) -> str:
    """One page of a SELECT query that ends with its ORDER BY, its parameters bound to IRIs."""
    names = " ".join(f"?{name}" for name in bindings)
    terms = " ".join(str(NamedNode(value)) for value in bindings.values())
    values = f"\nVALUES ({names}) {{ ({terms}) }}" if bindings else ""
    return f"{query.rstrip()}\nLIMIT {limit:d} OFFSET {offset:d}{values}\n"


def rows(content: bytes) -> int:
    """The number of rows of a page; ValueError when it is no whole table of results."""
    try:
        return len(json.loads(content)["results"]["bindings"])
    except (KeyError, TypeError, RecursionError) as error:
        raise ValueError("the answer is no table of results") from error


class Endpoint:
    """Asks one endpoint as politely as the client does, and takes no half answer for a whole."""

    def __init__(self, url: str, client: polite.Client) -> None:
        self.url = url
        self._client = client

    def select(self, query: str) -> bytes:
        """The answer to a SELECT query as JSON; FetchError after the last attempt."""
        try:
            return self._client.retrying(self._once, query)
        except (polite.Again, OSError, ValueError, http.client.HTTPException) as error:
            raise FetchError(f"{self.url}: {error or type(error).__name__}") from error

    def _once(self, query: str) -> bytes:
        wrapper = SPARQLWrapper(self.url, returnFormat=JSON, agent=self._client.agent)
        wrapper.setTimeout(math.ceil(self._client.timeout))
        wrapper.setQuery(query)
        try:
            with wrapper.query().response as answer:
                return self._whole(answer)
        except (SPARQLWrapperException, HTTPError) as error:
            # The library hides the answer behind an exception of its own for some statuses.
            hidden = error if isinstance(error, HTTPError) else error.__context__
            if isinstance(hidden, HTTPError):
                hidden.close()
                polite.check_status(self.url, hidden.code, hidden.headers.get)
            raise FetchError(f"{self.url}: {error}") from error
        except (URLError, TimeoutError, ConnectionError, http.client.HTTPException) as error:
            raise polite.Again(str(error) or type(error).__name__) from error

    def _whole(self, answer: Any) -> bytes:  # noqa: ANN401  (http.client's answer)
        polite.check_status(self.url, answer.status, answer.headers.get)
        polite.check_media_type(self.url, answer.headers.get_content_type())
        if state := answer.headers.get("X-SQL-State"):
            raise FetchError(f"{self.url}: the endpoint gave a part of the answer ({state})")
        body = bytearray()
        while chunk := answer.read(_CHUNK):
            body += chunk
            if len(body) > self._client.max_bytes:
                raise FetchError(f"{self.url}: larger than {self._client.max_bytes} bytes")
        stated = answer.headers.get("Content-Length", "")
        if stated.isdigit() and len(body) != int(stated):
            raise polite.Again(f"cut off after {len(body)} of {stated} bytes")
        try:
            rows(bytes(body))
        except ValueError as error:
            raise polite.Again(f"not a whole table of results: {error}") from error
        return bytes(body)
