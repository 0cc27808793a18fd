"""docs/metrics.md, written from the catalogue of metrics."""

from __future__ import annotations

from pathlib import Path

from stream.core.figures.metrics import markdown as page

PAGE = Path(__file__).parents[1] / "docs" / "metrics.md"

__all__ = ["PAGE", "page"]
