"""How much memory the process holds, counted cheaply enough to do it among a million inputs."""

import ctypes
import gc
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path


class _MallInfo(ctypes.Structure):
    """`struct mallinfo2` of glibc."""

    _fields_ = tuple(
        (name, ctypes.c_size_t)
        for name in (
            "arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks",
            "fordblks", "keepcost",
        )
    )  # fmt: skip


def _malloced() -> int:
    """Bytes that C code and large Python objects hold."""
    ask = getattr(ctypes.CDLL(None), "mallinfo2", None)
    if ask is None:  # not glibc: the resident size is coarser, but grows with a leak as well
        return int(Path("/proc/self/statm").read_text().split()[1]) * 4096
    ask.restype = _MallInfo
    found = ask()
    return int(found.uordblks + found.hblkhd)


@dataclass(frozen=True, slots=True)
class Held:
    """What is held: Python's small blocks (512 bytes at most each), and bytes from malloc."""

    blocks: int
    malloced: int

    def since(self, before: "Held") -> "Held":
        """The growth."""
        return Held(self.blocks - before.blocks, self.malloced - before.malloced)


def held() -> Held:
    """After everything that nobody refers to is collected."""
    for _ in range(3):
        if not gc.collect():
            break
    return Held(sys.getallocatedblocks(), _malloced())


def census() -> Counter[str]:
    """How many objects of each type there are: says what a leak consists of."""
    return Counter(type(each).__qualname__ for each in gc.get_objects())
