"""Invented rows for the Khmer medical QA set, in upstream's Parquet layout.

Three questions are those of the sample of medical_o1_reasoning_sft: they are its translations.
"""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from medqa_kit.entries.khmer_medical_qa import LAYOUT

# index, question and response in English, in Khmer, paraphrased, summary, tags
ROWS = [
    (0, "A diver has ear pain after a quick descent. What is the likely cause?",
     "Middle ear barotrauma is likely.",
     "អ្នកមុជទឹកម្នាក់ឈឺត្រចៀកក្រោយពីចុះលឿន។ តើមូលហេតុអ្វី?", "ទំនងជារបួសត្រចៀកដោយសារសម្ពាធ។",
     "ក្រោយពីមុជទឹកចុះលឿន អ្នកមុជទឹកឈឺត្រចៀក។ ហេតុអ្វី?", "ប្រហែលជាសម្ពាធធ្វើឱ្យត្រចៀករបួស។",
     "សម្ពាធកើនឡើងតាមជម្រៅទឹក។", ["reasoning_type:diagnosis", "evidence:history"]),
    (1, "Which vitamin deficiency causes bleeding gums?", "Lack of vitamin C, as in scurvy.",
     "តើកង្វះវីតាមីនអ្វីធ្វើឱ្យឈាមហូរអញ្ចាញធ្មេញ?", "កង្វះវីតាមីន C។", None, None,
     "វីតាមីន C ជួយបង្កើតកូឡាជែន។", ["reasoning_type:diagnosis"]),
    (2, "A runner's calf cramps on hot days. What should be replaced besides water?",
     "Sodium, for instance with a salted drink.",
     "អ្នករត់ម្នាក់រមួលក្រពើនៅថ្ងៃក្តៅ។ ក្រៅពីទឹក តើត្រូវបន្ថែមអ្វី?", "សូដ្យូម។", "", "",
     "ញើសមានជាតិអំបិល។", ["reasoning_type:treatment"]),
    # 3 is missing: the index has gaps
    (4, "Why does a newborn receive vitamin K?", "To prevent bleeding.",
     "ហេតុអ្វីទារកទើបកើតទទួលវីតាមីន K?", "ដើម្បីការពារការហូរឈាម។",
     "តើវីតាមីន K ផ្តល់ឱ្យទារកទើបកើតដើម្បីអ្វី?", "ដើម្បីកុំឱ្យហូរឈាម។", "", ["reasoning_type:prevention"]),
    (5, "Which sense is tested with a tuning fork?", "Hearing.",
     "តើវិញ្ញាណអ្វីត្រូវបានពិនិត្យដោយសមរំញ័រ?", "ការស្តាប់។", "  ", None,
     "សមរំញ័រធ្វើឱ្យឆ្អឹងញ័រ។", []),
    (6, "What is the pH of pure water?", "7", "pH?", "7", None, None, "ទឹកសុទ្ធអព្យាក្រឹត។", None),
    (7, "Which organ makes bile?", "The liver.", "តើសរីរាង្គអ្វីផលិតទឹកប្រមាត់?", "ថ្លើម។",
     "ទឹកប្រមាត់ផលិតដោយសរីរាង្គអ្វី?", "ដោយថ្លើម។", "ថ្លើមផលិតទឹកប្រមាត់។", ["diagnosis"]),
    (8, "Which bone is the longest?", "The femur.", "តើឆ្អឹងអ្វីវែងជាងគេ?", "ឆ្អឹងភ្លៅ។", None, "",
     None, ["reasoning_type:anatomy"]),
    (9, "How long should hands be washed?", "About half a minute, with soap.",
     "តើគួរលាងដៃរយៈពេលប៉ុន្មាន?", "ប្រហែលកន្លះនាទី ជាមួយសាប៊ូ។\nលាងចន្លោះម្រាមដៃផង។",
     "លាងដៃប៉ុន្មានវិនាទីទើបល្អ?", "ប្រហែលសាមសិបវិនាទី។", "សាប៊ូត្រូវការពេល។",
     ["reasoning_type:prevention"]),
    (11, "Which blood cells carry oxygen?", "Red blood cells.",
     "តើកោសិកាឈាមអ្វីដឹកជញ្ជូនអុកស៊ីសែន?", "គ្រាប់ឈាមក្រហម។", None, None,
     "អេម៉ូក្លូប៊ីននៅក្នុងគ្រាប់ឈាមក្រហម។", ["reasoning_type:physiology"]),
]  # fmt: skip


def write(folder: Path) -> None:
    rows = [dict(zip(LAYOUT.raw.names, row, strict=True)) for row in ROWS]
    both = [
        row
        for row in rows
        if (row["question_km_para"] or "").strip() and row["reasoning_summary_km"]
    ]
    _write(folder / "data" / "train-00000-of-00001.parquet", rows)
    _write(folder / "complete_augmented" / "complete_augmented-00000-of-00001.parquet", both)


def _write(file: Path, rows: list[dict]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows, schema=LAYOUT.raw), file)
