"""The window, measured from inside a process of its own: JSON on the last line of its output.

``latent_studio.jobs.bench`` starts these modules with ``python -m``.
"""
