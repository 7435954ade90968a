"""The blackboard below .claude: task.md is read, work.md and the own Write Zone of the session context are written, nothing else."""

from opsmith.protocols.write_zone.settings import MODES, Mode
from opsmith.protocols.write_zone.validation import Report
from opsmith.protocols.write_zone.work import Done, run

__all__ = ["MODES", "Done", "Mode", "Report", "run"]
