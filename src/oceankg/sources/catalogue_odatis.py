"""ODATIS: the products of its data centres, of Sextant and of SEANOE, one JSON record a line.

The records were read in public catalogues and pages by people and programs, so each must be
judged before it stands: some are cruises or observing systems, some are old releases or second
records of the same product, some carry a title and an identifier that are only a reader's words.
`_judge` is the rules, `JUDGED` what needed a human eye; whatever is left out is named with its
reason. Catalogue, word, period and extent are made by `catalogue`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from pyoxigraph import Literal, NamedNode

from oceankg import ids
from oceankg.errors import SourceError
from oceankg.model import Facts, Recording
from oceankg.namespaces import BASE, DCAT, DCT, FOAF, OKG, PROV, RDF, SCHEMA, SKOS, XSD
from oceankg.sources.catalogue import (
    Gathering,
    Product,
    facet,
    find_address,
    find_doi,
    read_date,
    read_level,
)
from oceankg.sources.titles import read_title

Record = Mapping[str, Any]

NAME: Final = "odatis"
TITLE: Final = "ODATIS, Sextant and SEANOE"
SEANOE_DOI: Final = "10.17882/"

# Records that a rule cannot judge: identifier to the reason why it does not stand.
JUDGED: Final[Mapping[str, str]] = {
    "10.24400/527896/a01-2021.001": (
        "old release: its title says 'no longer maintained'; META3.2 and META4.0exp stand"
    ),
    "10.24400/527896/a01-2021.002": (
        "old release: its title says 'no longer maintained'; META3.2 twosat stands"
    ),
    "META2.0 DT": "old release: its title says 'not recommended'; META3.2 and META4.0exp stand",
    "MSS_CNES_CLS11": (
        "old release: on AVISO's former site only; the releases of 2015 and 2022 stand"
    ),
    "10.17882/95414": (
        "old release: the record of SNAPO-CO2-v2 calls itself its update, one year longer"
    ),
    "gosud:fresh-2014": (
        "old release: SSS-FRESH 2001-2014 (lops:sss-fresh-2001-2014) is the same, one year longer"
    ),
    "shom:LOTS_BATHY": (
        "second record: older than LEVES_BATHY (10.17183/LEVES_BATHY), which is the same lots"
    ),
    "4ec7499c-0d6b-4321-8ac0-8d062865da41": (
        "second record: the older one of CATDS-PDC_L3OS_3G (9c97fb5c-d7d5-4bc2-a5c7-57944026cd60)"
    ),
    "dyfamed-observatory-data": (
        "second record: no identifier, parameter or date; probably 10.17882/43749, which stands"
    ),
}

# Fields in which a record repeats the Copernicus Marine product that carries its DOI, and not the
# page of the DOI itself, as its own note says.
BORROWED: Final[Mapping[str, frozenset[str]]] = {
    "10.17882/86236": frozenset({"title"}),
    "10.17882/99089": frozenset({"title", "parameters", "time_start", "time_end"}),
    "10.17882/86207": frozenset({"title", "parameters", "time_start", "time_end"}),
    "10.17882/93670": frozenset({"title", "parameters", "time_start", "time_end"}),
    "10.17882/70345": frozenset({"title", "parameters", "time_start", "time_end"}),
}

# Records whose producer is given as names of persons: what stays without them, "" if nothing.
PRODUCERS: Final[Mapping[str, str]] = {
    "10.17882/105885": "GAIA project",
    "10.17882/43749": "MOOSE",
    "10.17882/44411": "MOOSE",
    "10.17882/45980": "MOOSE",
    "10.17882/47077": "Ifremer, CNRS, Altran, UPMC",
    "10.17882/51534": "IRD",
    "10.17882/53389": "Ifremer and partners",
    "10.17882/55128": "ReefTEMPS",
    "10.17882/59800": "",
    "10.17882/94147": "ANR MANA",
    "10.17882/94148": "ANR MANA project",
    "10.17882/95414": "SNAPO-CO2",
    "10.17882/99825": "MOOSE",
    "10.17882/99865": "MOOSE",
    "b2find:176bef3e-55cd-5906-b1a7-d5282418a2a1": "IAOOS",
    "b2find:581de297-e7b0-59a0-83f1-2aabe5ef8b61": "ANR MANA",
    "b2find:8da1d2cd-b355-5844-9318-f1357415b2a6": "PRESENCE project",
    "b2find:99c2b266-4c60-59c9-ac6a-6b9574c6b62b": "ELADE",
    "seanoe:105378": "LOPS",
    "snapo-co2-v2": "SNAPO-CO2",
}

# The server of which a record's `tds_path` is a folder.
THREDDS: Final = "https://tds-odatis.aviso.altimetry.fr/thredds/"

# The names by which records call the data centres of ODATIS.
CENTRES: Final[Mapping[str, str]] = {
    "cds-aviso": "aviso",
    "cds-sat-aviso": "aviso",
    "cds-sat-toulouse": "aviso",
    "cds-cersat": "cersat",
    "cds-sat-cersat": "cersat",
    "cds-sat-brest": "cersat",
    "cds-coriolis": "coriolis",
    "cds-is-coriolis": "coriolis",
    "cds-is-omp": "omp",
    "cds-is-oasu": "bordeaux",
}

KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    "coastal station": ("in-situ",),
    "float": ("in-situ",),
    "glider": ("in-situ",),
    "in situ profile": ("in-situ",),
    "mooring": ("in-situ",),
    "ship": ("in-situ",),
    "survey": ("in-situ",),
    "model": ("model",),
    "model colocated with satellite": ("model", "satellite"),
    "satellite": ("satellite",),
    "satellite and in situ": ("satellite", "in-situ"),
    "satellite derived": ("satellite",),
    "satellite gridded": ("satellite",),
    "/Données d'observation/satellite": ("satellite",),
}

# Only wordings that are the name of a region; any other stays as worded.
REGIONS: Final[Mapping[str, str]] = {
    "global": "global",
    "global ocean": "global",
    "arctic": "arctic",
    "arctic ocean": "arctic",
    "mediterranean sea": "mediterranean",
    "baltic sea": "baltic",
    "black sea": "black-sea",
}

# The labels of NVS OD1 in English and French, as of its edition of 2024-06.
_OD1_TABLE: Final = """
ACOUST|Ocean Acoustics|Acoustique de l'océan
AERO|Aerosols|Aérosols
AIRPRES|Atmospheric pressure|Pression atmosphérique
AIRTEMP|Air temperature|Température de l'air
BATHY|Bathymetry|Bathymétrie
BENTHA|Benthic habitats|Habitats benthiques
BIOINFO|Bioinformatics|Bioinformatique
BIOTOX|Biotoxins|Biotoxines
C02|CO2 Carbonate system|CO2 Système de carbonate
COLOUR|Ocean colour|Couleur de l'océan
CONT|Contaminants|Contaminants
CURR|Currents|Courants
DENS|Density|Densité
DOM|Dissolved Organic Matter|Matière organique dissoute
DOXY|Dissolved oxygen|Oxygène dissous
FISH|Fish|Poissons
FLUO|Fluorescence|Fluorescence
GEOL|Geology|Géologie
HCORAL|Hard coral|Coraux
HEATCON|Ocean heat content|Contenu thermique de l'océan
HUMACT|Human activities|Activités humaines
HUMI|Humidity|Humidité
INVER|Invertebrates|Invertébrés
MACALG|Macroalgal|Macroalgues
MANG|Mangrove|Mangroves
MTBM|Marine turtles, birds, mammals|Tortues de mer, oiseaux et mammifères
N2O|Nitrous oxide|Oxyde d'azote
NUTS|Nutrients|Nutriments
PATHOGEN|Pathogenic organisms|Organismes pathogènes
PHYTO|Phytoplankton|Phytoplancton
PIGM|Pigments|Pigments
PRESS|Pressure|Pression
RADFLX|Radiative flux|Flux radiatif
RAIN|Rain|Pluviométrie
SAL|Salinity|Salinité
SEAICE|Sea ice|Glace de mer
SEALVL|Sea surface height|Hauteur de la surface de la mer
SEATEMP|Sea temperature|Température de la mer
SEDFLUX|Sedimentary fluxes|Flux sédimentaires
SEISM|Seismic|Sismique
SGRAS|Seagrass|Herbiers
SHORE|Shoreline|Trait de côte
SUSPMA|Suspended matter|Matières en suspension
TIDES|Tides|Marées
TRACELE|Trace elements and their isotopes|Eléments trace et leurs isotopes
TRANST|Transient tracers|Traceurs transitoires
TURBID|Turbidity|Turbidité
WAVES|Waves|Vagues
WIND|Wind|Vent
ZOO|Zooplankton|Zooplancton
"""
OD1: Final[Mapping[str, str]] = {
    label.casefold(): code
    for code, *labels in (line.split("|") for line in _OD1_TABLE.strip().splitlines())
    for label in labels
}

_SEANOE = re.compile(r"^seanoe:(\d+)$")
_REMARK = re.compile(r"\s*\([^()]*\)")
CMEMS_ID = re.compile(r"\b[A-Z][A-Z0-9]*(?:_[A-Za-z0-9-]+)*_\d{3}_\d{3}(?:_[a-z])?\b")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_OD1_URI = re.compile(r"OD1/current/(\w+)/?$")
_METRES = re.compile(r"^(\d+(?:\.\d+)?) (m|km)$")
_CREATIVE = re.compile(r"^CC[ -](BY(?:-NC)?(?:-SA|-ND)?) (\d\.\d)\b", re.IGNORECASE)
_ETALAB = re.compile(r"\b(?:etalab|licence ouverte)\b.*\bv2\.0\b", re.IGNORECASE)
_MARKED = re.compile(r"^\[[^\]]*SUPPRIMER\]", re.IGNORECASE)
_UNSEEN = re.compile(r"title and uuid not seen|uuid and exact title not seen")
_CUT = re.compile(r"\((?:the )?list (?:not|cut) in (?:the )?excerpt\)")

_ENGLISH_WORDS = (
    "the of and in from for with by on at over to using during data dataset datasets product "
    "products model sea ocean surface wave waves global level level-2 level-3 maps version mean "
    "observations sediments daily time wind drift survey cruises tidal currents tide"
)
_FRENCH_WORDS = (
    "le la les des du au aux et dans sur par pour à de zone niveau côtes données produit produits "
    "bathymétrie bathymétrique observations suivi marée campagne"
)
_ENGLISH = frozenset(_ENGLISH_WORDS.split())
_FRENCH = frozenset(_FRENCH_WORDS.split())

_TEXTS = (
    "title", "kind", "level", "confidence", "doi", "data_centre", "producer", "publisher",
    "source_url", "source", "landing_url", "licence", "note", "region", "resolution", "time_step",
    "time_start", "time_end", "begin", "temporal", "latency", "version", "published", "created",
    "cds", "odatis_centre", "odatis_variable", "record_type", "short_name", "alternate_title",
    "identifier", "supersedes", "cmems", "dataset_type", "kind_of_record",
    "handbook", "tds_path", "revised",
)  # fmt: skip
_LISTS = (
    "parameters", "keywords", "variables", "cf_standard_names", "gcmd", "od1", "od1_uri",
    "odatis_variables", "other_sources", "derived_from",
)  # fmt: skip
_WORDS = ("parameters", "keywords", "variables", "cf_standard_names", "gcmd", "odatis_variables")
_TRUTHS = ("title_seen", "id_is_local_label")


def read_records(recording: Recording) -> Facts:
    """The records that stand, as products, and every other one with the reason why not.

    Raises SourceError naming the line when it is no JSON object, has no identifier or title, has
    a value of the wrong type, or repeats an identifier.
    """
    records = _load(recording)
    left = _judge(records)
    gathering = Gathering(NAME, TITLE)
    for identifier, record in records.items():
        if identifier in left:
            gathering.leave(identifier, left[identifier])
        else:
            _take(gathering, identifier, record)
    return gathering.facts()


# ------------------------------------------------------------------ the lines


def _load(recording: Recording) -> dict[str, Record]:
    """The records by their own identifier, each checked."""
    records: dict[str, Record] = {}
    seen: dict[str, int] = {}
    for number, line in enumerate(recording.content.split(b"\n"), 1):
        if not line.strip():
            continue
        error = _Fault(recording.name, number)
        record = _parse(line, error)
        identifier = record["id"]
        # Spellings of one SEANOE record would become one product.
        key = own_identifier(identifier)
        if key in seen:
            raise error(f"identifier {identifier!r} stands on line {seen[key]} already")
        seen[key] = number
        records[identifier] = record
    if not records:
        raise _Fault(recording.name, 1)("no records")
    return records


class _Fault:
    """Makes the errors of one line."""

    def __init__(self, file: str, line: int) -> None:
        self.file, self.place = file, f"line {line}"

    def __call__(self, message: str) -> SourceError:
        remedy = "Correct the line, or fetch the file again if it is cut off."
        return SourceError(message, file=self.file, place=self.place, remedy=remedy)


def _parse(line: bytes, error: _Fault) -> Record:
    try:
        record = json.loads(line)
        json.dumps(record, ensure_ascii=False).encode()  # half of a surrogate pair is no text
    except (ValueError, RecursionError) as cause:
        raise error(f"no JSON: {cause}") from cause
    if not isinstance(record, dict):
        raise error("no JSON object")
    for key in ("id", "title"):
        value = record.get(key)
        if not isinstance(value, str) or not value.strip():
            raise error(f"a record without {key}")
    for key, message in _faults(record):
        raise error(f"key {key}: {message}")
    return record


def _faults(record: Record) -> Iterator[tuple[str, str]]:
    """Each key whose value is of the wrong type."""
    for key in _TEXTS:
        if not isinstance(record.get(key, ""), str):
            yield key, "no text"
    for key in _LISTS:
        value = record.get(key, [])
        if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
            yield key, "no list of texts"
    for key in _TRUTHS:
        if not isinstance(record.get(key, False), bool):
            yield key, "neither true nor false"
    if not isinstance(record.get("relation_to_cmems", ""), str | dict):
        yield "relation_to_cmems", "neither text nor object"
    if not isinstance(record.get("roles", {}), dict):
        yield "roles", "no object"
    box = record.get("bbox", [])
    if not isinstance(box, list) or not all(
        isinstance(x, int | float) and not isinstance(x, bool) for x in box
    ):
        yield "bbox", "no list of numbers"


def own_identifier(identifier: str) -> str:
    """The identifier of a product: SEANOE's records are known by DOI, its number is the same."""
    match = _SEANOE.match(identifier)
    return f"10.17882/{match[1]}" if match else identifier


