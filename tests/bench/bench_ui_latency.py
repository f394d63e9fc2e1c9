"""A slider's move to its painted picture, and how late the main thread is, training or not.

    python tests/bench/bench_ui_latency.py [--model faces] [--seconds 20] [--no-training] [--live]
        [--preset stylegan2-64-cpu] [--data procedural-faces] [--threads 0] [--json FILE]

The same as ``latent-studio bench drag``: opens the real window (offscreen unless a platform is
chosen), moves a slider sixty times a second, with nothing beside it and with a real training. The
bars for the bundled model: p99 of the latency within 25 ms and 50 ms (training), p99 of the
lateness of a 5 ms timer within 16 ms.
"""

import sys

from latent_studio.cli.main import main

if __name__ == "__main__":
    sys.exit(main(["bench", "drag", *sys.argv[1:]]))
