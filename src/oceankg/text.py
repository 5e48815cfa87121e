"""Text made comparable."""

from __future__ import annotations

import re
import unicodedata

# Letters with a stroke and ligatures, which Unicode does not take apart; after folding.
_LETTERS = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "ħ": "h"})
_WORD = re.compile(r"[^\W_]+")


def fold(text: str) -> str:
    """A label with case, accents, hyphens, underscores, apostrophes and spacing made one."""
    if text.isascii():
        return " ".join(text.lower().replace("-", " ").replace("_", " ").split())
    # Folding the case can make a letter that comes apart again, and the other way round.
    plain = _without_marks(_without_marks(text).casefold()).casefold()
    return " ".join(plain.replace("-", " ").replace("_", " ").replace("’", "'").split())


def _without_marks(text: str) -> str:
    parts = unicodedata.normalize("NFKD", text)
    return "".join(c for c in parts if not unicodedata.combining(c))


def words(text: str) -> list[str]:
    """The words of a text as they are compared in a search: folded, and plain in every letter."""
    plain = text.lower() if text.isascii() else fold(text).translate(_LETTERS)
    return _WORD.findall(plain)


def visible(text: str) -> str:
    """A text for a terminal: what would steer it, or turn the order of letters, is spelt out."""
    return "".join(c if c.isprintable() or c == "\n" else f"\\u{ord(c):04x}" for c in text)


def visible_only(text: str) -> str:
    """A text without its format characters: byte order marks, joiners, turns of direction."""
    if text.isascii():
        return text
    return "".join(c for c in text if unicodedata.category(c) != "Cf")
