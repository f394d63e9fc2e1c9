"""Measuring the model that is on the canvas, as a job that can be cancelled. Knows no widgets."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from latent_studio.errors import OptionError
from latent_studio.events import Emit, ignore
from latent_studio.mailbox import StopToken
from latent_studio.ui.i18n import tr

if TYPE_CHECKING:
    from latent_studio.jobs.evaluate import Evaluation
    from latent_studio.ui.context import Context

RANDOM, INCEPTION = "random", "inception"


class WeightsMissingError(OptionError):
    """Inception's weights are not on this computer; ``size`` in bytes."""

    def __init__(self, message: str, size: int) -> None:
        super().__init__(message)
        self.size = size


@dataclass(frozen=True)
class EvaluationRequest:
    """What to measure: a model file against data."""

    title: str
    model: str
    data: str
    metrics: tuple[str, ...] = ()
    samples: int = 1000
    features: str = RANDOM
    device: str = "auto"
    download: bool = False


def subject(context: "Context") -> tuple[str, str]:
    """Title and file of the model on the canvas; of a model in training its newest file. Empty
    texts without one.
    """
    model, history = context.state.model, context.training.history
    if model is None:
        return "", ""
    kimg = model.ref.kimg if model.ref.kind == "run" else None
    of_run = history.latest_snapshot() if kimg is None else history.snapshot_near(kimg)
    return model.title, model.path or of_run


def carry_out(
    request: EvaluationRequest, *, emit: Emit = ignore, token: StopToken | None = None
) -> "Evaluation":
    """For a worker.

    Raises
    ------
    WeightsMissingError
        They were asked for and may not be downloaded.
    StudioError
        The metrics can't be computed.
    Cancelled
        The token was stopped.
    """
    from latent_studio.jobs.evaluate import evaluate

    if request.features == INCEPTION and not request.download:
        _check_weights()
    return evaluate(
        request.model,
        request.data,
        request.metrics,
        samples=request.samples,
        features=request.features,
        download=request.download,
        device=request.device,
        emit=emit,
        token=token,
    )


def _check_weights() -> None:
    from latent_studio.metrics.inception_weights import FILE_NAME, SIZE
    from latent_studio.storage.paths import cache_dir

    if not (cache_dir() / "weights" / FILE_NAME).is_file():
        message = tr(
            "FID and the other metrics on Inception-v3 need its weights ({size:.0f} MB), which are "
            "not on this computer yet.",
            size=SIZE / 1e6,
        )
        raise WeightsMissingError(message, SIZE)


def as_text(found: "Evaluation") -> str:
    """The numbers as lines of a table, for a spreadsheet or a text."""
    facts = f"{found.model}\t{found.data}\t{found.samples} made\t{found.real} real"
    rows = [("metric", "value", "real", "better"), *table_rows(found)]
    return "\n".join([facts, *("\t".join(row[:4]) for row in rows)]) + "\n"


def table_rows(found: "Evaluation") -> "Sequence[tuple[str, ...]]":
    """Metric, value, that of real pictures, which way is better, what it means."""
    rows = []
    for reading in found.readings:
        if not reading.detail:
            yard = found.yardstick.get(reading.name)
            real = "" if yard is None else f"{yard:.4g}"
            rows.append(
                (reading.name, f"{reading.value:.4g}", real, reading.better, reading.meaning)
            )
    return rows
