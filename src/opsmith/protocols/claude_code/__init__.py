"""Claude Code: agents, hooks and a command for a project, and what the hooks answer."""
