"""``python -m latent_studio`` is the command ``latent-studio``."""

import sys

from latent_studio.cli.main import main

if __name__ == "__main__":
    if getattr(sys, "frozen", False):  # a program of one file begins other processes by itself
        from multiprocessing import freeze_support

        freeze_support()
    sys.exit(main())
