"""The wire: what goes in and out of Kafka, and nothing about what it means. Pure: no I/O, no clock."""
