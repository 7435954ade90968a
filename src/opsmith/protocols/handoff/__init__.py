"""Handoffs between agents over Redis queues, and in files where there is no Redis: see docs/handoffs.md.

Pure: model, checksum, priority, codec, validation, gates, routing, results, durations. With I/O: store (Redis), ledger, outbox, archive,
documents (the files below .claude/handoffs), consumer, publishing.
"""
