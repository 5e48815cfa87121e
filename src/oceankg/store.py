"""Snapshots: each an immutable folder with a store and a manifest; `current` names the one served.

    <data>/snapshots/<id>/store/          an Oxigraph database, opened read-only by everyone
    <data>/snapshots/<id>/manifest.json   sources with origin, licence, date, digest, counts
    <data>/snapshots/<id>/report.json     what the build linked, left out and could not link
    <data>/current                        the id of the snapshot in service

A snapshot is prepared in a folder of another name and renamed when it is whole, so nobody ever
sees half of one; `current` is replaced in one step.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyoxigraph import Store

from oceankg.errors import SnapshotError

_STAGING = ".staging-"
_GONE = ".gone-"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One published state of the graph."""

    id: str
    folder: Path

    @property
    def store_path(self) -> Path:
        """The folder of the Oxigraph database."""
        return self.folder / "store"

    def open(self) -> Store:
        """The database, read-only; several processes may hold it at once."""
        try:
            return Store.read_only(str(self.store_path))
        except OSError as error:
            raise SnapshotError(f"snapshot {self.id} cannot be opened: {error}") from error

    def manifest(self) -> dict[str, Any]:
        """What the snapshot is made of."""
        return self._json("manifest.json")

    def report(self) -> dict[str, Any]:
        """What the build found out."""
        return self._json("report.json")

    def _json(self, name: str) -> dict[str, Any]:
        try:
            content: dict[str, Any] = json.loads((self.folder / name).read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise SnapshotError(f"snapshot {self.id} has no readable {name}: {error}") from error
        return content


class Snapshots:
    """All snapshots below a data folder."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.folder = data / "snapshots"

    def all(self) -> tuple[Snapshot, ...]:
        """Every whole snapshot, the oldest first (ids begin with their time)."""
        if not self.folder.is_dir():
            return ()
        found = (p for p in self.folder.glob("[!.]*") if (p / "manifest.json").is_file())
        return tuple(Snapshot(p.name, p) for p in sorted(found))

    def get(self, snapshot_id: str) -> Snapshot:
        """The snapshot of that id; SnapshotError names the ones there are."""
        for snapshot in self.all():
            if snapshot.id == snapshot_id:
                return snapshot
        known = ", ".join(s.id for s in self.all()) or "none"
        raise SnapshotError(f"there is no snapshot {snapshot_id}; there are: {known}")

    def current(self) -> Snapshot | None:
        """The snapshot in service, or None before the first build."""
        try:
            snapshot_id = (self.data / "current").read_text("utf-8").strip()
        except FileNotFoundError:
            return None
        return self.get(snapshot_id)

    def publish(self, snapshot: Snapshot) -> None:
        """Put a snapshot in service, in one step; SnapshotError when it is not there."""
        self.get(snapshot.id)
        fresh = self.data / f".current-{os.getpid()}"
        with fresh.open("w", encoding="utf-8") as file:
            file.write(snapshot.id + "\n")
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.data / "current")

    @contextmanager
    def staging(self) -> Iterator[Path]:
        """A folder to prepare a snapshot in; it is gone afterwards unless it was settled."""
        self.folder.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=_STAGING, dir=self.folder))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def settle(self, staged: Path, snapshot_id: str) -> Snapshot:
        """Give a prepared folder its place among the snapshots, in one step."""
        target = self.folder / snapshot_id
        if target.exists():
            raise SnapshotError(f"there is a snapshot {snapshot_id} already")
        staged.chmod(0o755)
        staged.rename(target)
        return Snapshot(snapshot_id, target)

    def prune(self, keep: int) -> tuple[str, ...]:
        """Remove all but the newest `keep` snapshots; the one in service always stays."""
        current = self.current()
        old = self.all()[:-keep]
        gone = tuple(s for s in old if current is None or s.id != current.id)
        for snapshot in gone:
            # First out of sight, so that nobody opens what is half removed.
            hidden = snapshot.folder.with_name(_GONE + snapshot.id)
            snapshot.folder.rename(hidden)
            shutil.rmtree(hidden)
        return tuple(s.id for s in gone)
