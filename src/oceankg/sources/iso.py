"""ISO metadata: records in ISO 19139 and in ISO 19115-3, read with OWSLib.

OWSLib has one class for each of the two. What it does not read, or not whole (titles in several
languages, keywords with and without addresses in one group, formats, update rhythm, lineage, time
in GML 3.2 of ISO 19115-3), is taken from the same element: both standards use the same local names
but for a few, so one path serves both. Persons, addresses, abstracts and what OWSLib stumbles over
are taken out of the element before anything reads it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from oceankg.sources.metadata import (
    Keyword,
    Link,
    Record,
    UnreadableError,
    Vertical,
    Words,
    language_code,
)
from oceankg.sources.xml import Node, every, find, local

ROOTS: Final = frozenset({"MD_Metadata", "MI_Metadata"})

# Taken out unread: persons and how to reach them; texts that are not carried over; and, because
# OWSLib fails on them, feature catalogues and polygons.
_UNREAD = frozenset(
    {
        *("individual", "individualName", "CI_Individual", "positionName", "contactInfo"),
        *("abstract", "purpose", "credit", "supplementalInformation", "resourceSpecificUsage"),
        *("graphicOverview", "contentInfo", "polygon", "containsOperations"),
    }
)
_HREF = "{http://www.w3.org/1999/xlink}href"


def read_record(element: Node) -> Record:
    """What an ISO record says; `element` is changed: what is not carried over is taken out.

    Raises UnreadableError when OWSLib cannot make a record of it.
    """
    level = _level(element)  # stands in contentInfo
    _take_out(element)
    # Imported where there is a record to read: OWSLib brings a second HTTP client with it, which
    # takes every command half a second to load.
    from owslib import iso, iso3

    standard = iso if "isotc211" in str(element.tag) else iso3
    try:
        return _record(element, standard.MD_Metadata(element), level)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise UnreadableError(f"OWSLib cannot read it: {type(error).__name__}") from error


def read_head(element: Node) -> Record:
    """Which product a record is about and its date, without the rest: for a harvest."""
    citation = find(element, "identificationInfo/*/citation/CI_Citation")
    names = tuple(_names(citation, element))
    return Record(_identifier(element), names=names, stamp=_stamp(element))


def _identifier(element: Node) -> str:
    return first(element, "fileIdentifier") or first(element, "metadataIdentifier/*/code")


def _take_out(element: Node) -> None:
    for found in [e for e in element.iter() if local(e) in _UNREAD]:
        if (parent := found.getparent()) is not None:
            parent.remove(found)


def _record(element: Node, parsed: Any, level: str) -> Record:  # noqa: ANN401  (OWSLib)
    what = next(iter(parsed.identification), None)
    if what is None:
        return Record(_identifier(element), kind=_kind(element, ""))
    languages = _locales(element)
    me = find(element, "identificationInfo/*")
    citation = find(me, "citation/CI_Citation")
    start, end, ongoing = _period(me)
    dates = {date.type: date.date or "" for date in what.date}
    faults: list[tuple[str, str]] = []
    return Record(
        identifier=_identifier(element),
        titles=tuple(_words(find(citation, "title"), languages)),
        alternatives=tuple(
            words
            for title in every(citation, "alternateTitle")
            for words in _words(title, languages)
        ),
        kind=_kind(element, what.identtype or ""),
        stamp=_stamp(element),
        names=tuple(_names(citation, element)),
        keywords=tuple(_keywords(me)),
        box=_box(what, faults),
        start=start,
        end=end,
        ongoing=ongoing or (what.status == "onGoing" and not end),
        vertical=_vertical(me, faults),
        grids=tuple(_grids(me, faults)),
        step=first(me, "temporalResolution/TM_PeriodDuration", deep=False),
        rhythm=code(find(me, "resourceMaintenance/*/maintenanceAndUpdateFrequency/*")),
        level=level,
        created=dates.get("creation", ""),
        published=dates.get("publication", ""),
        revised=dates.get("revision", ""),
        edition=first(citation, "edition"),
        status=what.status or "",
        rights=tuple(_rights(me)),
        derived_from=tuple(_sources(element)),
        related=tuple(_related(me)),
        parent=parsed.parentidentifier or first(element, "parentMetadata/*/identifier/*/code"),
        organisations=tuple((who.role or "", who.organization or "") for who in what.contact)
        + tuple(_cited(citation)),
        links=tuple(_links(element, parsed)),
        stands_at=first(element, "metadataLinkage/*/linkage"),
        faults=tuple(faults),
    )


# ------------------------------------------------------------------ properties


def text_of(element: Node) -> str:
    """The text of a property: that of its character string, anchor or code, else its own."""
    if element is None:
        return ""
    for child in element:
        if local(child) in ("CharacterString", "Anchor", "URL"):
            return (child.text or "").strip()
    inner = next((c.text for c in element if (c.text or "").strip()), None)
    return (inner or element.text or "").strip()


def href(element: Node) -> str:
    """The address of a property's anchor, or ""."""
    anchor = find(element, "Anchor")
    return anchor.get(_HREF, "").strip() if anchor is not None else ""


