"""The window: the only room that imports PySide6 and pyqtgraph.

On Windows torch's libraries must be loaded before Qt's, or torch fails with ``WinError 1114``; that
takes a moment and no Python code of torch, so the import of torch itself can stay on a worker.
"""

import sys

if sys.platform == "win32":
    from latent_studio.ui.torch_libraries import preload_torch_libraries

    preload_torch_libraries()
