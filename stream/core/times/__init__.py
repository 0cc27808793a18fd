"""Which instants belong together: windows and rings, local days, business hours, the usual."""
