"""One polite HTTP client: named, bounded, patient, and asking only for what changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import httpx
from tenacity import (
    Retrying,
    retry_if_exception_type,
    stop_after_attempt,
    wait_exponential,
    wait_random,
)

from oceankg import __version__
from oceankg.errors import FetchError

MAX_BYTES = 512 * 1024 * 1024
_RETRIED = {429, 500, 502, 503, 504}


class _Again(Exception):  # noqa: N818  (a signal to the retry, never seen outside)
    """A fault that may pass by itself."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer: its bytes, or that nothing changed."""

    name: str
    content: bytes = b""
    media_type: str = ""
    etag: str = ""
    last_modified: str = ""
    unchanged: bool = False


class Client:
    """Fetches whole bodies: retries with back-off, a size cap, conditional requests."""

    def __init__(
        self,
        contact: str = "",
        *,
        attempts: int = 4,
        wait: float = 1.0,
        timeout: float = 60.0,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        agent = f"oceankg/{__version__}" + (f" ({contact})" if contact else "")
        self._client = httpx.Client(
            headers={"User-Agent": agent}, follow_redirects=True, timeout=timeout
        )
        self._retrying = Retrying(
            retry=retry_if_exception_type(_Again),
            stop=stop_after_attempt(attempts),
            wait=wait_exponential(multiplier=wait, max=30 * wait) + wait_random(0, wait),
            reraise=True,
        )
        self._max_bytes = max_bytes

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.close()

    def get(self, url: str, known: Mapping[str, Any] | None = None) -> Fetched:
        """The body at an address, or `unchanged` when it is the one already known.

        Raises FetchError naming the address after the last attempt.
        """
        try:
            return self._retrying(self._once, url, known or {})
        except (_Again, httpx.HTTPError, httpx.InvalidURL) as error:
            raise FetchError(f"{url}: {error or type(error).__name__}") from error

    def _once(self, url: str, known: Mapping[str, Any]) -> Fetched:
        headers = {
            name: known[key]
            for name, key in (("If-None-Match", "etag"), ("If-Modified-Since", "last_modified"))
            if known.get(key)
        }
        try:
            with self._client.stream("GET", url, headers=headers) as answer:
                return self._answer(url, answer)
        except httpx.TransportError as error:
            raise _Again(str(error) or type(error).__name__) from error

    def _answer(self, url: str, answer: httpx.Response) -> Fetched:
        name = urlsplit(url).path.rstrip("/").rsplit("/", 1)[-1] or "index"
        if answer.status_code == httpx.codes.NOT_MODIFIED:
            return Fetched(name, unchanged=True)
        if answer.status_code in _RETRIED:
            raise _Again(f"status {answer.status_code}")
        if answer.status_code != httpx.codes.OK:
            raise FetchError(f"{url}: status {answer.status_code}")
        return Fetched(
            name,
            content=self._body(url, answer),
            media_type=answer.headers.get("content-type", "").split(";")[0].strip(),
            etag=answer.headers.get("etag", ""),
            last_modified=answer.headers.get("last-modified", ""),
        )

    def _body(self, url: str, answer: httpx.Response) -> bytes:
        body = bytearray()
        for chunk in answer.iter_bytes():
            body += chunk
            if len(body) > self._max_bytes:
                raise FetchError(f"{url}: larger than {self._max_bytes} bytes")
        stated = answer.headers.get("content-length")
        if stated and "content-encoding" not in answer.headers and len(body) != int(stated):
            raise _Again(f"cut off after {len(body)} of {stated} bytes")
        return bytes(body)
