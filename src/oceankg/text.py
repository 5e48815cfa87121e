"""Text made comparable."""

from __future__ import annotations

import unicodedata


def fold(text: str) -> str:
    """A label with case, accents, hyphens, underscores, apostrophes and spacing made one."""
    # Folding the case can make a letter that comes apart again, and the other way round.
    plain = _without_marks(_without_marks(text).casefold()).casefold()
    return " ".join(plain.replace("-", " ").replace("_", " ").replace("’", "'").split())


def _without_marks(text: str) -> str:
    parts = unicodedata.normalize("NFKD", text)
    return "".join(c for c in parts if not unicodedata.combining(c))
