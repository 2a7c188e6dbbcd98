"""The annexes of a report: every number as CSV, JSON and one OpenDocument workbook."""
