"""Arrays of other libraries, taken over where they are: on a GPU they become CuPy's, else NumPy's."""

from __future__ import annotations

from typing import Any

import numpy as np

from groundspeed.engines.choice import EngineUnavailable, dlpack_device, is_cudf, on_cuda
from groundspeed.geometry.arrays import emulated

HOST = (1, 3, 11)
"""DLPack's kDLCPU, kDLCUDAHost and kDLROCMHost (pinned memory); see dlpack.h."""


def as_array(values: Any) -> Any:
    """A NumPy or CuPy array from any array-like, on the side where it lives; missing values become NaN.

    Nothing is copied that is one contiguous array without missing values: NumPy, CuPy, pandas, cuDF, Arrow,
    and whatever speaks `__cuda_array_interface__` or DLPack (PyTorch, JAX, TensorFlow ...).

    Raises:
        EngineUnavailable: values on a GPU, but no CuPy.
        TypeError: a DLPack array on a device that is neither a CPU nor NVIDIA's.
    """
    if type(values) is np.ndarray:
        return values
    if is_cudf(values):
        return _from_cudf(values)
    if hasattr(values, "__cuda_array_interface__"):
        return (emulated(values) or _cupy()).asarray(values)
    if np.ma.isMaskedArray(values):
        return np.ma.filled(values.astype(np.float64), np.nan)
    if on_cuda(values):
        return _cupy().from_dlpack(values)
    dtype = getattr(values, "dtype", None)
    if type(dtype).__module__.startswith("pandas") and getattr(dtype, "kind", "O") in "fiu":
        return _from_pandas(values)
    device = dlpack_device(values)
    return np.asarray(values) if device is None else _from_dlpack(values, device)


def _from_dlpack(values: Any, device: int) -> np.ndarray:
    if device not in HOST:
        raise TypeError(
            f"{type(values).__module__}.{type(values).__qualname__} lives on a device of DLPack type "
            f"{device}; expected host memory (1) or an NVIDIA GPU (2): copy it to the host first"
        )
    return np.asarray(values) if hasattr(values, "__array__") else np.from_dlpack(values)


def _from_cudf(values: Any) -> Any:
    """A series or index of numbers; only a series has nulls to count."""
    if not getattr(values, "null_count", 0):
        return values.values
    floats = values if values.dtype.kind == "f" else values.astype("float64")
    return floats.to_cupy(na_value=float("nan"))


def _from_pandas(values: Any) -> np.ndarray:
    """A nullable or Arrow-backed pandas series or index of numbers."""
    dtype = values.dtype.numpy_dtype
    if not values.isna().any():
        return values.to_numpy(dtype=dtype)
    return values.to_numpy(dtype=dtype if dtype.kind == "f" else np.float64, na_value=np.nan)


def _cupy() -> Any:
    try:
        import cupy
    except ImportError as error:
        raise EngineUnavailable(
            "values live on a GPU, which needs CuPy; install it with: pip install 'groundspeed[cuda13]' (or "
            "[cuda12]), or copy them to the host first"
        ) from error
    return cupy
