r"""Reading escaped text: what it stands for, what stays as it is, and how long it takes."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from urllib.parse import quote

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from medqa_kit.matching.letters import letters_of
from medqa_kit.matching.readings.disguises import undisguised
from medqa_kit.matching.readings.escapes import unescaped

ENCODINGS: dict[str, Callable[[str], str]] = {
    "JSON": json.dumps,
    "JSON, twice": lambda text: json.dumps(json.dumps(text)),
    "percents": lambda text: quote(text),  # of a text in which a percent sign cannot be one
}

_WORDS = st.sampled_from(["협심증", "ជំងឺ", "angina", "5", "1.5 mg", "10%", "\n", "\t", '"', "/", "😀",
                          "A&B", "<p>", "+", "②"])  # fmt: skip


@given(st.lists(_WORDS, max_size=9).map(lambda words: " ".join(["협심증", *words])), st.sampled_from(["JSON", "JSON, twice", "percents"]))  # fmt: skip
def test_the_letters_of_an_encoding_are_those_of_the_text(text: str, encoding: str) -> None:
    shown = unescaped(pa.array([text, ENCODINGS[encoding](text)]))[0].to_pylist()
    assert letters_of(shown[0]) == letters_of(shown[1]) == letters_of(text)


@pytest.mark.parametrize("text", [
    r"$\nu = \frac{\tau}{\beta}$", "10%20%30%", "SpO2 95%, 5%DW", r"C:\user\note", r"\underline{x}",
    "100%", "%", "\\", r"\text{mg}", "50%20명",
])  # fmt: skip
def test_plain_text_stays_as_it_is(text: str) -> None:
    plain, changed = unescaped(pa.array([text]))
    assert (plain.to_pylist(), changed.tolist()) == ([text], [False])


@pytest.mark.parametrize("text", [
    "Größe über «naïve» café, déjà ©2020 ±5 µg créée à l’été", "TNF-α and IL-1β", "ㄱ, ㄴ, ㄷ", "A+B antigens, Na+Cl, +ABC",
    "ㅋㅋㅋㅋㅋㅋㅋㅋ", r"$\alpha + \beta \cdot \delta$", "U+", "Ångström, señor, mañana", "3+ oedema", "Бабушка пьёт",
    "中文。，", "ﾊﾝｶｸ", "á la carte", "a=?b", "=?utf-8?B?!?=", r"\u{zz}",
])  # fmt: skip
def test_what_is_no_disguise_stays(text: str) -> None:
    plain, changed = undisguised(pa.array([text]))
    assert (plain.to_pylist(), changed.tolist()) == ([text], [False])


@pytest.mark.parametrize(("text", "read"), [
    ("ㄱㅏㅂㅅㅇㅣ ㄲㅗㅏㅈㅏ ㅇㅡㅣㅅㅏ ㅇㅓㅄㄷㅏ", "값이꽈자의사없다"), ("\uffbe\uffc2\uffa4\uffa1\uffda\uffa9" * 2, "한글한글"),
        ("Ѕtаtіn", "Statin"), ("í•œê¸€", "한글"), ("ÇÑ±Û À§¿°", "한글 위염"), ("áž\x80", "ក"), ("+1VyuAA-", "한글"),
    ("e\u0301" * 9, "e" * 9), ("e\u0301", "e\u0301"), (r"\d55c \ae00 ", "한글"), (r"\00d55c\00ae00 1\001780x", "한글1កx"), (r"\u54620?\u44544?", "한글"),
    (r"\x{d55c}", "한"), (r"\xa0\ud55c\xad 37\xb0C caf\xe9", "\xa0한\xad 37°C café"), ("U+D55C U+AE00", "한글"), ("<U+1780><U+1781>", "កខ"),
])  # fmt: skip
def test_a_disguise_is_seen_through(text: str, read: str) -> None:
    assert undisguised(pa.array([text]))[0].to_pylist() == [read]


def test_places_without_text_stay() -> None:
    column = pa.array(["a", None, r"\ud55c", "b"])
    plain, changed = unescaped(column.slice(1))
    assert (plain.to_pylist(), changed.tolist()) == ([None, "한", "b"], [False, True, False])
    assert unescaped(pa.array([r"\ud800 cut off \ud55"]))[0].to_pylist()[0].endswith(r"\ud55")


@pytest.mark.slow
@pytest.mark.parametrize("text", [
    "\\" * 2_000_000, "%" * 2_000_000, "%25" * 700_000, "a%" * 1_000_000, r"\u12" * 500_000,
    "U+D55C " * 100_000, "+A" * 300_000, "+" + "A" * 500_000, "Ã" * 300_000, "í•œ" * 100_000, "ㄱ" * 200_000, "ㄱㅏ" * 100_000,
    "а" * 200_000, "a\u0301" * 200_000, r"\u-21504?" * 200_000, r"\d55c " * 300_000, "<U+" * 200_000, "ÇÑ" * 100_000,
    "a" * 2_000_000 + "%20", '<a b="' * 300_000, '<a b="' + 'c="' * 600_000, '<a b="c ' + "d " * 900_000, "<a b=&quot;" * 200_000, r"\ud83d" * 300_000, "%ED" * 700_000, "\\n" * 1_000_000,
    "=?utf-8?B?" * 200_000, "=?UTF-8?Q?" + "=EA" * 600_000, r"\u{ac00 " * 200_000, r"\x1b[" * 300_000, r"\uc1" * 400_000, r"\uc0\u54620 " * 180_000,
    "[/b]" + "[a]" * 600_000, "[/b]" + "<a " * 600_000, r"{\a " * 500_000, "<![CDATA[" * 200_000, r"\N{A}" * 400_000, r"\'c7" * 500_000,
    "=?a?q?b?= " * 200_000, "=\n" * 1_000_000, '[/b]"a"' + " " * 2_000_000, r"\char" * 300_000,
], ids=lambda text: text[:6])  # fmt: skip
def test_long_text_takes_linear_time(text: str) -> None:
    began = time.process_time()
    undisguised(pa.array([text]))
    assert time.process_time() - began < 2