def first(element: Node, path: str, *, deep: bool = True) -> str:
    """The first text on a path that is not empty."""
    found = every(element, path)
    texts = (text_of(e) if deep else (e.text or "").strip() for e in found)
    return next((text for text in texts if text), "")


def code(element: Node) -> str:
    """The value of an element of a code list."""
    if element is None:
        return ""
    return (element.get("codeListValue") or element.text or "").strip()


# ------------------------------------------------------------------ the parts of a record


def _kind(element: Node, identification: str) -> str:
    scope = find(element, "hierarchyLevel/MD_ScopeCode")
    if scope is None:
        scope = find(element, "metadataScope/MD_MetadataScope/resourceScope/MD_ScopeCode")
    return "service" if identification == "service" else code(scope)


def _stamp(element: Node) -> str:
    """The date of the record: ISO 19115-3 gives several, of which the last revision counts."""
    stamps = [text_of(e) for e in every(element, "dateStamp")]
    stamps += [text_of(e) for e in every(element, "dateInfo/CI_Date/date")]
    return max(stamps, default="")


def _locales(element: Node) -> dict[str, str]:
    """The languages of a record by the names that its texts use; "" is its own."""
    own = code(find(element, "language/LanguageCode")) or first(element, "language")
    own = own or code(find(element, "defaultLocale/PT_Locale/language/LanguageCode"))
    found = {"": own}
    for path in ("locale", "defaultLocale", "otherLocale"):
        for locale in every(element, f"{path}/PT_Locale"):
            for name in ("language", "languageCode"):
                if language := code(find(locale, f"{name}/LanguageCode")):
                    found[locale.get("id", "")] = language
    return {name: language_code(language) or "" for name, language in found.items()}


def _words(element: Node, languages: Mapping[str, str]) -> Iterator[Words]:
    """A text in each of its languages, the record's own first, each wording once."""
    own = text_of(element)
    others: dict[str, str | None] = {}
    for string in every(element, "PT_FreeText/textGroup/LocalisedCharacterString"):
        name = string.get("locale", "").lstrip("#")
        if text := (string.text or "").strip():
            others.setdefault(text, languages.get(name) or language_code(name))
    if own:
        yield Words(own, others.pop(own, None) or languages.get("") or None)
    for text, language in others.items():
        yield Words(text, language)


def _names(citation: Node, element: Node) -> Iterator[str]:
    """Texts that may hold the DOI of the data."""
    for identifier in every(citation, "identifier/*"):
        found = find(identifier, "code")
        yield from (text_of(found), href(found))
        space = first(identifier, "codeSpace")
        if "doi" in space.casefold():
            yield f"{space.rstrip('/')}/{text_of(found)}"
    yield first(element, "dataSetURI")
    for resource in every(element, "distributionInfo/*/transferOptions/*/onLine/*"):
        if "doi" in first(resource, "protocol").casefold():
            yield first(resource, "linkage")


def _keywords(me: Node) -> Iterator[Keyword]:
    for group in every(me, "descriptiveKeywords/MD_Keywords"):
        kind = code(find(group, "type/MD_KeywordTypeCode"))
        citation = find(group, "thesaurusName/*")
        title, identifier = find(citation, "title"), find(citation, "identifier/*/code")
        names = (text_of(title), href(title), text_of(identifier), href(identifier))
        named = " ".join(name for name in names if name)
        for keyword in every(group, "keyword"):
            yield Keyword(text_of(keyword), href(keyword), named, kind)


def _box(what: Any, faults: list[tuple[str, str]]) -> tuple[float, ...]:  # noqa: ANN401  (OWSLib)
    box = getattr(what, "bbox", None)  # OWSLib sets it only where there is an extent
    sides = [box.minx, box.miny, box.maxx, box.maxy] if box is not None else []
    if not any(sides):
        return ()
    try:
        return tuple(float(side) for side in sides)
    except (TypeError, ValueError):
        faults.append(("bbox", f"no numbers: {sides}"))
        return ()


