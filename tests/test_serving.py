"""Serving: the next snapshot is served as soon as it is published; running queries finish."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from oceankg.errors import SnapshotError
from oceankg.querypool import Job
from oceankg.serving import Serving
from oceankg.settings import Settings
from oceankg.store import Snapshot, Snapshots

SLOW = "SELECT (COUNT(*) AS ?n) { ?a a ?b . ?c a ?d . FILTER(?a = ?c) }"


@pytest.fixture
def data(tmp_path: Path, starter: Snapshot) -> Path:
    snapshots = Snapshots(tmp_path)
    for name in ("20260101T000000-one", "20260102T000000-two"):
        shutil.copytree(starter.folder, snapshots.folder / name)
    snapshots.publish(snapshots.get("20260101T000000-one"))
    return tmp_path


@pytest.fixture
def serving(data: Path) -> Iterator[Serving]:
    serving = Serving(Settings(data=data, query_seconds=2, workers=1))
    yield serving
    serving.close()


def test_without_a_snapshot_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SnapshotError, match="oceankg build"):
        Serving(Settings(data=tmp_path)).now()


def test_a_published_snapshot_is_served_without_a_restart(serving: Serving, data: Path) -> None:
    first = serving.now()
    assert first is serving.now()
    snapshots = Snapshots(data)
    snapshots.publish(snapshots.get("20260102T000000-two"))
    second = serving.now()
    assert second.model.snapshot.id == "20260102T000000-two"
    assert second.pool.run(Job("ASK {}")).content


def test_a_query_on_the_old_snapshot_finishes(serving: Serving, data: Path) -> None:
    old = serving.now().pool
    old.run(Job("ASK {}"))
    seen: list[object] = []

    def ask() -> None:
        try:
            seen.append(old.run(Job(SLOW)))
        except Exception as error:
            seen.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    snapshots = Snapshots(data)
    snapshots.publish(snapshots.get("20260102T000000-two"))
    serving.now()
    assert old.run(Job("ASK {}")).content
    thread.join(30)
    # Answered, or ended by its own deadline; never cut off by the exchange.
    assert type(seen[0]).__name__ in ("Answer", "QueryTimeoutError")
