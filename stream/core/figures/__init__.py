"""Figures: what is made of measures, and what is said about them."""
