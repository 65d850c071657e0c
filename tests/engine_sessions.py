"""Sessions of Ray and Spark, small enough for a test."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

MARKS = [
    pytest.mark.engines,
    pytest.mark.timeout(900),  # a start takes up to a minute
    # of the engines themselves
    pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning", "ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
]  # fmt: skip


@contextmanager
def ray_session() -> Iterator[Any]:
    """Start Ray, and stop it; the package is what the block gets."""
    pytest.importorskip("ray")
    import ray
    import ray.data

    os.environ["RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO"] = "0"
    ray.init(num_cpus=2, object_store_memory=300 << 20, include_dashboard=False, log_to_driver=False,
             logging_level="ERROR", configure_logging=False)  # fmt: skip
    ray.data.DataContext.get_current().enable_progress_bars = False
    yield ray
    ray.shutdown()


@contextmanager
def spark_session() -> Iterator[Any]:
    """Start Spark, and stop it; the session is what the block gets."""
    pytest.importorskip("pyspark")
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable
    session = (
        SparkSession.builder.master("local[2]")
        .config("spark.driver.memory", "1g").config("spark.ui.enabled", "false")
        .config("spark.driver.bindAddress", "127.0.0.1").config("spark.driver.host", "127.0.0.1")
        .config("spark.log.level", "ERROR")
        # Few rows need few tasks, and code that runs for seconds is not worth the best compiler.
        .config("spark.sql.shuffle.partitions", "8")
        .config("spark.driver.extraJavaOptions", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC").getOrCreate()
    )  # fmt: skip
    yield session
    session.stop()
