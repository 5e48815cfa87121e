"""Bringing recordings in: from the authorities over HTTP, from a folder, or a user's own file.

    <data>/harvest/<source>/origin.json   the files, each with reader, address, date, digest
    <data>/harvest/<source>/<file>        the bytes as they came

A source is fetched into a folder of another name and swapped in whole, so a broken fetch leaves
the last good one.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from oceankg import rdf
from oceankg.errors import SourceError
from oceankg.http import Client, Fetched
from oceankg.model import Recording
from oceankg.sources import READERS, Place, Source

_NAME_REMEDY = "Harvest the source again, or remove its folder to go back to the starter."


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

    def get(self, source: str) -> Harvested | None:
        """The recordings of a source, or None when it was never harvested."""
        self._recover()
        folder = self.folder / source
        if not (folder / "origin.json").is_file():
            return None
        origin = self._origin(folder)
        recordings = tuple(self._read(folder, entry) for entry in origin["files"])
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

    def _read(self, folder: Path, entry: Mapping[str, Any]) -> Recording:
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
        return Recording(name, content, entry["format"], entry.get("options", {}))

    def fetch(self, source: Source, client: Client) -> bool:
        """Fetch a source from its authority; False when nothing changed since the last time."""
        known = self._known(source.id)
        answers = [(place, client.get(place.at, known.get(place.at))) for place in source.live]
        if answers and all(answer.unchanged for _, answer in answers):
            return False
        fresh = [
            (place, client.get(place.at) if answer.unchanged else answer)
            for place, answer in answers
        ]
        self._put(source.id, [_entry(place, answer) for place, answer in fresh])
        return True

    def _known(self, source: str) -> dict[str, Mapping[str, Any]]:
        folder = self.folder / source
        if not (folder / "origin.json").is_file():
            return {}
        return {entry.get("url", ""): entry for entry in self._origin(folder)["files"]}

    def copy(self, source: Source, folder: Path) -> None:
        """Take a source's recordings from a folder."""
        entries = [
            (_meta(r.name.rsplit("/", 1)[-1], r.format, r.options, r.content), r.content)
            for r in from_folder(source, folder)
        ]
        self._put(source.id, entries)

    def add(self, file: Path, source: str) -> None:
        """Take a user's own SKOS file as a source of its own; it is read first, to be sure."""
        content = file.read_bytes()
        self._put(source, [(_meta(file.name, "skos", {}, content), content)])

    def _put(self, source: str, entries: Sequence[tuple[dict[str, Any], bytes]]) -> None:
        for meta, content in entries:
            # Read first: a page that says sorry must not take the last good recording's place.
            READERS[meta["format"]](
                Recording(meta["name"], content, meta["format"], meta["options"])
            )
        fresh, place = self.folder / f".fresh-{source}", self.folder / source
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        files = []
        for number, (meta, content) in enumerate(entries, 1):
            if (fresh / meta["name"]).exists():
                meta["name"] = f"{number}-{meta['name']}"
            (fresh / meta["name"]).write_bytes(content)
            files.append(meta)
        origin = {"fetched": datetime.now(UTC).isoformat(timespec="seconds"), "files": files}
        (fresh / "origin.json").write_text(json.dumps(origin, indent=1) + "\n", "utf-8")
        old = self.folder / f".old-{source}"
        shutil.rmtree(old, ignore_errors=True)
        if place.exists():
            place.rename(old)
        fresh.rename(place)
        shutil.rmtree(old, ignore_errors=True)


def _meta(name: str, format_: str, options: Mapping[str, str], content: bytes) -> dict[str, Any]:
    sha256 = hashlib.sha256(content).hexdigest()
    return {"name": name, "format": format_, "options": dict(options), "sha256": sha256}


def _entry(place: Place, answer: Fetched) -> tuple[dict[str, Any], bytes]:
    name = answer.name + _ending(place.format, answer)
    meta = _meta(name, place.format, place.options, answer.content)
    return meta | {
        "url": place.at,
        "etag": answer.etag,
        "last_modified": answer.last_modified,
    }, answer.content


def _ending(format_: str, answer: Fetched) -> str:
    if format_ == "skos" and Path(answer.name).suffix.lower() not in rdf.FORMATS:
        return next(
            (e for e, f in rdf.FORMATS.items() if f.media_type == answer.media_type), ".rdf"
        )
    return ""
