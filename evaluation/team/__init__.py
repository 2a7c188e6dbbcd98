"""Reports for the team and its boards: quarterly, annual, for the funder, needs tables, closing of a project."""
