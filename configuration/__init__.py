"""The register of configuration items with what they concern: services, customers, agreements, tickets."""