# ------------------------------------------------------------------ which records stand


def _judge(records: Mapping[str, Record]) -> dict[str, str]:
    """Identifier to reason, of every record that does not stand."""
    left = {
        identifier: reason
        for identifier, record in records.items()
        if (reason := JUDGED.get(identifier) or _own_reason(record))
    }
    standing = {i: r for i, r in records.items() if i not in left}
    return left | dict(_superseded(standing)) | dict(_second_records(standing))


def _own_reason(record: Record) -> str | None:
    """Why a record does not stand, as far as it says so itself."""
    note, kind = record.get("note", ""), record.get("kind", "")
    type_ = record.get("record_type", "dataset")
    unseen = not record.get("title_seen", True) and record.get("id_is_local_label", False)
    rules = (
        (type_ != "dataset", f"a record of another kind: {type_}, no product"),
        (kind == "data centre record", "a record of a data centre, no product"),
        (
            kind.startswith("archived CMEMS product"),
            "an archived Copernicus Marine product that is still listed in Sextant",
        ),
        (_MARKED.match(record["title"]), "marked for deletion by its owner, as its title says"),
        (
            unseen or _UNSEEN.search(note),
            "neither the title nor the identifier is the record's own",
        ),
        (note == "older release", "old release, as its page says"),
        (note.startswith("superseded"), "superseded, as its record says"),
        (note.startswith("no longer available"), "no longer available, as its record says"),
    )
    return next((reason for applies, reason in rules if applies), None)


