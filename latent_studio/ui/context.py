"""What every dock and dialog is given: the few long-lived objects of the window."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from latent_studio.ui.desk import Desk
    from latent_studio.ui.drag_controller import DragController
    from latent_studio.ui.job_controller import JobController
    from latent_studio.ui.model_controller import ModelController
    from latent_studio.ui.notifications import Notifications
    from latent_studio.ui.render_controller import RenderController
    from latent_studio.ui.settings import Settings
    from latent_studio.ui.state import ExplorerState
    from latent_studio.ui.training_controller import TrainingController


@dataclass(eq=False)
class Context:
    """Owns nothing that paints; the window owns the context."""

    settings: "Settings"
    state: "ExplorerState"
    notifications: "Notifications"
    jobs: "JobController"
    render: "RenderController"
    models: "ModelController"
    training: "TrainingController"
    drag: "DragController" = None  # type: ignore[assignment] # the window puts it here
    desk: "Desk" = None  # type: ignore[assignment] # the window puts it here
