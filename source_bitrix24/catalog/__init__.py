"""What can be read: the tables, their columns, and the columns that only one portal has."""
