"""What measured indicators tell: distribution, trend, correlation, before and after."""
