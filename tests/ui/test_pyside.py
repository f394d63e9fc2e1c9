"""Faults of the binding that would end the program."""

import sys

from PySide6.QtCore import QObject, Signal


class Sender(QObject):
    told = Signal(bool)
    said = Signal(object)


def test_emitting_true_keeps_its_references(qapp) -> None:
    """PySide6 6.12.0 on Python 3.11 drops one at every emit and aborts after some hundreds."""
    sender, heard = Sender(), []
    sender.told.connect(heard.append)
    sender.said.connect(heard.append)
    sender.told.emit(True)
    before = sys.getrefcount(True)
    for _ in range(300):
        sender.told.emit(True)
        sender.said.emit(True)
        heard.clear()
    assert abs(sys.getrefcount(True) - before) < 100


def test_the_window_comes_before_torch() -> None:
    """Importing the window must not import torch (or what imports it)."""
    import subprocess

    code = "import sys, latent_studio.ui.app; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=110)
