"""The Write Zone protocol: `.claude/task.md` is read, `.claude/work.md` is written whole, and a short entry goes into the agent's own zone."""
