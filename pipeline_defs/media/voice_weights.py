"""The weights of the voice model, read from the file in the package Resemblyzer without PyTorch.

The file is a sequence of pickles followed by the numbers. It comes with a wheel whose hash is
pinned, and still nothing in it is run: of all names a pickle may ask for, only tensors, their
storage and ordered dictionaries are known.
"""

from __future__ import annotations

import pickle  # read by `_Tensors` alone, see above
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from pipeline_defs.domain.errors import Permanent

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PACKAGE, FILE = "resemblyzer", "pretrained.pt"
MAGIC = 0x1950A86A20F9469CFC6C  # of files that torch.save wrote before version 1.6
ITEM = 4  # bytes of a number


@dataclass(frozen=True, slots=True)
class _View:
    """A tensor as the file describes it: a storage by name and where in it the numbers are."""

    storage: str
    offset: int
    size: tuple[int, ...]
    stride: tuple[int, ...]


class _Tensors(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _view
        if (module, name) == ("torch", "FloatStorage"):
            return name
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        raise pickle.UnpicklingError(f"{module}.{name} has no place in a file of weights")

    def persistent_load(self, pid: Any) -> str:
        return str(pid[2])


def _view(
    storage: str, offset: int, size: tuple[int, ...], stride: tuple[int, ...], *_rest: Any
) -> _View:
    return _View(storage, offset, size, stride)


@cache
def voice_weights() -> Mapping[str, NDArray[np.float32]]:
    """Arrays by their name in the model.

    Raises Permanent `VOICE_MODEL_MISSING` where the package is not installed.
    """
    found = find_spec(PACKAGE)
    folders = found.submodule_search_locations if found is not None else None
    if not folders:
        raise Permanent(
            "VOICE_MODEL_MISSING", "the voice model is not installed", advice="Run `make setup`."
        )
    with (Path(folders[0]) / FILE).open("rb") as file:
        return _read(file)


def _read(file: IO[bytes]) -> Mapping[str, NDArray[np.float32]]:
    import numpy as np

    if _Tensors(file).load() != MAGIC:
        raise pickle.UnpicklingError("these are no weights")
    _Tensors(file).load()  # the version of the format
    _Tensors(file).load()  # the machine it was written on
    views: Mapping[str, _View] = _Tensors(file).load()["model_state"]
    storages: dict[str, NDArray[np.float32]] = {}
    for name in _Tensors(file).load():
        count = int.from_bytes(file.read(8), "little")
        storages[name] = np.frombuffer(file.read(count * ITEM), "<f4")
    return {name: _array(view, storages[view.storage]) for name, view in views.items()}


def _array(view: _View, storage: NDArray[np.float32]) -> NDArray[np.float32]:
    import numpy as np

    strides = [step * ITEM for step in view.stride]
    found = np.lib.stride_tricks.as_strided(storage[view.offset :], view.size, strides)
    return np.array(found, np.float32)