def against(identifier: str, titles: Iterable[str], alternatives: Iterable[str]) -> str | None:
    """Why a record that a server sent does not stand, by the rules that need no reader's notes."""
    if identifier in JUDGED:
        return JUDGED[identifier]
    if any(_MARKED.match(title) for title in titles):
        return "marked for deletion by its owner, as its title says"
    if any(CMEMS_ID.fullmatch(name.strip()) for name in (identifier, *alternatives)):
        return "an archived Copernicus Marine product that is still listed in Sextant"
    return None


def _superseded(records: Mapping[str, Record]) -> Iterator[tuple[str, str]]:
    """Records that another one says it supersedes."""
    for identifier, record in records.items():
        for other in records:
            if other != identifier and other in record.get("supersedes", ""):
                yield other, f"old release: {identifier} says that it supersedes it"


def _second_records(records: Mapping[str, Record]) -> Iterator[tuple[str, str]]:
    """Records that share a DOI or a product identifier with a fuller one."""
    fuller: dict[str, str] = {}
    for identifier in sorted(records, key=lambda i: -len(records[i])):
        marks = [mark for mark in _marks(records[identifier]) if mark]
        if twin := next((fuller[mark] for mark in marks if mark in fuller), None):
            yield identifier, f"second record of {twin}, which is fuller"
        for mark in marks:
            fuller.setdefault(mark, identifier)


