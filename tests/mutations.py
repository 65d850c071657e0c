"""Clean rows, pairs and notes, all invented, and ways to spoil them: what checks are measured with."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pyarrow as pa

from exam_text import LANGUAGES, Writer
from medqa_kit.schemas import QA, conform


def clean_rows(count: int) -> list[dict[str, Any]]:
    draw, rows = random.Random(0), []
    writers = [Writer(language, 11) for language in LANGUAGES]
    for number in range(count):
        item = writers[number % 3].long_item(f"r/{number}")
        options = list(dict.fromkeys(item.options))
        place = draw.randrange(len(options))
        rows.append({
            "id": item.id, "source": "demo", "split": "train", "language": item.language, "family": item.id,
            "question": item.stem, "options": options, "answer_index": place, "answer": options[place],
            "rationale": writers[number % 3].prose(3, medical=1.0),
        })  # fmt: skip
    return rows


def qa_table(rows: list[dict[str, Any]]) -> pa.Table:
    return conform(pa.Table.from_pylist(rows), QA)


def _set(
    name: str, value: Callable[[dict[str, Any]], Any]
) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda row: {**row, name: value(row)}


ROW_MUTATIONS: dict[str, list[Callable[[dict[str, Any]], dict[str, Any]]]] = {
    "text_blank": [_set("rationale", lambda r: " \u200b"), _set("question", lambda r: "  ")],
    "placeholder": [_set("rationale", lambda r, text=text: text) for text in ("N/A", "없음", "TODO", "[Your name]", "-", "Lorem ipsum dolor sit", "គ្មាន")],
    "template_left": [_set("question", lambda r: r["question"] + " {{patient_name}}")],
    "mojibake": [_set("question", lambda r: r["question"] + " cafÃ©"), _set("rationale", lambda r: "it\u00e2\u20ac\u2122s"),
                 _set("rationale", lambda r: r["rationale"] + "\ufffd"),
                 *(_set("rationale", lambda r, a=a, b=b: "고혈압 환자의 간경화증을 진단한다".encode(a).decode(b, errors="ignore"))
                   for a, b in (("cp949", "latin-1"), ("cp949", "cp1252"), ("utf-8", "cp949"), ("utf-8", "cp1252"), ("utf-8", "mac_roman"),
                                ("utf-8", "cp437"))),
                 *(_set("question", lambda r, b=b: "ជំងឺលើសឈាម".encode().decode(b, errors="replace")) for b in ("cp1252", "mac_roman", "cp437"))],
    "refusal": [_set("rationale", lambda r, text=text: text) for text in (
        "As an AI language model, I cannot diagnose.", "I'm sorry, but I can't help with that.", "죄송하지만 답변을 드릴 수 없습니다.",
        "저는 인공지능 언어 모델로서 조언할 수 없습니다.")],
    "stale": [_set("rationale", lambda r: "As of my last update in 2021, …"), _set("rationale", lambda r: "2021년 9월까지의 지식을 바탕으로 답한다")],
    "superseded": [_set("rationale", lambda r, text=text: f"{r['rationale']} {text}") for text in (
        "For a nosebleed, tilt the head back.", "Put butter on the burn.", "Suck out the venom at once.", "Induce vomiting.", "Give syrup of ipecac.",
        "Place a spoon between the teeth during a seizure, in the mouth.", "Perform a blind finger sweep.", "Rub the frostbitten hand with snow.",
        "코피가 나면 고개를 뒤로 젖힌다.", "화상 부위에 된장을 바른다.", "뱀에 물리면 입으로 독을 빨아낸다.", "구토를 유발한다.",
        "경련 중에는 숟가락을 물린다.", "해파리에 쏘이면 소변을 뿌린다.", "동상 부위를 문지른다.", "ធ្វើឱ្យអ្នកជំងឺក្អួត។")],
    "truncated": [_set("rationale", lambda r: (r["rationale"] * 9)[:511] + "가"), _set("rationale", lambda r: r["rationale"][:-1] + "...")],
    "repetition": [_set("rationale", lambda r: (r["rationale"] + "\n") * 3), _set("rationale", lambda r: "the patient should drink water " * 20)],
    "not_nfc": [_set("rationale", lambda r: "e\u0301tat, 가\u1161")],
    "zero_width": [_set("question", lambda r: r["question"] + "\ufeff")],
    "odd_blank": [_set("question", lambda r: r["question"] + " 5\u00a0mg")],
    "stray_sign": [_set("question", lambda r: r["question"] + "\x02"), _set("rationale", lambda r: "a\ue123b " + r["rationale"])],
    "look_alike": [_set("question", lambda r: r["question"] + " vit\u0430min")],
    "full_width": [_set("question", lambda r: r["question"] + " １２０")],
    "coeng_order": [_set("question", lambda r: r["question"] + " ក\u17b6\u17d2\u1793"),
                    *(_set("question", lambda r, text=text: r["question"] + text) for text in (
                        " ស\u17d2\u179a\u17d2\u178f\u17b8", " ថ\u17c6\u17b6", " ន\u17c1\u17b6ះ", " ល\u17c1\u17b8", " ប\u17b7\u17c9"))],
    "duplicate_option": [lambda r: {**r, "options": [*r["options"], r["options"][0]]}],
    "duplicate_gold": [lambda r: {**r, "options": [*r["options"], r["answer"].upper()]}],
    "anchor_option": [lambda r, text=text: {**r, "options": [*r["options"], text]} for text in ("위의 모두", "All of the above", "None of these")],
    "wrong_script": [lambda r: {**r, "language": "km", "question": "Which drug is given first to the patient?"}],
    "key_text_disagree": [_set("answer", lambda r: r["options"][r["answer_index"] - 1])],
    "answer_outside_options": [_set("answer_index", lambda r: 9)],
    "null_key": [_set("answer_index", lambda r: None)],
    "option_blank": [lambda r: {**r, "options": [*r["options"], " "]}],
    "one_option": [lambda r: {**r, "options": [r["answer"]], "answer_index": 0}],
    "answer_in_question": [_set("question", lambda r: f"{r['question']} (정답: {r['answer']})"),
                           _set("question", lambda r: f"{r['question']}\nAnswer: {'ABCDE'[r['answer_index']]}")],
    "options_in_question": [
        _set("question", lambda r: f"{r['question']}\n" + " ".join(f"{mark} {text}" for mark, text in zip("①②③④⑤", r["options"], strict=False))),
        _set("question", lambda r: r["question"] + "".join(f"\n{mark}. {text}" for mark, text in zip("ABCDE", r["options"], strict=False)))],
    "turn_left": [_set("rationale", lambda r, text=text: r["rationale"] + text) for text in ("\n\nHuman: Thank you.", "\n### Instruction:\nNext", " [/INST]")],
    "misread_figure": [_set("rationale", lambda r, text=text: f"{r['rationale']} {text}") for text in ("Give 5OO mg.", "Give l0 mg.", "O.5 mg을 준다.", "250 rng")],
    "special_literal": [_set("question", lambda r: r["question"] + "<|im_end|>")],
    "think_in_source": [_set("question", lambda r: "<think>" + r["question"])],
}  # fmt: skip


_DRUGS = ("aspirin", "warfarin", "metformin")
_TEMPLATES = (
    ("Give {drug} {dose} {unit} every {hours} hours for {days} days.", "{drug} {dose} {unit}을 {hours}시간마다 {days}일간 투여한다."),
    ("Infuse {low}-{high} {unit}/kg over {hours} hours; {share}% of {days} patients recover.",
     "{low}~{high} {unit}/kg을 {hours}시간 동안 주입한다. 환자 {days}명 중 {share}%가 회복한다."),
    ("A {age}-year-old takes {dose} {unit} of {drug}, {times} times a day.",
     "អ្នកជំងឺអាយុ {age} ឆ្នាំ លេប {drug} {dose} {unit} {times} ដងក្នុងមួយថ្ងៃ។"),
)  # fmt: skip
KHMER_DIGITS = str.maketrans("0123456789", "០១២៣៤៥៦៧៨៩")


def dosed_pairs(count: int) -> list[tuple[str, str, dict[str, str]]]:
    draw, pairs = random.Random(0), []
    for number in range(count):
        low = draw.randint(2, 20)
        values = {
            "drug": draw.choice(_DRUGS), "dose": draw.choice(["0.25", "0.5", "12.5", "25", "40", "500", "1,500"]),
            "unit": draw.choice(["mg", "mcg", "mL"]), "hours": str(draw.randint(2, 12)), "days": str(draw.randint(21, 40)),
            "low": str(low), "high": str(low + draw.randint(1, 9)), "share": str(draw.randint(41, 60)),
            "age": str(draw.randint(61, 90)), "times": str(draw.randint(2, 4)),
        }  # fmt: skip
        source, target = (text.format(**values) for text in _TEMPLATES[number % 3])
        pairs.append((source, target, values))
    return pairs


def times_ten(target: str, values: dict[str, str]) -> str | None:
    dose = values["dose"].replace(",", "")
    return target.replace(
        f"{values['dose']} {values['unit']}", f"{float(dose) * 10:g} {values['unit']}", 1
    )


def other_mass(target: str, values: dict[str, str]) -> str | None:
    other = {"mg": "mcg", "mcg": "mg", "mL": "L"}[values["unit"]]
    return target.replace(f" {values['unit']}", f" {other}", 1)


def flipped_range(target: str, values: dict[str, str]) -> str | None:
    return target.replace(
        f"{values['low']}~{values['high']}", f"{values['high']}~{values['low']}", 1
    )


def figure_left_out(target: str, values: dict[str, str]) -> str | None:
    return (
        target.replace(f"{values['days']}일간 ", "", 1)
        .replace(f"អាយុ {values['age']} ឆ្នាំ ", "", 1)
        .replace(f" {values['days']}명", "", 1)
    )


def other_hours(target: str, values: dict[str, str]) -> str | None:
    return target.replace(f"{values['hours']}시간", f"{int(values['hours']) + 13}시간", 1)


_WEIGHTS = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)


def resident_number(draw: random.Random, *, recent: bool, checked: bool, foreign: bool) -> str:
    year = draw.randint(0, 25) if recent else draw.randint(30, 99)
    century = (
        draw.choice("34" if recent else "12")
        if not foreign
        else draw.choice("78" if recent else "56")
    )
    body = f"{year:02d}{draw.randint(1, 12):02d}{draw.randint(1, 28):02d}{century}{draw.randint(0, 99999):05d}"
    check = (11 - sum(int(d) * w for d, w in zip(body, _WEIGHTS, strict=True)) % 11) % 10
    if not checked:
        check = (check + draw.choice((1, 3, 4, 5, 6, 7, 8, 9))) % 10
    return f"{body[:6]}-{body[6:]}{check}"


def _card(draw: random.Random) -> str:
    body = draw.choice("45") + "".join(draw.choice("0123456789") for _ in range(14))
    total = sum(d - 9 if d > 9 else d for d in (int(c) * 2 for c in body[::2])) + sum(
        int(c) for c in body[1::2]
    )
    digits = body + str(-total % 10)
    return "-".join(digits[n : n + 4] for n in range(0, 16, 4))


_DIGITS = "0123456789"


def _number(draw: random.Random, count: int) -> str:
    return "".join(draw.choice(_DIGITS) for _ in range(count))


PERSONAL_MAKERS: dict[str, list[Callable[[random.Random], str]]] = {
    "resident_number": [
        lambda d: resident_number(d, recent=False, checked=True, foreign=False),
        lambda d: resident_number(d, recent=True, checked=False, foreign=False),
        lambda d: resident_number(d, recent=False, checked=False, foreign=True),
        lambda d: resident_number(d, recent=True, checked=True, foreign=True),
        lambda d: resident_number(d, recent=False, checked=True, foreign=False).replace("-", ""),
        lambda d: resident_number(d, recent=False, checked=True, foreign=False).replace("-", " - "),
    ],
    "card_number": [_card, lambda d: _card(d).replace("-", " "), lambda d: _card(d).replace("-", "")],
    "phone": [
        lambda d: f"010-{d.randint(2000, 9999)}-{_number(d, 4)}",
        lambda d: f"010{d.randint(2000, 9999)}{_number(d, 4)}",
        lambda d: f"010 {d.randint(2000, 9999)} {_number(d, 4)}",
        lambda d: f"02-{d.randint(200, 999)}-{_number(d, 4)}",
        lambda d: f"+82-10-{d.randint(2000, 9999)}-{_number(d, 4)}",
        lambda d: f"(031) {d.randint(200, 999)}-{_number(d, 4)}",
        lambda d: f"+855 12 {_number(d, 3)} {_number(d, 3)}",
        lambda d: f"012 {_number(d, 3)} {_number(d, 3)}",
        lambda d: f"({d.randint(201, 989)}) {d.randint(200, 999)}-{_number(d, 4)}",
    ],
    "email": [lambda d: f"kim{_number(d, 3)}@example.co.kr", lambda d: f"a.b+{_number(d, 2)}@mail.example.com"],
    "document_number": [
        lambda d: f"여권번호 M{_number(d, 8)}", lambda d: f"계좌번호: {_number(d, 3)}-{_number(d, 3)}-{_number(d, 6)}",
        lambda d: f"SSN {_number(d, 3)}-{_number(d, 2)}-{_number(d, 4)}", lambda d: f"លេខលិខិតឆ្លងដែន៖ N{_number(d, 7)}",
    ],
    "birth_date": [
        lambda d: f"생년월일: {d.randint(1930, 2020)}년 {d.randint(1, 12)}월 {d.randint(1, 28)}일",
        lambda d: f"DOB {d.randint(1, 12)}/{d.randint(1, 28)}/{d.randint(1930, 2020)}",
        lambda d: f"ថ្ងៃខែឆ្នាំកំណើត៖ {d.randint(1, 28)}-{d.randint(1, 12)}-{d.randint(1930, 2020)}",
    ],
    "hospital_number": [lambda d: f"등록번호: {_number(d, 8)}", lambda d: f"MRN {_number(d, 7)}", lambda d: f"លេខអ្នកជំងឺ៖ {_number(d, 6)}"],
    "address": [
        lambda d: f"서울특별시 강남구 {d.choice(['가온', '나래', '다솜'])}로 {d.randint(1, 300)}",
        lambda d: f"경기도 수원시 팔달구 {d.choice(['한빛', '새봄'])}길 {d.randint(1, 90)}-{d.randint(1, 20)}",
        lambda d: f"{d.randint(10, 990)} {d.choice(['Maple', 'Oak', 'River'])} Street",
        lambda d: f"ផ្ទះលេខ {d.randint(1, 99)} ផ្លូវ {d.randint(100, 400)}",
    ],
    "name": [
        lambda d: f"{d.choice('김이박최정')}{d.choice(['민준', '서연', '도윤', '하은'])} 님",
        lambda d: f"{d.choice('강조윤장')}{d.choice(['지호', '수아', '예준'])}씨는",
        lambda d: f"환자명: {d.choice('김이박')}{d.choice(['민준', '서연'])}",
        lambda d: f"Mrs. {d.choice(['Harlow', 'Winters', 'Okafor'])}",
        lambda d: f"Patient name: {d.choice(['Ada Harlow', 'John Winters'])}",
        lambda d: "ឈ្មោះ៖ សុខ ចាន់",
    ],
}  # fmt: skip
NOTES = ("어제 저녁부터 열이 나서 왔다. {} 체온 38.2도, 혈압 120/80 mmHg.", "Seen today for cough. {} BP 130/85 mmHg, pulse 88.",
          "អ្នកជំងឺមានគ្រុនក្តៅ។ {} កំដៅ 38.5 អង្សា។")  # fmt: skip
