"""`queues.alerts`: one of all services decides of what state each queue is and tells it; all show what it decided."""
