"""How fast this machine is: every ratio from interleaved runs in one process."""

from latent_studio.jobs.bench.render import SIZES, bench_render
from latent_studio.jobs.bench.report import Report
from latent_studio.jobs.bench.train import bench_train
from latent_studio.jobs.bench.window import bench_drag, bench_startup

__all__ = ["SIZES", "Report", "bench_drag", "bench_render", "bench_startup", "bench_train"]
