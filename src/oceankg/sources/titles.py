"""What a title says of what a product holds, where the other fields of its record say less.

Some records leave the variable to their title: indicators whose only keyword is their own
identifier, datasets without parameters. And a title can narrow a broad word: the
`sea-water-temperature` of a "sea surface temperature" is that of the surface.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from oceankg import ids

SST: Final = "sea surface temperature"
SSS: Final = "sea surface salinity"
SURFACE_CURRENTS: Final = "surface currents"

# What a title may name, longer names before those that they hold, and the word for it.
_NAMED: Final[Mapping[str, str]] = {
    "sea surface temperature": SST,
    "(?-i:SST)": SST,
    "sea surface salinity": SSS,
    "(?-i:SSS)": SSS,
    "salinity": "salinity",
    "thermosteric sea level": "thermosteric sea level",
    "sea level": "sea level",
    "significant wave height": "significant wave height",
    "waves?": "waves",
    "sea ice": "sea ice",
    "heat content": "heat content",
    "freshwater content": "freshwater content",
    "chlorophyll-a": "chlorophyll-a",
}
_NAMES = re.compile("|".join(rf"\b({name})\b" for name in _NAMED), re.IGNORECASE)
_WORDS: Final = tuple(_NAMED.values())

# A satellite sees salinity at the surface only.
_OF_SURFACE = re.compile(
    r"\bsea surface (?:temperature|salinity)\b|(?-i:\bSS[TS]\b)|\bsalinity\b.*\bsatellite\b",
    re.IGNORECASE,
)
_OF_OTHER_LAYERS = re.compile(r"\b(?:sub-?surface|bottom|profiles?|3D)\b", re.IGNORECASE)
_SURFACE_CURRENTS = re.compile(
    r"\bsurface (?:and sub-?surface )?(?:ocean )?currents?\b", re.IGNORECASE
)

# Words of the same quantity that leave the layer open, as `ids.slug` writes them.
_OPEN: Final[Mapping[str, str]] = {
    "temperature": SST,
    "sea-temperature": SST,
    "sea-water-temperature": SST,
    "sea-water-conservative-temperature": SST,
    "salinity": SSS,
    "sea-water-salinity": SSS,
}
_OPEN_CURRENTS: Final = frozenset(
    {"currents", "eastward-sea-water-velocity", "northward-sea-water-velocity"}
)


def read_title(title: str, words: Iterable[str]) -> tuple[str, ...]:
    """The words of a record in the light of its title: named by it, narrowed, or as they are."""
    found = tuple(words) or _named(title)
    if _OF_SURFACE.search(title) and not _OF_OTHER_LAYERS.search(title):
        found = tuple(_OPEN.get(ids.slug(word), word) for word in found)
    if _SURFACE_CURRENTS.search(title) and _OPEN_CURRENTS & {ids.slug(word) for word in found}:
        found = (*found, SURFACE_CURRENTS)
    return tuple(dict.fromkeys(found))


def _named(title: str) -> tuple[str, ...]:
    matches = _NAMES.finditer(title)
    return tuple(_WORDS[m.lastindex - 1] for m in matches if m.lastindex)