def _marks(record: Record) -> tuple[str | None, str | None]:
    return find_doi(record.get("doi", "")), record.get("identifier")


# ------------------------------------------------------------------ one record


def _take(gathering: Gathering, identifier: str, record: Record) -> None:
    borrowed = BORROWED.get(identifier, frozenset())
    title = record["title"].strip()
    product = Product(gathering, own_identifier(identifier), title, language_of(title))
    is_ours = "title" in borrowed or not record.get("title_seen", True)
    if is_ours:
        product.say(OKG.titleIsDescription, Literal(value=True))
    for field in sorted(borrowed - {"title"}):
        product.leave(field, "those of the Copernicus Marine product with this DOI, not its own")
    record = {k: v for k, v in record.items() if k == "title" or k not in borrowed}
    _take_names(product, identifier, record)
    _take_links(product, record)
    _take_documents(product, record)
    _take_words(product, record, "" if is_ours else title)
    _take_kind(product, record)
    _take_time(product, record)
    _take_space(product, record)
    _take_agents(product, identifier, record)
    _take_licence(product, record.get("licence"))
    _take_history(product, record)
    _take_relations(product, record)


def language_of(title: str) -> str | None:
    """``en`` or ``fr`` when the little words of a title leave no doubt, else None."""
    words = re.findall(r"[\w-]+", without_remark(title).casefold())
    english = sum(word in _ENGLISH for word in words)
    french = sum(word in _FRENCH for word in words)
    if english == french:
        return None
    return "en" if english > french else "fr"


