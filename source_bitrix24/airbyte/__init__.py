"""What faces Airbyte below the source itself: streams, messages, failures, the HTTP client of the CDK."""
