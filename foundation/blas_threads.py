"""Import this before numpy: one thread for its linear algebra, unless the environment says otherwise.

Matrices of scores are thin: threads spend more time waiting for each other than working, the more so where processors are shared.
"""

import os

for name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
    os.environ.setdefault(name, "1")
