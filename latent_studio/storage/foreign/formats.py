"""The foreign formats: one line here makes one available everywhere.

They are asked in this order, and each looks at what the file holds, never at its name.
"""

from latent_studio.storage.foreign import biggan, nvidia, nvidia_tf, pggan, plain, rosinality
from latent_studio.storage.foreign.base import Format

FORMATS: tuple[Format, ...] = (
    nvidia.FORMAT,
    nvidia_tf.FORMAT,
    rosinality.FORMAT,
    pggan.FORMAT,
    biggan.FORMAT,
    plain.FORMAT,
)
