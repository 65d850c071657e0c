"""The gauntlet on any seeds: the share of each disguise that is found, and clean rows that are flagged.

    python benchmarks/recall.py                              # one unseen pair of seeds
    python benchmarks/recall.py --seeds 31,37 71,73 81,83    # of the exam, and of the disguises
    python benchmarks/recall.py --clean 120000               # clean rows a language and kind, too

Everything is invented (see tests/exam_text.py). The thresholds were fitted on the seeds 11,17 41,43
51,53 61,67. Behind a ``+`` stands the share of rows that were matched to another item only.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import pyarrow as pa

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "decontamination"))
from test_gauntlet import HELD, Exam, shares

import gauntlet
from exam_text import LANGUAGES, Language, Writer, items
from medqa_kit.decontamination.exclusion import search
from medqa_kit.decontamination.holdout import Holdout

KINDS = {
    **gauntlet.FAITHFUL, **gauntlet.EDITED, **gauntlet.EDITED_WITHIN, **gauntlet.LONG_ONLY, **gauntlet.ANSWERED,
    "reworded, same answer": gauntlet.reworded, "template twin, other answer": gauntlet.twin,
    **gauntlet.LOOKALIKES,
}  # fmt: skip


def held_exam(language: Language, seed: int) -> Exam:
    written = items(language, HELD, seed=seed)
    return Exam(written, Holdout.from_rows(gauntlet.held_table(written), reason="the gauntlet"))


def share(exam: Exam, kind: str, seed: int) -> str:
    table, own = gauntlet.planted(exam.choose(kind), KINDS[kind], seed=seed)
    recall, other = shares(search(table, exam.holdout), own)
    return f"{recall:.3f}" + (f"+{other:.3f}" if other else "")


def clean_texts(language: Language, seed: int, rows: int) -> dict[str, list[str]]:
    """Write prose, and questions with answers of one sentence, half of them in the exam's own words."""
    writer, form = Writer(language, seed), gauntlet.FORMS[language]
    return {
        "clean prose": [writer.prose(5, medical=(i % 2) * 0.7) for i in range(rows)],
        "clean short dialogues": [
            form.format(writer.prose(1), writer.prose(1)) for _ in range(rows)
        ],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", nargs="+", default=["31,37"], help="pairs: exam,disguises")
    parser.add_argument(
        "--clean",
        type=int,
        default=0,
        help="clean rows a language and kind, for all seeds together",
    )
    arguments = parser.parse_args()
    seeds = [tuple(map(int, pair.split(","))) for pair in arguments.seeds]
    for language in LANGUAGES:
        exams = [(held_exam(language, first), second) for first, second in seeds]
        for kind in KINDS:
            print(f"{language}  {kind:38}", *(share(exam, kind, seed) for exam, seed in exams))
        flagged: dict[str, int] = {}
        for exam, seed in exams if arguments.clean else []:
            texts = clean_texts(language, seed + 1000, arguments.clean // len(exams))
            for kind, rows in texts.items():
                report = search(pa.table({"text": rows}), exam.holdout)
                flagged[kind] = flagged.get(kind, 0) + report.dropped
        for kind, number in flagged.items():
            print(f"{language}  {kind:38} {number} of {arguments.clean:,}")


if __name__ == "__main__":
    main()
