"""The files that come with the package: ontologies, mappings, relations, recipes, queries, starter.

In the wheel they lie inside the package; in a checkout all but the starter graph lie at its top.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent


def folder(name: str) -> Path:
    """The folder of that name, such as ``ontologies``, ``relations`` or ``starter``."""
    for parent in (_PACKAGE, _PACKAGE.parents[1]):
        if (parent / name).is_dir():
            return parent / name
    raise FileNotFoundError(f"the folder {name} is missing from the installation")


def all_files(name: str, pattern: str) -> tuple[Path, ...]:
    """Every file of a folder that matches, sorted, so that builds do not depend on the disk."""
    return tuple(sorted(folder(name).rglob(pattern)))


def text_of(name: str) -> str:
    """The text of a file that lies inside the package beside its modules."""
    return (_PACKAGE / name).read_text("utf-8")
