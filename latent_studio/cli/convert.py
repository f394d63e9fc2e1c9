"""``latent-studio import``: models of other programs as models of this one."""

from pathlib import Path

import click

from latent_studio.cli import options
from latent_studio.cli.progress import running


@click.command("import")
@click.argument("foreign", type=options.FILE)
@options.out_option
@click.option("--half", is_flag=True, help="Store weights in 16 bits: half the size.")
@options.quiet_option
def command(foreign: Path, out: Path, half: bool, quiet: bool) -> None:
    """Write the model in FOREIGN as a .safetensors of this program.

    FOREIGN is a pickle of NVIDIA's StyleGAN2 or StyleGAN3 programs, a checkpoint of rosinality's
    stylegan2-pytorch or of the PyTorch GAN zoo, a BigGAN-deep (file or folder) or a state dict in
    one of their namings. It is told by what is in it, and no code in it is run.
    """
    from latent_studio.jobs.convert import import_model

    with running(quiet) as link:
        path = import_model(foreign, out, half=half, **link)
    options.wrote(path, quiet)
