"""Invented rows for HEAD-QA, in the Parquet layout of the hub's copy."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from medqa_kit.entries.headqa import ENGLISH

# exam, year, field, number, question, options, right one: English, then question and options in Spanish
ROWS = {
    "train": [
        ("Cuaderno_2013_1_B", "2013", "biology", 1, "Where is DNA kept?",
         ["Nucleus", "Wall", "Sap", "Air", "Soil"], 1, "¿Dónde está el ADN?",
         ["Núcleo", "Pared", "Savia", "Aire", "Suelo"]),
        ("Cuaderno_2013_1_E", "2013", "nursing", 1, "Which is a normal pulse?",
         ["20", "70", "150", "200", "300"], 2, "¿Cuál es un pulso normal?",
         ["20", "70", "150", "200", "300"]),
    ],
    "validation": [
        ("Cuaderno_2015_1_M", "2015", "medicine", 4, "Which vitamin prevents scurvy?\n",
         ["Vitamin A", "Vitamin B1", "Vitamin C", "Vitamin D"], 3, "¿Qué vitamina evita el escorbuto?",
         ["Vitamina A", "Vitamina B1", "Vitamina C", "Vitamina D"]),
        ("Cuaderno_2015_1_Q", "2015", "chemistry", 9, "Which is a noble gas?",
         ["Neon", "Iron", "Salt", "Sugar"], 1, "¿Cuál es un gas noble?",
         ["Neón", "Hierro", "Sal", "Azúcar"]),
    ],
    "test": [
        ("Cuaderno_2016_1_P", "2016", "psychology", 7, "Who spoke of conditioning?",
         ["Pavlov", "Newton", "Curie", "Cajal"], 1, "¿Quién habló de condicionamiento?",
         ["Pavlov", "Newton", "Curie", "Cajal"]),
        ("Cuaderno_2017_1_F", "2017", "pharmacology", 2, "Which drug lowers fever?",
         ["Insulin", "Iron", "Paracetamol", "Salt"], 3, "¿Qué fármaco baja la fiebre?",
         ["Insulina", "Hierro", "Paracetamol", "Sal"]),
    ],
}  # fmt: skip


def write(folder: Path) -> None:
    for split, rows in ROWS.items():
        for language in ("en", "es"):
            raw = []
            for name, year, category, number, english, options, right, spanish, translated in rows:
                texts = options if language == "en" else translated
                answers = [{"aid": place, "atext": text} for place, text in enumerate(texts, 1)]
                question = english if language == "en" else spanish
                raw.append({"name": name, "year": year, "category": category, "qid": number,
                            "qtext": question, "ra": right, "answers": answers})  # fmt: skip
            file = folder / language / f"{split}.parquet"
            file.parent.mkdir(parents=True, exist_ok=True)
            pq.write_table(pa.Table.from_pylist(raw, schema=ENGLISH.raw), file)
