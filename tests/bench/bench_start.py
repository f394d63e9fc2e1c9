"""How long the window and its first picture take, from the start of the process.

    python tests/bench/bench_start.py [--model faces] [--repeats 5]

Each repeat is a new process with an empty home (offscreen unless a platform is chosen), with
compiled bytecode as an installed package has it (the first process, which is not counted, writes
it). The bar: first picture within 5 s on two cores.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time

CHILD = """
import os, sys, time
began = float(sys.argv[1])
from latent_studio.ui import app as window_app
from PySide6.QtCore import QTimer
app = window_app.create_app()
window = window_app.create_window(sys.argv[2])
app.processEvents()
print("window", time.time() - began, flush=True)
def shown(*_):
    print("picture", time.time() - began, flush=True)
    os._exit(0)
window.context.render.frame_shown.connect(shown)
QTimer.singleShot(60_000, lambda: os._exit(1))
app.exec()
"""


def once(model: str) -> dict[str, float]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        environment = {"QT_QPA_PLATFORM": "offscreen", **os.environ, "LATENT_STUDIO_HOME": home}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        done = subprocess.run(
            [sys.executable, "-c", CHILD, repr(time.time()), model],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
    rows = (line.split() for line in done.stdout.splitlines())
    return {row[0]: float(row[1]) for row in rows if len(row) == 2}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="", help="a file or a bundled model")
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    once(options.model)
    runs = [once(options.model) for _ in range(options.repeats)]
    for name in ("window", "picture"):
        values = [run[name] for run in runs]
        print(
            f"{name:8} median {statistics.median(values):.2f} s "
            f"(from {min(values):.2f} to {max(values):.2f})"
        )


if __name__ == "__main__":
    main()
