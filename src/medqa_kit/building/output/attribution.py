"""``ATTRIBUTION.md``: whom the rows come from, under which claims, and what was changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medqa_kit.catalog.cards import claim_line, parent_line, permitted
from medqa_kit.catalog.licenses import conflicting, strictest

if TYPE_CHECKING:
    from medqa_kit.building.account import Account
    from medqa_kit.building.recipe import Recipe


def attribution_page(recipe: Recipe, accounts: list[Account]) -> str:
    """Write the attribution of a result as Markdown, one section a source."""
    blocks = [
        f"# Attribution: {recipe.name}",
        "The rows come from the sources below. They were selected, put into chat form and split; "
        "the texts of questions, options and answers were not edited. The claims about licences "
        "are what was found, not legal advice; where they contradict each other, keep to the "
        "strictest.",
        *(_section(account) for account in accounts),
    ]
    return "\n\n".join(blocks) + "\n"


def _section(account: Account) -> str:
    source = account.source
    lines = [
        f"## {source.title}",
        "",
        f"- Rows used: {sum(account.written.values()):,} of {account.read:,}",
        *_origins(account),
        f"- Permitted by the strictest credible claim: {permitted(strictest(account.claims))}",
        f"- Claims{' (they contradict each other)' if conflicting(account.claims) else ''}:",
        *(f"  - {claim_line(claim)}" for claim in account.claims),
        *(f"- Descends from {parent_line(parent)}" for parent in source.derived_from),
        "",
        "```bibtex",
        source.citation,
        "```",
    ]
    return "\n".join(lines)


def _origins(account: Account) -> list[str]:
    """Say where the rows were really read, which is not always where upstream publishes them."""
    url = getattr(account.source.at, "url", "")
    lines = [f"- Published at: {url}"] if url else []
    revisions = {facts["revision"] for facts in account.parts.values() if "revision" in facts}
    origins = {facts["origin"] for facts in account.parts.values()}
    lines += [f"- Read from the hub: {revision}" for revision in sorted(revisions)]
    if "path" in origins:
        lines.append("- Read from local files, whose digests the manifest lists")
    if "sample" in origins:
        lines.append("- INVENTED sample rows embedded in medqa_kit: nothing of the source itself")
    return lines
