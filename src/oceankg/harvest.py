"""Bringing recordings in: from the authorities over HTTP, from a folder, or a user's own file.

    <data>/harvest/<source>/origin.json   the files, each with reader, address, date, digest
    <data>/harvest/<source>/<file>        the bytes as they came

A source is fetched into a folder of another name and swapped in whole, so a broken fetch leaves
the last good one; its pages wait in `<data>/unfinished/<source>` for the next attempt.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from oceankg import fetch, sssom
from oceankg.errors import FetchError, SourceError
from oceankg.http import MAX_BYTES, Client
from oceankg.model import Recording
from oceankg.sources import READERS, Place, Source, Way
from oceankg.unfinished import State, Taken, Unfinished

_NAME_REMEDY = "Harvest the source again, or remove its folder to go back to the starter."
_LEFT_SECONDS = 24 * 60 * 60
# What `origin.json` tells of a file, besides its name and digest.
_TOLD = (
    "format",
    "options",
    "update",
    "url",
    "asked",
    "etag",
    "last_modified",
    "following",
)


@dataclass(frozen=True, slots=True)
class Harvested:
    """What is known of a source's recordings on disk."""

    recordings: tuple[Recording, ...]
    fetched: str


def digest(contents: Iterable[bytes]) -> str:
    """One SHA-256 over several files in their order."""
    total = hashlib.sha256()
    for content in contents:
        total.update(hashlib.sha256(content).digest())
    return total.hexdigest()


def from_folder(source: Source, folder: Path) -> tuple[Recording, ...]:
    """The recordings of a source below a folder; SourceError when one is missing."""
    return tuple(_recording(place, folder) for place in source.recorded)


def _recording(place: Place, folder: Path) -> Recording:
    try:
        content = (folder / place.at).read_bytes()
    except OSError as error:
        raise SourceError(
            f"cannot be read ({error.strerror})",
            file=place.at,
            remedy=f"Put it below {folder.name}/ or leave the source out.",
        ) from error
    return Recording(place.at, content, place.format, place.options)


