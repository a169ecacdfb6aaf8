"""Does RICAP do what is said of it? Several networks over a whole validation set, in numbers with intervals.

`measures`, `record` and `verdicts` need no torch; `collect` measures.
"""

from .measures import MEASURES, Measure
from .record import Evidence, Network, list_evidence, read_evidence

__all__ = ["MEASURES", "Evidence", "Measure", "Network", "list_evidence", "read_evidence"]
