"""The names of the five agents: the worker and its wrapper in hive-mind sessions, of the queue, of the worklog, and of the Write Zone."""

AGENTS = ("devops-worker-wrapper", "devops-worker", "devops-expert", "devops-engineer", "devops-architect")
