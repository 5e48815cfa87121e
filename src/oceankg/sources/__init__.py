"""The sources: what each says, read from the bytes that its authority sent.

A reader is a pure function from a `Recording` to `Facts`; `READERS` is the roll. The entries of
`sources.toml` say which recordings each source has. See README.md in this folder.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal, get_args

from oceankg.model import Facts, Recording
from oceankg.sources import (
    catalogue_cmems,
    catalogue_odatis,
    cf,
    csw,
    datasets_cmems,
    dcat,
    describe_cmems,
    erddap,
    facts,
    feeds,
    geonetwork,
    goos,
    names_cmems,
    nvs,
    oai,
    ogc_records,
    seadatanet,
    skos,
    socat,
    stac_cmems,
)

Reader = Callable[[Recording], Facts]

# The format of what a catalogue links to and does not hold, or not in a shape that can be read.
LEFT_OUT: Final = "left-out"

READERS: Mapping[str, Reader] = {
    "skos": skos.read_skos,
    "nvs-jsonld": nvs.read_jsonld,
    "nvs-rows": nvs.read_rows,
    "ldes": feeds.read_ldes,
    "nvs-dump": nvs.read_dump,
    "nvs-csv": nvs.read_csv,
    "nvs-links": nvs.read_links,
    "nvs-exv-tsv": nvs.read_exv,
    "nvs-p01-links": nvs.read_p01_links,
    "p06-ucum": nvs.read_ucum,
    "sdn-list": seadatanet.read_list,
    "sdn-mapping": seadatanet.read_mapping,
    "edmo-csv": seadatanet.read_edmo,
    "edmo-rows": seadatanet.read_edmo_rows,
    "edmerp-xml": seadatanet.read_edmerp,
    "edmerp-rows": seadatanet.read_edmerp_rows,
    "sdn-titles": seadatanet.read_titles,
    "goos-thesaurus": goos.read_thesaurus,
    "goos-variables": goos.read_variables,
    "cf-table": cf.read_table,
    "socat-types": socat.read_types,
    "socat-headers": socat.read_headers,
    "cmems-insitu-names": names_cmems.read_insitu,
    "cmems-described": names_cmems.read_described,
    "cmems-collections": catalogue_cmems.read_collections,
    "cmems-datasets": datasets_cmems.read_datasets,
    "stac-collection": stac_cmems.read_collection,
    "cmems-describe": describe_cmems.read_describe,
    "stac-item": stac_cmems.read_item,
    LEFT_OUT: facts.left_out,
    "odatis-records": catalogue_odatis.read_records,
    "csw-records": csw.read_records,
    "ogc-records": ogc_records.read_records,
    "oai-records": oai.read_records,
    "dcat": dcat.read_records,
    "erddap-info": erddap.read_info,
    "geonetwork-records": geonetwork.read_records,
}


Way = Literal[
    "get", "sparql", "ldes", "atom", "csw", "records", "oai", "geonetwork", "stac", "erddap"
]
WAYS: tuple[Way, ...] = get_args(Way)

# The formats whose pages carry the hour at which they were given, and where: two pages are the
# same that differ in that only.
DATED: Mapping[str, re.Pattern[bytes]] = {
    "csw-records": csw.HOUR,
    "ogc-records": ogc_records.HOUR,
    "oai-records": oai.HOUR,
    "geonetwork-records": geonetwork.HOUR,
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a recording comes from: a path below a folder of recordings, or an address.

    `by` is the way to ask the address: whole bodies (`get`), rows of a SPARQL endpoint (`sparql`,
    with the named query and what it is about), changes only (`ldes`, `atom`; the entries of an
    Atom feed count that are `about` the list), or the pages of a catalogue (`csw`, `about` a filter
    in CQL; `records`, the items of OGC API Records; `oai`, `about` a set of OAI-PMH;
    `geonetwork`, `about` a query in Lucene's syntax), or the bodies that a catalogue leads to
    (`stac`; `erddap`, the information on every dataset of the server).
    """

    at: str
    format: str
    options: Mapping[str, str] = field(default_factory=dict)
    by: Way = "get"
    query: str = ""
    about: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """One entry of `sources.toml`."""

    id: str
    title: str
    homepage: str
    licence: str
    attribution: str
    keep: Literal["all", "referenced", "none"] = "all"
    keep_groups: int = 0
    climb: tuple[str, ...] = ()
    recorded: tuple[Place, ...] = ()
    live: tuple[Place, ...] = ()


@cache
def all_sources() -> Mapping[str, Source]:
    """Every source by its id, in the order of `sources.toml`."""
    table = tomllib.loads(files(__package__).joinpath("sources.toml").read_text("utf-8"))
    return {entry["id"]: _source(entry, table["nvs"]) for entry in table["source"]}


def _source(entry: Mapping[str, Any], nvs_places: Sequence[Mapping[str, Any]]) -> Source:
    plain = {k: v for k, v in entry.items() if k not in ("recorded", "live", "climb", "nvs")}
    live = [_place(p, "url") for p in entry.get("live", ())]
    for collection in entry.get("nvs", ()):
        live += [_place(_filled(p, collection), "url") for p in nvs_places]
    return Source(
        **plain,
        climb=tuple(entry.get("climb", ())),
        recorded=tuple(_place(p, "path") for p in entry.get("recorded", ())),
        live=tuple(live),
    )


def _filled(place: Mapping[str, str], collection: str) -> dict[str, str]:
    """A place of NVS with the name of a list where it says ``{list}``."""
    return {key: value.replace("{list}", collection) for key, value in place.items()}


def _place(entry: Mapping[str, Any], key: str) -> Place:
    plain = {k: v for k, v in entry.items() if k not in ("path", "url")}
    return Place(at=entry[key], **plain)


def read(recording: Recording) -> Facts:
    """What a recording says, by the reader that it names."""
    return READERS[recording.format](recording)
