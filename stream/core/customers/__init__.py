"""Customers: the second stage. What interactions on all channels mean for one customer."""
