"""Text made comparable."""

from __future__ import annotations

import unicodedata


def fold(text: str) -> str:
    """A label with case, accents, hyphens, underscores and spacing made one."""
    # Folding the case can make a letter that comes apart again, and the other way round.
    plain = _without_marks(_without_marks(text).casefold()).casefold()
    return " ".join(plain.replace("-", " ").replace("_", " ").split())


def _without_marks(text: str) -> str:
    parts = unicodedata.normalize("NFKD", text)
    return "".join(c for c in parts if not unicodedata.combining(c))


def visible(text: str) -> str:
    """A text for a terminal: what would steer it, or turn the order of letters, is spelt out."""
    return "".join(c if c.isprintable() or c == "\n" else f"\\u{ord(c):04x}" for c in text)
