"""Invented rows for the medical subjects of MMLU, in the hub's Parquet layout."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from medqa_kit.entries.mmlu_medical import HUB

# subject: one row for each of test, validation and dev: question, options, answer from 0
ROWS = {
    "anatomy": [
        ("Which bone is in the forearm?", ["Femur", "Ulna", "Tibia", "Sternum"], 1),
        ("How many chambers has the heart?", ["Two", "Three", "Four", "Five"], 2),
        ("Which organ lies in the right upper abdomen?", ["Liver", "Spleen", "Bladder", "Lung"], 0),
    ],
    "clinical_knowledge": [
        ("Which vitamin prevents scurvy?", ["Vitamin A", "Vitamin B1", "Vitamin C", "Vitamin D"], 2),
        ("A normal pulse at rest, in beats a minute, is:", ["30", "70", "150", "200"], 1),
        ("Which device measures blood pressure?", ["Cuff", "Scale", "Ruler", "Lamp"], 0),
    ],
    "college_biology": [
        ("Where is DNA kept in a cell of a plant?", ["Nucleus", "Wall", "Vacuole", "Sap"], 0),
        ("Which gas do plants take up?", ["Oxygen", "Helium", "Neon", "Carbon dioxide"], 3),
        ("What does an enzyme lower?", ["Mass", "Activation energy", "Charge", "Color"], 1),
    ],
    "college_medicine": [
        ("Case: thirst, weight loss.\nWhich test comes first?", ["Glucose", "PSA", "EEG", "MRI"], 0),
        ("Which ion is low in hyponatremia?", ["Potassium", "Calcium", "Sodium", "Zinc"], 2),
        ("Which organ makes insulin?", ["Liver", "Pancreas", "Kidney", "Skin"], 1),
    ],
    "medical_genetics": [
        ("How many autosomes has a human body cell?", ["22", "23", "44", "46"], 2),
        ("Which of these is X-linked?", ["Hemophilia A", "Sickle cell", "PKU", "Albinism"], 0),
        ("A carrier of one recessive gene is:", ["ill", "well as a rule", "male", "old"], 1),
    ],
    "professional_medicine": [
        ("A 58-year-old man has chest pain. What is first?", ["ECG", "Rest", "Diet", "X-ray"], 0),
        ("A child has a dry mouth after diarrhea. Give:", ["Tea", "Milk", "Oral fluids", "Iron"], 2),
        ("A toe is red after a feast. What is high?", ["Sodium", "Uric acid", "TSH", "BNP"], 1),
    ],
}  # fmt: skip


def write(folder: Path) -> None:
    for subject, rows in ROWS.items():
        for split, row in zip(("test", "validation", "dev"), rows, strict=True):
            question, choices, answer = row
            values = (question, subject, choices, answer)
            raw = [dict(zip(HUB.raw.names, values, strict=True))]
            file = folder / subject / f"{split}-00000-of-00001.parquet"
            file.parent.mkdir(parents=True, exist_ok=True)
            pq.write_table(pa.Table.from_pylist(raw, schema=HUB.raw), file)
