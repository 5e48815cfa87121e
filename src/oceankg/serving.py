"""What is served: the snapshot in service, exchanged when another is published."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from oceankg.errors import SnapshotError
from oceankg.querypool import MEBIBYTE, Limits, QueryPool
from oceankg.read import ReadModel, load
from oceankg.resolve import Resolver
from oceankg.settings import Settings
from oceankg.store import Snapshots


@dataclass(frozen=True, slots=True)
class Opened:
    """One opened snapshot with everything that answers from it."""

    model: ReadModel
    resolver: Resolver
    pool: QueryPool


class Serving:
    """Opens the snapshot in service, and the next one as soon as it is published."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.snapshots = Snapshots(settings.data)
        self._lock = threading.Lock()
        self._served: Opened | None = None
        self._retired: list[tuple[threading.Timer, QueryPool]] = []

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
                model = load(current)
                limits = Limits(
                    self.settings.query_seconds,
                    self.settings.query_mebibytes * MEBIBYTE,
                    self.settings.answer_mebibytes * MEBIBYTE,
                )
                pool = QueryPool(current.store_path, self.settings.workers, limits)
                if served is not None:
                    self._retire(served.pool)
                served = self._served = Opened(model, Resolver(model), pool)
        return served

    def _retire(self, pool: QueryPool) -> None:
        """Let the queries of the old snapshot finish, then end its workers."""
        timer = threading.Timer(self.settings.query_seconds + 5, pool.close)
        timer.daemon = True
        timer.start()
        self._retired.append((timer, pool))

    def close(self) -> None:
        """End the query workers."""
        with self._lock:
            for timer, pool in self._retired:
                timer.cancel()
                pool.close()
            self._retired.clear()
            if self._served is not None:
                self._served.pool.close()
                self._served = None