def without_remark(text: str) -> str:
    """A text without what stands in parentheses, which is the reader's remark."""
    return _REMARK.sub("", text).strip()


def _take_names(product: Product, identifier: str, record: Record) -> None:
    names = [record.get(key) for key in ("short_name", "alternate_title", "identifier")]
    if identifier != product.identifier:
        names.append(identifier)
    for name in dict.fromkeys(names):
        if name and name != record["title"]:
            product.say(SKOS.altLabel, Literal(name))


def _take_links(product: Product, record: Record) -> None:
    if "doi" in record:
        product.doi(record["doi"])
    elif product.identifier.startswith("10.17882/"):
        product.doi(product.identifier)
    _take_addresses(product, DCAT.landingPage, "landing_url", [record.get("landing_url")])
    own = record.get("source") if "source_url" not in record else None
    # A source that is no address says in words where the record was seen.
    own = own if own and own.startswith("http") else None
    sources = [record.get("source_url"), own, *record.get("other_sources", [])]
    _take_addresses(product, DCT.source, "source", sources)


def _take_documents(product: Product, record: Record) -> None:
    """Say the handbook that a record names, and the folder in which AVISO serves its files."""
    if handbook := record.get("handbook"):
        node = NamedNode(f"{product.iri.value}/handbook")
        product.say(FOAF.page, node)
        product.say(RDF.type, FOAF.Document, node)
        product.say(DCT.title, Literal(handbook), node)
    if path := record.get("tds_path"):
        product.access(THREDDS, title=path, protocol="THREDDS")


