"""Webhooks: `POST /in/<vendor>` takes a platform's own payload, once its signature is right, to `sources.<vendor>`."""
