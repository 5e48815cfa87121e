"""Which part each variable of a header plays, as far as the structure that CF prescribes says it.

What structure leaves open (most files state little) is for `oceankg.resolve` to tell from words.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from oceankg import units
from oceankg.headers.contract import Header, Variable

MEASURED, UNKNOWN = "measured variable", "unknown"
COORDINATE, TIME, FLAG, IDENTIFIER = "coordinate", "time", "quality flag", "identifier"
ANCILLARY = "ancillary"

# What a variable is of which another one's attribute speaks.
_REFERENCES: Mapping[str, str] = {
    "bounds": "bounds",
    "climatology": "bounds",
    "grid_mapping": "grid mapping",
    "cell_measures": "cell measure",
    "instrument": "instrument",
    "platform": "platform",
    "ancillary_variables": ANCILLARY,
    "coordinates": COORDINATE,
}
_MODIFIERS: Mapping[str, str] = {
    "status_flag": FLAG,
    "quality_flag": FLAG,
    "standard_error": "error estimate",
    "number_of_observations": "count",
    "detection_minimum": ANCILLARY,
}
# Standard names of CF that are attributes of other variables, whatever their ending.
_FLAG_NAMES = ("status_flag", "quality_flag", "_quality_flag", "_status_flag", "_test_quality_flag")
_WHERE = frozenset(
    {
        "latitude",
        "longitude",
        "depth",
        "height",
        "altitude",
        "grid_latitude",
        "grid_longitude",
        "projection_x_coordinate",
        "projection_y_coordinate",
        "model_level_number",
    }
)
# These units belong to no other quantity, by section 4 of CF.
STANDARD_NAME_BY_UNITS: Mapping[str, str] = {
    **dict.fromkeys(
        ("degrees_north", "degree_north", "degrees_n", "degree_n", "degreesn", "degreen"),
        "latitude",
    ),
    **dict.fromkeys(
        ("degrees_east", "degree_east", "degrees_e", "degree_e", "degreese", "degreee"),
        "longitude",
    ),
}
_GUESSED_TYPES = ("CSV", "ODV")
# The columns that every ODV spreadsheet has.
_ODV = frozenset({"cruise", "station", "type", "local_cdi_id", "edmo_code"})


@dataclass(frozen=True, slots=True)
class Role:
    """The part that a variable plays, and how that was told."""

    name: str
    reason: str


@dataclass
class Structure:
    """Who speaks of whom in a header."""

    header: Header
    _named: dict[str, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        names = {v.name for v in self.header.variables}
        for variable in self.header.variables:
            for attribute in _REFERENCES:
                for word in _words(variable.text(attribute)):
                    if target := _find(word, variable.group, names):
                        self._named[target].append((attribute, variable.name))

    def role(self, variable: Variable) -> Role | None:
        """The role that structure alone proves, or None."""
        for told in (self._by_itself, self._by_others, self._by_place):
            if role := told(variable):
                return role
        return None

    def _by_itself(self, variable: Variable) -> Role | None:
        if variable.flag_of is not None:
            return Role(FLAG, f"the format has it as the quality column of {variable.flag_of}")
        name, _, modifier = (variable.text("standard_name") or "").partition(" ")
        if modifier in _MODIFIERS:
            return Role(_MODIFIERS[modifier], f"its standard_name has the modifier {modifier}")
        if name.endswith(_FLAG_NAMES):
            return Role(FLAG, f"its standard_name is {name}")
        if "cf_role" in variable.attributes:
            return Role(IDENTIFIER, f"its cf_role is {variable.text('cf_role')}")
        if "grid_mapping_name" in variable.attributes:
            return Role("grid mapping", "it has a grid_mapping_name")
        if variable.dimensions and variable.is_coordinate:
            return self._where_or_when(variable, "it has the name of its only dimension")
        return None

    def _by_others(self, variable: Variable) -> Role | None:
        for attribute, role in _REFERENCES.items():
            by = [name for told, name in self._named[variable.name] if told == attribute]
            if by and (found := self._named_as(variable, role, f"{attribute} of {by[0]}")):
                return found
        flagged = variable.text("flag_meanings") or variable.text("flag_masks")
        if flagged and not variable.text("standard_name") and not _has_unit(variable):
            return Role(FLAG, "its values are flags, and it names no quantity")
        return None

    def _named_as(self, variable: Variable, role: str, reason: str) -> Role | None:
        reason = f"the attribute {reason} names it"
        if role == ANCILLARY:
            if variable.text("flag_meanings") or variable.text("flag_masks"):
                return Role(FLAG, reason)
            # A quantity of its own may also stand beside another, such as wind beside SST; and
            # what it is besides (an error, a count) the words tell better.
            return None
        return self._where_or_when(variable, reason) if role == COORDINATE else Role(role, reason)

    def _by_place(self, variable: Variable) -> Role | None:
        stated = variable.text("units") or ""
        if units.is_time(stated):
            return Role(TIME, f"its unit counts from a date: {stated[:60]}")
        if stated.casefold() in STANDARD_NAME_BY_UNITS:
            return Role(COORDINATE, f"its unit is {stated}")
        if variable.text("standard_name") in _WHERE:
            return Role(COORDINATE, f"its standard_name is {variable.text('standard_name')}")
        for attribute in ("axis", "_CoordinateAxisType"):
            if variable.text(attribute):
                return self._where_or_when(
                    variable, f"it has {attribute} {variable.text(attribute)}"
                )
        return None

    def of_texts(self, variable: Variable) -> Role | None:
        """The role of what holds texts, for when no word says more; no quantity is made of them."""
        if self.header.format == "ODV" and variable.name.casefold() in _ODV:
            return Role(IDENTIFIER, "ODV names stations so")
        if self.header.format in _GUESSED_TYPES or variable.type not in ("char", "string"):
            return None
        return Role(IDENTIFIER, "its values are texts")

    def is_ancillary(self, variable: Variable) -> str | None:
        """The variable that names it among its ancillary ones, or None."""
        named = self._named[variable.name]
        return next((by for told, by in named if told == "ancillary_variables"), None)

    def _where_or_when(self, variable: Variable, reason: str) -> Role:
        is_time = (
            units.is_time(variable.text("units") or "")
            or variable.text("standard_name") == "time"
            or variable.text("axis") == "T"
            or variable.text("_CoordinateAxisType") == "Time"
        )
        return Role(TIME if is_time else COORDINATE, reason)


def _has_unit(variable: Variable) -> bool:
    return (variable.text("units") or "1") not in ("1", "none", "flag", "-")


def _words(text: str | None) -> Iterable[str]:
    # `area: cell_area` and `crs: x y` hold labels that end in a colon.
    return (word.rstrip(":") for word in (text or "").replace(",", " ").split())


def _find(word: str, group: str, names: set[str]) -> str | None:
    """The variable that a word means, looked for in the group and then in those around it."""
    if word.startswith("/"):
        return next((n for n in (word, word[1:]) if n in names), None)
    while True:
        path = f"{group}/{word}" if group else word
        if path in names:
            return path
        if not group:
            return None
        group = group.rpartition("/")[0]
