"""The command line: one file a command over :mod:`latent_studio.jobs`.

Modules here import nothing heavy while they are loaded, so that ``--help`` answers at once; Qt is
imported inside ``gui`` only.
"""
