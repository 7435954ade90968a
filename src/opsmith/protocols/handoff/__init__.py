"""Handoffs between agents over Redis queues, and in files where there is no Redis: see docs/handoffs.md.

Pure: model, checksum, priority, codec, validation, gates, routing, results, durations, retrying, letters. With I/O: store and scripts (Redis),
ledger (what was done), outbox (what could not be sent), archive, documents and inbox (the files below .claude/handoffs), consumer, publishing.
"""
