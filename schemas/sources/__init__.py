"""Adapters: one vendor a module, from its payloads to our events. Pure."""
