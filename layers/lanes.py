"""How many labels are handled at once: vector primitives on one row of labels, as LLVM instructions for numba.

A *row* is ``int32`` labels of one node, one per lane: sixteen (64 bytes, one cache line), or thirty-two where a row is
*wide*. Written as instructions because the compiler does not find them in a loop over the lanes; any processor LLVM
knows will do, AVX2 has eight lanes to a register. No function checks its bounds: rows must lie inside the array.
"""

# mypy: disable-error-code="untyped-decorator"
# ruff: noqa: ARG001 - the arguments are named for the compiler, which passes their types

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic
from numpy.typing import NDArray

LANES = 16
WIDE = 32
_I32, _I64, _F64 = ir.IntType(32), ir.IntType(64), ir.DoubleType()


def rows_of(count: int, value: int) -> NDArray[np.int32]:
    """Return ``count`` rows filled with ``value``, each on a cache line of its own: (count, 16) int32."""
    rows = blank_rows(count)
    rows.fill(value)
    return rows


def blank_rows(count: int, *, lanes: int = LANES) -> NDArray[np.int32]:
    """Return ``count`` rows with anything in them; memory is taken only as they are written."""
    flat = np.empty(count * lanes + LANES, np.int32)
    start = (-flat.ctypes.data % 64) // 4
    return flat[start : start + count * lanes].reshape(count, lanes)


def _address(builder: Any, place: tuple[Any, Any, Any], row: Any, *, kind: Any) -> Any:
    """Return the address of a row; ``place`` is the context, the array's type and the array."""
    context, array_type, array = place
    data = context.make_array(array_type)(context, builder, array).data
    first = builder.gep(data, [builder.mul(row, ir.Constant(_I64, kind.count))])
    return builder.bitcast(first, kind.as_pointer())


def _load(builder: Any, address: Any) -> Any:
    value = builder.load(address)
    value.align = 4
    return value


def _store(builder: Any, value: Any, address: Any) -> None:
    builder.store(value, address).align = 4


def _spread(builder: Any, scalar: Any, *, lanes: int) -> Any:
    nothing = ir.Constant(ir.VectorType(scalar.type, lanes), ir.Undefined)
    one = builder.insert_element(nothing, scalar, ir.Constant(_I32, 0))
    return builder.shuffle_vector(one, nothing, ir.Constant(ir.VectorType(_I32, lanes), [0] * lanes))


def _improving(lanes: int) -> Any:
    """Make ``improves`` for rows of so many lanes."""
    kind, bits = ir.VectorType(_I32, lanes), types.uint16 if lanes == LANES else types.uint32

    @intrinsic
    def improves(_typing: Any, labels: Any, near: Any, far: Any, ticks: Any) -> Any:
        """Return a bit for each lane where ``labels[near] + ticks < labels[far]``; nothing is written."""

        def generate(context: Any, builder: Any, _signature: Any, args: Any) -> Any:
            place = (context, labels, args[0])
            start = _load(builder, _address(builder, place, args[1], kind=kind))
            end = _load(builder, _address(builder, place, args[2], kind=kind))
            offered = builder.add(start, _spread(builder, args[3], lanes=lanes))
            return builder.bitcast(builder.icmp_signed("<", offered, end), ir.IntType(lanes))

        return bits(labels, types.int64, types.int64, types.int32), generate

    return improves


def _relaxing(lanes: int) -> Any:
    """Make ``relax`` for rows of so many lanes."""
    kind = ir.VectorType(_I32, lanes)

    @intrinsic
    def relax(_typing: Any, labels: Any, near: Any, far: Any, ticks: Any) -> Any:
        """``labels[far] = min(labels[far], labels[near] + ticks)``, lane by lane."""

        def generate(context: Any, builder: Any, _signature: Any, args: Any) -> Any:
            place = (context, labels, args[0])
            start = _load(builder, _address(builder, place, args[1], kind=kind))
            address = _address(builder, place, args[2], kind=kind)
            end = _load(builder, address)
            offered = builder.add(start, _spread(builder, args[3], lanes=lanes))
            _store(builder, builder.select(builder.icmp_signed("<", offered, end), offered, end), address)
            return context.get_dummy_value()

        return types.void(labels, types.int64, types.int64, types.int32), generate

    return relax


improves, improves_wide = _improving(LANES), _improving(WIDE)
relax, relax_wide = _relaxing(LANES), _relaxing(WIDE)


@intrinsic
def within(_typing: Any, labels: Any, row: Any, limit: Any) -> Any:
    """Return a bit for each lane of a wide row where ``labels[row] <= limit`` (uint32)."""
    signature = types.uint32(labels, types.int64, types.int32)

    def generate(context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        kind = ir.VectorType(_I32, WIDE)
        value = _load(builder, _address(builder, (context, labels, args[0]), args[1], kind=kind))
        return builder.bitcast(builder.icmp_signed("<=", value, _spread(builder, args[2], lanes=WIDE)), _I32)

    return signature, generate


@intrinsic
def add_where(_typing: Any, sums: Any, row: Any, bits: Any, value: Any) -> Any:
    """``sums[row, lane] += value`` where the lane's bit is set; wide rows of float64 or int32, as the array is."""
    signature = types.void(sums, types.int64, types.uint32, sums.dtype)
    real = sums.dtype == types.float64

    def generate(context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        kind = ir.VectorType(_F64 if real else _I32, WIDE)
        address = _address(builder, (context, sums, args[0]), args[1], kind=kind)
        chosen = builder.bitcast(args[2], ir.VectorType(ir.IntType(1), WIDE))
        added = builder.select(
            chosen, _spread(builder, args[3], lanes=WIDE), ir.Constant(kind, [0.0 if real else 0] * WIDE)
        )
        add = builder.fadd if real else builder.add
        _store(builder, add(_load(builder, address), added), address)
        return context.get_dummy_value()

    return signature, generate
