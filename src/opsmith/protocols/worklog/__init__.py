"""The worklog protocol: `pm/issues/NNN-words/WORKLOG.md`, one entry for each piece of work, the newest first."""
