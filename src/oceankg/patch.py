"""What was found of a header in the form that other tools take: CDL, NcML, schema.org.

A patch holds only what the file lacks and what is proposed. A name that a form cannot spell is
left out of it.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from oceankg.annotate import P06, PROPOSED, Annotated, AnnotatedVariable, Known
from oceankg.roles import MEASURED

NCML = "http://www.unidata.ucar.edu/namespaces/netcdf/ncml-2.2"
# Words of CDL that ncgen takes for no name, however they are written.
_RESERVED = frozenset(
    (
        *("byte", "char", "short", "int", "long", "int64", "float", "double", "real", "string"),
        *("ubyte", "ushort", "uint", "uint64", "netcdf", "enum", "compound", "opaque"),
        *("nan", "NaN", "NIL", "_", "unlimited", "UNLIMITED"),
    )
)
_SECTIONS = frozenset({"types", "dimensions", "variables", "data", "group"})
_TYPES = frozenset({"byte", "char", "short", "int", "float", "double"})
_PLAIN_NAME = re.compile(r"[\w.@+\-]", re.UNICODE)
# What netCDF allows in no name, and what stands where a character could not be read.
_NO_NAME = re.compile(r"[/\x00-\x1f\x7f\ufffd]|^\s|\s$|^$")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def cdl(annotated: Annotated) -> str:
    """The proposals as CDL that `ncgen` takes: each variable without a shape, with attributes."""
    lines = [
        "// What the header lacks. Take over the attributes; types and shapes stay as they are.",
        "netcdf patch {",
    ]
    for group, variables in _by_group(annotated, _RESERVED).items():
        path = [part for part in group.split("/") if part]
        lines += [f"group: {_cdl_name(name)} {{" for name in path]
        lines.append("variables:")
        for name, variable in variables.items():
            type_ = variable.type if variable.type in _TYPES else "int"
            spelt = _cdl_name(name)
            lines.append(f"\t{type_} {spelt} ;")
            lines += [
                f'\t\t{spelt}:{p.attribute} = "{_cdl_text(p.value)}" ;' for p in variable.proposals
            ]
        lines += ["}"] * len(path)
    return "\n".join([*lines, "}", ""])


def _cdl_name(name: str) -> str:
    escaped = "".join(c if _PLAIN_NAME.match(c) else f"\\{c}" for c in name)
    if name in _SECTIONS:
        # As ncdump does: the colon of a section follows at once.
        return f"{name} "
    return f"\\{escaped}" if name[0].isdigit() or name[0] in "+-.@" else escaped


def _cdl_text(text: str) -> str:
    return "".join(_ESCAPES.get(c, c) for c in text if c.isprintable() or c in _ESCAPES)


def ncml(annotated: Annotated) -> str:
    """The proposals as NcML, which wraps the file without changing it."""
    root = Element("netcdf", {"xmlns": NCML, "location": annotated.file})
    for group, variables in _by_group(annotated).items():
        parent = root
        for part in filter(None, group.split("/")):
            same = [g for g in parent.findall("group") if g.get("name") == part]
            parent = same[0] if same else SubElement(parent, "group", {"name": part})
        for name, variable in variables.items():
            element = SubElement(parent, "variable", {"name": name})
            for proposal in variable.proposals:
                SubElement(
                    element, "attribute", {"name": proposal.attribute, "value": proposal.value}
                )
    indent(root)
    return tostring(root, encoding="unicode", xml_declaration=False) + "\n"


def schema(annotated: Annotated) -> str:
    """The measured variables as schema.org `variableMeasured`, in JSON-LD."""
    content: dict[str, Any] = {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "name": annotated.context.title or annotated.file,
        "variableMeasured": [_property(v) for v in annotated.variables if v.role.name == MEASURED],
    }
    # So it can also stand in a page, where `</script>` would end it.
    return json.dumps(content, ensure_ascii=False, indent=1).replace("<", "\\u003c") + "\n"


def _property(variable: AnnotatedVariable) -> dict[str, Any]:
    terms = {t.vocabulary: t for t in variable.terms if t.confidence >= PROPOSED}
    served = variable.resolution.essential_variable
    iris = [t.iri for t in terms.values() if t.vocabulary != P06]
    found: dict[str, Any] = {
        "@type": "PropertyValue",
        "name": variable.name,
        "alternateName": variable.stated.get("long_name"),
        "propertyID": iris + ([served.iri] if served else []),
        "unitText": variable.stated.get("units"),
        "unitCode": _iri(terms.get(P06)),
        "minValue": variable.range[0] if variable.range else None,
        "maxValue": variable.range[1] if variable.range else None,
    }
    return {key: value for key, value in found.items() if value not in (None, [])}


def _iri(known: Known | None) -> str | None:
    return known.iri if known else None


def _by_group(
    annotated: Annotated, reserved: frozenset[str] = frozenset()
) -> Mapping[str, Mapping[str, AnnotatedVariable]]:
    """The variables for which something is proposed, by group; the root first."""
    found: dict[str, dict[str, AnnotatedVariable]] = defaultdict(dict)
    for variable in annotated.variables:
        group, name = _placed(variable.name)
        names = tuple(_names(group, name))
        can_be_named = not (reserved.intersection(names) or any(map(_NO_NAME.search, names)))
        if variable.proposals and can_be_named:
            found[group][name] = variable
    return dict(sorted(found.items()))


def _placed(name: str) -> tuple[str, str]:
    if not name.startswith("/"):
        return "", name
    group, _, short = name.rpartition("/")
    return group, short


def _names(group: str, name: str) -> Iterator[str]:
    yield name
    yield from filter(None, group.split("/"))


FORMS: Mapping[str, tuple[str, Callable[[Annotated], str]]] = {
    "cdl": ("text/plain", cdl),
    "ncml": ("application/xml", ncml),
    "schema": ("application/ld+json", schema),
}
