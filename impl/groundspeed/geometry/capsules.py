"""Arrow PyCapsules as an object that pyarrow's public constructors take."""

from __future__ import annotations

from typing import Any


class Capsules:
    """Hands over a schema capsule, and an array capsule if there is one; each can be taken once."""

    def __init__(self, schema: Any, array: Any = None):
        self.schema, self.array = schema, array

    def __arrow_c_schema__(self) -> Any:
        return self.schema

    def __arrow_c_array__(self, requested_schema: Any = None) -> tuple[Any, Any]:
        return self.schema, self.array
