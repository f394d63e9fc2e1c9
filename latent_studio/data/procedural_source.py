"""Procedural faces as a source of images."""

import hashlib

import numpy as np

from latent_studio.data.annotations import Annotations
from latent_studio.data.decode import ImageFacts
from latent_studio.data.report import DataReport
from latent_studio.errors import DataError
from latent_studio.events import Emit, ignore
from latent_studio.mailbox import StopToken

PROCEDURAL_NAME = "procedural-faces"


class ProceduralSource:
    @classmethod
    def parse(cls, text: str) -> "ProceduralSource":
        raise DataError("not yet")
