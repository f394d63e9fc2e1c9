"""How fast this machine is: every ratio from interleaved runs in one process."""

from latent_studio.jobs.bench.render import SIZES, bench_render
from latent_studio.jobs.bench.report import Report
from latent_studio.jobs.bench.train import bench_train

__all__ = ["SIZES", "Report", "bench_render", "bench_train"]
