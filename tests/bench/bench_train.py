"""Training speed against a plain loop of the same networks and the same maths.

    python tests/bench/bench_train.py [--preset stylegan2-64-cpu] [--repeats 6] [--json FILE]

The same as ``latent-studio bench train``; the plain loop is ``reference_training.py`` with the
networks of ``reference.py``.
"""

import sys

from latent_studio.cli.main import main

if __name__ == "__main__":
    sys.exit(main(["bench", "train", *sys.argv[1:]]))
