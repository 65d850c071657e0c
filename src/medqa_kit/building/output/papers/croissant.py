"""``croissant.json``: the files, columns and sources of a result in the vocabulary of MLCommons.

Each row names its source, and each source the place and the revision it was read at: so a row leads to
what it was derived from. Columns of messages are lists, which readers of Croissant do not take; those
records have their id and source there, and are read from the Parquet files.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from medqa_kit.building.output.formats import TRACE
from medqa_kit.building.output.papers.attribution import Manifest, references_text
from medqa_kit.building.output.written_rows import WrittenRows
from medqa_kit.core.arrow.columns import is_text
from medqa_kit.errors import printable

_WORDS = (
    "citeAs", "column", "conformsTo", "containedIn", "equivalentProperty", "extract", "field", "fileObject",
    "fileProperty", "fileSet", "format", "includes", "isLiveDataset", "jsonPath", "key", "md5", "parentField",
    "path", "recordSet", "references", "regex", "repeated", "replace", "samplingRate", "separator", "source",
    "subField", "transform",
)  # fmt: skip
_CONTEXT: Mapping[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/",
    "prov": "http://www.w3.org/ns/prov#",
    **{word: f"cr:{word}" for word in _WORDS},
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
}
_PARQUET = "application/x-parquet"
_FACTS = ("name", "title", "published", "revision", "license")


def croissant_text(folder: Path, manifest: Manifest) -> str:
    """Write ``croissant.json``.

    Args:
        folder: Folder of the result, with its files of rows.
        manifest: Its manifest, with ``files``.
    """
    formats = WrittenRows.of(folder, manifest)
    described = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.1",
        "name": printable(manifest["name"]),
        "description": printable(manifest["about"]) or f"Built for {manifest['use']} use by medqa_kit.",
        "citeAs": references_text(manifest),
        "license": [*dict.fromkeys(source["license"] for source in manifest["sources"]), "LICENSES.md"],
        "version": "1.0.0",
        "identifier": manifest["data_digest"],
        "isLiveDataset": False,
        "distribution": [each for written in formats for each in _distribution(written, manifest)],
        "recordSet": [_sources(manifest),
                      *(each for written in formats for each in _record_sets(written, manifest))],
    }  # fmt: skip
    return json.dumps(described, ensure_ascii=False, indent=1) + "\n"


def _distribution(written: WrittenRows, manifest: Manifest) -> Iterator[dict[str, Any]]:
    """List the Parquet files with their digests, and those of a split together."""
    for split in written.splits:
        place = f"{written.form.name}/{split}"
        for path in written.paths(split):
            name = f"{place}/{path.name}"
            facts = manifest["files"][name]
            yield {"@type": "cr:FileObject", "@id": name, "name": name, "contentUrl": name,
                   "contentSize": f"{facts['bytes']} B", "encodingFormat": _PARQUET,
                   "sha256": facts["sha256"]}  # fmt: skip
        yield {"@type": "cr:FileSet", "@id": f"{place}-files", "name": f"{place}-files",
               "encodingFormat": _PARQUET, "includes": f"{place}/*.parquet"}  # fmt: skip


def _sources(manifest: Manifest) -> dict[str, Any]:
    """Return the sources as records, so that the source of a row leads to its place and revision.

    One that the recipe lists twice is one record, since rows name it alike.
    """
    listed: dict[str, list[Mapping[str, Any]]] = {}
    for source in manifest["sources"]:
        facts = {**source, "revision": ", ".join(_revisions(source))}
        listed.setdefault(source["name"], []).append(facts)
    rows = [{f"sources/{name}": "; ".join(dict.fromkeys(printable(each[name]) for each in same)) for name in _FACTS}
            for same in listed.values()]  # fmt: skip
    fields = [{"@type": "cr:Field", "@id": f"sources/{name}", "name": name, "dataType": "sc:Text"}
              for name in _FACTS]  # fmt: skip
    return {"@type": "cr:RecordSet", "@id": "sources", "name": "sources", "key": {"@id": "sources/name"},
            "description": "What the rows come from, and the revision that was read.",
            "field": fields, "data": rows}  # fmt: skip


def _revisions(source: Mapping[str, Any]) -> list[str]:
    parts = source["parts"].values()
    return sorted({part.get("revision") or part.get("content") or part["origin"] for part in parts})


def _record_sets(written: WrittenRows, manifest: Manifest) -> Iterator[dict[str, Any]]:
    for split in written.splits:
        place = f"{written.form.name}/{split}"
        schema = pq.read_schema(written.paths(split)[0])
        nested = [field.name for field in schema if not _is_plain(field.type)]
        about = f"Records {written.form.record}, one a row."
        if nested:
            about += f" Lists are not described here: {', '.join(nested)}."
        yield {"@type": "cr:RecordSet", "@id": place, "name": place, "description": about,
               "key": {"@id": f"{place}/{TRACE[0]}"},
               "field": [_field(place, field, manifest) for field in schema if _is_plain(field.type)]}  # fmt: skip


_DATA_TYPES: Mapping[Callable[[pa.DataType], bool], str] = {
    pa.types.is_boolean: "sc:Boolean", pa.types.is_integer: "sc:Integer",
}  # fmt: skip


def _is_plain(kind: pa.DataType) -> bool:
    return is_text(kind) or any(told(kind) for told in _DATA_TYPES)


def _field(place: str, field: pa.Field, manifest: Manifest) -> dict[str, Any]:
    described: dict[str, Any] = {
        "@type": "cr:Field", "@id": f"{place}/{field.name}", "name": field.name,
        "dataType": next((name for told, name in _DATA_TYPES.items() if told(field.type)), "sc:Text"),
        "source": {"fileSet": {"@id": f"{place}-files"}, "extract": {"column": field.name}},
    }  # fmt: skip
    if field.name == TRACE[0]:
        described["description"] = (
            "Stable name of the row of the source that this row was derived from."
        )
        described["prov:wasDerivedFrom"] = [
            {"@id": source["published"] or source["name"], "prov:hadRevision": _revisions(source)}
            for source in manifest["sources"]
        ]
    elif field.name == TRACE[1]:
        described["references"] = {"field": {"@id": "sources/name"}}
    return described
