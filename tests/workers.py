"""What a worker process does for the contracts of data sets: it is sent a source, and draws a batch."""

from datasets.batches import Observed
from foundation.randomness import stream


def batch(source: Observed, step: int) -> bytes:
    """The bytes of batch `step`."""
    return source.draw(8, stream(5, "data", step)).observations.numpy().tobytes()
