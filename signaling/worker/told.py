"""What workers told of themselves (`WorkerPool.stats`), read by the node that they are on."""

from collections.abc import Iterator, Mapping
from typing import Any


def without_legs(told: Mapping[str, Any]) -> dict[str, Any]:
    """What a server may know of the workers: nothing of single legs, which may be another's."""
    return {
        "workers": [
            worker and {name: value for name, value in worker.items() if name != "legs"}
            for worker in told["workers"]
        ]
    }


def legs_in(told: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every leg of every worker that answered, by its id."""
    for worker in told["workers"]:
        if worker is not None:
            yield from worker["legs"].items()
