"""Attribution of a result: the authors of its rows, their licences and references."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from medqa_kit.building.output.papers.escaping import fenced, markdown_text
from medqa_kit.catalog.cards import claim_line, permitted
from medqa_kit.catalog.citing import joined_bibtex
from medqa_kit.catalog.licenses import Claim, Terms, Use, conflicting

Manifest = Mapping[str, Any]
"""The content of ``manifest.json``."""

_ADVICE = (
    "The claims about licences are what was found, not legal advice; where they contradict each "
    "other, keep to the strictest."
)


def attribution_text(manifest: Manifest) -> str:
    """Write ``ATTRIBUTION.md``, one section a source."""
    mended = dict.fromkeys(source["name"] for source in manifest["sources"] if source.get("fixed"))
    edited = (
        f"were not edited, but for how those of {markdown_text(', '.join(mended))} are written"
        if mended
        else "were not edited"
    )
    blocks = [
        f"# Attribution: {markdown_text(manifest['name'])}",
        "The rows come from the sources below. They were selected, put into the forms of training records "
        f"and split; the texts of questions, options and answers {edited}. {_ADVICE}",
        *(_section(source) for source in manifest["sources"]),
    ]
    return "\n\n".join(blocks) + "\n"


def _section(source: Mapping[str, Any]) -> str:
    claims = written_claims(source)
    lines = [
        f"## {markdown_text(source['title'])}",
        "",
        f"- Rows used: {source['train'] + source['validation']:,} of {source['read']:,}",
        *_origins(source),
        f"- Permitted by the strictest credible claim: {permitted(Terms(**source['terms']))}",
        f"- Claims{' (they contradict each other)' if conflicting(claims) else ''}:",
        *(f"  - {markdown_text(claim_line(claim))}" for claim in claims),
        *(f"- Descends from {markdown_text(line)}" for line in source["lineage"]),
        "",
        fenced(source["citation"], "bibtex"),
    ]
    return "\n".join(lines)


def label_of(source: Mapping[str, Any]) -> str:
    """Return what the recipe calls a source of a manifest, with its name where that is another one."""
    name = str(source["name"])
    return f"{source['as']} ({name})" if source.get("as", name) != name else name


def written_claims(source: Mapping[str, Any]) -> tuple[Claim, ...]:
    """Return the licence claims on a source of a manifest."""
    return tuple(Claim(**claim) for claim in source["license_claims"])


def _origins(source: Mapping[str, Any]) -> list[str]:
    """Say where the rows were really read, which is not always where upstream publishes them."""
    lines = [f"- Published at: {source['published']}"] if source["published"] else []
    parts = source["parts"].values()
    revisions = {part["revision"] for part in parts if "revision" in part}
    lines += [f"- Read from the hub: {markdown_text(revision)}" for revision in sorted(revisions)]
    origins = {part["origin"] for part in parts}
    if "path" in origins:
        lines.append("- Read from local files, whose digests the manifest lists")
    if "sample" in origins:
        lines.append("- INVENTED sample rows embedded in medqa_kit: nothing of the source itself")
    return lines


def licenses_text(manifest: Manifest) -> str:
    """Write ``LICENSES.md``: what each source permits, and where that was read."""
    uses = get_args(Use)
    rows = [["source", "licence", *uses, "same licence"], ["---"] * (len(uses) + 3)]
    for source in manifest["sources"]:
        terms = Terms(**source["terms"])
        rows.append([
            markdown_text(label_of(source)), markdown_text(source["license"]),
            *(getattr(terms, use) for use in uses), "yes" if terms.share_alike else "no",
        ])  # fmt: skip
    accepted = [
        f"- {markdown_text(clause['source'])}: {clause['use']} use is {clause['answer']} by "
        f"{markdown_text(clause['license'] or 'no grant')} ({markdown_text(clause['evidence'])}); "
        f"{markdown_text(clause['condition'] or 'nothing more is known')}"
        for source in manifest["sources"]
        for clause in source.get("accepted", ())
    ]
    blocks = [
        f"# Licences: {markdown_text(manifest['name'])}",
        "Each source keeps its own licence; the whole is permitted what every source permits. "
        f"It was built for {manifest['use']} use. {_ADVICE}",
        "\n".join(f"| {' | '.join(row)} |" for row in rows),
        *(["## What the recipe accepts", "\n".join(accepted)] if accepted else []),
        "## Where this was read",
        *(f"**{markdown_text(source['title'])}**\n\n"
          + "\n".join(f"- {markdown_text(claim_line(claim))}" for claim in written_claims(source))
          for source in manifest["sources"]),
    ]  # fmt: skip
    return "\n\n".join(blocks) + "\n"


def references_text(manifest: Manifest) -> str:
    """Write ``references.bib``: the entries of all sources, each once."""
    return joined_bibtex(source["citation"] for source in manifest["sources"])
