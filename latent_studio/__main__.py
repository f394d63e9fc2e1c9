"""``python -m latent_studio`` is the command ``latent-studio``."""

import sys

from latent_studio.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
