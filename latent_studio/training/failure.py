"""What a failed training says."""


def explain(error: Exception) -> str:
    """One sentence for a person."""
    lines = str(error).strip().splitlines()
    reason = (lines[0] if lines else type(error).__name__).rstrip(".")
    words = reason.lower()
    if isinstance(error, MemoryError) or "out of memory" in words or "allocate memory" in words:
        return (
            "There is not enough memory for this training. Resume it after closing other programs, "
            "or start one with a smaller batch, preset or resolution."
        )
    return f"The training failed: {reason}. Resume it from its last checkpoint."
