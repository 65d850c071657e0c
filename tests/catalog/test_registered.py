"""Sources made in a notebook: checked when they are made, and found by name once they are registered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

import medqa_kit as mk
from demo import demo, folder, jsonl, records
from medqa_kit.catalog import Claim, LocalFiles, Parent, Protection, registry
from medqa_kit.errors import ArgumentError, InvalidSourceError, UnknownSourceError


@pytest.fixture(autouse=True)
def catalogue(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The catalogue as it is without what the tests register."""
    monkeypatch.setattr(registry, "_REGISTERED", {})
    yield
    registry._complete.cache_clear()


@pytest.fixture
def source(tmp_path: Path) -> mk.Source:
    where = folder(tmp_path / "data", {"train.jsonl": jsonl(records(6)),
                                       "test.jsonl": jsonl(records(4, 100))})  # fmt: skip
    holdout = Protection("demo-exam-test", split="test", reason="we report it")
    return replace(demo(at=LocalFiles(str(where))), holdouts=(holdout,))


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"name": "ward/notes"}, "text without /"),
        ({"name": " "}, "text without /"),
        ({"name": None}, "text without /"),
        ({"title": " "}, "title: words"),
        ({"language": "ko"}, "tuple of BCP 47 tags"),
        ({"language": ("Korean",)}, "tuple of BCP 47 tags"),
        ({"license": ()}, "tuple of claims"),
        ({"license": "MIT"}, "tuple of claims"),
        ({"license": Claim("MIT", "the card")}, "tuple of claims"),
        ({"citation": ""}, "BibTeX"),
        ({"citation": "Doe 2024"}, "BibTeX"),
    ],
)
def test_a_source_that_says_too_little_is_refused(facts: dict, expected: str) -> None:
    with pytest.raises(InvalidSourceError, match="how to cite it") as caught:
        replace(demo(), **facts)
    assert expected in caught.value.expected
    assert caught.value.expected.count(";") == 0, "what is right is not complained of"


def test_all_that_is_missing_is_said_together() -> None:
    with pytest.raises(InvalidSourceError) as caught:
        replace(demo(), name="", language="ko", license=(), citation="")
    for word in ("name:", "language:", "license:", "citation:"):
        assert word in caught.value.expected


def test_rows_of_no_schema_are_refused() -> None:
    with pytest.raises(InvalidSourceError, match="none of the seven schemas"):
        demo(schema=pa.schema({"text": pa.int64()}))


@pytest.mark.parametrize(
    ("written", "spelled", "commercial"),
    [
        ("apache-2.0", "Apache-2.0", "yes"),
        ("cc-by-nc-4.0", "CC-BY-NC-4.0", "no"),
        ("ODC-By-1.0", "ODC-By-1.0", "unknown"),
        ("odbl-1.0", "ODbL-1.0", "unknown"),
        ("etalab-2.0", "etalab-2.0", "unknown"),
        ("LicenseRef-ward", "LicenseRef-ward", "unknown"),
        ("MIT OR Apache-2.0", "MIT OR Apache-2.0", "unknown"),
        ("AI-Hub-terms", "AI-Hub-terms", "conditional"),
        (None, None, "unknown"),
    ],
)
def test_any_spdx_identifier_is_a_licence(
    written: str | None, spelled: str | None, commercial: str
) -> None:
    claim = Claim(written, "the card")
    assert (claim.license, claim.terms.commercial) == (spelled, commercial)
    assert replace(demo(), license=(claim,)).terms.commercial == commercial


@pytest.mark.parametrize("wrong", ["free-for-all", "", "MITT", 3])
def test_what_is_no_licence_is_refused_with_the_nearest(wrong: object) -> None:
    hint = "did you mean 'MIT'" if wrong == "MITT" else "any SPDX identifier"
    with pytest.raises(ArgumentError, match=hint):
        Claim(wrong, "the card")


def test_a_registered_source_is_one_of_the_catalogue(
    hub, source: mk.Source, tmp_path: Path
) -> None:
    with pytest.raises(UnknownSourceError):
        mk.source("demo_exam")
    mk.register(source)
    assert mk.source("demo_exam").title == "Demo exam"
    assert "demo_exam" in [each.name for each in mk.sources(language="ko")]
    data = mk.load("demo_exam", split="train")
    assert data["id"][:] == mk.loaders.demo_exam(split="train")["id"][:]
    assert len(mk.Holdout.named("demo-exam-test")) == 4
    result = mk.build({"name": "ours", "source": [{"name": "demo_exam"}]}, out=tmp_path / "made")
    assert result.manifest["totals"]["read"] == 6
    assert [holdout["name"] for holdout in result.manifest["holdouts"]] == ["demo-exam-test"]


def test_registering_again_replaces(hub, source: mk.Source) -> None:
    mk.register(source)
    child = replace(demo(), name="demo_copy", derived_from=(Parent("demo_exam", "copied"),))
    mk.register(child)
    assert mk.source("demo_copy").protected_by == ("demo-exam-test",)
    assert mk.loaders.demo_exam(split="train").num_rows == 6
    mk.register(replace(source, title="Another", holdouts=()))
    assert mk.source("demo_exam").title == "Another"
    assert mk.source("demo_copy").protected_by == ()


def test_what_cannot_be_registered(source: mk.Source) -> None:
    with pytest.raises(InvalidSourceError, match="name of the source is taken"):
        mk.register(replace(source, name="klue"))
    with pytest.raises(InvalidSourceError, match="parent 'ward_exam' is not in the catalogue"):
        mk.register(replace(source, derived_from=(Parent("ward_exam", "copied"),)))
    with pytest.raises(InvalidSourceError, match=r"lower_snake(.|\n)*at least one BCP 47 tag"):
        mk.register(replace(source, name="Ward Notes", language=()))
    with pytest.raises(ArgumentError, match="source"):
        mk.register("demo_exam")
    assert "demo_exam" not in registry.names()
