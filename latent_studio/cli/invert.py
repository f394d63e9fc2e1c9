"""``latent-studio invert``: photographs to scenes of a model."""

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from latent_studio.cli import options
from latent_studio.cli.progress import running
from latent_studio.cli.table import table

if TYPE_CHECKING:
    from latent_studio.jobs.invert import InvertedPhoto

HEAD = ("photo", "PSNR dB", "SSIM", "seconds", "file")


def _face(_context: click.Context, _option: click.Parameter, words: tuple[str, ...]) -> Any:
    from latent_studio.latent.alignment import parse_points

    return parse_points(" ".join(words)) if words else None


def _one_class(_context: click.Context, _option: click.Parameter, text: str | None) -> Any:
    return int(text) if text is not None and text.strip().isdecimal() else text


@click.command("invert")
@click.argument("photos", nargs=-1, required=True, type=options.FILE)
@options.model_option
@click.option(
    "--space",
    type=click.Choice(["w", "w+", "noise", "pti"]),
    default="w+",
    show_default=True,
    help="One vector; one a layer; these and noise maps; or one vector and tuned weights.",
)
@click.option(
    "-o",
    "--out",
    required=True,
    type=options.FILE,
    help="Folder for the PNGs; for one photograph, a .png file will do, too.",
)
@click.option(
    "--face",
    nargs=3,
    metavar="X,Y X,Y X,Y",
    callback=_face,
    help="Left eye, right eye and mouth in the photograph's pixels: aligns it. Else its centre.",
)
@click.option("--effort", type=float, default=1.0, show_default=True, help="Multiplies the steps.")
@click.option("--seed", type=options.SEED, default=0, show_default=True, help="Of the search.")
@click.option("--class", "--label", "label", callback=_one_class, help="Class: its name or number.")
@click.option(
    "--features",
    default="auto",
    show_default=True,
    metavar="auto|random|discriminator|lpips|none|FILE",
    help="What is compared beside the pixels; FILE has LPIPS's weights.",
)
@options.scale_options
@options.device_option
@options.quiet_option
def command(
    photos: tuple[Path, ...],
    model: str,
    space: Any,
    out: Path,
    face: Any,
    effort: float,
    seed: int,
    label: int | str | None,
    features: str,
    scale: int,
    upscaling: Any,
    device: str,
    quiet: bool,
) -> None:
    """Find photographs in a model: write PNGs that carry their scenes, and a table.

    Dropped on the window, such a PNG restores the found latent, ready to edit. PSNR and SSIM
    compare the photograph, aligned and at the model's size, with what was found. Ctrl-C keeps the
    best so far.
    """
    from latent_studio.jobs.invert import invert_photos
    from latent_studio.jobs.inverted_files import InvertedFiles
    from latent_studio.jobs.photos import Photo
    from latent_studio.latent.inversion.settings import InversionSettings

    if face is not None and len(photos) > 1:
        raise click.UsageError(
            "--face is of one photograph; name it alone.", click.get_current_context()
        )
    settings = InversionSettings(space, effort, seed)
    files = InvertedFiles.prepare(out, len(photos), scale=scale, upscaling=upscaling)
    listed = [Photo(path.expanduser(), face) for path in photos]
    rows: list[tuple[str, ...]] = []

    def done(found: "InvertedPhoto") -> None:
        path = files.write(found)
        rows.append(_row(found, path))

    with running(quiet) as link:
        invert_photos(
            model,
            listed,
            settings,
            done=done,
            label=label,
            features=features,
            derived=files.folder if space == "pti" else None,
            device=device,
            **link,
        )
        stopped = link["token"].stopped
    if not quiet:
        click.echo("\n".join(table(HEAD, rows)))
    if files.many:
        files.write_table(_csv(rows))
    if stopped:
        raise click.Abort
    if len(rows) < len(photos):
        raise click.ClickException(
            f"{len(photos) - len(rows)} of {len(photos)} photographs could not be used (see above)."
        )


def _row(found: "InvertedPhoto", path: Path) -> tuple[str, ...]:
    figures = found.figures
    return (
        found.photo.path.name,
        f"{figures.psnr:.2f}",
        f"{figures.ssim:.3f}",
        f"{found.seconds:.1f}" + (" (stopped)" if found.stopped else ""),
        str(path),
    )


def _csv(rows: list[tuple[str, ...]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([HEAD, *rows])
    return text.getvalue()