def _take_addresses(
    product: Product, property_: NamedNode, field: str, texts: Iterable[str | None]
) -> None:
    for text in texts:
        if text and (address := find_address(text)):
            product.say(property_, address)
        elif text:
            product.leave(field, f"no http address: {text!r}")


def _take_words(product: Product, record: Record, title: str) -> None:
    """Report the words and themes of a record; a `title` that is not its own is empty."""
    words = [word for key in _WORDS for word in record.get(key, [])]
    if "odatis_variable" in record:
        words.append(record["odatis_variable"])
    for word in words:
        if _CUT.search(word):
            product.leave("parameters", f"the reader's remark, no parameter: {word!r}")
    stated = [
        word.replace(" (from the identifier only)", "") for word in words if not _CUT.search(word)
    ]
    read = read_title(title, stated)
    product.report(read)
    # A word that the title narrows is kept as it stands.
    for word in stated:
        if word not in read:
            product.say(DCAT.keyword, Literal(word))
    codes = [OD1.get(label.strip().casefold(), label) for label in record.get("od1", [])]
    codes += [m[1] for uri in record.get("od1_uri", []) if (m := _OD1_URI.search(uri))]
    for code in codes:
        if code in OD1.values():
            product.say(OKG.reports, NamedNode(ids.nvs_concept("OD1", code)))
        else:
            product.report([code])


def _take_kind(product: Product, record: Record) -> None:
    kind = without_remark(record.get("kind", ""))
    named, _, level = kind.partition(" L") if kind.startswith("satellite L") else (kind, "", "")
    level = without_remark(record.get("level", "")) or (f"L{level}" if level else "")
    for one in dict.fromkeys((named, record.get("dataset_type", ""))):
        for name in KINDS.get(one, ()):
            product.say(DCT.type, facet("kind", name))
    if kind:
        product.say(SCHEMA.measurementTechnique, Literal(kind))
    if found := read_level(level):
        product.say(OKG.processingLevel, Literal(found))
    elif level:
        product.leave("level", f"no level: {level!r}")


def _take_time(product: Product, record: Record) -> None:
    start, end = record.get("time_start", record.get("begin")), record.get("time_end")
    if "temporal" in record:
        start, _, end = record["temporal"].partition("-")
    ongoing = bool(end and end.startswith("ongoing"))
    if ongoing and end and re.search(r"old page|record of \d{4}", end):
        product.leave("time_end", f"whether it goes on today is unknown: {end!r}")
        ongoing, end = False, None
    product.period(start, None if ongoing else end, ongoing=ongoing)
    for field, property_ in (("time_step", OKG.timeStep), ("latency", OKG.latency)):
        if field in record:
            product.say(property_, Literal(record[field]))


