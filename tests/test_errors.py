"""Errors have a place, what was expected and found, and a hint; and they travel."""

from __future__ import annotations

import inspect
import pickle

import pytest

from medqa_kit import errors

CLASSES = [
    cls
    for _, cls in inspect.getmembers(errors, inspect.isclass)
    if issubclass(cls, errors.MedQAError) and cls is not errors.MissingExtraError
]


def make(cls: type[errors.MedQAError]) -> errors.MedQAError:
    rows = {"rows": [3, 5]} if issubclass(cls, errors.RowError) else {}
    return cls("it is so", expected="this", found="that", hint="do so", source="demo",
               part="train", file="a.csv", row=7, row_id="demo/7", column="key", **rows)  # fmt: skip


@pytest.mark.parametrize("cls", CLASSES)
def test_errors_survive_pickling(cls: type[errors.MedQAError]) -> None:
    error = make(cls)
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is cls
    assert str(again) == str(error)
    assert vars(again) == vars(error)


def test_a_missing_extra_survives_pickling_and_names_the_command() -> None:
    error = pickle.loads(
        pickle.dumps(errors.MissingExtraError("openpyxl", "xlsx", need="reading .xlsx"))
    )
    assert "pip install 'medqa_kit[xlsx]'" in str(error)


def test_the_text_has_three_parts() -> None:
    assert str(make(errors.LabelError)).splitlines() == [
        "source 'demo', part 'train', file 'a.csv', row 8, id 'demo/7', column 'key': it is so.",
        "  expected: this",
        "  found:    that",
        "Hint: do so.",
    ]


def test_an_error_without_a_place_begins_with_what_is_wrong() -> None:
    assert (
        str(errors.FormatError("this is no table", hint="")).splitlines()[0] == "this is no table."
    )


def test_a_place_is_filled_in_once() -> None:
    error = errors.MedQAError("it is so", source="near").at(source="far", file="a.csv")
    assert (error.source, error.file) == ("near", "a.csv")


def test_the_tree_in_the_docstring_is_the_tree() -> None:
    for cls in [*CLASSES, errors.MissingExtraError]:
        assert cls.__name__ in errors.__doc__, f"draw {cls.__name__} in the docstring"


def test_long_values_are_cut() -> None:
    assert len(errors.shorten(["x" * 1000])) < 100


@pytest.mark.parametrize("cls", [*CLASSES, errors.MissingExtraError])
def test_every_class_has_a_builtin_base(cls: type[errors.MedQAError]) -> None:
    builtin = (ValueError, LookupError, OSError, ImportError)
    assert cls is errors.MedQAError or issubclass(cls, builtin)


def test_what_is_printed_moves_no_cursor() -> None:
    error = errors.FormatError("bad \x1b[2J name", found="\x07", file="a\x1b.csv")
    assert not {"\x1b", "\x07"} & set(str(error))
