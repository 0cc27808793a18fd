"""What a live queue is about to become: Erlang's formulas on what was measured, and how wrong they have been."""
