"""The hive-mind session directory: Docs/hive-mind/sessions/ID, which many workers share."""

from opsmith.protocols.hive_mind.session import join_or_create, root_of
from opsmith.protocols.hive_mind.work import Served, serve, served

__all__ = ["Served", "join_or_create", "root_of", "serve", "served"]
