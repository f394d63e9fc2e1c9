"""The pages of *Discover directions*."""
