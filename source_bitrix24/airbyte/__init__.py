"""Everything that faces Airbyte: streams, messages, the HTTP client and the entry point of the CDK."""
