"""Quarterly returns of partners: the workbook they fill in, how it is read back, and who owes what."""
