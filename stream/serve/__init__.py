"""One HTTP service: views of one snapshot."""
