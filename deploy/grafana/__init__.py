"""Grafana's boards, written from Python and from the catalogue of metrics; `make docs-write` writes their JSON anew."""
