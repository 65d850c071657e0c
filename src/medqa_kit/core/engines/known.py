"""Recognise rows of an engine without importing the engine."""

from __future__ import annotations

from typing import Any, TypeAlias

from medqa_kit.core.engines.ray_rows import RayRows
from medqa_kit.core.engines.spark_rows import SparkRows

EngineRows: TypeAlias = RayRows | SparkRows
"""Rows that an engine holds."""


def engine_rows(rows: Any) -> EngineRows | None:
    """Return the rows of a Ray data set or a Spark frame; ``None`` for anything else.

    Example:
        >>> engine_rows([{"id": "a"}]) is None
        True
    """
    homes = {(kind.__module__.split(".")[0], kind.__name__) for kind in type(rows).__mro__}
    if ("ray", "Dataset") in homes:
        return RayRows(rows)
    return SparkRows(rows) if ("pyspark", "DataFrame") in homes else None
