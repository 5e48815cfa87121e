"""One polite HTTP client: named, bounded, patient, and asking only for what changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any, Self
from urllib.parse import urljoin, urlsplit

import httpx
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    stop_after_attempt,
    wait_exponential,
    wait_random,
)

from oceankg import __version__
from oceankg.errors import FetchError, MissingError

MAX_BYTES = 512 * 1024 * 1024
# A server that asks to be left alone for longer is asked again at the next harvest.
LONGEST_WAIT = 300.0
RETRIED = frozenset({429, 500, 502, 503, 504})
MISSING = frozenset({401, 403, 404, 410})
_PAGES_FOR_PEOPLE = {"text/html", "application/xhtml+xml"}


class Again(Exception):  # noqa: N818  (a signal to the retry, never seen outside)
    """A fault that may pass by itself; `after` is how long the server asked to wait, in seconds."""

    def __init__(self, message: str, after: float = 0.0) -> None:
        super().__init__(message)
        self.after = after


def patient(attempts: int, wait: float) -> Retrying:
    """Attempts with back-off after `Again`, and never sooner than the server asked for."""
    backoff = wait_exponential(multiplier=wait, max=30 * wait) + wait_random(0, wait)

    def waiting(state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        return max(backoff(state), error.after if isinstance(error, Again) else 0.0)

    return Retrying(
        retry=retry_if_exception_type(Again),
        stop=stop_after_attempt(attempts),
        wait=waiting,
        reraise=True,
    )


def retry_after(header: str | None, now: datetime) -> float:
    """The seconds of a `Retry-After` header, which holds seconds or a date; 0 for neither."""
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    with suppress(ValueError):
        moment = parsedate_to_datetime(text)
        return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds())
    return 0.0


def check_status(url: str, status: int, header: Callable[[str], str | None]) -> None:
    """Raise `Again` for a fault that may pass, FetchError for any other answer but 200.

    It is MissingError when the server says that there is nothing, or nothing for us.
    """
    if status == httpx.codes.OK:
        return
    if status in MISSING:
        raise MissingError(f"{url}: status {status}")
    after = retry_after(header("Retry-After"), datetime.now(UTC))
    if status not in RETRIED:
        raise FetchError(f"{url}: status {status}")
    if after > LONGEST_WAIT:
        raise FetchError(f"{url}: status {status}, and asks to wait {after:.0f} s; try again later")
    raise Again(f"status {status}", after)


def check_media_type(url: str, media_type: str) -> None:
    """Raise FetchError for a page for people: no vocabulary comes so, but many apologies do."""
    if media_type in _PAGES_FOR_PEOPLE:
        raise FetchError(f"{url}: answered with a page ({media_type}), not with data")


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer: its bytes and the address of the page that follows, or that nothing changed."""

    name: str
    content: bytes = b""
    media_type: str = ""
    etag: str = ""
    last_modified: str = ""
    following: str = ""
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
        self.agent = f"oceankg/{__version__}" + (f" ({contact})" if contact else "")
        self.timeout, self.max_bytes = timeout, max_bytes
        self.retrying = patient(attempts, wait)
        self._client = httpx.Client(
            headers={"User-Agent": self.agent}, follow_redirects=True, timeout=timeout
        )

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
        return self._patiently(url, known or {}, None)

    def post(self, url: str, question: bytes) -> Fetched:
        """The answer to a question in JSON, which changes nothing; errors as `get` has them."""
        return self._patiently(url, {}, question)

    def _patiently(self, url: str, known: Mapping[str, Any], question: bytes | None) -> Fetched:
        try:
            return self.retrying(self._once, url, known, question)
        except (Again, httpx.HTTPError, httpx.InvalidURL) as error:
            raise FetchError(f"{url}: {error or type(error).__name__}") from error

    def _once(self, url: str, known: Mapping[str, Any], question: bytes | None) -> Fetched:
        headers = {
            name: known[key]
            for name, key in (("If-None-Match", "etag"), ("If-Modified-Since", "last_modified"))
            if known.get(key)
        }
        if question is not None:
            headers |= {"Content-Type": "application/json", "Accept": "application/json"}
        method = "GET" if question is None else "POST"
        try:
            with self._client.stream(method, url, headers=headers, content=question) as answer:
                return self._answer(url, answer)
        except httpx.TransportError as error:
            raise Again(str(error) or type(error).__name__) from error

    def _answer(self, url: str, answer: httpx.Response) -> Fetched:
        name = urlsplit(url).path.rstrip("/").rsplit("/", 1)[-1] or "index"
        if answer.status_code == httpx.codes.NOT_MODIFIED:
            return Fetched(name, unchanged=True)
        check_status(url, answer.status_code, answer.headers.get)
        media_type = answer.headers.get("content-type", "").split(";")[0].strip().lower()
        check_media_type(url, media_type)
        following = answer.links.get("next", {}).get("url", "")
        return Fetched(
            name,
            content=self._body(url, answer),
            media_type=media_type,
            etag=answer.headers.get("etag", ""),
            last_modified=answer.headers.get("last-modified", ""),
            following=urljoin(str(answer.url), following) if following else "",
        )

    def _body(self, url: str, answer: httpx.Response) -> bytes:
        body = bytearray()
        for chunk in answer.iter_bytes():
            body += chunk
            if len(body) > self.max_bytes:
                raise FetchError(f"{url}: larger than {self.max_bytes} bytes")
        stated = answer.headers.get("content-length")
        if stated and "content-encoding" not in answer.headers and len(body) != int(stated):
            raise Again(f"cut off after {len(body)} of {stated} bytes")
        return bytes(body)
