"""What is served: the snapshot in service, exchanged when another is published."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from anyio import CapacityLimiter

from oceankg.compare import prepare
from oceankg.compare.coverage import coverage
from oceankg.compare.redirects import Redirects
from oceankg.errors import QueryBusyError, SnapshotError, UnknownTermError
from oceankg.querypool import Limits, QueryPool
from oceankg.read import ReadModel, load
from oceankg.resolve import Resolver
from oceankg.search import Search
from oceankg.settings import Settings
from oceankg.store import Snapshot, Snapshots


@dataclass(frozen=True, slots=True)
class Opened:
    """One opened snapshot with everything that answers from it.

    `pool` answers strangers' queries, `house` our own short ones, so that neither waits for the
    other.
    """

    model: ReadModel
    resolver: Resolver
    search: Search
    redirects: Redirects
    pool: QueryPool
    house: QueryPool


class Serving:
    """Opens the snapshot in service, and the next one as soon as it is published."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.snapshots = Snapshots(settings.data)
        self._lock = threading.Lock()
        self._served: Opened | None = None
        self.askers = CapacityLimiter(settings.workers * 4)
        self._opening = threading.Lock()
        self._past: Resolver | None = None
        self._retired: list[tuple[threading.Timer, Opened]] = []

    def now(self) -> Opened:
        """The snapshot in service; SnapshotError when there is none yet."""
        current = self.snapshots.current()
        if current is None:
            raise SnapshotError("there is no snapshot yet; run: oceankg build")
        served = self._served
        if served is not None and served.model.snapshot.id == current.id:
            return served
        with self._lock:
            served = self._served
            if served is None or served.model.snapshot.id != current.id:
                try:
                    model = load(current)
                except SnapshotError:
                    if served is None:
                        raise
                    # What is open and good is served on; /health names it.
                    return served
                fresh = self._open(current, model)
                # The old one serves until the new one can, and its time runs from then on.
                if served is not None:
                    self._retire(served)
                served = self._served = fresh
        return served

    def kept(self, release: str) -> Snapshot:
        """A snapshot that is kept; to whom names it in a URL, it is a term that is not here.

        Raises UnknownTermError, with those that are kept.
        """
        try:
            return self.snapshots.get(release)
        except SnapshotError as error:
            raise UnknownTermError(str(error)) from error

    def resolver_at(self, release: str | None) -> Resolver:
        """What answers from a snapshot that is kept; from the one in service where none is named.

        One older snapshot is held open, because each takes as much memory as the one in service.
        Raises UnknownTermError when the snapshot is not kept, QueryBusyError when others are being
        opened for too long.
        """
        now = self.now().resolver
        if release is None or release == now.model.snapshot.id:
            return now
        snapshot = self.kept(release)
        if not self._opening.acquire(timeout=self.settings.query_seconds):
            raise QueryBusyError("older snapshots are being opened; try again later")
        try:
            if self._past is None or self._past.model.snapshot.id != release:
                self._past = None
                self._past = Resolver(load(snapshot))
            return self._past
        finally:
            self._opening.release()

    def _open(self, snapshot: Snapshot, model: ReadModel) -> Opened:
        limits = Limits.of(self.settings)
        # What is computed once is computed now, so that nobody waits for it.
        prepare(model)
        coverage(model)
        search = Search(model)
        resolver = Resolver(model, search)
        pool = QueryPool(snapshot.store_path, self.settings.workers, limits)
        house = QueryPool(snapshot.store_path, 1, limits)
        return Opened(model, resolver, search, Redirects(model), pool, house)

    def _retire(self, opened: Opened) -> None:
        """Let the queries of the old snapshot finish, then end its workers."""
        self._retired = [(timer, old) for timer, old in self._retired if timer.is_alive()]
        timer = threading.Timer(self.settings.query_seconds + 5, _end, [opened])
        timer.daemon = True
        timer.start()
        self._retired.append((timer, opened))

    def close(self) -> None:
        """End the query workers."""
        with self._lock:
            for timer, opened in self._retired:
                timer.cancel()
                _end(opened)
            self._retired.clear()
            if self._served is not None:
                _end(self._served)
                self._served = None


def _end(opened: Opened) -> None:
    opened.pool.close()
    opened.house.close()
