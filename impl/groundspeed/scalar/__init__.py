"""Scalar functions that CPU loops and CUDA kernels share: scalars in, scalars out, nothing but arithmetic."""
