"""Redis: one shard per input partition, written by compare-and-set, read as a snapshot."""
