"""Signs that no reader sees, blanks that are not plain, and letters that only look like those around them."""

from __future__ import annotations

import pyarrow as pa
import pytest

import medqa_kit as mk

_CHECKS = ("stray_sign", "odd_blank", "look_alike", "zero_width", "loose_jamo")
_FLAG = "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Give 5\x00 mg.", "stray_sign"), ("treat\x02ment", "stray_sign"), ("BP\x07 120", "stray_sign"), ("next\u2028line", "stray_sign"),
        ("private \ue123 sign", "stray_sign"), ("plane \U000f0001 sign", "stray_sign"), ("non\ufffecharacter", "stray_sign"),
        ("filler\u3164here", "stray_sign"), ("e\u0334\u0321\u031b\u0317a", "stray_sign"), ("𝐏𝐚𝐭𝐢𝐞𝐧𝐭 care", "stray_sign"),
        ("5\u00a0mg", "odd_blank"), ("5\u202fmg", "odd_blank"), ("en\u2002blank", "odd_blank"),
        ("vit\u0430min", "look_alike"), ("vitamin \u0421 deficiency", "look_alike"), ("hepatitis \u0412", "look_alike"), ("\u0420ain", "look_alike"),
        ("\u0391POE gene", "look_alike"), ("S\u0440O2 94%", "look_alike"), ("\u0421-reactive protein", "look_alike"), ("5 \u0445 10 mg", "look_alike"),
        ("tag\U000e0041\U000e0042", "zero_width"), ("half \uffa1\uffc2", "loose_jamo"),
    ],
)  # fmt: skip
def test_each_sign_is_told(text: str, code: str) -> None:
    report = mk.validate(pa.table({"id": ["a"], "text": [text]}), checks=_CHECKS)
    assert report.findings["code"].to_pylist() == [code]


def test_letters_of_other_scripts_and_signs_of_the_field_are_in_order() -> None:
    texts = [
        "tab\tand\nnew\r\nline", "می\u200cخواهم", "👨\u200d👩\u200d👧", f"{_FLAG} flag", "TNFα and IL-1β", "5 μg of α-tocopherol, 5 Ω",
        "β-лактамы", "Витамин С полезен", "pH крови, IgG с IgM", "пациент с HBsAg", "Группа А, тип B", "MRI를 시행", "자음 ㄱ, ㄴ, ㄷ 중", "ㅋㅋㅋ",
        "\uf0b7 Rest", "𝑥 + 𝑦 = 2", "CO₂ 10⁻³ Å ℃ ½ ㎎", "naïve, Sjögren, Nguyễn", "हिन्दी में", "الطبيب", "日本語のテキスト", "① 폐렴 → ②", "ជំងឺហឺត",
    ]  # fmt: skip
    report = mk.validate(
        pa.table({"id": [str(place) for place in range(len(texts))], "text": texts}), checks=_CHECKS
    )
    assert [(code, texts[row]) for row, code in zip(*report.findings.select(["row", "code"]).to_pydict().values(), strict=True)] == []  # fmt: skip
