"""What an event costs, by the size of everything: measured, for `stream.capacity` to count with."""