class Harvest:
    """The folder of harvested recordings."""

    def __init__(self, data: Path) -> None:
        self.folder = data / "harvest"
        self._unfinished = data / "unfinished"
        self._mappings = data / "mappings"

    def sources(self) -> tuple[str, ...]:
        """The ids of all sources that were harvested."""
        if not self.folder.is_dir():
            return ()
        self._recover()
        return tuple(sorted(p.parent.name for p in self.folder.glob("[!.]*/origin.json")))

    def _recover(self) -> None:
        """Put back what a crash between the two renames of an exchange left aside."""
        for old in self.folder.glob(".old-*"):
            place = self.folder / old.name.removeprefix(".old-")
            if not place.exists():
                old.rename(place)

    def _sweep(self) -> None:
        """Remove what a harvest that was killed left, but not what one of today is writing."""
        for left in self.folder.glob(".fresh-*"):
            if time.time() - left.stat().st_mtime > _LEFT_SECONDS:
                shutil.rmtree(left, ignore_errors=True)

    def get(self, source: str) -> Harvested | None:
        """The recordings of a source, or None when it was never harvested."""
        self._recover()
        folder = self.folder / source
        if not (folder / "origin.json").is_file():
            return None
        origin = self._origin(folder)
        recordings = tuple(self._read(folder, entry).recording for entry in origin["files"])
        return Harvested(recordings, origin["fetched"])

    def _origin(self, folder: Path) -> Mapping[str, Any]:
        try:
            origin: dict[str, Any] = json.loads((folder / "origin.json").read_text("utf-8"))
            origin["files"], origin["fetched"]
            for entry in origin["files"]:
                entry["name"], entry["sha256"], READERS[entry["format"]]
        except (ValueError, KeyError, TypeError) as error:
            raise SourceError(
                f"not readable: {error}", file=f"{folder.name}/origin.json", remedy=_NAME_REMEDY
            ) from error
        return origin

    def _read(self, folder: Path, entry: Mapping[str, Any]) -> Taken:
        name = f"{folder.name}/{entry['name']}"
        try:
            content = (folder / entry["name"]).read_bytes()
        except OSError as error:
            raise SourceError(str(error.strerror), file=name, remedy=_NAME_REMEDY) from error
        if hashlib.sha256(content).hexdigest() != entry["sha256"]:
            raise SourceError(
                "the file is not the one that was fetched (its digest differs)",
                file=name,
                remedy=_NAME_REMEDY,
            )
        told = {key: entry[key] for key in _TOLD if key in entry}
        return Taken(name, content=content, **told)

    def fetch(self, source: Source, client: Client, by: Way | None = None) -> bool:
        """Fetch a source from its authority; False when nothing changed since the last time.

        `by` chooses among the ways in which the source may be asked.
        """
        unfinished = Unfinished(self._unfinished / source.id)
        try:
            fresh = fetch.fetch(source, client, by, self._state(source.id), unfinished)
            if fresh is not None:
                self._put(source.id, fresh)
        except SourceError:  # what was fetched is no good, so it is not to be taken up again
            unfinished.clear()
            raise
        unfinished.clear()
        return fresh is not None

    def _state(self, source: str) -> State:
        """What is there of a source; nothing when it is damaged, so that it is fetched anew."""
        folder = self.folder / source
        try:
            origin = self._origin(folder)
            taken = tuple(self._read(folder, entry) for entry in origin["files"])
        except (SourceError, OSError):
            return State()
        return State(taken, origin.get("seen", {}))

    def copy(self, source: Source, folder: Path) -> None:
        """Take a source's recordings from a folder."""
        taken = (
            Taken(r.name.rsplit("/", 1)[-1], r.format, content=r.content, options=r.options)
            for r in from_folder(source, folder)
        )
        self._put(source.id, State(tuple(taken)))

    def add(self, file: Path, source: str, format_: str = "skos") -> None:
        """Take a user's own file as a source of its own; it is read first, to be sure."""
        taken = Taken(fetch.file_name(file.name), format_, content=bounded(file))
        self._put(source, State((taken,)))

    def add_mappings(self, content: bytes, name: str) -> None:
        """Take a user's own mapping set; it is read first, and replaces one of the same name."""
        sssom.read(content, name)
        self._mappings.mkdir(parents=True, exist_ok=True)
        fresh = self._mappings / f".fresh-{name}"
        fresh.write_bytes(content)
        fresh.replace(self._mappings / name)

    def _put(self, source: str, state: State) -> None:
        for taken in state.taken:
            # Read first: a page that says sorry must not take the last good recording's place.
            READERS[taken.format](taken.recording)
        self._sweep()
        fresh, place = self.folder / f".fresh-{source}", self.folder / source
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        files = [_write(fresh, number, taken) for number, taken in enumerate(state.taken, 1)]
        fetched = datetime.now(UTC).isoformat(timespec="seconds")
        origin = {"fetched": fetched, "seen": dict(state.seen), "files": files}
        (fresh / "origin.json").write_text(json.dumps(origin, indent=1) + "\n", "utf-8")
        old = self.folder / f".old-{source}"
        shutil.rmtree(old, ignore_errors=True)
        if place.exists():
            place.rename(old)
        fresh.rename(place)
        shutil.rmtree(old, ignore_errors=True)


def _write(folder: Path, number: int, taken: Taken) -> dict[str, Any]:
    """Write a file under a name of its own, and tell what `origin.json` is to hold of it."""
    name = taken.name.rsplit("/", 1)[-1]
    if (folder / name).exists():
        name = f"{number}-{name}"
    (folder / name).write_bytes(taken.content)
    sha256 = hashlib.sha256(taken.content).hexdigest()
    told = {key: getattr(taken, key) for key in _TOLD if getattr(taken, key)}
    return {"name": name, "sha256": sha256, **told, "options": dict(taken.options)}


def bounded(file: Path) -> bytes:
    """The content of a user's file; FetchError when it is larger than what is fetched."""
    if file.stat().st_size > MAX_BYTES:
        raise FetchError(f"{file}: larger than {MAX_BYTES} bytes")
    return file.read_bytes()
