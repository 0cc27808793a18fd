"""How fast, beside its peers: one run, one topic, one machine. Ratios count, absolutes belong to the machine."""
