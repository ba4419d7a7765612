"""What one sync does: a plan of jobs, and the steps that they yield. Knows neither Airbyte nor HTTP."""
