"""The files of a source as fetched, and those of a fetch that broke, kept for the next attempt."""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from oceankg.model import Recording, Update

# An authority publishes once a day; pages of two days would not fit together.
_KEPT_SECONDS = 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class Taken:
    """One file as fetched: what a recording needs, and what is asked for at the next fetch.

    `url` is the file's own address, and `asked` the one under which it was found, if another.
    """

    name: str
    format: str
    url: str = ""
    content: bytes = field(repr=False, default=b"")
    options: Mapping[str, str] = field(default_factory=dict)
    update: Update = ""
    etag: str = ""
    last_modified: str = ""
    following: str = ""
    asked: str = ""

    @property
    def key(self) -> str:
        """What tells the files of a source apart."""
        return self.url or self.name

    @property
    def recording(self) -> Recording:
        """The file as a reader takes it."""
        return Recording(self.name, self.content, self.format, self.options, self.update)


@dataclass(frozen=True, slots=True)
class State:
    """A source's files, those of changes after what they change, and how far each feed was read."""

    taken: tuple[Taken, ...] = ()
    seen: Mapping[str, str] = field(default_factory=dict)

    @property
    def by_key(self) -> dict[str, Taken]:
        """The files by what tells them apart."""
        return {taken.key: taken for taken in self.taken}


class Unfinished:
    """The pages of a fetch that broke, for the next attempt of the same day."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        started = folder / "started"
        if started.exists() and time.time() - started.stat().st_mtime > _KEPT_SECONDS:
            self.clear()

    def _files(self, key: str) -> tuple[Path, Path]:
        name = hashlib.sha256(key.encode()).hexdigest()[:32]
        return self._folder / f"{name}.json", self._folder / f"{name}.bytes"

    def get(self, key: str) -> Taken | None:
        """A page that was fetched before the break, or None."""
        meta, content = self._files(key)
        if not meta.exists():
            return None
        return Taken(**json.loads(meta.read_text("utf-8")), content=content.read_bytes())

    def put(self, key: str, taken: Taken) -> Taken:
        """Keep a page; what says that it is there is written last."""
        meta, content = self._files(key)
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / "started").touch(exist_ok=True)
        content.write_bytes(taken.content)
        fresh = meta.with_suffix(".fresh")
        told = {k: v for k, v in asdict(taken).items() if k != "content"}
        fresh.write_text(json.dumps(told), "utf-8")
        fresh.replace(meta)
        return taken

    def once(self, key: str, ask: Callable[[], Taken]) -> Taken:
        """A page that was fetched before the break, else fetched now and kept."""
        return self.get(key) or self.put(key, ask())

    def drop(self, key: str) -> None:
        """Forget a page that turned out to be of another state of the list."""
        self._files(key)[0].unlink(missing_ok=True)

    def clear(self) -> None:
        """Forget every page."""
        shutil.rmtree(self._folder, ignore_errors=True)
