"""``pyarrow.compute``, imported when the first of its functions is used.

It makes and documents 280 functions as it is imported, a seventh of what a look at the catalogue costs.
The catalogue only names the functions of its sources; what it imports takes them from here::

    from medqa_kit.core.arrow import compute as pc
"""

from __future__ import annotations

from typing import Any


def __getattr__(name: str) -> Any:
    import pyarrow.compute  # late: see above

    value = getattr(pyarrow.compute, name)
    globals()[name] = value
    return value
