"""The sources: what each says, read from the bytes that its authority sent.

A reader is a pure function from a `Recording` to `Facts`; `READERS` is the roll. The entries of
`sources.toml` say which recordings each source has. See README.md in this folder.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from oceankg.model import Facts, Recording
from oceankg.sources import (
    catalogue_cmems,
    catalogue_odatis,
    cf,
    names_cmems,
    nvs,
    seadatanet,
    skos,
    socat,
)

Reader = Callable[[Recording], Facts]

READERS: Mapping[str, Reader] = {
    "skos": skos.read_skos,
    "nvs-jsonld": nvs.read_jsonld,
    "nvs-dump": nvs.read_dump,
    "nvs-csv": nvs.read_csv,
    "nvs-links": nvs.read_links,
    "nvs-exv-tsv": nvs.read_exv,
    "nvs-p01-links": nvs.read_p01_links,
    "p06-ucum": nvs.read_ucum,
    "sdn-list": seadatanet.read_list,
    "sdn-mapping": seadatanet.read_mapping,
    "edmo-csv": seadatanet.read_edmo,
    "edmerp-xml": seadatanet.read_edmerp,
    "cf-table": cf.read_table,
    "socat-types": socat.read_types,
    "socat-headers": socat.read_headers,
    "cmems-insitu-names": names_cmems.read_insitu,
    "cmems-described": names_cmems.read_described,
    "cmems-collections": catalogue_cmems.read_collections,
    "odatis-records": catalogue_odatis.read_records,
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a recording comes from: a path below a folder of recordings, or an address."""

    at: str
    format: str
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Source:
    """One entry of `sources.toml`."""

    id: str
    title: str
    homepage: str
    licence: str
    attribution: str
    keep: Literal["all", "referenced", "none"] = "all"
    climb: tuple[str, ...] = ()
    recorded: tuple[Place, ...] = ()
    live: tuple[Place, ...] = ()


@cache
def all_sources() -> Mapping[str, Source]:
    """Every source by its id, in the order of `sources.toml`."""
    table = tomllib.loads(files(__package__).joinpath("sources.toml").read_text("utf-8"))
    return {entry["id"]: _source(entry) for entry in table["source"]}


def _source(entry: Mapping[str, Any]) -> Source:
    plain = {k: v for k, v in entry.items() if k not in ("recorded", "live", "climb")}
    return Source(
        **plain,
        climb=tuple(entry.get("climb", ())),
        recorded=tuple(_place(p, "path") for p in entry.get("recorded", ())),
        live=tuple(_place(p, "url") for p in entry.get("live", ())),
    )


def _place(entry: Mapping[str, Any], key: str) -> Place:
    return Place(at=entry[key], format=entry["format"], options=entry.get("options", {}))


def read(recording: Recording) -> Facts:
    """What a recording says, by the reader that it names."""
    return READERS[recording.format](recording)
