"""netCDF 3 and 4 by the library that all others are measured by.

It is written in C and made for files of friends, so a stranger's file goes through `headers.apart`.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from oceankg.errors import HeaderError, HeaderTooLargeError
from oceankg.headers.contract import MAX_DEPTH, MAX_VALUES, Builder, Header

MAGIC = (b"CDF\x01", b"CDF\x02", b"CDF\x05")
HDF5 = b"\x89HDF\r\n\x1a\n"
# So many bytes show whether a file is netCDF.
SIGHT = 8192 + len(HDF5)
_KINDS = {
    "i1": "byte",
    "u1": "ubyte",
    "i2": "short",
    "u2": "ushort",
    "i4": "int",
    "u4": "uint",
    "i8": "int64",
    "u8": "uint64",
    "f4": "float",
    "f8": "double",
    "S1": "char",
}


def is_netcdf(content: bytes) -> bool:
    """Whether bytes begin as netCDF 3, or as HDF5, which may follow a block of its user."""
    if content.startswith(MAGIC):
        return True
    return any(content.startswith(HDF5, at) for at in (0, 512, 1024, 2048, 4096, 8192))


def load_library() -> Callable[..., Any]:
    """What opens a file; imported late, because that takes longer than reading most texts."""
    from netCDF4 import Dataset

    opener: Callable[..., Any] = Dataset
    return opener


def read(file: str, content: bytes) -> Header:
    """The header of a netCDF file in memory."""
    return _opened(file, {"filename": "header.nc", "memory": content})


def read_path(path: Path) -> Header:
    """The header of a netCDF file on disk; its data are not read, so it may be of any size."""
    return _opened(path.name, {"filename": str(path.absolute())})


def _opened(file: str, how: dict[str, Any]) -> Header:
    open_ = load_library()
    try:
        with warnings.catch_warnings():
            # It warns of types that it does not know; such variables are left out.
            warnings.simplefilter("ignore")
            dataset = open_(mode="r", **how)
            try:
                return _header(file, dataset)
            finally:
                dataset.close()
    except MemoryError as error:
        raise HeaderTooLargeError(
            "opening it takes too much memory", file=file, remedy="send its CDL (ncdump -h)"
        ) from error
    except HeaderError:
        raise
    # The library raises whatever its C part and its attributes give it.
    except Exception as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise HeaderError(
            f"the netCDF library cannot read it ({reason[:200]})",
            file=file,
            place="header",
            remedy="send the file whole; ncdump -h shows whether it can be read",
        ) from error


def _header(file: str, dataset: Any) -> Header:  # noqa: ANN401  (the library has no types)
    builder = Builder(file, f"netCDF {3 if dataset.data_model.startswith('NETCDF3') else 4}")
    waiting = [("", dataset)]
    while waiting:
        path, group = waiting.pop(0)
        if path.count("/") > MAX_DEPTH:
            raise HeaderTooLargeError(
                f"groups stand more than {MAX_DEPTH} deep", file=file, remedy="send fewer"
            )
        for name, dimension in group.dimensions.items():
            builder.dimension(_in(path, name), None if dimension.isunlimited() else dimension.size)
        for name in group.ncattrs():
            builder.attribute(f"{path}/{name}" if path else name, _value(group, name))
        for name, variable in group.variables.items():
            where = _in(path, name)
            builder.variable(where, _type(variable), variable.dimensions)
            for attribute in variable.ncattrs():
                builder.attribute(attribute, _value(variable, attribute), where)
        waiting += [(f"{path}/{name}", inner) for name, inner in group.groups.items()]
    return builder.header()


def _type(variable: Any) -> str:  # noqa: ANN401
    if variable.dtype is str:
        return "string"
    kind = variable.datatype
    name = getattr(kind, "name", "") if not hasattr(kind, "itemsize") else ""
    return name or _KINDS.get(getattr(kind, "str", "")[1:], "opaque")


def _value(owner: Any, name: str) -> object:  # noqa: ANN401
    try:
        raw = owner.getncattr(name)
    except (KeyError, ValueError, TypeError, RuntimeError, AttributeError, OSError):
        # Of a type that the library does not know, which says nothing to us either.
        return None
    if isinstance(raw, (str, list, tuple)):
        return raw
    kind = getattr(getattr(raw, "dtype", None), "str", "")[1:]
    if kind not in _KINDS:
        return None
    values: Iterable[Any] = raw.ravel()[:MAX_VALUES]
    # The shortest text of a single-precision number is what its writer wrote.
    return [float(str(v)) if kind == "f4" else v.item() for v in values]


def _in(path: str, name: str) -> str:
    return f"{path}/{name}" if path else name
