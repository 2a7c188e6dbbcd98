"""Plans as documents for public registries and for funders."""
