"""Changes between the snapshots that are kept, and what they touch."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Annotated, Any

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from oceankg import changelog
from oceankg.errors import QueryBusyError, UnknownTermError
from oceankg.faces import pages
from oceankg.faces.compare import written
from oceankg.faces.negotiate import CSV, HTML, JSON, accepted
from oceankg.impact import Report, between
from oceankg.serving import Serving
from oceankg.store import Snapshot

# A comparison reads two stores, so one runs at a time, and only a few may wait for their turn.
WAITING = 8
# Rows of a list that a page shows; the CSV has them all.
ROWS = 1000

SnapshotId = Annotated[str | None, Query(max_length=100)]


@dataclass(frozen=True, slots=True)
class Kept:
    """A snapshot that is kept."""

    id: str
    created: str
    triples: int
    in_service: bool


@dataclass(frozen=True, slots=True)
class KeptSnapshots:
    """The snapshots that are kept, the oldest first."""

    snapshots: tuple[Kept, ...]


def router(serving: Serving) -> APIRouter:
    """The routes of snapshots and changes."""
    routes = APIRouter(tags=["changes"])
    one_at_a_time = CapacityLimiter(1)

    # Snapshots never change, so the answer of a pair of them stays true.
    @lru_cache(maxsize=4)
    def compared(old: Snapshot, new: Snapshot, vocabulary: str | None) -> Report:
        return between(old, new, vocabulary)

    def answer(
        request: Request, ends: tuple[str | None, str | None], vocabulary: str | None, form: str
    ) -> Response:
        return _written(request, compared(*_ends(serving, *ends), vocabulary), form)

    @routes.get("/snapshots", summary="The snapshots that are kept", response_model=KeptSnapshots)
    def snapshots(request: Request, response: Response) -> Any:  # noqa: ANN401  (or a page)
        form = accepted(request, [JSON, HTML])
        kept = _kept(serving)
        response.headers["Vary"] = "Accept"
        if form == HTML:
            return pages.render(request, "snapshots.html", snapshots=kept)
        return KeptSnapshots(kept)

    @routes.get(
        "/changes",
        summary="How the lists of two snapshots differ, and what that touches",
        response_class=JSONResponse,
        responses={200: {"content": {CSV: {}, HTML: {}}}},
    )
    async def changes(
        request: Request,
        old: Annotated[SnapshotId, Query(alias="from")] = None,
        new: Annotated[SnapshotId, Query(alias="to")] = None,
        vocabulary: Annotated[str | None, Query(max_length=100)] = None,
    ) -> Response:
        form = accepted(request, [JSON, CSV, HTML])
        if one_at_a_time.statistics().tasks_waiting >= WAITING:
            raise QueryBusyError("too many comparisons are waiting; try again later")
        ends = (old, new)
        return await to_thread.run_sync(
            answer, request, ends, vocabulary, form, limiter=one_at_a_time
        )

    return routes


def _kept(serving: Serving) -> tuple[Kept, ...]:
    current = serving.snapshots.current()
    served = current.id if current else ""
    manifests = ((s.id, s.manifest()) for s in serving.snapshots.all())
    return tuple(Kept(i, m["created"], m["triples"], i == served) for i, m in manifests)


def _ends(serving: Serving, old: str | None, new: str | None) -> tuple[Snapshot, Snapshot]:
    """The two snapshots: by default the one in service and the one kept before it."""
    after = _snapshot(serving, new)
    if old is not None:
        return _snapshot(serving, old), after
    before = [s for s in serving.snapshots.all() if s.id < after.id]
    if not before:
        raise UnknownTermError(f"no snapshot is kept from before {after.id}; see /snapshots")
    return before[-1], after


def _snapshot(serving: Serving, id_: str | None) -> Snapshot:
    return serving.now().model.snapshot if id_ is None else serving.kept(id_)


def _written(request: Request, report: Report, form: str) -> Response:
    headers = {"Vary": "Accept"}
    if form == JSON:
        return JSONResponse(changelog.as_json(report), headers=headers)
    if form == CSV:
        rows = (changelog.COLUMNS, *changelog.table(report))
        return Response(written(rows), media_type=CSV, headers=headers)
    shown = [
        (changelog.summary(v), list(islice(changelog.brief(v), ROWS))) for v in report.vocabularies
    ]
    return pages.render(
        request,
        "changes.html",
        report=report,
        vocabularies=shown,
        columns=changelog.BRIEF_COLUMNS,
        limit=ROWS,
    )
