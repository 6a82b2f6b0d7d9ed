"""GPU architectures, and how many warps of a kernel fit on one of their multiprocessors.

Source: NVIDIA, "CUDA C++ Programming Guide", appendix "Compute Capabilities", table "Technical Specifications
per Compute Capability"; allocation units from the occupancy calculator of Nsight Compute.
"""

from __future__ import annotations

from dataclasses import dataclass

WARP = 32
REGISTERS = 65_536  # per multiprocessor, the same for all
PARTITIONS = 4  # of a multiprocessor; each holds a quarter of the registers
REGISTER_UNIT = 256  # registers are given to a warp in such steps


@dataclass(frozen=True)
class Architecture:
    """Limits of one multiprocessor.

    Attributes:
        name: e.g. `"sm_90"`.
        capability: compute capability.
        warps: resident warps, at most.
        blocks: resident blocks, at most.
        shared: bytes of shared memory.
        shared_unit: bytes in steps of which shared memory is given to a block.
        shared_reserved: bytes of it that the system takes per block.
        example: a GPU of this architecture.
    """

    name: str
    capability: tuple[int, int]
    warps: int
    blocks: int
    shared: int
    shared_unit: int
    shared_reserved: int
    example: str


ARCHITECTURES = {
    architecture.name: architecture
    for architecture in (
        Architecture("sm_75", (7, 5), 32, 16, 64 << 10, 256, 0, "T4"),
        Architecture("sm_80", (8, 0), 64, 32, 164 << 10, 128, 1024, "A100"),
        Architecture("sm_86", (8, 6), 48, 16, 100 << 10, 128, 1024, "A10"),
        Architecture("sm_89", (8, 9), 48, 24, 100 << 10, 128, 1024, "L4"),
        Architecture("sm_90", (9, 0), 64, 32, 228 << 10, 128, 1024, "H100"),
        Architecture("sm_100", (10, 0), 64, 32, 228 << 10, 128, 1024, "B200"),
        Architecture("sm_120", (12, 0), 48, 24, 100 << 10, 128, 1024, "RTX 5090"),
    )
}


def occupancy(architecture: Architecture, registers: int, shared: int, block: int) -> float:
    """Share of the resident warps that a kernel can fill, in [0, 1].

    Args:
        architecture: whose multiprocessor.
        registers: per thread.
        shared: bytes per block.
        block: threads per block.

    Examples:
        >>> occupancy(ARCHITECTURES["sm_90"], registers=32, shared=0, block=256)
        1.0
        >>> occupancy(ARCHITECTURES["sm_90"], registers=46, shared=0, block=256)
        0.625
        >>> occupancy(ARCHITECTURES["sm_75"], registers=32, shared=40_000, block=256)
        0.25
    """
    warps = _steps(block, WARP)
    per_warp = _steps(registers * WARP, REGISTER_UNIT) * REGISTER_UNIT
    by_registers = REGISTERS // PARTITIONS // max(per_warp, 1) * PARTITIONS // warps
    per_block = (
        _steps(shared + architecture.shared_reserved, architecture.shared_unit) * architecture.shared_unit
    )
    by_shared = architecture.shared // per_block if per_block else architecture.blocks
    resident = min(architecture.blocks, architecture.warps // warps, by_registers, by_shared)
    return resident * warps / architecture.warps


def _steps(amount: int, unit: int) -> int:
    return -(-amount // unit)
