"""How good generated pictures are: features, then statistics, then one number.

The number steps (``frechet``, ``kernel``, ``inception_score``, ``manifold``, ``ssim``,
``path_length``, ``swd``) know arrays only and calculate in float64. ``features`` and ``inception``
turn pictures into features; ``registry`` names the metrics; ``evaluate`` draws pictures once and
computes all that are asked for.

Three rules keep the numbers honest. Only what is computed with the published Inception-v3 is called
FID; numbers of the random network carry ``random`` in their names. MS-SSIM with fewer than five
scales says how many. And many of these numbers depend on the count of pictures (a Fréchet distance
grows for small sets), so compare them for equal counts only.
"""
