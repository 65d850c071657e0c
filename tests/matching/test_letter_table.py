"""The letter table of the package is what its definition gives, under any Python."""

from __future__ import annotations

import re
import runpy
import subprocess
import sys
import unicodedata
from pathlib import Path

import numpy as np
import pytest

from medqa_kit.decontamination.exclusion import exclude
from medqa_kit.decontamination.holdout import Holdout
from medqa_kit.matching import letters as letters_module
from medqa_kit.matching.letter_table import DEFINITION, letter_table
from medqa_kit.matching.letters import letters_of

TOOL = Path(__file__).parents[2] / "tools" / "make_letter_table.py"


def known_to_both() -> list[int]:
    """Return the code points that the table's Unicode version and this Python's both know."""
    unseen = letter_table().unseen
    return [code for code in range(sys.maxunicode + 1)
            if not (unseen[code] and unicodedata.category(chr(code)) not in ("Cf", "Cc", "Cs", "Co", "Cn"))]  # fmt: skip


@pytest.mark.slow
def test_the_table_is_what_its_definition_gives() -> None:
    tool, table = runpy.run_path(str(TOOL)), letter_table()
    code_points = known_to_both()
    assert len(code_points) > 1_100_000
    for code in code_points:
        character = chr(code)
        # The only characters to differ could be those that later versions of Unicode add.
        assert table.letters(code) == tool["letters_of_character"](character), hex(code)
        assert table.unseen[code] == tool["is_unseen"](character), hex(code)
        assert table.number[code] == tool["is_number_sign"](character), hex(code)
        assert table.closer[code] == tool["depends_on_neighbours"](character), hex(code)


def test_the_table_names_its_definition_and_the_oldest_unicode_version() -> None:
    assert letter_table().version == f"{DEFINITION}/unicode-14.0.0"  # that of Python 3.11
    assert tuple(map(int, unicodedata.unidata_version.split("."))) >= (14, 0, 0)


@pytest.mark.skipif(
    not letter_table().version.endswith(unicodedata.unidata_version),
    reason="the file is written with the Unicode data of the oldest Python",
)
@pytest.mark.slow
def test_the_tool_writes_the_same_bytes(tmp_path: Path) -> None:
    tool = runpy.run_path(str(TOOL))
    tool["write"](tmp_path / "table.npz")
    assert (tmp_path / "table.npz").read_bytes() == tool["FILE"].read_bytes()


def test_what_unicode_does_not_know_yet_is_unseen() -> None:
    newer = "\U00011f02\U0001e4d0\U000105c0"  # letters of Unicode 15 and 16
    assert letters_of(f"ab{newer}é") == "abé"
    assert letter_table().unseen[[ord(c) for c in newer]].all()


OTHER = """
import sys, types, unicodedata
import numpy.f2py  # Numba imports it with a warm cache; what it imports reads Unicode data at once
# Another Python: other version, and other data for all that the table's version does not know.
known = [unicodedata.category(chr(code)) not in ("Cn", "Co") for code in range(sys.maxunicode + 1)]
other = types.ModuleType("unicodedata")
other.__dict__.update(vars(unicodedata))
other.unidata_version = "99.0.0"
def normalize(form, text):
    assert all(known[ord(c)] for c in text), "a character that other versions may know otherwise"
    return unicodedata.normalize(form, text)
def category(character):
    raise AssertionError("depends on the running Python")
other.normalize, other.category, other.combining, other.decomposition = normalize, *[category] * 3
sys.modules["unicodedata"] = other
import pyarrow as pa
from medqa_kit.decontamination.exclusion import exclude
from medqa_kit.decontamination.holdout import Holdout
rows = pa.ipc.open_file(sys.argv[2]).read_all()
print(exclude(rows, Holdout.load(sys.argv[1]))[0]["id"].to_pylist())
"""


@pytest.mark.slow
def test_a_holdout_saved_by_another_python_loads_and_finds_the_same(tmp_path: Path) -> None:
    import pyarrow as pa

    exam = pa.table(
        {
            "id": ["e/1", "e/2"],
            "question": ["협심증의 가장 흔한 증상은 무엇인가?", "Which vitamin prevents scurvy?"],
        }
    )
    holdout = Holdout.from_rows(exam, reason="x")
    texts = [unicodedata.normalize("NFD", exam["question"][0].as_py()), "cafe\u0301 \U00011f02",
             "Which <b>vitamin\U00011f02</b> prevents sc\u00adurvy?"]  # fmt: skip
    rows = pa.table({"id": ["a", "b", "c"], "text": texts})
    assert exclude(rows, holdout)[0]["id"].to_pylist() == ["b"]
    holdout.save(tmp_path / "exam.parquet")
    with pa.ipc.new_file(tmp_path / "rows.arrow", rows.schema) as writer:
        writer.write_table(rows)
    shown = subprocess.run(
        [sys.executable, "-c", OTHER, str(tmp_path / "exam.parquet"), str(tmp_path / "rows.arrow")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert shown.stdout.strip() == "['b']", shown.stderr


def test_an_older_unicode_version_composes_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python carries Unicode 3.2 as well: what that knows has the same normal form to this day."""
    texts = [unicodedata.normalize("NFD", text) for text in ("갑상샘 é", "ជំងឺទឹកនោមផ្អែម", "ｶﾞ①½")]
    today = [letters_of(text) for text in texts]
    monkeypatch.setattr(letters_module, "unicodedata", unicodedata.ucd_3_2_0)
    assert [letters_of(text) for text in texts] == today


def test_no_module_of_the_rooms_asks_the_running_python_for_more_than_normal_forms() -> None:
    source = Path(letters_module.__file__).parents[1]
    uses = {use for room in ("matching", "decontamination") for file in (source / room).rglob("*.py")
            for use in re.findall(r"unicodedata\.(\w+)", file.read_text("utf-8"))}  # fmt: skip
    assert uses == {"normalize", "lookup"}, "names are looked up of scripts that grow no more"


def test_flags_are_read_in_place() -> None:
    table = letter_table()
    assert table.codes[ord("가")] == ord("가")
    assert table.closer[[ord("&"), ord("<"), 0x301, 0x1161]].all()
    assert np.flatnonzero(table.number[:0xC0]).tolist() == [0xB2, 0xB3, 0xB9, 0xBC, 0xBD, 0xBE]
