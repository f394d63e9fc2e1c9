"""How long the window and its first picture take, from the start of the process, by stage.

    python tests/bench/bench_start.py [--model faces] [--repeats 5] [--json FILE]

The same as ``latent-studio bench startup``: each repeat is a new process with an empty home
(offscreen unless a platform is chosen), with compiled bytecode as an installed package has it. The
bars on two cores: window within 1.5 s, first picture within 4 s, no stall above 300 ms.
"""

import sys

from latent_studio.cli.main import main

if __name__ == "__main__":
    sys.exit(main(["bench", "startup", *sys.argv[1:]]))
