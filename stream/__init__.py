"""Centralino: interaction events in, customer-experience figures out."""
