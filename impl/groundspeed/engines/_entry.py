"""The one function of a loop's object file: `void *entry(int64_t start, int64_t stop, PyObject *columns)`.

It takes a Python tuple of NumPy arrays and numbers and reads them where CPython and NumPy keep them, as
Numba's wrappers do with functions in C: a call costs a microsecond, however many columns there are. It
returns NULL, or Numba's description of the exception that the loop raised.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba.core import cgutils, types
from numba.np.arrayobj import populate_array

HEAD, ITEMS = object.__basicsize__, tuple.__basicsize__
"""Bytes before the first field of an object: of an array these are address, dimensions, shape and strides of
8 bytes each (NumPy's PyArrayObject_fields), of a NumPy number its value. And before the items of a tuple."""
DATA, SHAPE, STRIDES = HEAD, HEAD + 16, HEAD + 24


def entry_module(done: Any, name: str) -> ir.Module:
    """A module with the entry, which reads columns from a tuple and calls the loop.

    Args:
        done: Numba's `CompileResult` of the loop `(start, stop, *columns)`.
        name: of the entry.
    """
    context, described = done.target_context, done.fndesc
    module = context.create_module("entry")
    pointer, word = cgutils.voidptr_t, cgutils.intp_t
    entry = ir.Function(module, ir.FunctionType(pointer, [word, word, pointer]), name)
    builder = ir.IRBuilder(entry.append_basic_block())
    start, stop, items = entry.args
    columns = [
        _column(context, builder, kind, _load(builder, items, ITEMS + 8 * k, pointer))
        for k, kind in enumerate(described.argtypes[2:])
    ]
    kind = context.call_conv.get_function_type(described.restype, described.argtypes)
    loop = ir.Function(module, kind, described.llvm_func_name)
    status, _ = context.call_conv.call_function(
        builder, loop, described.restype, described.argtypes, [start, stop, *columns]
    )
    raised = builder.bitcast(status.excinfoptr, pointer)
    builder.ret(builder.select(status.is_error, raised, ir.Constant(pointer, None)))
    return module


def _load(builder: Any, base: Any, offset: int, kind: Any) -> Any:
    """What lies so many bytes behind an address."""
    return builder.load(builder.bitcast(cgutils.pointer_add(builder, base, offset), kind.as_pointer()))


def _column(context: Any, builder: Any, kind: Any, item: Any) -> Any:
    """The value, as Numba has it, of an item that is a NumPy array or number."""
    if not isinstance(kind, types.Array):
        return context.unpack_value(
            builder,
            kind,
            builder.bitcast(
                cgutils.pointer_add(builder, item, HEAD), context.get_data_type(kind).as_pointer()
            ),
        )
    array = context.make_array(kind)(context, builder)
    sizes = [_load(builder, item, offset, cgutils.voidptr_t) for offset in (SHAPE, STRIDES)]
    shape, strides = (
        [_load(builder, one, 8 * axis, cgutils.intp_t) for axis in range(kind.ndim)] for one in sizes
    )
    address = _load(builder, item, DATA, cgutils.voidptr_t)
    populate_array(
        array,
        data=builder.bitcast(address, array.data.type),
        shape=shape,
        strides=strides,
        itemsize=context.get_constant(types.intp, context.get_abi_sizeof(context.get_data_type(kind.dtype))),
        meminfo=None,
    )
    return array._getvalue()
