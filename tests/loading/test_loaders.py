"""The loaders at run time: one a source, plugins' included, with the source's own arguments."""

from __future__ import annotations

import inspect
import subprocess
import sys

import datasets
import pytest

import medqa_kit as mk
from medqa_kit.errors import ArgumentError, UnknownPartError


def test_there_is_a_loader_for_every_source() -> None:
    assert {source.name for source in mk.sources()} <= set(dir(mk.loaders))
    for source in mk.sources():
        loader = getattr(mk.loaders, source.name)
        assert source.title in inspect.getdoc(loader)
        words = inspect.signature(loader).parameters
        assert {choice.name for choice in source.choices} <= set(words)
        for subset in source.subsets:
            assert subset in loader.__doc__
            assert repr(subset) in str(words["subset"].annotation)


def test_a_loader_loads_what_load_does() -> None:
    where = {"subset": "doctor", "split": "test", "origin": "sample"}
    rows = mk.loaders.kormedmcqa(**where)
    assert type(rows) is datasets.Dataset
    assert list(rows) == list(mk.load("kormedmcqa", **where))
    both = mk.loaders.khmer_medical_qa(split="train", variant="both", origin="sample")
    chosen = mk.load(
        "khmer_medical_qa", split="train", choices={"variant": "both"}, origin="sample"
    )
    assert list(both) == list(chosen)
    assert set(mk.loaders.symptom_to_diagnosis(origin="sample")) == {"train", "test"}


def test_a_source_without_data_says_so() -> None:
    with pytest.raises(mk.errors.NoDataError):
        mk.loaders.who_bec_pdf()


@pytest.mark.parametrize(
    ("arguments", "error", "hint"),
    [
        ({"subst": "doctor"}, ArgumentError, "did you mean 'subset'"),
        ({"choices": {"variant": "both"}}, ArgumentError, "there is no argument 'choices'"),
        ({"varient": "both"}, ArgumentError, "did you mean 'variant'"),
        ({"variant": "btoh", "split": "train"}, UnknownPartError, "did you mean 'both'"),
    ],
)
def test_a_wrong_argument_leads_to_the_right_one(
    arguments: dict[str, object], error: type[Exception], hint: str
) -> None:
    with pytest.raises(error, match=hint):
        mk.loaders.khmer_medical_qa(**arguments, origin="sample")


def test_a_wrong_name_leads_to_the_right_one() -> None:
    with pytest.raises(AttributeError, match="did you mean 'kormedmcqa'"):
        _ = mk.loaders.KorMedMCQ


def test_importing_the_loaders_is_light() -> None:
    code = "import sys, medqa_kit as mk; mk.loaders; print('datasets' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
