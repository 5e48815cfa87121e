"""Text made comparable."""

from __future__ import annotations

import unicodedata


def fold(text: str) -> str:
    """A label with case, accents, hyphens, underscores and spacing made one."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(c for c in plain if not unicodedata.combining(c))
    return " ".join(kept.replace("-", " ").replace("_", " ").split())