def _take_space(product: Product, record: Record) -> None:
    region = record.get("region")
    if region and (known := REGIONS.get(region.casefold())):
        product.say(DCT.spatial, facet("region", known))
        region = None
    product.extent(record.get("bbox"), region)
    if "resolution" in record:
        _take_resolution(product, record["resolution"])


def _take_resolution(product: Product, text: str) -> None:
    product.say(OKG.spatialResolution, Literal(text))
    if match := _METRES.match(without_remark(text)):
        metres = float(match[1]) * (1000 if match[2] == "km" else 1)
        value = Literal(f"{metres:g}" if metres < 1e5 else f"{metres:.0f}", datatype=XSD.decimal)
        product.say(DCAT.spatialResolutionInMeters, value)


def _take_agents(product: Product, identifier: str, record: Record) -> None:
    roles = record.get("roles", {})
    if producer := record.get("producer", roles.get("originator")):
        _take_producer(product, identifier, producer)
    publisher = record.get("data_centre", record.get("publisher", roles.get("distributor")))
    publisher = without_remark(publisher or "")
    if publisher and not publisher.startswith("unstated"):
        product.say(DCT.publisher, product.catalogue.agent(publisher))
    for name in (record.get("odatis_centre"), record.get("cds"), publisher):
        say_centre(product, without_remark(name or ""))


def _take_producer(product: Product, identifier: str, producer: str) -> None:
    name = PRODUCERS.get(identifier, "" if " et al" in producer else producer)
    if name != producer:
        product.leave("producer", "names of persons are not carried over")
    if name := name.replace(" (not a French producer)", ""):
        product.say(DCT.creator, product.catalogue.agent(name))


def say_centre(product: Product, name: str) -> None:
    """Say the data centre of ODATIS, only where a CDS name says so."""
    if centre := CENTRES.get(name.casefold()):
        product.say(OKG.dataCentre, NamedNode(f"{BASE}centre/{centre}"))
    elif name.casefold().startswith("cds-"):
        product.leave("data centre", f"an unknown data centre of ODATIS: {name!r}")


def _take_licence(product: Product, text: str | None) -> None:
    if not text:
        return
    if iri := licence_of(text):
        product.say(DCT.license, NamedNode(iri))
    else:
        product.say(DCT.rights, Literal(text))


def licence_of(text: str) -> str | None:
    """The IRI of a standard licence that a text names with its version; None if it does not."""
    if match := _CREATIVE.match(text):
        return f"https://creativecommons.org/licenses/{match[1].lower()}/{match[2]}/"
    return "https://spdx.org/licenses/etalab-2.0" if _ETALAB.search(text) else None


def _take_history(product: Product, record: Record) -> None:
    if "version" in record:
        product.say(DCAT.version, Literal(record["version"]))
    for field, property_ in (
        ("published", DCT.issued),
        ("created", DCT.created),
        ("revised", DCT.modified),
    ):
        text = record.get(field)
        if text and (found := read_date(text)):
            product.say(property_, found)
        elif text:
            product.leave(field, f"no date: {text!r}")
    if "confidence" in record:
        product.say(OKG.readingConfidence, Literal(record["confidence"]))


def _take_relations(product: Product, record: Record) -> None:
    said = record.get("relation_to_cmems", {})
    parts = [said] if isinstance(said, str) else [str(value) for value in said.values()]
    for text in (*parts, record.get("cmems", ""), record.get("note", "")):
        for identifier in CMEMS_ID.findall(text):
            product.say(DCT.relation, NamedNode(ids.product("cmems", identifier)))
    upstream = said.get("derived_from_doi", []) if isinstance(said, dict) else []
    for text in (*upstream, *record.get("derived_from", [])):
        if doi := find_doi(text):
            product.say(PROV.wasDerivedFrom, NamedNode(ids.DOI + doi))
        else:
            product.leave("derived from", f"no DOI: {text!r}")
    for old in _UUID.findall(record.get("supersedes", "")):
        product.say(DCT.replaces, NamedNode(ids.product(NAME, old)))
