"""The function that writes a record where heads say how much follows, as far as these have it in common."""

from __future__ import annotations

from typing import Any, cast

from .places import UNKNOWN
from .spelling import Headed
from .tree_saving import TreeSaving


class HeadedSaving(TreeSaving):
    """Writes one function."""

    def octets(self, data: str, size: Any) -> None:
        if size is UNKNOWN:
            self.value(f"octets(len({data}))")
            self.value(data)
        else:
            self.pieces.constant(cast(Headed, self.form).octets(size))
            self.pieces.add(data, size)
