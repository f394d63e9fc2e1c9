"""Checkpoints of other programs, read without running anything that is in them.

Container (pickle, PyTorch file old or new, safetensors) → plain values and records
(:mod:`~latent_studio.storage.foreign.content`) → a translator of the format, one file each
(:mod:`~latent_studio.storage.foreign.formats`) → our settings and tensors. The entrance is
:mod:`~latent_studio.storage.foreign.entrance`.
"""
