"""Recipes: by which candidates are put in order, each a TOML file that anybody may edit.

Those of the package lie in ``recipes/``, one's own in the folder ``recipes`` of the data folder;
of two with one name one's own stands.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from oceankg.compare.criteria import CRITERIA
from oceankg.compare.criteria.contract import Thresholds
from oceankg.errors import RecipeError, UnknownTermError
from oceankg.resources import folder

MAX_BYTES = 64 * 1024

Weight = Annotated[float, Field(ge=0, le=1000, allow_inf_nan=False, strict=True)]
Line = Annotated[str, Field(min_length=1, max_length=2000)]
TieBreak = Literal["least", "most", "met", "title"]


class Recipe(BaseModel):
    """How to put candidates in order.

    Each criterion that is met earns its weight, each unknown one the share `unknown` of it. What
    fails a criterion of `must` comes last, what leaves one of them unknown before that. `tie_break`
    decides between equal scores: the least or the most that the score could be, the number of
    criteria met, the title.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
    title: Line
    purpose: Line
    author: Line
    version: Annotated[str, Field(min_length=1, max_length=40)]
    weights: Annotated[dict[str, Weight], Field(min_length=1)]
    must: tuple[str, ...] = ()
    unknown: Annotated[float, Field(ge=0, lt=1, strict=True)] = 0.0
    tie_break: tuple[TieBreak, ...] = ("most", "met", "title")
    thresholds: Thresholds = Thresholds()

    @field_validator("must")
    @classmethod
    def _demanded(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(_known(names))

    @field_validator("weights")
    @classmethod
    def _weighed(cls, weights: dict[str, float]) -> dict[str, float]:
        """In the order of the roll, so that the order of the lines means nothing."""
        _known(weights)
        if not any(weights.values()):
            raise ValueError("no criterion has a weight above 0")
        return {name: weights[name] for name in CRITERIA if name in weights}


def _known(names: Iterable[str]) -> Iterable[str]:
    for name in names:
        if name not in CRITERIA:
            raise ValueError(f"{name!r} is no criterion; there are {', '.join(CRITERIA)}")
    return names


def read_recipe(path: Path) -> Recipe:
    """A recipe from its file; RecipeError naming file, key and remedy when it is broken."""
    file = str(path)
    try:
        if path.stat().st_size > MAX_BYTES:
            raise RecipeError(
                f"longer than {MAX_BYTES} bytes", file=file, remedy="Keep only the recipe in it."
            )
        table = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise RecipeError(
            error.strerror or str(error), file=file, remedy="Name a file that can be read."
        ) from error
    except ValueError as error:
        raise RecipeError(f"no TOML: {error}", file=file, remedy="Correct that line.") from error
    try:
        recipe = Recipe.model_validate(table)
    except ValidationError as error:
        raise _refusal(file, error) from error
    return recipe


def _refusal(file: str, error: ValidationError) -> RecipeError:
    first, *more = error.errors()
    place = ".".join(map(str, first["loc"]))
    message = first["msg"].removeprefix("Value error, ")
    if more:
        message += (
            f" (and {len(more)} more: {', '.join('.'.join(map(str, e['loc'])) for e in more)})"
        )
    return RecipeError(
        message,
        file=file,
        place=f"key {place}",
        remedy="See the README in the folder recipes for the keys and what they take.",
    )


def recipe_files(data: Path | None = None) -> Mapping[str, Path]:
    """The files of all recipes by their stem; those of the data folder stand before ours."""
    files = {path.stem: path for path in sorted(folder("recipes").glob("*.toml"))}
    if data is not None:
        files |= {path.stem: path for path in sorted((data / "recipes").glob("*.toml"))}
    return dict(sorted(files.items()))


def get_recipe(name: str, data: Path | None = None) -> Recipe:
    """The recipe of that name.

    Raises UnknownTermError when there is none, RecipeError when it is broken or its file bears
    another name.
    """
    files = recipe_files(data)
    if name not in files:
        raise UnknownTermError(f"no recipe {name!r}; there are {', '.join(files)}")
    recipe = read_recipe(files[name])
    if recipe.name != name:
        raise RecipeError(
            f"it is named {recipe.name!r}",
            file=str(files[name]),
            place="key name",
            remedy="Give the file and the recipe one name.",
        )
    return recipe
