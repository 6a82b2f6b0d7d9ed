"""No kernels."""
