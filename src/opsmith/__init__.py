"""opsmith: a repository and a task in plain words become proven DevOps deliverables."""

__version__ = "0.1.0"
