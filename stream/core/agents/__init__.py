"""Agents: presence and parts in interactions into levels of time and counted work."""
