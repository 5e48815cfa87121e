"""Values from JSON of which no field can be relied on: what is of another type is not there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from oceankg.errors import SourceError
from oceankg.model import Recording
from oceankg.sources.facts import AGAIN

_DEEPEST = 4
# Of a coordinate in metres; what is larger, or no number at all, is none.
_LARGEST = 1e8


def load(recording: Recording) -> Any:  # noqa: ANN401  (JSON may be anything)
    """The JSON of a recording; SourceError with line and column when it is none."""
    try:
        content = json.loads(recording.content)
        json.dumps(content, ensure_ascii=False).encode()  # half of a surrogate pair is no text
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise SourceError(
            f"no JSON: {error.msg}", file=recording.name, place=place, remedy=AGAIN
        ) from error
    except (ValueError, RecursionError) as error:
        raise SourceError(
            f"no JSON: {error}", file=recording.name, place="whole file", remedy=AGAIN
        ) from error
    return content


def objects(value: object) -> list[dict[str, Any]]:
    """The objects that a value is or holds."""
    found = value if isinstance(value, list) else [value]
    return [part for part in found if isinstance(part, dict)]


def strings(value: object) -> list[str]:
    """The texts that a value is or holds, without the blank around them."""
    found = value if isinstance(value, list) else [value]
    return [part.strip() for part in found if isinstance(part, str) and part.strip()]


def string(value: object) -> str:
    """The first text that a value is or holds, or ""."""
    return next(iter(strings(value)), "")


def box(*geometries: object) -> tuple[float, ...]:
    """West, south, east, north around all GeoJSON geometries; () around none, or around a point."""
    pairs = {pair for one in geometries for pair in _positions(_coordinates(one), 0)}
    if len(pairs) < 2:
        return ()
    xs, ys = zip(*pairs, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def _coordinates(geometry: object) -> object:
    return geometry.get("coordinates") if isinstance(geometry, dict) else None


def _positions(value: object, depth: int) -> Iterator[tuple[float, float]]:
    if not isinstance(value, list) or depth > _DEEPEST:
        return
    numbers = [
        float(v)
        for v in value
        if isinstance(v, int | float) and not isinstance(v, bool) and abs(v) <= _LARGEST
    ]
    if len(numbers) >= 2:
        yield numbers[0], numbers[1]
    for part in value:
        yield from _positions(part, depth + 1)
