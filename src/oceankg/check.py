"""Checks: a file before it is brought in; a snapshot against its shapes."""

from __future__ import annotations

from pathlib import Path

from oceankg import shapes, sources, sssom
from oceankg.errors import PlacedError
from oceankg.gather import format_of
from oceankg.model import Recording
from oceankg.store import Snapshot


def check_file(file: Path) -> str | None:
    """The first fault of a user's file, with its place and remedy; None when it is sound."""
    try:
        content = file.read_bytes()
    except OSError as error:
        return f"{file}: {error.strerror}"
    try:
        if file.name.endswith(".tsv"):
            sssom.read(content, file.name)
        else:
            sources.read(Recording(file.name, content, format_of(content, file.name)))
    except PlacedError as error:
        return str(error)
    return None


def check_snapshot(snapshot: Snapshot) -> None:
    """Raise ShapesError, with the report, when a snapshot breaks its shapes."""
    shapes.validate(snapshot.open())
