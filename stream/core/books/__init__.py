"""The books of one shard: batches of events into cells, totals and the writes of one commit."""
