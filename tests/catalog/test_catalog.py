"""Reading the catalogue: filters, cards, licences, and sources of other packages."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import medqa_kit as mk
from medqa_kit.catalog.licenses import LICENSES, Terms, strictest


def names(**what) -> list[str]:
    return [source.name for source in mk.sources(**what)]


def test_the_nearest_name_is_offered() -> None:
    with pytest.raises(mk.errors.UnknownSourceError, match="did you mean 'kormedmcqa'"):
        mk.source("kormedmqca")


def test_filters_narrow_down() -> None:
    assert "kormedmcqa" in names(language="ko", schema="qa", access="hub", use="research")
    assert "kormedmcqa" not in names(use="commercial")
    assert not set(names(access="no-data")) & {s.name for s in mk.sources() if s.parts}


@pytest.mark.parametrize(("what", "message"), [
    ({"use": "comercial"}, "did you mean 'commercial'"),
    ({"schema": "qas"}, "did you mean 'qa'"),
    ({"schema": mk.schemas.QA}, "schema= takes a name"),
    ({"access": "hubb"}, "did you mean 'hub'"),
    ({"language": "kr"}, "no language 'kr'"),
])  # fmt: skip
def test_a_filter_no_source_can_pass(what: dict, message: str) -> None:
    with pytest.raises(mk.errors.CatalogError, match=message) as caught:
        mk.sources(**what)
    assert caught.value.expected


@pytest.mark.parametrize("use", ["research", "commercial", "redistribute", "derive"])
def test_what_nobody_grants_is_a_no(use: str) -> None:
    for source in mk.sources(use=use):
        credible = [claim for claim in source.license if claim.credible]
        assert credible
        assert all(claim.license for claim in credible), f"{source.name}: a place without a grant"


def test_kormedmcqa_is_non_commercial_whatever_guides_say() -> None:
    source = mk.source("kormedmcqa")
    assert source.terms.commercial == "no"
    assert "MIT" in {claim.license for claim in source.license}
    for piece in ("CC-BY-NC-2.0", "contradict each other", "not credible", "2,045"):
        assert piece in source.show()


def test_a_claim_that_is_not_credible_neither_helps_nor_hurts() -> None:
    claims = (mk.Claim("CC-BY-4.0", "upstream card"), mk.Claim(None, "a guide", credible=False))
    assert strictest(claims) == LICENSES["CC-BY-4.0"]
    assert strictest(()) == Terms()


def test_it_prints_as_a_table_and_as_html() -> None:
    found = mk.sources(language="ko")
    text, html = repr(found), found._repr_html_()
    for source in found:
        assert source.name in text
        assert source.name in html
    assert text.splitlines()[-1] == f"{len(found)} sources"
    assert len(found[:2]) == 2


def test_html_is_escaped() -> None:
    from medqa_kit.catalog.cards import html_grid

    assert "<b>" not in html_grid([("name",), ("<b>",)])


@pytest.mark.parametrize(("what", "message"), [
    ({"subset": "surgeon"}, "no subset 'surgeon'"),
    ({"split": "dev"}, "upstream's 'dev' is called 'validation' here"),
    ({"split": "tset"}, "did you mean 'test'"),
])  # fmt: skip
def test_a_part_that_is_not_there_names_those_that_are(what: dict, message: str) -> None:
    with pytest.raises(mk.errors.UnknownPartError, match=message):
        mk.source("kormedmcqa").select(**what)


def test_parts_by_name_only_are_named_or_absent() -> None:
    source = mk.source("kormedmcqa")
    assert "fewshot" not in {part.split for part in source.select()}
    assert "fewshot" not in {part.split for part in source.select("doctor")}
    assert [part.name for part in source.select("doctor", "fewshot")] == ["doctor/fewshot"]
    assert source.rows == 7469


def test_a_part_declared_twice_is_refused() -> None:
    source = mk.source("kormedmcqa")
    part = mk.Part(None, "train", 1)
    with pytest.raises(mk.errors.InvalidSourceError, match="declared twice"):
        mk.Source(name="a", title="A", about="A.", language=("en",), layout=source.layout,
                  parts=(part, part), license=source.license, citation=source.citation)  # fmt: skip


def test_a_source_says_which_holdouts_protect_it_and_what_descends_from_it() -> None:
    for name in ("kormedmcqa", "medical_reasoning_kormedmcqa"):
        assert mk.source(name).protected_by == ("kormedmcqa-official-test",)
        assert "holdout kormedmcqa-official-test" in mk.source(name).show()
    assert mk.source("kbmc").protected_by == ()


PLUGIN = """
import pyarrow as pa
import medqa_kit as mk
from pathlib import Path

SOURCE = mk.Source(
    name="ward_notes", title="Ward notes", about="Invented questions of a ward.", language=("en",),
    layout=mk.Layout(
        at=mk.LocalFiles(str(Path(__file__).parent / "data")), files="*.jsonl",
        raw=pa.schema({"q": pa.string(), "a": pa.string()}), schema=mk.schemas.QA,
        normalize=mk.Columns(take={"question": "q", "answer": "a"}, content=("q",)),
    ),
    parts=(mk.Part(None, "train", 2),),
    license=(mk.Claim("CC0-1.0", "our own"),),
    citation="@misc{ward, title={Ward notes}, year={2026}}",
)
"""


def test_a_broken_plugin_is_named(tmp_path: Path) -> None:
    info = tmp_path / "ward_data-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: ward-data\nVersion: 1.0\n", "utf-8"
    )
    (info / "entry_points.txt").write_text(
        "[medqa_kit.sources]\nward_notes = ward_gone:SOURCE\n", "utf-8"
    )
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "import medqa_kit as mk\n"
        "try: mk.sources()\n"
        "except mk.errors.InvalidSourceError as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False,
                          env={"HF_HOME": str(tmp_path / "hf"), "PATH": ""})  # fmt: skip
    for words in (
        "'ward_notes'",
        "ward_gone:SOURCE: ModuleNotFoundError",
        "Hint: mend or uninstall",
    ):
        assert words in done.stdout, done.stderr


def test_another_package_adds_a_source(tmp_path: Path) -> None:
    site = tmp_path / "site"
    info = site / "ward_data-1.0.dist-info"
    (site / "data").mkdir(parents=True)
    info.mkdir()
    (site / "ward_data.py").write_text(PLUGIN, "utf-8")
    (site / "data" / "rows.jsonl").write_text(
        '{"q": "Why?", "a": "So."}\n{"q": "How?", "a": "Thus."}\n', "utf-8"
    )
    (info / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: ward-data\nVersion: 1.0\n", "utf-8"
    )
    (info / "entry_points.txt").write_text(
        "[medqa_kit.sources]\nward_notes = ward_data:SOURCE\n", "utf-8"
    )
    code = (
        f"import sys; sys.path.insert(0, {str(site)!r})\n"
        "import medqa_kit as mk\n"
        "assert 'ward_notes' in [s.name for s in mk.sources(use='commercial')]\n"
        "print([r['question'] for r in mk.load(mk.source('ward_notes'), split='train')])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False,
                          env={"HF_HOME": str(tmp_path / "hf"), "PATH": ""})  # fmt: skip
    assert done.stdout.strip() == "['Why?', 'How?']", done.stderr
