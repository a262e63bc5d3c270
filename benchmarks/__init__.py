"""How fast it is: `make bench`. What was measured is in docs/performance.md."""
