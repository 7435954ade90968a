"""Deployment files that are already there, read: one module per format, typed facts with the line that each stands on."""
