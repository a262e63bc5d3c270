"""Plans, written by rules from the creator's own figures."""
