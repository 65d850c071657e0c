"""The report: one file without a script, whose numbers are those of the manifest, whoever wrote the texts."""

from __future__ import annotations

import json
import re
import zlib
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import medqa_kit as mk
from chromium import looked_at, picture, served
from medqa_kit.building.output.report.page import report_page
from medqa_kit.building.output.report.row_facts import text_lengths
from medqa_kit.core.showing.drawer import Drawer
from medqa_kit.core.showing.drawing import bars_place, drawn_page
from medqa_kit.core.showing.markup import element, markup_of, table
from results import parquet_rows

pytestmark = pytest.mark.slow

RECIPE = {
    "name": "mixed", "split": {"validation": 0.3}, "format": {"record": "trl/messages"},
    "source": [{"name": "kormedmcqa"}, {"name": "khmer_medical_qa"}, {"name": "medicationqa"}],
    "accept": ["medicationqa"], "about": 'A <script>alert("x")</script> & \u202e mix',
}  # fmt: skip
HOSTILE = "<img src=x onerror=alert(1)><script>bad()</script>&amp;'\"\u202e\x00"


class Page(HTMLParser):
    """What a page holds: its elements, its texts and the cells of its tables."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.rows: list[list[str]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.attributes += attrs
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_data(self, data: str) -> None:
        self.text += data
        if self.names and self.names[-1] in ("td", "th") and self.rows:
            self.rows[-1][-1] += data


@pytest.fixture
def tables_alone(monkeypatch) -> None:
    monkeypatch.setattr("medqa_kit.core.showing.drawing.find_spec", lambda _: None)


@pytest.fixture
def built(hub, tmp_path: Path) -> mk.building.Build:
    return mk.build(RECIPE, out=tmp_path / "out", origin="sample")


def read(out: Path) -> str:
    return (out / "report.html").read_text("utf-8")


def test_the_numbers_are_those_of_the_manifest(tables_alone, built: mk.building.Build) -> None:
    page = Page(read(built.path))
    totals = built.manifest["totals"]
    cells = {tuple(row) for row in page.rows}
    for each in built.manifest["sources"]:
        (row,) = [row for row in page.rows if row[:2] == [each["name"], each["license"]] and len(row) == 6
                  and row[-1].endswith("%")]  # fmt: skip
        assert row[2:5] == [f"{each[key]:,}" for key in ("read", "train", "validation")]
    stages = ("holdout", "answer", "where")
    reasons = {row[1]: row[3] for row in page.rows if len(row) == 4 and row[0] in stages}
    assert reasons == {reason: f"{number:,}" for reason, number in totals["dropped"].items()}
    assert ("kormedmcqa", "2") in cells, "its two rows hold items of its own test"
    line = next(row for row in page.rows if row[0] == "kormedmcqa-official-test")
    assert (line[1], line[3], line[4]) == ("applied", "12", "2")
    ids = parquet_rows(built.path, "train")["id"].to_pylist()
    assert ids[0] in page.text
    assert "not granted by medicationqa; the recipe accepts that" in page.text
    assert "; under conditions by khmer_medical_qa" in page.text
    languages = {
        row[0]: row[1] for row in page.rows if len(row) == 3 and row[0] in ("ko", "en", "km")
    }
    assert set(languages) == {"ko", "km", "en"}
    assert sum(map(int, languages.values())) == totals["train"] + totals["validation"]


def test_a_mix_and_a_reference_have_sections(tables_alone, hub, tmp_path: Path) -> None:
    recipe = {
        "name": "mixed", "seed": 1, "mix": {"by": "rows", "size": 20}, "reference": {"rows": 50, "sources": {"exam": 30}},
        "source": [{"name": "kormedmcqa", "as": "exam", "weight": 2.0, "max_repeat": 3.0, "fix": ["nfc"]},
                   {"name": "khmer_medical_qa", "weight": 1.0}],
    }  # fmt: skip
    built = mk.build(recipe, out=tmp_path / "out", origin="sample")
    page = Page(read(built.path))
    taken = built.manifest["mix"]["sources"]["exam"]
    assert ["exam", f"{taken['available']:,}", f"{taken['taken']:,}", f"{taken['share']:.1%}",
            f"{taken['seen']:.2f}", str(taken["seen_most"])] in page.rows  # fmt: skip
    (difference,) = built.manifest["difference"]["sources"]
    row = next(row for row in page.rows if row[:2] == ["exam", "30"])
    assert row[-1] == f"{difference['written']:,}"
    whole = mk.build(
        {**recipe, "reference": {"rows": 30, "sources": {"exam": 30}}},
        out=tmp_path / "whole",
        origin="sample",
    )
    told = whole.manifest[
        "difference"
    ]  # all rows there are of one source: the other one has none there
    assert [source["reference"] for source in told["sources"]] == [30, 0]
    assert (
        sum(source["written"] - source["reference"] for source in told["sources"])
        == told["difference"]
    )
    assert any(row[:2] == ["exam (kormedmcqa)", "mended: nfc"] for row in page.rows)
    assert "exam (kormedmcqa)" in page.text


def test_nothing_runs_and_nothing_is_fetched(built: mk.building.Build) -> None:
    text = read(built.path)
    page = Page(text)
    assert len(text.encode()) < 3_000_000
    assert "default-src 'none'; style-src 'unsafe-inline'; img-src data:" in text
    assert {*page.names}.isdisjoint(
        {"script", "iframe", "object", "embed", "link", "base", "form", "a"}
    )
    for name, value in page.attributes:
        assert not name.startswith("on"), name
        assert name not in ("src", "href", "xlink:href"), (name, value)
    assert not re.search(r"url\((?!#)", text)


def test_text_of_others_is_shown_and_never_read(tables_alone, built: mk.building.Build) -> None:
    manifest = json.loads((built.path / "manifest.json").read_text("utf-8"))
    for each in manifest["sources"]:
        each["license"] = each["name"] = HOSTILE
    manifest["notes"] = manifest["formats"]["trl_messages"]["splits"].keys() and [HOSTILE]
    manifest["holdouts"] = [{"name": HOSTILE, "applied": False, "reason": HOSTILE}]
    manifest["totals"]["dropped"] = {HOSTILE: 3}
    (file,) = (built.path / "trl_messages" / "train").iterdir()
    table = pq.read_table(file)
    turns = [[{"role": HOSTILE, "content": HOSTILE, "reasoning_content": HOSTILE}]] * len(table)
    at = table.column_names.index("messages")
    table = table.set_column(at, "messages", pa.array(turns, table.schema.field("messages").type))
    pq.write_table(table.set_column(0, "id", [[HOSTILE] * len(table)]), file)
    page = Page(report_page(built.path, manifest))
    assert {*page.names}.isdisjoint({"script", "img"})
    assert page.text.count("<script>bad()</script>&amp;'\"") > 6
    assert "\x00" not in page.text


def test_charts_draw_the_numbers_and_escape_the_words() -> None:
    pytest.importorskip("vl_convert")
    rows = [("<b>&", "train", 5), ("각막", "validation", 7), ("none", "train", 0)]
    places = [bars_place(rows, words="source", kinds="split"),
              bars_place([("뇌", "train", 3)], words="source", kinds="split")]  # fmt: skip
    drawn, other = map(drawn_page, places)
    assert drawn_page(markup_of([*places, places[0]])) == drawn + other + drawn, "equal bytes"
    page = Page(drawn)
    assert "script" not in page.names
    assert "각막" in page.text
    assert "<b>&" in page.text
    assert "currentColor" in drawn
    assert bars_place([("a", "b", 0)], words="x", kinds="y") is None


def test_a_page_whose_charts_cannot_be_drawn_has_its_tables(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("vl_convert")
    monkeypatch.setattr("medqa_kit.core.showing.drawer._VERSION", "0.0")  # there is no such one
    monkeypatch.setattr("medqa_kit.core.showing.drawing._DRAWER", Drawer())
    place = bars_place([("각막", "train", 5)], words="source", kinds="split")
    rows = table(("a",), [("b",)])
    assert drawn_page(markup_of([element("figure", place), rows])) == rows
    assert drawn_page(place) == ""


def test_lengths_are_of_all_texts_but_roles() -> None:
    turn = {"role": "user", "content": "각막 a", "reasoning_content": None}
    lists = pa.array([[turn, turn], [], None, [turn]])
    assert text_lengths(lists).tolist() == [8, 0, 0, 4]
    assert text_lengths(pa.array(["ab", None])).tolist() == [2, 0]
    assert text_lengths(pa.array([True, None])).tolist() == [0, 0]
    assert text_lengths(lists.slice(3)).tolist() == [4]


def test_of_many_rows_some_are_looked_at(tables_alone, hub, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("medqa_kit.building.output.report.row_facts.LOOKED_AT", 2)
    built = mk.build(RECIPE, out=tmp_path / "out", origin="sample")
    (seen,) = re.findall(r"Characters of a record, of (\d+) rows", read(built.path))
    assert 0 < int(seen) < sum(built.manifest["totals"][split] for split in ("train", "validation"))


def pixels(png: bytes) -> Any:
    """The bytes of the lines of a PNG, each as its difference to its neighbours: enough to tell an empty page."""
    at, packed = 8, b""
    while at < len(png):
        size = int.from_bytes(png[at : at + 4], "big")
        packed += png[at + 8 : at + 8 + size] if png[at + 4 : at + 8] == b"IDAT" else b""
        at += 12 + size
    return np.frombuffer(zlib.decompress(packed), np.uint8)


@pytest.mark.browser
def test_long_tables_make_no_long_page_on_a_phone(built: mk.building.Build, tmp_path: Path) -> None:
    page = (built.path / "report.html").read_text("utf-8")
    row = page.partition("<tbody>")[2].partition("</tr>")[0] + "</tr>"
    (tmp_path / "report.html").write_text(page.replace("<tbody>", "<tbody>" + row * 200), "utf-8")
    with served(tmp_path) as address:
        seen = looked_at(address, tmp_path / "frame", "report", 390, """
            seen.heights = [...page.querySelectorAll(".wide")].map((box) => box.clientHeight);
            seen.whole = [...page.querySelectorAll("table")].map((table) => table.clientHeight);
        """)  # fmt: skip
    assert max(seen["heights"]) < 900 < min(seen["whole"]), "tables scroll within the window"


@pytest.mark.browser
@pytest.mark.parametrize("width", [1400, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_readable_in_a_browser(
    built: mk.building.Build, tmp_path: Path, width: int, scheme: str
) -> None:
    words = ["--blink-settings=preferredColorScheme=0"] if scheme == "dark" else []
    with served(built.path) as address:
        png, said = picture(address, tmp_path, "report", (width, 2400), *words)
        seen = looked_at(address, tmp_path / "frame", "report", width, """
            const of = (name) => page.querySelectorAll(name).length;
            seen.wide = page.documentElement.scrollWidth; seen.charts = of("svg"); seen.tables = of("table");
            seen.small = [...page.querySelectorAll("svg text")].filter((text) =>
              text.getBoundingClientRect().height < 8).length;
            seen.cut = [...page.querySelectorAll("svg text")].filter((text) => {
              const word = text.getBoundingClientRect(), chart = text.closest("svg").getBoundingClientRect();
              return word.left < chart.left || word.right > chart.right || word.bottom > chart.bottom;
            }).map((text) => text.textContent);
            seen.heat = of("td.heat"); seen.sections = of("section"); seen.scripts = of("script");
        """)  # fmt: skip
    assert "CONSOLE" not in said, said
    assert seen["wide"] <= width
    assert seen["scripts"] == 0
    assert seen["small"] == 0, "the words of charts can be read"
    assert seen["cut"] == [], "and stand whole within them"
    assert (seen["charts"], seen["sections"]) == (5, 9)
    assert seen["tables"] >= 8
    assert seen["heat"] >= 1
    values = pixels(png)
    assert len(np.unique(values)) > 50, "a page is drawn"


def test_a_source_listed_twice_has_a_verdict_each(tables_alone, hub, tmp_path: Path) -> None:
    """Subsets of one source may be under other terms; the stricter ones are told whatever comes last."""
    listed = [{"name": "kmmlu_medical", "as": "hard", "subset": "pro", "split": "test"},
              {"name": "kmmlu_medical", "as": "plain", "subset": "Health"}]  # fmt: skip
    recipe = {"name": "twice", "split": {"validation": 0}, "source": listed, "format": {"record": "trl/messages"}}  # fmt: skip
    result = mk.build(recipe, out=tmp_path / "out", origin="sample")
    page = Page(read(result.path))
    assert "commercial: not granted by hard (kmmlu_medical)" in page.text
    cells = {row[0]: row[3] for row in page.rows if len(row) == 7}
    assert (cells["hard (kmmlu_medical)"], cells["plain (kmmlu_medical)"]) == ("no", "yes")
    words = re.findall(r"<td([^>]*)>(?:yes|no|conditional|unknown)</td>", read(result.path))
    assert len(words) == 10
    assert not any("number" in each for each in words), "words stand as words do"
    [sources] = [record_set for record_set in json.loads((result.path / "croissant.json").read_text("utf-8"))["recordSet"]
                 if record_set["name"] == "sources"]  # fmt: skip
    names = [row["sources/name"] for row in sources["data"]]
    assert names == ["kmmlu_medical"], "a key names one record"


def test_what_was_left_out_has_the_stage_that_did_it(tables_alone, hub, tmp_path: Path) -> None:
    own = tmp_path / "own.jsonl"
    rows = [{"question": f"What of case {n * 7919}?", "answer": None if n % 3 else f"It is {n * 77}."} for n in range(30)]  # fmt: skip
    own.write_text("".join(f"{json.dumps(row)}\n" for row in rows), "utf-8")
    recipe = {"name": "own", "split": {"validation": 0}, "mix": {"size": 4}, "format": {"record": "trl/messages"},
              "source": [{"as": "own", "read": str(own), "schema": "qa", "license": "MIT"}]}  # fmt: skip
    page = Page(read(mk.build(recipe, out=tmp_path / "out").path))
    assert ["answer", "no_answer", "own 20", "20"] in page.rows
    assert ["mix", "not_in_mix", "own 6", "6"] in page.rows
    assert "Notesnothing is held out" in page.text
    exam = pa.table({"id": ["e/1"], "question": ["Which vitamin prevents scurvy in sailors?"]})
    mk.Holdout.from_rows(exam, reason="we report it").save(tmp_path / "exam.holdout")
    recipe["holdout"] = {"items": [f"file:{tmp_path / 'exam.holdout'}"]}
    page = Page(read(mk.build(recipe, out=tmp_path / "held").path))
    assert "Notes" not in page.text, "there are none"


def own_texts(folder: Path, name: str, texts: list[str]) -> dict[str, str]:
    file = folder / f"{len(list(folder.iterdir()))}.jsonl"
    file.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), "utf-8")
    return {"as": name, "read": str(file), "schema": "text", "license": "CC0-1.0", "language": "he"}


def test_rows_of_ones_own_are_not_called_invented(tmp_path: Path) -> None:
    own = own_texts(tmp_path, "notes", ["החולה סובל מכאבים בחזה."])
    recipe = {"name": "own", "source": [own], "split": {"validation": 0}, "format": {"record": "text"}}  # fmt: skip
    for sources, told in (([own], []), ([own, {"name": "korean_wikipedia"}], [" of korean_wikipedia"]), ([{"name": "korean_wikipedia"}], [""])):  # fmt: skip
        result = mk.build(recipe | {"source": sources}, out=tmp_path / "out", origin="sample")
        notes = [note for note in result.manifest["notes"] if "invented" in note]
        assert notes == [f"all rows{whose} are invented samples embedded in medqa_kit, not real data" for whose in told]  # fmt: skip
        assert result.manifest["invented"] == (told == [""])
        for paper in ("report.html", "README.md"):
            banner = "All rows are invented" in (result.path / paper).read_text("utf-8")
            assert banner == (told == [""])
    page = Page((tmp_path / "out/report.html").read_text("utf-8"))
    assert ("dir", "auto") in page.attributes


def test_a_chart_says_that_it_has_some_of_many_sources(tmp_path: Path) -> None:
    pytest.importorskip("vl_convert")
    sources = [own_texts(tmp_path, f"ward {at}", [f"Note {at} on burns."]) for at in range(30)]
    recipe = {"name": "many", "source": sources, "split": {"validation": 0}, "format": {"record": "text"}}  # fmt: skip
    page = Page((mk.build(recipe, out=tmp_path / "out").path / "report.html").read_text("utf-8"))
    assert "source: 24 of 30" in page.text
    assert "language: " not in page.text
