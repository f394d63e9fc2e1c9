"""Which of many snapshots to keep."""

import math
from collections.abc import Sequence


def choose_kept(
    kimgs: Sequence[float], sizes: Sequence[int], keep: int, cap_bytes: float
) -> set[int]:
    """Indices to keep: evenly spread over log(1 + kimg), with the first and the newest.

    Early training changes fastest, hence the logarithm. While there are too many, or too many
    bytes, the one goes whose neighbours lie closest together; so the choice is stable from call to
    call.

    Parameters
    ----------
    kimgs
        Ascending.
    sizes
        Bytes of each.
    keep
        At most so many (at least one).
    cap_bytes
        At most so many bytes; the newest stays whatever it weighs.
    """
    kept = list(range(len(kimgs)))
    while len(kept) > 1 and (len(kept) > keep or sum(sizes[i] for i in kept) > cap_bytes):
        if len(kept) == 2:
            kept.pop(0)
            continue
        logs = [math.log1p(kimgs[i]) for i in kept]
        gaps = [logs[j + 1] - logs[j - 1] for j in range(1, len(kept) - 1)]
        kept.pop(1 + gaps.index(min(gaps)))
    return set(kept)
