"""The long run of the rates of insights."""
