"""Whether a queue keeps its service level: the one state machine for Kafka, Prometheus and the page."""
