"""``load`` as editors and type checkers see it. Written by tools/write_overloads.py.

A wrong subset or split of a catalogued source is a type error, and editors complete the right
ones. For names that are only known at run time pass ``mk.source(name)``.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Literal, TypedDict

if TYPE_CHECKING:
    from typing import Any, Unpack, overload

    from datasets import Dataset, DatasetDict, IterableDataset, IterableDatasetDict

    from medqa_kit.catalog.model import Source

    class Common(TypedDict, total=False):
        """Arguments all sources share."""

        years: Collection[int] | None
        origin: Literal["hub", "path", "sample"]
        path: str | os.PathLike[str] | None
        keep: Sequence[str]
        repo: str | None
        revision: str | None
        lock: str | os.PathLike[str] | None
        columns: Mapping[str, str] | None
        on_bad: Literal["raise", "drop"]
        num_proc: int | None
        cache_dir: str | os.PathLike[str] | None
        token: str | None

    @overload
    def load(
        name: Literal["aihub_essential_medical"],
        *,
        subset: Literal["questions", "texts"] | None = None,
        split: None = None,
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> DatasetDict: ...
    @overload
    def load(
        name: Literal["aihub_essential_medical"],
        *,
        subset: Literal["questions", "texts"] | None = None,
        split: Literal["train", "validation", "all"],
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> Dataset: ...
    @overload
    def load(
        name: Literal["aihub_essential_medical"],
        *,
        subset: Literal["questions", "texts"] | None = None,
        split: None = None,
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDatasetDict: ...
    @overload
    def load(
        name: Literal["aihub_essential_medical"],
        *,
        subset: Literal["questions", "texts"] | None = None,
        split: Literal["train", "validation", "all"],
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDataset: ...
    @overload
    def load(
        name: Literal["aihub_healthcare_qa"],
        *,
        subset: Literal["questions", "answers"] | None = None,
        split: None = None,
        view: Literal["normalized", "raw"] = "normalized",
        pairing: Literal["none", "cross", "one_to_one"] | None = None,
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> DatasetDict: ...
    @overload
    def load(
        name: Literal["aihub_healthcare_qa"],
        *,
        subset: Literal["questions", "answers"] | None = None,
        split: Literal["train", "validation", "all"],
        view: Literal["normalized", "raw"] = "normalized",
        pairing: Literal["none", "cross", "one_to_one"] | None = None,
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> Dataset: ...
    @overload
    def load(
        name: Literal["aihub_healthcare_qa"],
        *,
        subset: Literal["questions", "answers"] | None = None,
        split: None = None,
        view: Literal["normalized", "raw"] = "normalized",
        pairing: Literal["none", "cross", "one_to_one"] | None = None,
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDatasetDict: ...
    @overload
    def load(
        name: Literal["aihub_healthcare_qa"],
        *,
        subset: Literal["questions", "answers"] | None = None,
        split: Literal["train", "validation", "all"],
        view: Literal["normalized", "raw"] = "normalized",
        pairing: Literal["none", "cross", "one_to_one"] | None = None,
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDataset: ...
    @overload
    def load(
        name: Literal["aihub_ko_en_parallel"],
        *,
        subset: Literal["all", "medical"] | None = None,
        split: None = None,
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> DatasetDict: ...
    @overload
    def load(
        name: Literal["aihub_ko_en_parallel"],
        *,
        subset: Literal["all", "medical"] | None = None,
        split: Literal["train", "validation", "all"],
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> Dataset: ...
    @overload
    def load(
        name: Literal["aihub_ko_en_parallel"],
        *,
        subset: Literal["all", "medical"] | None = None,
        split: None = None,
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDatasetDict: ...
    @overload
    def load(
        name: Literal["aihub_ko_en_parallel"],
        *,
        subset: Literal["all", "medical"] | None = None,
        split: Literal["train", "validation", "all"],
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDataset: ...
    @overload
    def load(
        name: Literal["aihub_professional_medical"],
        *,
        subset: Literal["questions", "texts"] | None = None,
        split: None = None,
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> DatasetDict: ...
    @overload
    def load(
        name: Literal["aihub_professional_medical"],
        *,
        subset: Literal["questions", "texts"] | None = None,
        split: Literal["train", "validation", "all"],
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> Dataset: ...
    @overload
    def load(
        name: Literal["aihub_professional_medical"],
        *,
        subset: Literal["questions", "texts"] | None = None,
        split: None = None,
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDatasetDict: ...
    @overload
    def load(
        name: Literal["aihub_professional_medical"],
        *,
        subset: Literal["questions", "texts"] | None = None,
        split: Literal["train", "validation", "all"],
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDataset: ...
    @overload
    def load(
        name: Literal["aihub_telemedicine_speech"],
        *,
        subset: Literal["patient", "nurse", "doctor"] | None = None,
        split: None = None,
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> DatasetDict: ...
    @overload
    def load(
        name: Literal["aihub_telemedicine_speech"],
        *,
        subset: Literal["patient", "nurse", "doctor"] | None = None,
        split: Literal["train", "validation", "all"],
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> Dataset: ...
    @overload
    def load(
        name: Literal["aihub_telemedicine_speech"],
        *,
        subset: Literal["patient", "nurse", "doctor"] | None = None,
        split: None = None,
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDatasetDict: ...
    @overload
    def load(
        name: Literal["aihub_telemedicine_speech"],
        *,
        subset: Literal["patient", "nurse", "doctor"] | None = None,
        split: Literal["train", "validation", "all"],
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDataset: ...
    @overload
    def load(
        name: Literal["chinese_medical_dialogue"],
        *,
        subset: Literal["男科", "内科", "妇产科", "肿瘤科", "儿科", "外科", "sample", "hub"] | None = None,
        split: None = None,
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> DatasetDict: ...
    @overload
    def load(
        name: Literal["chinese_medical_dialogue"],
        *,
        subset: Literal["男科", "内科", "妇产科", "肿瘤科", "儿科", "外科", "sample", "hub"] | None = None,
        split: Literal["train", "all"],
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> Dataset: ...
    @overload
    def load(
        name: Literal["chinese_medical_dialogue"],
        *,
        subset: Literal["男科", "内科", "妇产科", "肿瘤科", "儿科", "外科", "sample", "hub"] | None = None,
        split: None = None,
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDatasetDict: ...
    @overload
    def load(
        name: Literal["chinese_medical_dialogue"],
        *,
        subset: Literal["男科", "内科", "妇产科", "肿瘤科", "儿科", "外科", "sample", "hub"] | None = None,
        split: Literal["train", "all"],
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDataset: ...
    @overload
    def load(
        name: Literal["chugyouk_collection"],
        *,
        subset: Literal["AI_healthcare_QA", "Asan-AMC-Healthinfo", "GenMedGPT-5k-ko", "HealthSearchQA-ko", "KoMedInstruct-52k", "MedQA-Evol-Korean", "KorMedConceptsQA-kcd8_easy", "KorMedConceptsQA-kcd8_medium", "KorMedConceptsQA-kcd8_hard", "KorMedConceptsQA-kcd8_merged", "KorMedConceptsQA-atc_easy", "KorMedConceptsQA-atc_medium", "KorMedConceptsQA-atc_hard", "MedQA"] | None = None,
        split: None = None,
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> DatasetDict: ...
    @overload
    def load(
        name: Literal["chugyouk_collection"],
        *,
        subset: Literal["AI_healthcare_QA", "Asan-AMC-Healthinfo", "GenMedGPT-5k-ko", "HealthSearchQA-ko", "KoMedInstruct-52k", "MedQA-Evol-Korean", "KorMedConceptsQA-kcd8_easy", "KorMedConceptsQA-kcd8_medium", "KorMedConceptsQA-kcd8_hard", "KorMedConceptsQA-kcd8_merged", "KorMedConceptsQA-atc_easy", "KorMedConceptsQA-atc_medium", "KorMedConceptsQA-atc_hard", "MedQA"] | None = None,
        split: Literal["train", "all"],
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> Dataset: ...
    @overload
    def load(
        name: Literal["chugyouk_collection"],
        *,
        subset: Literal["AI_healthcare_QA", "Asan-AMC-Healthinfo", "GenMedGPT-5k-ko", "HealthSearchQA-ko", "KoMedInstruct-52k", "MedQA-Evol-Korean", "KorMedConceptsQA-kcd8_easy", "KorMedConceptsQA-kcd8_medium", "KorMedConceptsQA-kcd8_hard", "KorMedConceptsQA-kcd8_merged", "KorMedConceptsQA-atc_easy", "KorMedConceptsQA-atc_medium", "KorMedConceptsQA-atc_hard", "MedQA"] | None = None,
        split: None = None,
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDatasetDict: ...
    @overload
    def load(
        name: Literal["chugyouk_collection"],
        *,
        subset: Literal["AI_healthcare_QA", "Asan-AMC-Healthinfo", "GenMedGPT-5k-ko", "HealthSearchQA-ko", "KoMedInstruct-52k", "MedQA-Evol-Korean", "KorMedConceptsQA-kcd8_easy", "KorMedConceptsQA-kcd8_medium", "KorMedConceptsQA-kcd8_hard", "KorMedConceptsQA-kcd8_merged", "KorMedConceptsQA-atc_easy", "KorMedConceptsQA-atc_medium", "KorMedConceptsQA-atc_hard", "MedQA"] | None = None,
        split: Literal["train", "all"],
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDataset: ...
    @overload
    def load(
        name: Literal["dahl_questions"],
        *,
        subset: None = None,
        split: None = None,
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> DatasetDict: ...
    @overload
    def load(
        name: Literal["dahl_questions"],
        *,
        subset: None = None,
        split: Literal["train", "all"],
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> Dataset: ...
    @overload
    def load(
        name: Literal["dahl_questions"],
        *,
        subset: None = None,
        split: None = None,
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDatasetDict: ...
    @overload
    def load(
        name: Literal["dahl_questions"],
        *,
        subset: None = None,
        split: Literal["train", "all"],
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDataset: ...
    @overload
    def load(
        name: Literal["disaster_reports"],
        *,
        subset: None = None,
        split: None = None,
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> DatasetDict: ...
    @overload
    def load(
        name: Literal["disaster_reports"],
        *,
        subset: None = None,
        split: Literal["train", "all"],
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> Dataset: ...
    @overload
    def load(
        name: Literal["disaster_reports"],
        *,
        subset: None = None,
        split: None = None,
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDatasetDict: ...
    @overload
    def load(
        name: Literal["disaster_reports"],
        *,
        subset: None = None,
        split: Literal["train", "all"],
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDataset: ...
    @overload
    def load(
        name: Literal["diseases_symptoms"],
        *,
        subset: None = None,
        split: None = None,
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> DatasetDict: ...
    @overload
    def load(
        name: Literal["diseases_symptoms"],
        *,
        subset: None = None,
        split: Literal["train", "all"],
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> Dataset: ...
    @overload
    def load(
        name: Literal["diseases_symptoms"],
        *,
        subset: None = None,
        split: None = None,
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDatasetDict: ...
    @overload
    def load(
        name: Literal["diseases_symptoms"],
        *,
        subset: None = None,
        split: Literal["train", "all"],
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDataset: ...
    @overload
    def load(
        name: Literal["extreme_firstaid"],
        *,
        subset: None = None,
        split: None = None,
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> DatasetDict: ...
    @overload
    def load(
        name: Literal["extreme_firstaid"],
        *,
        subset: None = None,
        split: Literal["train", "all"],
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> Dataset: ...
    @overload
    def load(
        name: Literal["extreme_firstaid"],
        *,
        subset: None = None,
        split: None = None,
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDatasetDict: ...
    @overload
    def load(
        name: Literal["extreme_firstaid"],
        *,
        subset: None = None,
        split: Literal["train", "all"],
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDataset: ...
    @overload
    def load(
        name: Literal["first_aid"],
        *,
        subset: None = None,
        split: None = None,
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> DatasetDict: ...
    @overload
    def load(
        name: Literal["first_aid"],
        *,
        subset: None = None,
        split: Literal["train", "all"],
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> Dataset: ...
    @overload
    def load(
        name: Literal["first_aid"],
        *,
        subset: None = None,
        split: None = None,
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDatasetDict: ...
    @overload
    def load(
        name: Literal["first_aid"],
        *,
        subset: None = None,
        split: Literal["train", "all"],
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDataset: ...
    @overload
    def load(
        name: Literal["ii_medical_reasoning"],
        *,
        subset: None = None,
        split: None = None,
        view: Literal["normalized", "raw", "qa"] = "normalized",
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> DatasetDict: ...
    @overload
    def load(
        name: Literal["ii_medical_reasoning"],
        *,
        subset: None = None,
        split: Literal["train", "all"],
        view: Literal["normalized", "raw", "qa"] = "normalized",
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> Dataset: ...
    @overload
    def load(
        name: Literal["ii_medical_reasoning"],
        *,
        subset: None = None,
        split: None = None,
        view: Literal["normalized", "raw", "qa"] = "normalized",
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDatasetDict: ...
    @overload
    def load(
        name: Literal["ii_medical_reasoning"],
        *,
        subset: None = None,
        split: Literal["train", "all"],
        view: Literal["normalized", "raw", "qa"] = "normalized",
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDataset: ...
    @overload
    def load(
        name: Literal["kbmc"],
        *,
        subset: None = None,
        split: None = None,
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> DatasetDict: ...
    @overload
    def load(
        name: Literal["kbmc"],
        *,
        subset: None = None,
        split: Literal["train", "all"],
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> Dataset: ...
    @overload
    def load(
        name: Literal["kbmc"],
        *,
        subset: None = None,
        split: None = None,
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDatasetDict: ...
    @overload
    def load(
        name: Literal["kbmc"],
        *,
        subset: None = None,
        split: Literal["train", "all"],
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDataset: ...
    @overload
    def load(
        name: Literal["khmer_medical_qa"],
        *,
        subset: Literal["default", "complete_augmented"] | None = None,
        split: None = None,
        view: Literal["normalized", "raw", "parallel"] = "normalized",
        variant: Literal["original", "paraphrase", "both"] | None = None,
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> DatasetDict: ...
    @overload
    def load(
        name: Literal["khmer_medical_qa"],
        *,
        subset: Literal["default", "complete_augmented"] | None = None,
        split: Literal["train", "all"],
        view: Literal["normalized", "raw", "parallel"] = "normalized",
        variant: Literal["original", "paraphrase", "both"] | None = None,
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> Dataset: ...
    @overload
    def load(
        name: Literal["khmer_medical_qa"],
        *,
        subset: Literal["default", "complete_augmented"] | None = None,
        split: None = None,
        view: Literal["normalized", "raw", "parallel"] = "normalized",
        variant: Literal["original", "paraphrase", "both"] | None = None,
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDatasetDict: ...
    @overload
    def load(
        name: Literal["khmer_medical_qa"],
        *,
        subset: Literal["default", "complete_augmented"] | None = None,
        split: Literal["train", "all"],
        view: Literal["normalized", "raw", "parallel"] = "normalized",
        variant: Literal["original", "paraphrase", "both"] | None = None,
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDataset: ...
    @overload
    def load(
        name: Literal["klue"],
        *,
        subset: Literal["ynat", "sts", "nli", "ner", "re", "dp", "mrc", "wos"] | None = None,
        split: None = None,
        view: Literal["normalized", "raw", "entities"] = "normalized",
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> DatasetDict: ...
    @overload
    def load(
        name: Literal["klue"],
        *,
        subset: Literal["ynat", "sts", "nli", "ner", "re", "dp", "mrc", "wos"] | None = None,
        split: Literal["train", "validation", "all"],
        view: Literal["normalized", "raw", "entities"] = "normalized",
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> Dataset: ...
    @overload
    def load(
        name: Literal["klue"],
        *,
        subset: Literal["ynat", "sts", "nli", "ner", "re", "dp", "mrc", "wos"] | None = None,
        split: None = None,
        view: Literal["normalized", "raw", "entities"] = "normalized",
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDatasetDict: ...
    @overload
    def load(
        name: Literal["klue"],
        *,
        subset: Literal["ynat", "sts", "nli", "ner", "re", "dp", "mrc", "wos"] | None = None,
        split: Literal["train", "validation", "all"],
        view: Literal["normalized", "raw", "entities"] = "normalized",
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDataset: ...
    @overload
    def load(
        name: Literal["kmmlu_medical"],
        *,
        subset: Literal["Health", "Biology", "Psychology", "Social-Welfare", "Public-Safety", "Food-Processing", "Agricultural-Sciences", "Ecology", "Chemistry", "hard", "pro", "redux"] | None = None,
        split: None = None,
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> DatasetDict: ...
    @overload
    def load(
        name: Literal["kmmlu_medical"],
        *,
        subset: Literal["Health", "Biology", "Psychology", "Social-Welfare", "Public-Safety", "Food-Processing", "Agricultural-Sciences", "Ecology", "Chemistry", "hard", "pro", "redux"] | None = None,
        split: Literal["train", "validation", "test", "all"],
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> Dataset: ...
    @overload
    def load(
        name: Literal["kmmlu_medical"],
        *,
        subset: Literal["Health", "Biology", "Psychology", "Social-Welfare", "Public-Safety", "Food-Processing", "Agricultural-Sciences", "Ecology", "Chemistry", "hard", "pro", "redux"] | None = None,
        split: None = None,
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDatasetDict: ...
    @overload
    def load(
        name: Literal["kmmlu_medical"],
        *,
        subset: Literal["Health", "Biology", "Psychology", "Social-Welfare", "Public-Safety", "Food-Processing", "Agricultural-Sciences", "Ecology", "Chemistry", "hard", "pro", "redux"] | None = None,
        split: Literal["train", "validation", "test", "all"],
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDataset: ...
    @overload
    def load(
        name: Literal["ko_ultrafeedback"],
        *,
        subset: None = None,
        split: None = None,
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> DatasetDict: ...
    @overload
    def load(
        name: Literal["ko_ultrafeedback"],
        *,
        subset: None = None,
        split: Literal["train", "all"],
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> Dataset: ...
    @overload
    def load(
        name: Literal["ko_ultrafeedback"],
        *,
        subset: None = None,
        split: None = None,
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDatasetDict: ...
    @overload
    def load(
        name: Literal["ko_ultrafeedback"],
        *,
        subset: None = None,
        split: Literal["train", "all"],
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDataset: ...
    @overload
    def load(
        name: Literal["koalpaca"],
        *,
        subset: Literal["v1.0", "v1.1a"] | None = None,
        split: None = None,
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> DatasetDict: ...
    @overload
    def load(
        name: Literal["koalpaca"],
        *,
        subset: Literal["v1.0", "v1.1a"] | None = None,
        split: Literal["train", "all"],
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> Dataset: ...
    @overload
    def load(
        name: Literal["koalpaca"],
        *,
        subset: Literal["v1.0", "v1.1a"] | None = None,
        split: None = None,
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDatasetDict: ...
    @overload
    def load(
        name: Literal["koalpaca"],
        *,
        subset: Literal["v1.0", "v1.1a"] | None = None,
        split: Literal["train", "all"],
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDataset: ...
    @overload
    def load(
        name: Literal["komedqa"],
        *,
        subset: None = None,
        split: None = None,
        view: Literal["normalized", "raw", "english", "parallel"] = "normalized",
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> DatasetDict: ...
    @overload
    def load(
        name: Literal["komedqa"],
        *,
        subset: None = None,
        split: Literal["train", "all"],
        view: Literal["normalized", "raw", "english", "parallel"] = "normalized",
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> Dataset: ...
    @overload
    def load(
        name: Literal["komedqa"],
        *,
        subset: None = None,
        split: None = None,
        view: Literal["normalized", "raw", "english", "parallel"] = "normalized",
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDatasetDict: ...
    @overload
    def load(
        name: Literal["komedqa"],
        *,
        subset: None = None,
        split: Literal["train", "all"],
        view: Literal["normalized", "raw", "english", "parallel"] = "normalized",
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDataset: ...
    @overload
    def load(
        name: Literal["komep"],
        *,
        subset: None = None,
        split: None = None,
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> DatasetDict: ...
    @overload
    def load(
        name: Literal["komep"],
        *,
        subset: None = None,
        split: Literal["train", "all"],
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> Dataset: ...
    @overload
    def load(
        name: Literal["komep"],
        *,
        subset: None = None,
        split: None = None,
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDatasetDict: ...
    @overload
    def load(
        name: Literal["komep"],
        *,
        subset: None = None,
        split: Literal["train", "all"],
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDataset: ...
    @overload
    def load(
        name: Literal["korean_medical_disputes"],
        *,
        subset: Literal["counselling", "counselling-utf-8", "appraisals", "appraisals-utf-8"] | None = None,
        split: None = None,
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> DatasetDict: ...
    @overload
    def load(
        name: Literal["korean_medical_disputes"],
        *,
        subset: Literal["counselling", "counselling-utf-8", "appraisals", "appraisals-utf-8"] | None = None,
        split: Literal["train", "all"],
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> Dataset: ...
    @overload
    def load(
        name: Literal["korean_medical_disputes"],
        *,
        subset: Literal["counselling", "counselling-utf-8", "appraisals", "appraisals-utf-8"] | None = None,
        split: None = None,
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDatasetDict: ...
    @overload
    def load(
        name: Literal["korean_medical_disputes"],
        *,
        subset: Literal["counselling", "counselling-utf-8", "appraisals", "appraisals-utf-8"] | None = None,
        split: Literal["train", "all"],
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDataset: ...
    @overload
    def load(
        name: Literal["korean_textbooks"],
        *,
        subset: Literal["tiny-textbooks", "ko_wikidata", "normal_instructions", "claude_evol", "code-alpaca", "helpsteer", "mmlu_abstract_algebra", "mmlu_anatomy", "mmlu_clinical_knowledge", "mmlu_college_medicine"] | None = None,
        split: None = None,
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> DatasetDict: ...
    @overload
    def load(
        name: Literal["korean_textbooks"],
        *,
        subset: Literal["tiny-textbooks", "ko_wikidata", "normal_instructions", "claude_evol", "code-alpaca", "helpsteer", "mmlu_abstract_algebra", "mmlu_anatomy", "mmlu_clinical_knowledge", "mmlu_college_medicine"] | None = None,
        split: Literal["train", "all"],
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> Dataset: ...
    @overload
    def load(
        name: Literal["korean_textbooks"],
        *,
        subset: Literal["tiny-textbooks", "ko_wikidata", "normal_instructions", "claude_evol", "code-alpaca", "helpsteer", "mmlu_abstract_algebra", "mmlu_anatomy", "mmlu_clinical_knowledge", "mmlu_college_medicine"] | None = None,
        split: None = None,
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDatasetDict: ...
    @overload
    def load(
        name: Literal["korean_textbooks"],
        *,
        subset: Literal["tiny-textbooks", "ko_wikidata", "normal_instructions", "claude_evol", "code-alpaca", "helpsteer", "mmlu_abstract_algebra", "mmlu_anatomy", "mmlu_clinical_knowledge", "mmlu_college_medicine"] | None = None,
        split: Literal["train", "all"],
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDataset: ...
    @overload
    def load(
        name: Literal["korean_wikipedia"],
        *,
        subset: Literal["20231101.ko", "lcw99-20240501"] | None = None,
        split: None = None,
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> DatasetDict: ...
    @overload
    def load(
        name: Literal["korean_wikipedia"],
        *,
        subset: Literal["20231101.ko", "lcw99-20240501"] | None = None,
        split: Literal["train", "all"],
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> Dataset: ...
    @overload
    def load(
        name: Literal["korean_wikipedia"],
        *,
        subset: Literal["20231101.ko", "lcw99-20240501"] | None = None,
        split: None = None,
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDatasetDict: ...
    @overload
    def load(
        name: Literal["korean_wikipedia"],
        *,
        subset: Literal["20231101.ko", "lcw99-20240501"] | None = None,
        split: Literal["train", "all"],
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDataset: ...
    @overload
    def load(
        name: Literal["kormedlawqa"],
        *,
        subset: None = None,
        split: None = None,
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> DatasetDict: ...
    @overload
    def load(
        name: Literal["kormedlawqa"],
        *,
        subset: None = None,
        split: Literal["train", "all"],
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> Dataset: ...
    @overload
    def load(
        name: Literal["kormedlawqa"],
        *,
        subset: None = None,
        split: None = None,
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDatasetDict: ...
    @overload
    def load(
        name: Literal["kormedlawqa"],
        *,
        subset: None = None,
        split: Literal["train", "all"],
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDataset: ...
    @overload
    def load(
        name: Literal["kormedmcqa"],
        *,
        subset: Literal["dentist", "doctor", "nurse", "pharm"] | None = None,
        split: None = None,
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> DatasetDict: ...
    @overload
    def load(
        name: Literal["kormedmcqa"],
        *,
        subset: Literal["dentist", "doctor", "nurse", "pharm"] | None = None,
        split: Literal["train", "validation", "test", "fewshot", "all"],
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> Dataset: ...
    @overload
    def load(
        name: Literal["kormedmcqa"],
        *,
        subset: Literal["dentist", "doctor", "nurse", "pharm"] | None = None,
        split: None = None,
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDatasetDict: ...
    @overload
    def load(
        name: Literal["kormedmcqa"],
        *,
        subset: Literal["dentist", "doctor", "nurse", "pharm"] | None = None,
        split: Literal["train", "validation", "test", "fewshot", "all"],
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDataset: ...
    @overload
    def load(
        name: Literal["kullm_v2"],
        *,
        subset: None = None,
        split: None = None,
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> DatasetDict: ...
    @overload
    def load(
        name: Literal["kullm_v2"],
        *,
        subset: None = None,
        split: Literal["train", "all"],
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> Dataset: ...
    @overload
    def load(
        name: Literal["kullm_v2"],
        *,
        subset: None = None,
        split: None = None,
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDatasetDict: ...
    @overload
    def load(
        name: Literal["kullm_v2"],
        *,
        subset: None = None,
        split: Literal["train", "all"],
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDataset: ...
    @overload
    def load(
        name: Literal["medical_o1_reasoning_ko"],
        *,
        subset: None = None,
        split: None = None,
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> DatasetDict: ...
    @overload
    def load(
        name: Literal["medical_o1_reasoning_ko"],
        *,
        subset: None = None,
        split: Literal["train", "all"],
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> Dataset: ...
    @overload
    def load(
        name: Literal["medical_o1_reasoning_ko"],
        *,
        subset: None = None,
        split: None = None,
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDatasetDict: ...
    @overload
    def load(
        name: Literal["medical_o1_reasoning_ko"],
        *,
        subset: None = None,
        split: Literal["train", "all"],
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDataset: ...
    @overload
    def load(
        name: Literal["medical_o1_reasoning_sft"],
        *,
        subset: Literal["en", "zh", "en_mix", "zh_mix"] | None = None,
        split: None = None,
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> DatasetDict: ...
    @overload
    def load(
        name: Literal["medical_o1_reasoning_sft"],
        *,
        subset: Literal["en", "zh", "en_mix", "zh_mix"] | None = None,
        split: Literal["train", "all"],
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> Dataset: ...
    @overload
    def load(
        name: Literal["medical_o1_reasoning_sft"],
        *,
        subset: Literal["en", "zh", "en_mix", "zh_mix"] | None = None,
        split: None = None,
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDatasetDict: ...
    @overload
    def load(
        name: Literal["medical_o1_reasoning_sft"],
        *,
        subset: Literal["en", "zh", "en_mix", "zh_mix"] | None = None,
        split: Literal["train", "all"],
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDataset: ...
    @overload
    def load(
        name: Literal["medical_o1_verifiable"],
        *,
        subset: None = None,
        split: None = None,
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> DatasetDict: ...
    @overload
    def load(
        name: Literal["medical_o1_verifiable"],
        *,
        subset: None = None,
        split: Literal["train", "all"],
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> Dataset: ...
    @overload
    def load(
        name: Literal["medical_o1_verifiable"],
        *,
        subset: None = None,
        split: None = None,
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDatasetDict: ...
    @overload
    def load(
        name: Literal["medical_o1_verifiable"],
        *,
        subset: None = None,
        split: Literal["train", "all"],
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDataset: ...
    @overload
    def load(
        name: Literal["medical_reasoning_kormedmcqa"],
        *,
        subset: None = None,
        split: None = None,
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> DatasetDict: ...
    @overload
    def load(
        name: Literal["medical_reasoning_kormedmcqa"],
        *,
        subset: None = None,
        split: Literal["train", "all"],
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> Dataset: ...
    @overload
    def load(
        name: Literal["medical_reasoning_kormedmcqa"],
        *,
        subset: None = None,
        split: None = None,
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDatasetDict: ...
    @overload
    def load(
        name: Literal["medical_reasoning_kormedmcqa"],
        *,
        subset: None = None,
        split: Literal["train", "all"],
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDataset: ...
    @overload
    def load(
        name: Literal["medical_training_dataset"],
        *,
        subset: None = None,
        split: None = None,
        view: Literal["normalized", "raw", "verbatim"] = "normalized",
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> DatasetDict: ...
    @overload
    def load(
        name: Literal["medical_training_dataset"],
        *,
        subset: None = None,
        split: Literal["train", "all"],
        view: Literal["normalized", "raw", "verbatim"] = "normalized",
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> Dataset: ...
    @overload
    def load(
        name: Literal["medical_training_dataset"],
        *,
        subset: None = None,
        split: None = None,
        view: Literal["normalized", "raw", "verbatim"] = "normalized",
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDatasetDict: ...
    @overload
    def load(
        name: Literal["medical_training_dataset"],
        *,
        subset: None = None,
        split: Literal["train", "all"],
        view: Literal["normalized", "raw", "verbatim"] = "normalized",
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDataset: ...
    @overload
    def load(
        name: Literal["medicationqa"],
        *,
        subset: None = None,
        split: None = None,
        view: Literal["normalized", "raw"] = "normalized",
        variant: Literal["as_written", "types_split"] | None = None,
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> DatasetDict: ...
    @overload
    def load(
        name: Literal["medicationqa"],
        *,
        subset: None = None,
        split: Literal["train", "all"],
        view: Literal["normalized", "raw"] = "normalized",
        variant: Literal["as_written", "types_split"] | None = None,
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> Dataset: ...
    @overload
    def load(
        name: Literal["medicationqa"],
        *,
        subset: None = None,
        split: None = None,
        view: Literal["normalized", "raw"] = "normalized",
        variant: Literal["as_written", "types_split"] | None = None,
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDatasetDict: ...
    @overload
    def load(
        name: Literal["medicationqa"],
        *,
        subset: None = None,
        split: Literal["train", "all"],
        view: Literal["normalized", "raw"] = "normalized",
        variant: Literal["as_written", "types_split"] | None = None,
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDataset: ...
    @overload
    def load(
        name: Literal["medmcqa"],
        *,
        subset: None = None,
        split: None = None,
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> DatasetDict: ...
    @overload
    def load(
        name: Literal["medmcqa"],
        *,
        subset: None = None,
        split: Literal["train", "validation", "test", "all"],
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> Dataset: ...
    @overload
    def load(
        name: Literal["medmcqa"],
        *,
        subset: None = None,
        split: None = None,
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDatasetDict: ...
    @overload
    def load(
        name: Literal["medmcqa"],
        *,
        subset: None = None,
        split: Literal["train", "validation", "test", "all"],
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDataset: ...
    @overload
    def load(
        name: Literal["medqa_usmle"],
        *,
        subset: Literal["5_options", "4_options", "4_options_hf"] | None = None,
        split: None = None,
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> DatasetDict: ...
    @overload
    def load(
        name: Literal["medqa_usmle"],
        *,
        subset: Literal["5_options", "4_options", "4_options_hf"] | None = None,
        split: Literal["train", "validation", "test", "all"],
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> Dataset: ...
    @overload
    def load(
        name: Literal["medqa_usmle"],
        *,
        subset: Literal["5_options", "4_options", "4_options_hf"] | None = None,
        split: None = None,
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDatasetDict: ...
    @overload
    def load(
        name: Literal["medqa_usmle"],
        *,
        subset: Literal["5_options", "4_options", "4_options_hf"] | None = None,
        split: Literal["train", "validation", "test", "all"],
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDataset: ...
    @overload
    def load(
        name: Literal["medrescue"],
        *,
        subset: None = None,
        split: None = None,
        view: Literal["normalized", "raw", "verbatim"] = "normalized",
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> DatasetDict: ...
    @overload
    def load(
        name: Literal["medrescue"],
        *,
        subset: None = None,
        split: Literal["train", "all"],
        view: Literal["normalized", "raw", "verbatim"] = "normalized",
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> Dataset: ...
    @overload
    def load(
        name: Literal["medrescue"],
        *,
        subset: None = None,
        split: None = None,
        view: Literal["normalized", "raw", "verbatim"] = "normalized",
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDatasetDict: ...
    @overload
    def load(
        name: Literal["medrescue"],
        *,
        subset: None = None,
        split: Literal["train", "all"],
        view: Literal["normalized", "raw", "verbatim"] = "normalized",
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDataset: ...
    @overload
    def load(
        name: Literal["namuwiki"],
        *,
        subset: Literal["namu", "heegyu", "heegyu-extracted"] | None = None,
        split: None = None,
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> DatasetDict: ...
    @overload
    def load(
        name: Literal["namuwiki"],
        *,
        subset: Literal["namu", "heegyu", "heegyu-extracted"] | None = None,
        split: Literal["train", "all"],
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> Dataset: ...
    @overload
    def load(
        name: Literal["namuwiki"],
        *,
        subset: Literal["namu", "heegyu", "heegyu-extracted"] | None = None,
        split: None = None,
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDatasetDict: ...
    @overload
    def load(
        name: Literal["namuwiki"],
        *,
        subset: Literal["namu", "heegyu", "heegyu-extracted"] | None = None,
        split: Literal["train", "all"],
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDataset: ...
    @overload
    def load(
        name: Literal["open_korean_instructions"],
        *,
        subset: Literal["koalpaca", "sharegpt_deepl_ko", "OIG-smallchip2-ko", "korquad-chat"] | None = None,
        split: None = None,
        view: Literal["normalized", "raw"] = "normalized",
        variant: Literal["context", "system"] | None = None,
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> DatasetDict: ...
    @overload
    def load(
        name: Literal["open_korean_instructions"],
        *,
        subset: Literal["koalpaca", "sharegpt_deepl_ko", "OIG-smallchip2-ko", "korquad-chat"] | None = None,
        split: Literal["train", "all"],
        view: Literal["normalized", "raw"] = "normalized",
        variant: Literal["context", "system"] | None = None,
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> Dataset: ...
    @overload
    def load(
        name: Literal["open_korean_instructions"],
        *,
        subset: Literal["koalpaca", "sharegpt_deepl_ko", "OIG-smallchip2-ko", "korquad-chat"] | None = None,
        split: None = None,
        view: Literal["normalized", "raw"] = "normalized",
        variant: Literal["context", "system"] | None = None,
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDatasetDict: ...
    @overload
    def load(
        name: Literal["open_korean_instructions"],
        *,
        subset: Literal["koalpaca", "sharegpt_deepl_ko", "OIG-smallchip2-ko", "korquad-chat"] | None = None,
        split: Literal["train", "all"],
        view: Literal["normalized", "raw"] = "normalized",
        variant: Literal["context", "system"] | None = None,
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDataset: ...
    @overload
    def load(
        name: Literal["oscar_ko"],
        *,
        subset: None = None,
        split: None = None,
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> DatasetDict: ...
    @overload
    def load(
        name: Literal["oscar_ko"],
        *,
        subset: None = None,
        split: Literal["train", "all"],
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> Dataset: ...
    @overload
    def load(
        name: Literal["oscar_ko"],
        *,
        subset: None = None,
        split: None = None,
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDatasetDict: ...
    @overload
    def load(
        name: Literal["oscar_ko"],
        *,
        subset: None = None,
        split: Literal["train", "all"],
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDataset: ...
    @overload
    def load(
        name: Literal["pubmedqa"],
        *,
        subset: Literal["pqa_labeled", "pqa_artificial", "pqa_unlabeled"] | None = None,
        split: None = None,
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> DatasetDict: ...
    @overload
    def load(
        name: Literal["pubmedqa"],
        *,
        subset: Literal["pqa_labeled", "pqa_artificial", "pqa_unlabeled"] | None = None,
        split: Literal["train", "all"],
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> Dataset: ...
    @overload
    def load(
        name: Literal["pubmedqa"],
        *,
        subset: Literal["pqa_labeled", "pqa_artificial", "pqa_unlabeled"] | None = None,
        split: None = None,
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDatasetDict: ...
    @overload
    def load(
        name: Literal["pubmedqa"],
        *,
        subset: Literal["pqa_labeled", "pqa_artificial", "pqa_unlabeled"] | None = None,
        split: Literal["train", "all"],
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDataset: ...
    @overload
    def load(
        name: Literal["symptom_to_diagnosis"],
        *,
        subset: None = None,
        split: None = None,
        view: Literal["normalized", "raw", "qa"] = "normalized",
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> DatasetDict: ...
    @overload
    def load(
        name: Literal["symptom_to_diagnosis"],
        *,
        subset: None = None,
        split: Literal["train", "test", "all"],
        view: Literal["normalized", "raw", "qa"] = "normalized",
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> Dataset: ...
    @overload
    def load(
        name: Literal["symptom_to_diagnosis"],
        *,
        subset: None = None,
        split: None = None,
        view: Literal["normalized", "raw", "qa"] = "normalized",
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDatasetDict: ...
    @overload
    def load(
        name: Literal["symptom_to_diagnosis"],
        *,
        subset: None = None,
        split: Literal["train", "test", "all"],
        view: Literal["normalized", "raw", "qa"] = "normalized",
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDataset: ...
    @overload
    def load(
        name: Literal["ultrachat_200k"],
        *,
        subset: None = None,
        split: None = None,
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> DatasetDict: ...
    @overload
    def load(
        name: Literal["ultrachat_200k"],
        *,
        subset: None = None,
        split: Literal["train", "test", "train_gen", "test_gen", "all"],
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> Dataset: ...
    @overload
    def load(
        name: Literal["ultrachat_200k"],
        *,
        subset: None = None,
        split: None = None,
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDatasetDict: ...
    @overload
    def load(
        name: Literal["ultrachat_200k"],
        *,
        subset: None = None,
        split: Literal["train", "test", "train_gen", "test_gen", "all"],
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDataset: ...
    @overload
    def load(
        name: Literal["wiki_medical_terms"],
        *,
        subset: None = None,
        split: None = None,
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> DatasetDict: ...
    @overload
    def load(
        name: Literal["wiki_medical_terms"],
        *,
        subset: None = None,
        split: Literal["train", "all"],
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[False] = False,
        **common: Unpack[Common],
    ) -> Dataset: ...
    @overload
    def load(
        name: Literal["wiki_medical_terms"],
        *,
        subset: None = None,
        split: None = None,
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDatasetDict: ...
    @overload
    def load(
        name: Literal["wiki_medical_terms"],
        *,
        subset: None = None,
        split: Literal["train", "all"],
        view: Literal["normalized", "raw"] = "normalized",
        streaming: Literal[True],
        **common: Unpack[Common],
    ) -> IterableDataset: ...
    @overload
    def load(  # names known at run time: mk.load(mk.source(name), ...)
        name: Source,
        *,
        subset: str | None = None,
        split: str | None = None,
        view: str = "normalized",
        variant: str | None = None,
        pairing: str | None = None,
        streaming: bool = False,
        **common: Unpack[Common],
    ) -> Any: ...
    def load(name: Any, **arguments: Any) -> Any:
        """See :func:`medqa_kit.loading.load.load`."""

else:
    from medqa_kit.loading.load import load

__all__ = ["load"]
