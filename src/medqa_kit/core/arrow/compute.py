"""``pyarrow.compute``, imported when the first of its functions is used.

``pyarrow.compute`` makes and documents 280 functions when it is imported, a seventh of the time that a look at
the catalogue takes. The catalogue calls no function of Arrow, so modules that it imports import this one instead::

    from medqa_kit.core.arrow import compute as pc
"""

from __future__ import annotations

from typing import Any


def __getattr__(name: str) -> Any:
    import pyarrow.compute  # late: see above

    value = getattr(pyarrow.compute, name)
    globals()[name] = value
    return value
