"""What the next minutes bring to each live queue, from what was measured; and how far forecasts were off."""
