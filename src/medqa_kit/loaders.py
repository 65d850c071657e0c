"""One loader a source: ``mk.loaders.kormedmcqa(subset="doctor", split="train")``.

Type checkers and editors read ``loaders.pyi``, which ``tools/write_loaders.py`` writes: there each
loader has the subsets, splits, views and choices of its source as types, and the type of its rows
in the result. At run time the sources of other packages are here, too; checkers know them through
``mk.load(name)``.

Example:
    >>> import medqa_kit as mk
    >>> exam = mk.loaders.kormedmcqa(subset="doctor", split="test", origin="sample")
    >>> exam[0]["answer"]
    '비타민 C'
"""

from __future__ import annotations

from typing import Any

from medqa_kit.catalog import registry
from medqa_kit.core.arguments import did_you_mean

_TYPES = ("RowDataset", "RowDatasetDict", "RowIterableDataset", "RowIterableDatasetDict")


def __getattr__(name: str) -> Any:
    if name in _TYPES:
        from medqa_kit.loading import row_datasets

        return getattr(row_datasets, name)
    if name.startswith("_"):  # what tools ask any module for: no source is called so
        raise AttributeError(name)
    if name not in registry.names():
        near = did_you_mean(name, registry.names())
        raise AttributeError(f"there is no loader {name!r}; {near or 'mk.sources() lists all'}")
    from medqa_kit.loading.loader import Loader

    return Loader(registry.source(name))  # not kept: a source may be registered anew


def __dir__() -> list[str]:
    return [*registry.names(), *_TYPES]
