"""What a deployment of a size costs: pure formulas, over coefficients that `python -m bench.cost` has measured."""
