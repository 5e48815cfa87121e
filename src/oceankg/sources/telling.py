"""Telling: what metadata records hold, as facts of a catalogue.

This is the one way from a `Record` into the graph, so it is also the gate: a text or an address
that holds an e-mail address is left out, and `catalogue` cuts user names, passwords and keys off
addresses.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import isodate
from pyoxigraph import Literal, NamedNode

from oceankg import ids
from oceankg.model import Facts, Recording
from oceankg.namespaces import ADMS, DCAT, DCT, FOAF, OKG, PROV, RDF, SKOS
from oceankg.sources import catalogue_odatis as odatis
from oceankg.sources.catalogue import (
    Gathering,
    Product,
    facet,
    find_address,
    find_doi,
    is_private,
    read_date,
    read_level,
)
from oceankg.sources.facts import LISTS, spelled, when
from oceankg.sources.metadata import (
    Keyword,
    Record,
    UnreadableError,
    Vertical,
    WithdrawnError,
    Words,
    identity_of,
    known_as,
)


def read_page(recording: Recording, records: Iterable[Record | UnreadableError]) -> Facts:
    """The facts of a page of records, and each record that is left out with its reason.

    Option `catalogue` names the catalogue (that of ODATIS if unsaid), `repeated` the products of
    which a record on another page stands, one a line, `missing` how many records the server counts
    and does not give.
    """
    name = recording.options.get("catalogue", odatis.NAME)
    title = odatis.TITLE if name == odatis.NAME else recording.options.get("title", name)
    gathering = Gathering(name, title)
    if missing := recording.options.get("missing"):
        gathering.leave(f"{missing} records", "the server counts them and does not give them")
    for record in _newest(_standing(recording, records, gathering), gathering):
        tell(gathering, record)
    return gathering.facts()


def _standing(
    recording: Recording, records: Iterable[Record | UnreadableError], gathering: Gathering
) -> Iterator[Record]:
    """The records that could be read, are not withdrawn, and of which no other page has one."""
    elsewhere = frozenset(filter(None, recording.options.get("repeated", "").split("\n")))
    read, withdrawn = [], {}
    for number, found in enumerate(records, 1):
        if isinstance(found, Record):
            read.append(known_as(recording, found))
        elif isinstance(found, WithdrawnError):
            gone = known_as(recording, Record(found.identifier))
            withdrawn[identity_of(gone)] = found.stamp
            gathering.leave(gone.identifier, str(found))
        else:
            gathering.leave(f"record {number} of {recording.name}", str(found))
    for record in read:
        identity = identity_of(record)
        if identity in elsewhere:
            gathering.leave(record.identifier, "a second record of it: another page's stands")
        elif withdrawn.get(identity, "") < record.stamp or identity not in withdrawn:
            yield record


# The scopes of ISO 19115 that are products; a record that states none is about a dataset.
_PRODUCTS = frozenset({"", "dataset", "series", "collection", "product", "coverage", "aggregate"})


def _newest(records: Iterable[Record], gathering: Gathering) -> Iterator[Record]:
    """One record of each identifier, that of the newest stamp, the first one where they are equal.

    What is passed over is noted with its reason.
    """
    best: dict[str, Record] = {}
    for record in records:
        key = identity_of(record)
        other = best.get(key)
        if other is None:
            best[key] = record
            continue
        keep, drop = (record, other) if record.stamp > other.stamp else (other, record)
        best[key] = keep
        said = f"that of {keep.stamp} stands" if keep.stamp > drop.stamp else "they are of one date"
        gathering.leave(record.identifier, f"a second record of it on the same page: {said}")
    yield from best.values()


def tell(gathering: Gathering, record: Record) -> None:
    """Say what a record holds as facts of a product, or note why it is none."""
    if reason := _reason_against(gathering.name, record):
        item = "a record" if is_private(record.identifier) else record.identifier
        gathering.leave(item or "a record", reason)
        return
    first, *others = _clean_titles(record)
    identity = identity_of(record)
    product = Product(gathering, identity, first.text, first.language)
    for title in others:
        product.say(DCT.title, Literal(" ".join(title.text.split()), language=title.language))
    for place, fault in record.faults:
        product.leave(place, fault)
    _tell_stamp(product, record)
    _tell_names(product, record)
    places = _tell_keywords(product, record)
    _tell_time(product, record)
    _tell_space(product, record, places)
    _tell_history(product, record)
    _tell_rights(product, record)
    _tell_organisations(product, record)
    _tell_relations(product, record)
    _tell_links(product, record)


def _reason_against(catalogue: str, record: Record) -> str | None:
    titles = [title.text for title in record.titles]
    if not record.identifier.strip() or is_private(record.identifier):
        return "it has no identifier, or one that holds an e-mail address or a key"
    if record.kind not in _PRODUCTS:
        return f"a record of another kind: {record.kind}, no product"
    if not _clean_titles(record):
        return "it has no title, or one that holds an e-mail address or a key"
    if catalogue == odatis.NAME:
        return odatis.against(record.identifier, titles, [a.text for a in record.alternatives])
    return None


def _clean_titles(record: Record) -> list[Words]:
    found = (t for t in record.titles if t.text.strip() and not is_private(t.text))
    return list(dict.fromkeys(found))


# ------------------------------------------------------------------ what a record says


def _plain(product: Product, field: str, text: str) -> str | None:
    """A text on one line, or None where there is none or it holds an e-mail address or a key."""
    text = " ".join(text.split())
    if is_private(text):
        product.leave(field, "it holds an e-mail address or a key")
        return None
    return text or None


def _tell_stamp(product: Product, record: Record) -> None:
    """Say the date of the record, by which `unite` tells the newest of several."""
    if (moment := when(record.stamp)) is None:
        return
    node = NamedNode(f"{product.iri.value}/record")
    product.say(DCAT.record, node, product.catalogue.iri)
    product.say(RDF.type, DCAT.CatalogRecord, node)
    product.say(FOAF.primaryTopic, product.iri, node)
    product.say(DCT.modified, moment, node)


def _tell_names(product: Product, record: Record) -> None:
    for name in record.alternatives:
        if text := _plain(product, "alternate title", name.text):
            product.say(SKOS.altLabel, Literal(text, language=name.language))
    if record.identifier != product.identifier and not is_private(record.identifier):
        product.say(SKOS.altLabel, Literal(record.identifier))
    for doi in dict.fromkeys(d for name in record.names if (d := find_doi(name))):
        if not is_private(doi):
            product.doi(doi)


# What names a list tells what its keywords are; the first that fits.
_LISTS: Final = (
    ("centre", re.compile(r"centre_donnees|centres? de donn|data cent", re.I)),
    ("kind", re.compile(r"type_jeux_donnee|types? de jeux? de donn", re.I)),
    ("level", re.compile(r"processing.level|niveaux? de traitement", re.I)),
    (
        "parameter",
        re.compile(
            r"\bOD1\b|odatis aggregation|odatis_variables|variables odatis|\bP0[1-9]\b|\bEXV\b"
            r"|\bA05\b|\bR03\b|gcmd|standard.names?\b|param[eè]t|essential variable",
            re.I,
        ),
    ),
    ("place", re.compile(r"\bplaces?\b|geographical.area|gazetteer|\bC19\b|sea areas", re.I)),
)
_OD1 = re.compile(r"\bOD1\b|odatis aggregation", re.I)
# The IRIs of the lists that the graph speaks of; of any other list the wording is reported.
_SPOKEN = (
    *map(ids.nvs_collection, LISTS),
    ids.CF_NAME,
    "https://vocab.ifremer.fr/collection/odatis_variables/",
)
_KINDS: Final = (
    ("satellite", re.compile(r"satellit", re.I)),
    ("in-situ", re.compile(r"in.situ", re.I)),
    ("model", re.compile(r"\bmod[eè]le?s?\b|simulation", re.I)),
)


def _tell_keywords(product: Product, record: Record) -> list[str]:
    """Say what the keywords hold, each by the list that it is from; returns the names of places."""
    places = []
    for keyword in record.keywords:
        text = _plain(product, "keyword", keyword.text)
        iri = find_iri(keyword.iri)
        if text is None and iri is None:
            continue
        match _role(keyword):
            case "parameter":
                _tell_parameter(product, text, iri, keyword.list)
            case "centre":
                odatis.say_centre(product, text or "")
            case "kind":
                _tell_kind(product, text or "")
            case "level":
                _tell_level(product, text or "")
            case "place":
                places.append(text or "")
            case _:
                _tell_theme(product, text, iri)
    return [place for place in places if place]


def _role(keyword: Keyword) -> str:
    """What a keyword is, by its list; one without a list is a parameter where it may be one."""
    if keyword.text.casefold() in odatis.CENTRES:
        return "centre"
    if found := next((role for role, form in _LISTS if form.search(keyword.list)), None):
        return found
    if keyword.kind == "place":
        return "place"
    if find_iri(keyword.iri):
        return "parameter"
    return "parameter" if not keyword.list and keyword.kind in ("", "theme") else "theme"


def find_iri(text: str) -> NamedNode | None:
    """The IRI of a concept of a list that the graph speaks of, in its spelling; else None."""
    iri = ids.canonical(text) if text else None
    if iri is None or not iri.startswith(_SPOKEN) or is_private(iri):
        return None
    return NamedNode(spelled(iri))


def _tell_parameter(product: Product, text: str | None, iri: NamedNode | None, list_: str) -> None:
    """Say what is reported: the concept where the record names it, else the words.

    A label is a concept only where the record says that it is from OD1; others are linked later.
    """
    code = odatis.OD1.get(text.casefold()) if text and _OD1.search(list_) else None
    if iri is None and code:
        iri = NamedNode(ids.nvs_concept("OD1", code))
    if iri is not None:
        product.say(OKG.reports, iri)
    elif text:
        product.report([text])


def _tell_theme(product: Product, text: str | None, iri: NamedNode | None) -> None:
    if iri is not None:
        product.say(OKG.reports, iri)
    elif text:
        product.say(DCAT.keyword, Literal(text))


def _tell_kind(product: Product, text: str) -> None:
    for name, form in _KINDS:
        if form.search(text):
            product.say(DCT.type, facet("kind", name))


def _tell_level(product: Product, text: str) -> None:
    if found := read_level(text):
        product.say(OKG.processingLevel, Literal(found))
    elif text.strip():
        product.leave("level", f"no level: {text!r}")


def _tell_time(product: Product, record: Record) -> None:
    product.period(record.start or None, record.end or None, ongoing=record.ongoing)
    if record.step:
        _tell_step(product, record.step)
    if code := _RHYTHMS.get(record.rhythm):
        product.updated(code)
    elif record.rhythm and record.rhythm not in ("unknown", "asNeeded"):
        product.leave("update rhythm", f"no code of the EU list for {record.rhythm!r}")


# ISO 19115 codes of MD_MaintenanceFrequencyCode to the EU list of frequencies. `unknown` says
# nothing; `asNeeded` and `periodic` are no rhythm.
_RHYTHMS: Final[Mapping[str, str]] = {
    "continual": "CONT",
    "daily": "DAILY",
    "weekly": "WEEKLY",
    "fortnightly": "BIWEEKLY",
    "semimonthly": "MONTHLY_2",
    "monthly": "MONTHLY",
    "quarterly": "QUARTERLY",
    "biannually": "ANNUAL_2",
    "annually": "ANNUAL",
    "biennially": "BIENNIAL",
    "irregular": "IRREG",
    "notPlanned": "NOT_PLANNED",
}


def _tell_step(product: Product, text: str) -> None:
    """Say the time step without the noughts that editors write (``P0Y0M7DT0H0M0S`` is ``P7D``)."""
    try:
        duration = isodate.parse_duration(text)
    except (isodate.ISO8601Error, ValueError, OverflowError):
        product.leave("time step", f"no duration: {text!r}")
        return
    plain = isodate.duration_isoformat(duration)
    if plain != "P0D":
        product.step(plain)


_METRES: Final[Mapping[str, float]] = {
    **dict.fromkeys(("m", "meter", "metre", "meters", "metres", "9001"), 1.0),
    **dict.fromkeys(("km", "kilometer", "kilometre", "kilometers", "kilometres"), 1000.0),
}
_DEGREES = frozenset({"deg", "degree", "degrees", "degré", "degrés", "°", "dd", "9102", "9122"})


def _tell_space(product: Product, record: Record, places: Iterable[str]) -> None:
    named = {place: odatis.REGIONS.get(place.casefold()) for place in places}
    for region in dict.fromkeys(filter(None, named.values())):
        product.say(DCT.spatial, facet("region", region))
    label = "; ".join(place for place, region in named.items() if region is None)
    product.extent(record.box or None, label or None)
    _tell_grids(product, record)
    if record.vertical:
        _tell_depths(product, record.vertical)


def _tell_grids(product: Product, record: Record) -> None:
    metres, degrees = [], []
    for width, unit in record.grids:
        name = unit.rstrip("/").rsplit("#", 1)[-1].rsplit(":", 1)[-1].rsplit("/", 1)[-1].casefold()
        if not (math.isfinite(width) and width > 0):
            product.leave("resolution", f"no width: {width:g}")
        elif name in _METRES:
            metres.append(width * _METRES[name])
        elif name in _DEGREES:
            degrees.append(width)
        else:
            product.leave("resolution", f"a width of {width:g} in an unknown unit: {unit!r}")
    product.grid(metres=min(metres, default=None), degrees=min(degrees, default=None))


def _tell_depths(product: Product, vertical: Vertical) -> None:
    """Say the depths, only where it is plain which way is down and that the unit is the metre."""
    least, most = sorted((vertical.least, vertical.most))
    unit = vertical.unit.rsplit("#", 1)[-1].rsplit(":", 1)[-1].casefold()
    if not (math.isfinite(least) and math.isfinite(most)):
        product.leave("vertical extent", "no numbers")
    elif unit and _METRES.get(unit) != 1.0:
        product.leave("vertical extent", f"not in metres: {vertical.unit!r}")
    elif re.search(r"depth|profondeur|\b5715\b|\b5831\b", vertical.system, re.I) and least >= 0:
        product.depths(least, most)
    elif most <= 0 and least < 0:
        product.depths(abs(most), abs(least))
    else:
        product.leave("vertical extent", "whether it counts up or down is not stated")


def _tell_history(product: Product, record: Record) -> None:
    for field, text, property_ in (
        ("created", record.created, DCT.created),
        ("published", record.published, DCT.issued),
        ("revised", record.revised, DCT.modified),
    ):
        if text and (found := read_date(text)):
            product.say(property_, found)
        elif text:
            product.leave(field, f"no date: {text!r}")
    if edition := _plain(product, "edition", record.edition):
        product.say(DCAT.version, Literal(edition))
    if status := _STATUS.get(record.status):
        product.say(ADMS.status, NamedNode(_STATUS_LIST + status))
    _tell_level(product, record.level)


# ISO 19115 codes of MD_ProgressCode to the EU list; `onGoing` is said of the period.
_STATUS_LIST: Final = "http://publications.europa.eu/resource/authority/dataset-status/"
_STATUS: Final[Mapping[str, str]] = {
    "completed": "COMPLETED",
    "underDevelopment": "DEVELOP",
    "obsolete": "DEPRECATED",
    "deprecated": "DEPRECATED",
    "superseded": "DEPRECATED",
    "retired": "WITHDRAWN",
    "withdrawn": "WITHDRAWN",
}

_CREATIVE_IRI = re.compile(
    r"https?://(?:www\.)?creativecommons\.org/(licenses|publicdomain)/([a-z-]+)/(\d\.\d)", re.I
)
_CREATIVE = re.compile(r"\bCC[ -](BY(?:-NC)?(?:-SA|-ND)?)[ -](\d\.\d)\b", re.I)
_LICENCE_URL = re.compile(r"https?://[^\s\"'<>)]*licen[sc]e[^\s\"'<>)]*", re.I)
_LONGEST_RIGHTS = 120


def _tell_rights(product: Product, record: Record) -> None:
    for text, address in record.rights:
        if iri := find_licence(text, address):
            product.say(DCT.license, NamedNode(iri))
        elif plain := _plain(product, "rights", text):
            if len(plain) <= _LONGEST_RIGHTS and re.search(r"licen[sc]e|open access", plain, re.I):
                product.say(DCT.rights, Literal(plain))
            elif plain.casefold() not in _NO_RIGHTS:
                product.leave("rights", "a sentence that names no licence")


_NO_RIGHTS = frozenset({"none", "no restriction", "no restrictions", "aucune", "n/a", "unknown"})


def find_licence(text: str, address: str = "") -> str | None:
    """The IRI of the licence that a text or its address names; None if neither does."""
    for part in (address, text):
        if match := _CREATIVE_IRI.search(part):
            kind, name, version = match.groups()
            return f"https://creativecommons.org/{kind.lower()}/{name.lower()}/{version}/"
    if match := _CREATIVE.search(text):
        return f"https://creativecommons.org/licenses/{match[1].lower()}/{match[2]}/"
    if iri := odatis.licence_of(text):
        return iri
    named = re.search(r"licen[sc]e|etalab", address, re.I)
    found = address if named else (m[0] if (m := _LICENCE_URL.search(text)) else "")
    node = find_address(found.rstrip(".,;"))
    return node.value if node else None


_CREATORS = ("originator", "author", "principalInvestigator", "creator")
# Who publishes, the first role that is named.
_PUBLISHERS = ("publisher", "distributor", "custodian", "owner")


def _tell_organisations(product: Product, record: Record) -> None:
    named: dict[str, dict[str, None]] = {}
    for role, name in record.organisations:
        if text := _plain(product, "organisation", name):
            named.setdefault(role, {})[text] = None
    for role in _CREATORS:
        for name in named.get(role, ()):
            product.say(DCT.creator, product.catalogue.agent(name))
    publishers = next((named[role] for role in _PUBLISHERS if role in named), {})
    for name in [*publishers][:1]:
        product.say(DCT.publisher, product.catalogue.agent(name))


def _tell_relations(product: Product, record: Record) -> None:
    own = {d for name in record.names if (d := find_doi(name))}
    for text in record.derived_from:
        for doi in _dois(text):
            if doi not in own and not is_private(doi):
                product.say(PROV.wasDerivedFrom, NamedNode(ids.DOI + doi))
    for text in (*record.derived_from, *record.related):
        for identifier in dict.fromkeys(odatis.CMEMS_ID.findall(text)):
            product.say(DCT.relation, NamedNode(ids.product("cmems", identifier)))
    for text in record.related:
        for doi in _dois(text):
            if doi not in own and not is_private(doi):
                product.say(DCT.relation, NamedNode(ids.DOI + doi))
    if record.parent and not is_private(record.parent) and record.parent != record.identifier:
        parent = odatis.own_identifier(record.parent)
        product.say(DCT.isPartOf, NamedNode(ids.product(product.catalogue.name, parent)))


_DOI = re.compile(r"\b10\.\d{4,9}/[^\s\"'<>,;)\]}]+")


def _dois(text: str) -> Iterator[str]:
    """Every DOI within a text, without the full stop of the sentence."""
    for match in _DOI.finditer(text):
        if (doi := ids.doi(match[0].rstrip(".:"))) and ids.canonical(doi):
            yield doi


# What a link is for when it leads to a page about the data, and when to a picture.
_PAGE = frozenset({"information", "completeMetadata", "landingpage", "canonical"})
_PICTURE = frozenset({"browseGraphic", "thumbnail"})


def _tell_links(product: Product, record: Record) -> None:
    if own := find_address(record.stands_at):
        product.say(DCT.source, own)
    pages = []
    for link in record.links:
        if find_doi(link.url) or link.use in _PICTURE:
            continue  # a DOI is said as such, which is where its address leads
        if link.use in _PAGE or (not link.use and link.protocol.upper().startswith("WWW:LINK")):
            pages.append(find_address(link.url))
            continue
        product.access(
            link.url,
            title=_plain(product, "name of an access", link.title) or "",
            format_=_plain(product, "format", link.format) or "",
            protocol=_plain(product, "protocol", link.protocol) or "",
        )
    for number, page in enumerate(dict.fromkeys(filter(None, pages))):
        product.say(FOAF.page if number else DCAT.landingPage, page)
