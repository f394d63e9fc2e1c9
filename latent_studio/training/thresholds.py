"""The numbers from which on a training goes wrong. Nothing here needs torch."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Thresholds:
    """From which number on a training is said to go wrong, and why that number.

    Attributes
    ----------
    warmup
        Ticks at the beginning that are not judged: networks that know nothing look ill.
    patience
        Ticks in a row before an alarm, so that a swing of the game does not count.
    release
        Part of the threshold to which a number must return, as long, before the same alarm may
        come again.
    diversity, varied, slow_start
        ``1 - 1/2``: as if G knew two pictures; blurred faces still reach 0.75. Dense networks begin
        with a single blob and take their time to get out of it: a diversity that has never reached
        ``varied`` (two pictures of three) is missed after ``slow_start`` ticks, and only if it
        doesn't grow under a D that tells the blob from real pictures.
    strong_share, strong_certainty
        D's mean loss below 5 % of a guess (it gives the truth 96 to 97 %) while it errs on less
        than 2.5 % of either kind: next to nothing is left to learn from for G.
    strong_gap, weak_gap
        The gap at which generated pictures are visibly wrong: real ones blurred by a factor of 8
        have 0.13. Below, a D that separates them has merely good eyes, and a D that doesn't is
        blind because G is good.
    vanished
        Gradient of G relative to the largest one of the run: with 1 % of the gradient no optimiser
        but one that rescales moves at all.
    weak_share, weak_advantage
        D's loss is that of a guess within 2 %, or it errs on more than 47.5 %.
    overfit_sign, overfit_epochs, overfit_ticks
        r_t: the ADA paper keeps 0.6 and shows collapse from about 0.8 on; 0.85 is 92.5 % of the
        training pictures. Before 10 passes over the data nothing can be known by heart, and as long
        as the gap still got smaller in the last 10 ticks, D is strong rather than overfitted.
    exploded
        Scores and gradients relative to their median: ten times is no swing.
    score
        Mean score of an objective with a boundary: from 17 on, float32 rounds its sigmoid to 1.
    wild_share
        A D that is three times worse than a guess is sure, and wrong.
    doubling_ticks
        Weights whose mean square root doubles within so many ticks grow exponentially; by noise
        they grow with the root of time.
    burnt
        Half of the values that should be inside the range are at its ends.
    clipped
        Share of D's weights that a clip holds at its bound. A bound for now and then holds few; of
        a quarter D's function is made by the clip, no longer by what it learns (Gulrajani et al.
        2017, arXiv:1704.00028, section 3).
    stall_ticks, stall_share, stall_gap
        The best gap of so many ticks is not 5 % better than the best before, and far from good.
    """

    warmup: int = 5
    patience: int = 4
    release: float = 0.85
    diversity: float = 0.5
    varied: float = 0.65
    slow_start: int = 30
    strong_share: float = 0.05
    strong_certainty: float = 0.95
    strong_gap: float = 0.1
    vanished: float = 0.01
    weak_share: float = 0.98
    weak_advantage: float = 0.05
    weak_gap: float = 0.2
    overfit_sign: float = 0.85
    overfit_epochs: float = 10.0
    overfit_ticks: int = 10
    exploded: float = 10.0
    score: float = 50.0
    wild_share: float = 3.0
    doubling_ticks: int = 5
    burnt: float = 0.5
    clipped: float = 0.25
    stall_ticks: int = 30
    stall_share: float = 0.95
    stall_gap: float = 0.2

    @property
    def memory(self) -> int:
        """Ticks that have to be remembered."""
        return 2 * self.stall_ticks
