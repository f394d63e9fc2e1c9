"""Training: losses, penalties, weight average, the step, the loop, presets. Knows no window."""
