"""An example of each type of result, and how it shows itself: what the golden files in ``golden/shown`` hold.

``tools/write_shown.py`` writes them; read the diff before you commit it.
"""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa

import medqa_kit as mk

GOLDEN = Path(__file__).parent / "golden" / "shown"
EVIL = "<script>alert('&')</script>\x1b[31m"  # of a row, a file or a card that means harm
_LINES = re.compile(r"(?=<(?:p|table|thead|tr|pre|div|h3|ul|li|svg)\b)")
_EXAM = "kormedmcqa-official-test"


def _exam() -> Any:
    return mk.load("kormedmcqa", subset="doctor", split="test", origin="sample")


def _train() -> Any:
    return mk.load("kormedmcqa", split="train", origin="sample")


def _ids(*names: str) -> pa.Table:
    return pa.table({"id": list(names), "question": [f"Question {name}?" for name in names],
                     "source": ["exam"] * len(names), "split": ["test"] * len(names)})  # fmt: skip


def _held(*names: str) -> mk.Holdout:
    return mk.Holdout.from_rows(_ids(*names), reason="we report it", name="+".join(names),
                                protects=("lm_eval/demo",))  # fmt: skip


def _recipe() -> dict[str, Any]:
    return {"name": "demo", "about": "An example.", "source": [{"name": "kormedmcqa"}, {"name": "kbmc"}],
            "holdout": {"items": [_EXAM]}, "split": {"validation": 0.1},
            "format": {"record": "trl/messages"}}  # fmt: skip


def _ledger(folder: Path) -> mk.Ledger:
    rows = pa.table(
        {"id": ["d/1"], "language": ["en"], "question": ["Is 5 mg enough?"], "answer": ["Yes."]}
    )
    return mk.Ledger.start(folder / "ledger", rows, mk.Generation(task="translation", model="m", language="ko"))  # fmt: skip


def _split(folder: Path) -> Any:
    rows = pa.table({"id": [f"r/{n}" for n in range(20)], "question": [f"Question {n}?" for n in range(20)],
                     "subset": ["a", "b"] * 10})  # fmt: skip
    return mk.split(rows, parts={"train": 0.8, "test": 0.2}, seed=1, stratify=["subset"])


def _audit() -> mk.Audit:
    claim = mk.CardClaim(measure="filled_share", claimed=1.0, columns=("summary",))
    return mk.audit([{"summary": "Short."}, {"summary": None}], claims=[claim])


def _report(folder: Path) -> mk.Report:
    findings = pa.table({"row": [3, 4], "id": ["x/3", EVIL], "code": ["exact", "near"], "detail": ["item 7", EVIL]})  # fmt: skip
    return mk.Report("exclude", rows=10, kept=8, findings=findings, notes=(EVIL,))


def _score(folder: Path) -> Any:
    exam = _exam()
    replies = ["정답은 C입니다.", "모르겠습니다.", "A"][: len(exam)]
    return mk.score(replies, exam, by=["year"])


def _new_source(folder: Path) -> Any:
    rows = folder / "rows.csv"
    rows.write_text("no,q,a,b,right\n1,Which is warm?,ice,fire,B\n", "utf-8")
    return mk.new_source("ward_notes", rows, language="en", question="q", options=["a", "b"], answer="right",
                         key="no", folder=folder / "ward_notes")  # fmt: skip


def _leaks() -> Any:
    return mk.leak_map(["medical_reasoning_kormedmcqa"], holdouts=[_EXAM], origin="sample")


