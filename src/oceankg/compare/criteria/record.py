"""Criteria about the record and who stands behind it: DOI, licence, quality, formats, operator."""

from __future__ import annotations

import re
from collections.abc import Iterator

from oceankg.compare.criteria.contract import (
    Case,
    Criterion,
    Evidence,
    Result,
    failed,
    found,
    limited,
    met,
    unknown,
)
from oceankg.namespaces import BIBO, DCAT, DCT, FOAF, OKG
from oceankg.read import Agent

# A CF version of which a format speaks.
_CF = re.compile(r"\bCF[- ]?(\d+)\.(\d+)", re.IGNORECASE)
_CF_LEAST = (1, 6)
_TIER = re.compile(r"\bresearch tier (\d)\b")


def doi(case: Case) -> Result:
    """A DOI in the record."""
    if text := case.product.doi:
        return met(text, case.evidence(BIBO.doi, text))
    return unknown()


def open_licence(case: Case) -> Result:
    """A licence that is open by its wording."""
    product = case.product
    if product.open_licence is None:
        if not product.licence:
            return unknown()
        return unknown("its wording does not tell", case.evidence(DCT.rights, product.licence))
    worded = product.licence or ""
    return limited(worded, product.open_licence, case.evidence(OKG.openLicence, worded))


def quality(case: Case) -> Result:
    """A quality document, a handbook, or words of quality control."""
    product = case.product
    evidence = [
        *(case.evidence(OKG.qualityDocument, address) for address in product.quality_documents),
        *(case.evidence(FOAF.page, title) for title in product.documents),
        *(
            Evidence("", word, f"{part}: {word}", case.source)
            for part, word in found("quality", case.texts())
        ),
    ]
    return met(evidence[0].value, *evidence) if evidence else unknown()


def formats(case: Case) -> Result:
    """NetCDF (CF 1.6 or later, where the version is stated) or ODV."""
    product = case.product
    stated = [
        *((DCT.format, text) for text in product.formats),
        *((DCAT.distribution, a.format) for a in product.access if a.format),
        *((DCAT.distribution, a.format) for d in product.datasets for a in d.access if a.format),
    ]
    if not stated:
        return unknown()
    evidence = tuple(case.evidence(p, text) for p, text in dict.fromkeys(stated))
    value = ", ".join(dict.fromkeys(text for _, text in stated))
    good = [text for _, text in stated if _is_required(text)]
    return limited(value, bool(good), *evidence)


def _is_required(format_: str) -> bool:
    if version := _CF.search(format_):
        return (int(version[1]), int(version[2])) >= _CF_LEAST
    return any(found("formats", [("format", format_)]))


def operator(case: Case) -> Result:
    """A data centre of ODATIS, an observation service or infrastructure that the record names."""
    named = tuple(_operators(case))
    if named:
        return met(named[0].value, *named)
    producers = [("producer", producer) for producer in case.product.producers]
    projects = [
        Evidence("dcterms:creator", text, f"{part}: {word}, which ends", case.source)
        for part, text in producers
        for _, word in found("projects", [(part, text)])
    ]
    # A project is no operator, unless somebody else is named beside it.
    if projects and len(projects) == len(producers):
        return failed(projects[0].value, *projects)
    return unknown()


def _operators(case: Case) -> Iterator[Evidence]:
    product = case.product
    if product.data_centre:
        yield case.evidence(OKG.dataCentre, product.data_centre)
    parties = [("producer", producer) for producer in product.producers]
    if product.publisher:
        parties.insert(0, ("publisher", product.publisher))
    for part, text in parties:
        for centre in case.model.agents:
            if centre.kind == "centre" and (name := _name_within(centre, text)):
                yield Evidence("", centre.label, f"{part}: {text}, by the name {name}", case.source)
    for part, word in found("services", case.texts()):
        yield Evidence("", word, f"{part}: {word}", case.source)


def _name_within(centre: Agent, text: str) -> str | None:
    """The name of a centre that stands in a text as a word, in its own letters."""
    for name in sorted(centre.alternatives, key=len, reverse=True):
        if re.search(rf"(?<![\w-]){re.escape(name)}(?![\w+-])", text):
            return name
    return None


def stage(case: Case) -> Result:
    """Operational, pre-operational, or a research tier that is near enough."""
    stated = case.product.stage
    if not stated:
        return unknown()
    evidence = case.evidence(OKG.stage, stated)
    if tier := _TIER.search(stated.casefold()):
        return limited(stated, int(tier[1]) <= case.thresholds.most_research_tier, evidence)
    return limited(stated, stated != "Research", evidence)


CRITERIA = (
    Criterion(
        "open-licence",
        "Open licence",
        "Is the licence stated an open one, by its wording?",
        open_licence,
    ),
    Criterion("doi", "DOI", "Does the record state a DOI?", doi),
    Criterion(
        "quality",
        "Quality control documented",
        "Does the record name a quality document or a handbook, or speak of quality control?",
        quality,
    ),
    Criterion(
        "formats",
        "Formats and conventions",
        "Is a format stated that ODATIS requires of its data centres: netCDF with CF 1.6 or later, "
        "or ODV?",
        formats,
    ),
    Criterion(
        "operator",
        "Sustained operator",
        "Does the record name a data centre of ODATIS, a national observation service or a "
        "research infrastructure? A project alone is none.",
        operator,
    ),
    Criterion(
        "stage",
        "Stage and research tier",
        "Is it stated to be operational or pre-operational, or of a research tier up to "
        "`most_research_tier`?",
        stage,
    ),
)
