"""Every type of result shows itself, as text and as HTML; the golden files are there to be read.

A new type that a public call returns needs an example in ``shown_results.py`` and golden files of
``python tools/write_shown.py``.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pandas
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import medqa_kit as mk
import shown_results
import signatures
from medqa_kit.core.showing.shown import PlainText, html_of, text_of

GOLDEN = shown_results.GOLDEN
_WITHIN = {"Judged"}  # made for a kernel of one's own, not for a person
_VOID = {"meta", "br"}


def test_every_type_that_a_call_returns_has_an_example() -> None:
    returned = signatures.result_types()
    assert len(returned) > 40
    assert returned.keys() - _WITHIN <= shown_results.MAKERS.keys()


def test_the_golden_files_are_of_these_types() -> None:
    wanted = {f"{name}.txt" for name in shown_results.MAKERS}
    wanted |= {f"{name}.html" for name in shown_results.MAKERS}
    assert {file.name for file in GOLDEN.iterdir()} == wanted


@pytest.mark.parametrize("name", shown_results.MAKERS)
def test_a_result_shows_itself_as_the_golden_files_have_it(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("medqa_kit.core.showing.drawing.find_spec", lambda _: None)
    for ending, text in shown_results.shown(name, tmp_path).items():
        assert text == (GOLDEN / f"{name}.{ending}").read_text("utf-8"), "tools/write_shown.py"


@pytest.mark.parametrize("name", shown_results.MAKERS)
def test_no_result_prints_as_a_dump(name: str) -> None:
    text = (GOLDEN / f"{name}.txt").read_text("utf-8")
    assert ("object at 0x" in text, len(text) > 4000) == (False, False)
    assert not re.match(rf"{name}\(", text)


class Read(HTMLParser):
    """What stands in HTML: texts, tags that are open at the end, and attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[tuple[str, str | None]] = set()
        self.texts: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= set(attrs)
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


@pytest.mark.parametrize("name", sorted(shown_results.MAKERS))
def test_the_html_is_whole_plain_and_without_colours(name: str) -> None:
    read = Read((GOLDEN / f"{name}.html").read_text("utf-8"))
    assert read.open == []
    assert not read.tags & {"script", "style", "link", "iframe", "img"}
    styles = {value or "" for key, value in read.attributes if key == "style"}
    assert styles <= {"text-align:left", "overflow-x:auto"}  # so it reads in a dark notebook too


TEXTS = st.text(max_size=30) | st.just(shown_results.EVIL)


@given(headline=TEXTS, cells=st.lists(st.tuples(TEXTS, TEXTS), max_size=4), note=TEXTS)
def test_whatever_text_a_result_holds_stands_in_the_html_as_text(
    headline: str, cells: list[tuple[str, str]], note: str
) -> None:
    blocks = [headline, [("one", "other"), *cells], PlainText(note)]
    read = Read(html_of(blocks))
    assert read.tags <= {"p", "b", "div", "table", "thead", "tbody", "tr", "th", "td", "pre"}
    assert read.open == []
    assert "\x1b" not in text_of(blocks)
    if cells and "\x1b" not in note + headline:
        whole = "".join(read.texts)
        assert len(whole) >= sum(len(text) for pair in cells for text in pair)


def test_plain_text_stays_a_string() -> None:
    text = mk.cite(["kbmc"])
    assert isinstance(text, str)
    assert repr(text) == str(text) != ""
    assert mk.show_versions().splitlines()[0].startswith("medqa_kit")


def test_a_chart_draws_itself_where_the_extra_is_there(tmp_path: Path) -> None:
    pytest.importorskip("vl_convert")
    chart = mk.length_chart(pa.array([3, 40, None, 700]))
    drawn = chart._repr_html_()
    assert drawn == chart.svg
    assert drawn.startswith("<svg")
    assert "currentColor" in drawn
    assert "<script" not in drawn
    assert chart.save(tmp_path / "lengths.svg").read_text("utf-8") == drawn


def test_a_chart_without_the_extra_is_a_table_and_says_what_it_takes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("medqa_kit.core.showing.drawing.find_spec", lambda _: None)
    chart = mk.length_chart([3, 40])
    assert chart._repr_html_().count("<tr>") == 3
    with pytest.raises(mk.errors.MissingExtraError, match="report"):
        _ = chart.svg
    with pytest.raises(mk.errors.EmptyDataError):
        _ = mk.length_chart([]).svg


@given(lengths=st.lists(st.integers(0, 200_000), max_size=50))
def test_every_length_stands_in_one_step(lengths: list[int]) -> None:
    chart = mk.length_chart(lengths)
    assert sum(number for _, _, number in chart.bars) == len(lengths)
    for word, _, number in chart.bars:
        low, high = (int(end.replace(",", "")) for end in word.split(" – "))
        assert number == sum(low <= length <= high for length in lengths)


@pytest.mark.parametrize(
    "wrong", [["a"], [1.5], [-1], "abc", [[1]], pandas.DataFrame({"a": ["b"]})]
)
def test_what_is_no_length_is_refused(wrong: object) -> None:
    with pytest.raises(mk.errors.ArgumentError) as refused:
        mk.length_chart(wrong)  # type: ignore[arg-type]
    assert refused.value.argument == "lengths"


@pytest.mark.slow
def test_the_charts_of_results_count_what_the_results_count(tmp_path: Path) -> None:
    result = mk.build(
        {"name": "demo", "source": [{"name": "kormedmcqa"}]}, out=tmp_path / "demo", origin="sample"
    )
    totals = result.manifest["totals"]
    counts = {of: sum(bar[2] for bar in result.chart(of).bars) for of in ("sources", "left out")}  # type: ignore[arg-type]
    assert counts == {"sources": totals["train"] + totals["validation"], "left out": sum(totals["dropped"].values())}  # fmt: skip
    with pytest.raises(mk.errors.ArgumentError, match="did you mean"):
        result.chart("source")  # type: ignore[arg-type]
    split = mk.split(mk.load("kormedmcqa", split="train", origin="sample"), parts={"train": 0.5, "test": 0.5}, seed=0)  # fmt: skip
    assert {word: number for word, _, number in split.chart().bars} == {part: len(rows) for part, rows in split.items()}  # fmt: skip
