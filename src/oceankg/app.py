"""The web application: where the faces are put together over one `Serving`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from fastapi import FastAPI, HTTPException
from fastapi_offline import FastAPIOffline
from starlette.concurrency import run_in_threadpool
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from oceankg import __version__
from oceankg.errors import SnapshotError
from oceankg.faces import (
    added,
    annotate,
    candidates,
    changes,
    compare,
    coverage,
    graphql,
    network,
    pages,
    problems,
    redirects,
    rest,
    search,
    sparql,
)
from oceankg.serving import Serving
from oceankg.settings import Settings


class HeadAsGet:
    """HEAD wherever GET is: the same answer without its body."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return

        async def without_body(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        await self._app({**scope, "method": "GET"}, receive, without_body)


class JsonLimit:
    """A limit on bodies of JSON, which are read whole: 413 as soon as they are past it."""

    MOST = 16 * 2**20

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        kind = dict(scope.get("headers", ())).get(b"content-type", b"")
        if scope["type"] != "http" or b"json" not in kind:
            await self._app(scope, receive, send)
            return
        read = 0

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > self.MOST:
                raise HTTPException(413, f"a body of JSON may have {self.MOST} bytes")
            return message

        await self._app(scope, counted, send)


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application over the snapshots of `settings.data`."""
    serving = Serving(settings or Settings())

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        with suppress(SnapshotError):
            # Opened now, so that the first to ask does not wait for it.
            await run_in_threadpool(serving.now)
        yield
        serving.close()

    app = FastAPIOffline(
        redoc_url=None,
        title="oceankg",
        version=__version__,
        summary="Which ODATIS and Copernicus Marine products measure this variable",
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        lifespan=lifespan,
    )
    problems.install(app)
    app.include_router(pages.router(serving))
    app.include_router(sparql.router(serving))
    app.include_router(graphql.router(serving))
    app.include_router(rest.router(serving))
    app.include_router(compare.router(serving))
    app.include_router(coverage.router(serving))
    app.include_router(search.router(serving))
    app.include_router(changes.router(serving))
    app.include_router(annotate.router(serving))
    app.include_router(redirects.router(serving))
    app.include_router(network.router(serving))
    app.include_router(candidates.router(serving))
    app.include_router(added.router(serving))
    app.include_router(rest.entity_router(serving))
    app.add_middleware(JsonLimit)
    app.add_middleware(GZipMiddleware, minimum_size=2048)
    # Around the packing, so that the length is that of the packed answer.
    app.add_middleware(HeadAsGet)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=["*"],
        allow_methods=["GET", "HEAD", "POST", "OPTIONS"],
        allow_headers=["*"],
        expose_headers=["Link", "ETag"],
    )
    return app