MAKERS: dict[str, Callable[[Path], Any]] = {
    "Accuracy": lambda folder: _score(folder).overall,
    "Attribution": lambda _: mk.attribution([{"source": "kormedmcqa", "subset": "doctor"}] * 3),
    "Audit": lambda _: _audit(),
    "Build": lambda folder: mk.build(_recipe(), out=folder / "demo", origin="sample"),
    "BuildDiff": lambda folder: mk.diff(
        *(
            mk.build({**_recipe(), "source": [source]}, out=folder / name, origin="sample").path
            for name, source in [
                ("one", {"name": "kbmc"}),
                ("two", {"name": "kbmc", "max_rows": 3}),
            ]
        )
    ),
    "BuildPlan": lambda folder: mk.plan(_recipe(), origin="sample", cache_dir=folder / "cache"),
    "Chart": lambda folder: _split(folder).chart(),
    "ChatTemplate": lambda _: mk.chat_template("llama3.2"),
    "Claim": lambda _: mk.source("kbmc").claims[0],
    "ClaimCheck": lambda _: _audit().checks[0],
    "Clause": lambda _: mk.license(["kormedmcqa"]).clauses[0],
    "Credit": lambda _: mk.attribution([{"source": "kbmc"}]).credits[0],
    "ExtractAnswers": lambda _: mk.extract_answers(),
    "Extraction": lambda _: mk.extract("정답은 A입니다."),
    "Feed": lambda _: mk.Feed({"exam": _ids("a", "b"), "talk": _ids("c")}, seed=1),
    "FewShot": lambda _: mk.few_shot(_exam(), k=2),
    "Harness": lambda _: mk.harness("lm_eval/kormedmcqa@3.0", shots=_train().select(range(2))),
    "HarnessFormat": lambda _: mk.harnesses()[0],
    "Holdout": lambda _: _held("a", "b"),
    "HoldoutComparison": lambda _: mk.compare_holdouts(_held("a", "b"), _held("b")),
    "Layout": lambda _: mk.source("kbmc").layout,
    "LeakCell": lambda _: _leaks().cells[0],
    "LeakMap": lambda _: _leaks(),
    "Ledger": _ledger,
    "LicenseVerdict": lambda _: mk.license(["kormedmcqa", "kbmc"]),
    "Listing": lambda _: mk.sources(language="km"),
    "Lockfile": lambda folder: mk.lock(["kbmc", "klue"], folder / "medqa.lock", origin="sample"),
    "McNemar": lambda folder: mk.score(
        ["A"] * 3, _exam(), rule=["robust", "lm_eval/kormedmcqa@3.0"]
    ).compare("robust", "lm_eval/kormedmcqa@3.0"),
    "NamedCheck": lambda _: mk.checks()[1],
    "NewSource": _new_source,
    "NumberChange": lambda _: mk.number_changes("5 mg", "6 mg")[0],
    "OptionBalance": lambda _: mk.option_balance(_exam()),
    "PackingPlan": lambda _: mk.pack([6, 5, 4, 3, 2], max_tokens=10),
    "Part": lambda _: mk.source("kbmc").parts[0],
    "PlainText": lambda _: mk.cite(["kbmc"]),
    "Prompt": lambda _: mk.prompt(language="ko"),
    "Protection": lambda _: mk.holdout(_EXAM),
    "Recipe": lambda _: mk.Recipe.of(_recipe()),
    "Record": lambda _: mk.record("alpaca"),
    "RecordKind": lambda _: mk.record_kinds()[0],
    "Report": _report,
    "RowFate": lambda folder: mk.why(
        mk.build(_recipe(), out=folder / "demo", origin="sample").path,
        "sample:kormedmcqa/doctor/2013-1-35",
    ),
    "Score": _score,
    "ShippedRecipe": lambda _: next(r for r in mk.shipped_recipes() if r.name == "korean_exam_sft"),
    "ShuffleOptions": lambda _: mk.shuffle_options(),
    "Source": lambda _: mk.source("kbmc"),
    "SourceStatus": lambda _: mk.status(cache_dir="/nowhere")[0],
    "Split": _split,
    "TaskFolder": lambda folder: mk.task("lm_eval", _exam(), folder=folder / "task", name="demo"),
    "ToDialogue": lambda _: mk.to_dialogue(),
    "ToOpen": lambda _: mk.to_open(),
    "ToPreference": lambda _: mk.to_preference(),
    "Trace": lambda _: mk.trace("sample:kormedmcqa/doctor/2022-1-7"),
}
"""Name of the type: makes one, given a folder to write to."""


def shown(name: str, folder: Path) -> dict[str, str]:
    """What a type shows, by the ending of its golden file."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        value = MAKERS[name](folder)
        texts = {"txt": str(value), "html": _LINES.sub("\n", value._repr_html_()).lstrip()}
    return {ending: f"{_steady(text, folder)}\n" for ending, text in texts.items()}


def _steady(text: str, folder: Path) -> str:
    """Take out what differs from machine to machine."""
    for name in (str(folder), json.dumps(str(folder))[1:-1]):
        text = text.replace(name, "FOLDER")
    return re.sub(r"\b[0-9a-f]{40}\b", "REVISION", text)
