"""Authors are named with the rows that are used of them."""

from __future__ import annotations

import json

import bibtexparser
import pyarrow as pa
import pytest

import medqa_kit as mk
from medqa_kit.errors import ArgumentError, UnknownSourceError


def test_every_source_has_entries_that_parse_and_no_key_is_lost() -> None:
    names = [each.name for each in mk.sources()]
    library = bibtexparser.parse_string(mk.cite(names))
    assert not library.failed_blocks
    keys = [entry.key for entry in library.entries]
    assert keys == sorted(set(keys))
    for name in names:
        own = bibtexparser.parse_string(mk.source(name).citation)
        assert {entry.key for entry in own.entries} <= set(keys), name


def test_a_source_is_cited_once_however_it_is_named() -> None:
    text = mk.cite(["kbmc"])
    assert mk.cite("kbmc") == mk.cite(mk.source("kbmc")) == text
    assert mk.cite([{"source": "kbmc"}, {"source": "kbmc"}]) == text
    assert text.count("@") == 1


def test_rows_are_counted_by_source_and_claims_kept_to_the_subsets_used() -> None:
    rows = pa.table({
        "source": ["kmmlu_medical", "kormedmcqa", "kmmlu_medical"],
        "subset": ["pro", "doctor", "pro"],
    })  # fmt: skip
    attribution = mk.attribution(rows)
    assert [(c.source, c.rows, c.subsets) for c in attribution.credits] == [
        ("kmmlu_medical", 2, ("pro",)), ("kormedmcqa", 1, ("doctor",)),
    ]  # fmt: skip
    pro = attribution.credits[0]
    assert all(not claim.subsets or "pro" in claim.subsets for claim in pro.claims)
    assert pro.terms.commercial == "no"
    for credit in attribution.credits:
        assert f"{credit.title} ({credit.source}), {credit.rows} row" in attribution.notice
        assert all(f"@{key}" not in attribution.notice for key in credit.keys)
        assert all(key in attribution.bibtex for key in credit.keys)


def test_loaded_rows_are_attributed_in_any_container(hub) -> None:
    data = mk.load("kormedmcqa", subset="nurse", split="test", origin="sample")
    table = mk.attribution(data)
    assert table == mk.attribution(data.to_pandas()) == mk.attribution(data.to_list())
    assert table.credits[0].rows == len(data)


def test_sources_are_named_where_no_rows_are_at_hand() -> None:
    named = mk.attribution(["kormedmcqa", ("klue", "nli")])
    assert [(c.source, c.rows, c.subsets) for c in named.credits] == [
        ("klue", None, ("nli",)), ("kormedmcqa", None, ("dentist", "doctor", "nurse", "pharm")),
    ]  # fmt: skip
    assert "KorMedMCQA (kormedmcqa)\n" in named.notice, "nothing is said of rows"
    assert named.bibtex == str(mk.cite(["kormedmcqa", "klue"]))
    with pytest.raises(ArgumentError, match="no source is named"):
        mk.attribution([])


def test_lineage_is_told_and_json_holds_it_all() -> None:
    attribution = mk.attribution([{"source": "khmer_medical_qa"}])
    assert "medical_o1_reasoning_sft: translated" in attribution.notice
    read = json.loads(attribution.to_json())
    assert read["bibtex"] == attribution.bibtex
    assert read["credits"][0]["terms"]["attribution"] is True


def test_rows_that_do_not_say_where_they_are_from_are_refused() -> None:
    with pytest.raises(ArgumentError, match="source"):
        mk.attribution([{"question": "?"}])
    with pytest.raises(UnknownSourceError, match="kormedmqca"):
        mk.attribution([{"source": "kormedmqca"}])
    with pytest.raises(ArgumentError, match="no source"):
        mk.cite([])
