"""Which form of an answer a client gets, by its Accept header, and whether it has it already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import quote

import mimeparse
from fastapi import HTTPException
from pyoxigraph import QueryResultsFormat, RdfFormat
from starlette.requests import Request
from starlette.responses import Response

from oceankg import __version__
from oceankg.querypool import NotAcceptable

HTML = "text/html"
JSON = "application/json"
CSV = "text/csv"
MARKDOWN = "text/markdown"
MAX_BODY = 1024 * 1024

# The first of each list is what a client gets that takes anything.
SELECT_TYPES: tuple[str, ...] = tuple(
    f.media_type
    for f in (
        QueryResultsFormat.JSON,
        QueryResultsFormat.XML,
        QueryResultsFormat.CSV,
        QueryResultsFormat.TSV,
    )
)
GRAPH_TYPES: tuple[str, ...] = tuple(
    f.media_type
    for f in (
        RdfFormat.TURTLE,
        RdfFormat.N_TRIPLES,
        RdfFormat.RDF_XML,
        RdfFormat.JSON_LD,
        RdfFormat.N3,
    )
)


# The RDF syntaxes by the name that a client gives as `form`.
RDF_FORMS: Mapping[str, str] = dict(
    zip(("turtle", "ntriples", "rdfxml", "jsonld", "n3"), GRAPH_TYPES, strict=True)
)


def form_of(request: Request, forms: Mapping[str, str], form: str | None = None) -> str:
    """The media type of an answer: of the form that is named, else what the client likes best.

    `forms` is name to media type, the first for a client that takes anything. Raises NotAcceptable
    where the client takes none of them, 422 for a form that is unknown.
    """
    if form is not None:
        if form not in forms:
            raise HTTPException(422, f"no form {form}; known: {', '.join(forms)}")
        return forms[form]
    return accepted(request, tuple(forms.values()))


def etag_of(snapshot: str, media: str, *more: str) -> str:
    """The tag of an answer: of one snapshot, one version of ours and one form never another one.

    Weak, because the same answer is also sent packed. `more` is what else it depends on.
    """
    marks = (snapshot, __version__, media.replace("/", "."), *more)
    return f'W/"{"-".join(quote(mark, safe=".+") for mark in marks)}"'


def not_modified(request: Request, etag: str) -> Response | None:
    """The answer 304 for a client that has what the tag stands for; None for all others."""
    known = request.headers.get("if-none-match", "")
    tags = {tag.strip().removeprefix("W/") for tag in known.split(",")}
    if "*" not in tags and etag.removeprefix("W/") not in tags:
        return None
    return Response(status_code=304, headers=kept_for(etag))


def tagged(request: Request, answer: Response, etag: str) -> Response:
    """An answer with its tag, or 304 for a client that has it."""
    answer.headers.update(kept_for(etag))
    return not_modified(request, etag) or answer


def kept_for(etag: str) -> dict[str, str]:
    """The headers of an answer that may be kept, and is asked for again with its tag."""
    return {"ETag": etag, "Cache-Control": "public, no-cache", "Vary": "Accept"}


async def whole_body(request: Request) -> bytes:
    """The body of a request; 413 past the limit."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            raise HTTPException(413, f"a question may have {MAX_BODY} bytes")
    return bytes(body)


def accepted(request: Request, offered: Sequence[str]) -> str:
    """The offered media type that the client likes best; NotAcceptable when it takes none."""
    if (chosen := choose(request, offered)) is None:
        raise NotAcceptable(f"offered: {', '.join(offered)}")
    return chosen


def choose(request: Request, offered: Sequence[str]) -> str | None:
    """The offered media type that the client likes best, or None when it takes none of them."""
    header = (request.headers.get("accept") or "*/*").lower()
    # best_match prefers the last of equals, and the first of ours is the best.
    try:
        return mimeparse.best_match(list(reversed(offered)), header) or None
    except mimeparse.MimeTypeParseException:
        return offered[0]