def _period(me: Node) -> tuple[str, str, bool]:
    """The start and the end of the data, and whether they go on."""
    for extent in every(me, "extent/EX_Extent/temporalElement/*/extent/*"):
        start, end = find(extent, "beginPosition"), find(extent, "endPosition")
        if start is None and end is None:
            start, end = find(extent, "begin/*/timePosition"), find(extent, "end/*/timePosition")
        moment = find(extent, "timePosition")
        start, end = (moment, moment) if moment is not None else (start, end)
        now = end is not None and end.get("indeterminatePosition") == "now"
        texts = ["" if e is None else (e.text or "").strip() for e in (start, end)]
        if any(texts) or now:
            return texts[0], "" if now else texts[1], now
    return "", "", False


def _vertical(me: Node, faults: list[tuple[str, str]]) -> Vertical | None:
    extent = find(me, "extent/EX_Extent/verticalElement/EX_VerticalExtent")
    least, most = first(extent, "minimumValue"), first(extent, "maximumValue")
    if not (least or most):
        return None
    system, unit = "", first(extent, "unitOfMeasure/*/identifier")
    for name in ("verticalCRS", "verticalCRSId"):
        for part in every(extent, name):
            texts = [*part.itertext(), *(v for e in part.iter() for v in e.attrib.values())]
            system += " ".join(" ".join(texts).split())
            unit = unit or next((e.get("uom") for e in part.iter() if e.get("uom")), "")
    try:
        return Vertical(float(least), float(most), unit, system)
    except ValueError:
        faults.append(("vertical extent", f"no numbers: {least!r} to {most!r}"))
        return None


def _grids(me: Node, faults: list[tuple[str, str]]) -> Iterator[tuple[float, str]]:
    """Widths with their units; the denominator of a map's scale is no width."""
    for resolution in every(me, "spatialResolution/MD_Resolution"):
        for name in ("distance", "angularDistance"):
            for width in every(resolution, f"{name}/*"):
                text, unit = (width.text or "").strip(), width.get("uom", "")
                try:
                    yield float(text), unit
                except ValueError:
                    if text:
                        faults.append(("resolution", f"no number: {text!r}"))


def _level(element: Node) -> str:
    return first(element, "contentInfo/*/processingLevelCode/*/code") or first(
        element, "identificationInfo/*/processingLevel/*/code"
    )


def _rights(me: Node) -> Iterator[tuple[str, str]]:
    for constraints in every(me, "resourceConstraints/*"):
        for name in ("otherConstraints", "useLimitation", "reference/*/title"):
            for found in every(constraints, name):
                if text_of(found) or href(found):
                    yield text_of(found), href(found)


def _sources(element: Node) -> Iterator[str]:
    """Texts on the lineage: its statements, and the identifiers of the sources it names."""
    for path in ("dataQualityInfo/*/lineage/*", "resourceLineage/*"):
        for lineage in every(element, path):
            yield first(lineage, "statement")
            for source in every(lineage, "source/*"):
                for citation in (
                    *every(source, "sourceCitation/*"),
                    *every(source, "sourceReference/*"),
                ):
                    yield from _identifiers(citation)


def _identifiers(citation: Node) -> Iterator[str]:
    for found in every(citation, "identifier/*/code"):
        yield from (text_of(found), href(found))
    yield from (first(citation, "title"), first(citation, "onlineResource/*/linkage"))


def _related(me: Node) -> Iterator[str]:
    for group in (*every(me, "aggregationInfo/*"), *every(me, "associatedResource/*")):
        for name in ("aggregateDataSetName/*", "name/*", "metadataReference/*"):
            for citation in every(group, name):
                yield from _identifiers(citation)
        for found in every(group, "aggregateDataSetIdentifier/*/code"):
            yield from (text_of(found), href(found))


def _cited(citation: Node) -> Iterator[tuple[str, str]]:
    """The organisations that the citation names, by role."""
    for who in every(citation, "citedResponsibleParty/*"):
        role = code(find(who, "role/CI_RoleCode"))
        for path in ("organisationName", "party/CI_Organisation/name"):
            if name := first(who, path):
                yield role, name


def _links(element: Node, parsed: Any) -> Iterator[Link]:  # noqa: ANN401  (OWSLib)
    distribution = parsed.distribution
    if distribution is None:
        return
    formats = [
        text_of(e)
        for path in ("name", "formatSpecificationCitation/*/title")
        for e in every(element, f"distributionInfo/*/distributionFormat/MD_Format/{path}")
    ]
    named = ", ".join(dict.fromkeys(f for f in formats if f))
    online = [*distribution.online, *(o for d in distribution.distributor for o in d.online)]
    for resource in online:
        use = resource.function or ""
        if resource.url:
            # The formats are those of the data, so of what is to be downloaded.
            format_ = named if use in ("download", "offlineAccess", "order") else ""
            yield Link(resource.url, resource.name or "", resource.protocol or "", format_, use)
