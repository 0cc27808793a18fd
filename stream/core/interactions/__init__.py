"""Interactions: the first stage. Sets of facts, the lives that follow, and what stands for them."""
