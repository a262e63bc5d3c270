"""Analytics: what a creator's numbers and posts say."""
